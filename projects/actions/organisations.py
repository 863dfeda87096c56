"""Registering organisations, keeping their file and its versions, and barring them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.actions import found_organisation_role
from accounts.models import District
from accounts.rights import require
from contest.models import Document
from contest.record import record
from kit import clock, uscc
from kit.errors import RuleBroken, refuse_unless
from kit.text import clean_text, half_width
from projects import kinds
from projects.actions.common import assign, person, refuse_invalid
from projects.enums import OrganisationStatus
from projects.models import AnnualCheck, Bar, Organisation, OrganisationVersion
from projects.organisation_file import (
    FILE_FIELDS,
    VERIFIED_FIELDS,
    annual_field,
    entries,
    freeze,
    plain,
)

if TYPE_CHECKING:
    from accounts.actors import Actor

#: What people type with full-width digits now and then.
NUMBERS = ("contact_phone", "postcode")
#: Conclusion of the annual check of each year; an empty one takes the year out.
AnnualChecks = Mapping[int, str]


@transaction.atomic
def register_organisation(
    *,
    actor: Actor,
    code: str,
    name: str,
    kind: str,
    district: District,
    annual_checks: AnnualChecks | None = None,
    **fields: Any,
) -> Organisation:
    """Register a body by its credit code; the person who does becomes its owner.

    Refuses a wrong code, a code whose prefix belongs to another kind of body, a code that is
    registered already, and a body without the day of its registration.
    """
    require(actor, "projects.register_organisation")
    code = _checked_code(code, kind)
    organisation = Organisation(code=code, registered_by=person(actor), registered_at=clock.now())
    _fill_in(organisation, {"name": name, "kind": kind, "district": district, **fields})
    _save_new(organisation)
    _set_annual_checks(organisation, annual_checks or {})
    keep_version(actor, organisation)
    if owner := person(actor):
        found_organisation_role(actor=owner, organisation_id=organisation.pk)
    record(
        "organisation.registered",
        actor=actor,
        obj=organisation,
        after={"code": code, "kind": organisation.kind, "district": organisation.district.code},
    )
    return organisation


def _checked_code(code: str, kind: str) -> str:
    checked = uscc.check(code)
    if not checked.ok:
        raise RuleBroken(f"code_{checked.error}", checked.message, field="code")
    if objection := kinds.objection(checked, kind):
        raise objection
    return checked.code


def _fill_in(organisation: Organisation, fields: dict[str, Any]) -> list[str]:
    """Put what was typed on the organisation; returns what changed."""
    changed = assign(organisation, _cleaned(fields), FILE_FIELDS)
    refuse_invalid(organisation, ["name", "kind", "district"])
    _refuse_registration_day(organisation.registered_on)
    return changed


def _refuse_registration_day(day: date | None) -> None:
    if day is None:
        raise RuleBroken(
            "registered_on_missing",
            _("Please enter the day of registration, as printed on the certificate."),
            field="registered_on",
        )
    refuse_unless(
        date(1900, 1, 1) <= day <= clock.today(),
        "registered_on_absurd",
        _("The day of registration lies ahead or too far back."),
        field="registered_on",
    )


def _cleaned(fields: dict[str, Any]) -> dict[str, Any]:
    """Texts without hidden signs; names and addresses without line breaks, wherever pasted from."""
    return {
        name: _cleaned_text(name, value) if isinstance(value, str) else value
        for name, value in fields.items()
    }


def _cleaned_text(name: str, value: str) -> str:
    text = clean_text(value)
    if name == "introduction":
        return text
    line = " ".join(text.split())
    return half_width(line) if name in NUMBERS else line


def _set_annual_checks(organisation: Organisation, conclusions: AnnualChecks) -> bool:
    """Write down what the annual checks of these years ended in; whether anything is new."""
    known = {check.year: check for check in organisation.annual_checks.all()}
    is_new = False
    for year, conclusion in conclusions.items():
        check = known.get(year) or AnnualCheck(organisation=organisation, year=year)
        if conclusion == check.conclusion:
            continue
        is_new = True
        check.conclusion = conclusion
        if conclusion:
            refuse_invalid(check, ["conclusion"])
            check.save()
        else:
            check.delete()
    return is_new


def _save_new(organisation: Organisation) -> None:
    claimed = RuleBroken(
        "code_claimed",
        _("An organisation with this code is already registered. You can ask its owners to let you in."),
        field="code",
    )
    if Organisation.objects.filter(code=organisation.code).exists():
        raise claimed
    try:
        with transaction.atomic():
            organisation.save(force_insert=True)
    except IntegrityError as error:
        # Somebody else was faster between the look and the write.
        if not _says_code_twice(error):
            raise
        raise claimed from error


def _says_code_twice(error: IntegrityError) -> bool:
    """Whether it is the code that stands there already, and not something else that is wrong."""
    told = getattr(error.__cause__, "diag", None)
    return told is not None and str(told.constraint_name).startswith(f"{Organisation._meta.db_table}_code_")


@transaction.atomic
def update_organisation(
    *,
    actor: Actor,
    organisation: Organisation,
    version: int,
    annual_checks: AnnualChecks | None = None,
    **fields: Any,
) -> Organisation:
    """Change the organisation's file; the code stays. What was verified must be verified again.

    Every save that changes something leaves a frozen version. Refuses (``stale``) to overwrite what
    somebody else changed since ``version``; what only others changed stays as they left it.
    """
    require(actor, "projects.edit_organisation", organisation)
    organisation = lock_organisation(organisation)
    annual_checks = annual_checks or {}
    if version != organisation.version:
        fields, annual_checks = _own_changes(organisation, version, fields, annual_checks)
    if fields.get("kind", organisation.kind) != organisation.kind:
        _checked_code(organisation.code, fields["kind"])
    changed = _fill_in(organisation, fields)
    if _set_annual_checks(organisation, annual_checks):
        changed.append("annual_checks")
    if changed:
        before = organisation.status
        save_version(actor, organisation, needs_look=bool(VERIFIED_FIELDS & set(changed)))
        record(
            "organisation.updated",
            actor=actor,
            obj=organisation,
            before={"status": before},
            after={
                "status": organisation.status,
                "version": organisation.version,
                "fields": sorted(changed),
            },
        )
    return organisation


def _own_changes(
    organisation: Organisation, version: int, fields: dict[str, Any], annual_checks: AnnualChecks
) -> tuple[dict[str, Any], AnnualChecks]:
    """What this person changed since ``version``; refuses if somebody else changed the same."""
    base = OrganisationVersion.objects.filter(organisation=organisation, version=version).first()
    mine = typed_entries(fields, annual_checks)
    then, now = entries(base.content) if base else {}, entries(freeze(organisation))
    changed = {name for name, value in mine.items() if value != then.get(name, "")}
    clashes = [name for name in changed if now.get(name, "") not in (then.get(name, ""), mine[name])]
    refuse_unless(
        base and not clashes,
        "stale",
        _("The file was changed meanwhile, in another window or by a colleague. Please compare."),
    )
    return (
        {name: value for name, value in fields.items() if name in changed},
        {year: value for year, value in annual_checks.items() if annual_field(year) in changed},
    )


def typed_entries(fields: dict[str, Any], annual_checks: AnnualChecks) -> dict[str, Any]:
    """What was typed, in the shape in which a version keeps it."""
    checks = {annual_field(year): conclusion for year, conclusion in annual_checks.items()}
    return {name: plain(value) for name, value in _cleaned(fields).items()} | checks


def save_version(actor: Actor, organisation: Organisation, *, needs_look: bool) -> None:
    """Save a locked organisation with its next version; a part of the action that changed it."""
    organisation.version += 1
    if needs_look:
        organisation.status = OrganisationStatus.UNVERIFIED
        organisation.verified_at = organisation.verified_by = None
    organisation.save()
    keep_version(actor, organisation)


def keep_version(actor: Actor, organisation: Organisation) -> None:
    """Freeze the file as it stands; a part of the action that saved it."""
    OrganisationVersion.objects.create(
        organisation=organisation,
        version=organisation.version,
        content=freeze(organisation),
        saved_by=person(actor),
        saved_at=clock.now(),
    )


@transaction.atomic
def verify_organisation(
    *, actor: Actor, organisation: Organisation, version: int | None = None
) -> Organisation:
    """Note that staff have compared the file with the certificate; doing it twice changes nothing.

    With ``version``, the one that was looked at: refuses if the file has been changed since.
    """
    require(actor, "projects.verify_organisation", organisation)
    organisation = lock_organisation(organisation)
    refuse_unless(
        version in (None, organisation.version),
        "stale",
        _("The file was changed while you looked at it. Please look again."),
    )
    if organisation.is_verified:
        return organisation
    verifier = person(actor)
    if verifier is None:
        raise TypeError("a person verifies")
    organisation.status = OrganisationStatus.VERIFIED
    organisation.verified_at, organisation.verified_by = clock.now(), verifier
    organisation.verified_version = organisation.version
    organisation.save(update_fields=["status", "verified_at", "verified_by", "verified_version"])
    record("organisation.verified", actor=actor, obj=organisation, after={"version": organisation.version})
    return organisation


def lock_organisation(organisation: Organisation) -> Organisation:
    """The organisation's row, locked, with its district."""
    return (
        Organisation.objects.select_for_update(of=("self",), no_key=True)
        .select_related("district")
        .get(pk=organisation.pk)
    )


@transaction.atomic
def impose_bar(
    *,
    actor: Actor,
    organisation: Organisation,
    cause: str,
    starts_on: date,
    months: int,
    document: Document | None = None,
) -> Bar:
    """Keep a body from applying for that many months from ``starts_on`` on.

    The bar hangs on the credit code. Imposing the same bar again returns the one in force.
    """
    require(actor, "projects.impose_bar", organisation)
    refuse_unless(cause.strip(), "cause_missing", _("A bar needs a cause."), field="cause")
    refuse_unless(0 < months <= 120, "months_absurd", _("A bar lasts from 1 to 120 months."), field="months")
    bar, is_new = Bar.objects.get_or_create(
        organisation_code=organisation.code,
        starts_on=starts_on,
        cause=cause.strip(),
        defaults={
            "organisation": organisation,
            "ends_on": last_day(starts_on, months),
            "decided_by": person(actor),
            "decided_at": clock.now(),
            "document": document,
        },
    )
    if is_new:
        record(
            "bar.imposed",
            actor=actor,
            obj=bar,
            after={"organisation": organisation.pk, "starts_on": starts_on, "ends_on": bar.ends_on},
            reason=bar.cause,
        )
    return bar


def last_day(starts_on: date, months: int) -> date:
    """The last day of so many calendar months that begin on ``starts_on``."""
    return clock.add_months(starts_on, months) - timedelta(days=1)
