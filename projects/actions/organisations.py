"""Registering organisations, keeping their file, and barring them."""

from __future__ import annotations

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
from projects.actions.common import assign, person, refuse_invalid
from projects.enums import PREFIXES, OrganisationKind, OrganisationStatus
from projects.models import Bar, Organisation

if TYPE_CHECKING:
    from accounts.actors import Actor

FILE_FIELDS = (
    "name",
    "kind",
    "district",
    "registry",
    "legal_representative",
    "contact_name",
    "contact_phone",
    "contact_email",
    "address",
    "introduction",
)
#: What staff looked at when they verified; a change has to be looked at again.
VERIFIED_FIELDS = {"name", "kind", "district", "registry", "legal_representative"}


@transaction.atomic
def register_organisation(
    *, actor: Actor, code: str, name: str, kind: str, district: District, **fields: Any
) -> Organisation:
    """Register a body by its credit code; the person who does becomes its owner.

    Refuses a wrong code, a code whose prefix belongs to another kind of body, and a code that is
    registered already.
    """
    require(actor, "projects.register_organisation")
    code = _checked_code(code, kind)
    organisation = Organisation(code=code, registered_by=person(actor), registered_at=clock.now())
    assign(organisation, {"name": name, "kind": kind, "district": district, **fields}, FILE_FIELDS)
    refuse_invalid(organisation, ["name", "kind", "district"])
    _save_new(organisation)
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
    allowed = PREFIXES.get(OrganisationKind(kind)) if kind in OrganisationKind.values else None
    # A prefix that is in no table may be a new one: staff compare it with the certificate.
    refuse_unless(
        allowed is None or checked.kind in allowed or not checked.kind_label,
        "code_kind",
        _("The code begins with %(prefix)s (%(kind)s), which does not fit the kind of organisation chosen."),
        field="code",
        prefix=checked.kind,
        kind=checked.kind_label,
    )
    return checked.code


def _save_new(organisation: Organisation) -> None:
    claimed = RuleBroken(
        "code_claimed",
        _(
            "An organisation with this code is already registered. Please ask the colleague who "
            "registered it to add you, or turn to the contest office."
        ),
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
    *, actor: Actor, organisation: Organisation, version: int, **fields: Any
) -> Organisation:
    """Change the organisation's file; the code stays. What was verified must be verified again."""
    require(actor, "projects.edit_organisation", organisation)
    organisation = _lock(organisation)
    refuse_unless(
        version == organisation.version,
        "stale",
        _("The file was changed meanwhile, in another window or by a colleague. Please compare."),
    )
    if fields.get("kind", organisation.kind) != organisation.kind:
        _checked_code(organisation.code, fields["kind"])
    changed = assign(organisation, fields, FILE_FIELDS)
    refuse_invalid(organisation, ["name", "kind", "district"])
    organisation.version += 1
    before = organisation.status
    if VERIFIED_FIELDS & set(changed):
        organisation.status = OrganisationStatus.UNVERIFIED
        organisation.verified_at = organisation.verified_by = None
    organisation.save()
    record(
        "organisation.updated",
        actor=actor,
        obj=organisation,
        before={"status": before},
        after={"status": organisation.status, "fields": sorted(changed)},
    )
    return organisation


@transaction.atomic
def verify_organisation(*, actor: Actor, organisation: Organisation) -> Organisation:
    """Note that staff have compared the file with the certificate; doing it twice changes nothing."""
    require(actor, "projects.verify_organisation", organisation)
    organisation = _lock(organisation)
    if organisation.is_verified:
        return organisation
    verifier = person(actor)
    if verifier is None:
        raise TypeError("a person verifies")
    organisation.status = OrganisationStatus.VERIFIED
    organisation.verified_at, organisation.verified_by = clock.now(), verifier
    organisation.save(update_fields=["status", "verified_at", "verified_by"])
    record("organisation.verified", actor=actor, obj=organisation)
    return organisation


def _lock(organisation: Organisation) -> Organisation:
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
