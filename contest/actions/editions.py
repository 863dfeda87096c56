"""Preparing an edition: drafting it, its timetable and rulebook, and signing the call."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _
from pydantic import ValidationError

from accounts.models import User
from accounts.rights import require
from contest.actions.documents import issue_document
from contest.call import call_content
from contest.enums import CallStatus, DocumentKind, Period, Stage
from contest.models import Edition, Office, Rulebook, TimetableEntry
from contest.record import record
from contest.rulebook import RulebookDoc, default_rulebook
from kit import clock
from kit.errors import RuleBroken, refuse_unless
from kit.hashing import fingerprint

if TYPE_CHECKING:
    from accounts.actors import Actor

#: Real editions lie between; rehearsals beyond.
FIRST_YEAR, LAST_YEAR = 2013, 2100

#: The texts of an edition that its drafter may still change before the call.
TEXTS = ("number", "name", "short_name", "purpose", "organisers", "hosts", "co_organisers", "contact")

RULE_MESSAGES = {
    "criteria_not_100": _("The points of the criteria must add up to 100."),
    "criteria_twice": _("Each criterion may occur only once."),
    "criteria_not_the_scale": _("With criteria for the public jury its highest score is 100."),
    "weights_not_100": _("Expert and public weight must add up to 100."),
    "instalments_not_100": _("The instalments must add up to 100 %."),
    "quorum_above_sheets": _("The quorum cannot exceed the number of sheets."),
    "tie_criterion_unknown": _("The criterion that breaks ties is not among the criteria."),
    "key_twice": _("Each entry of a table may occur only once."),
    "levels_wrong": _("Each level runs from fewer to more points, within the criterion's, and none overlap."),
    "quotas_above_advance": _("The places for sure exceed those of the round."),
    "quotas_missing": _("Places go by field or district, but none has places for sure yet."),
    "quota_unknown": _("Places are given to something that is no field of this contest."),
    "final_by_number": _("The final goes by number: its places are those of the awards."),
}


def lock_edition(edition: Edition) -> Edition:
    """The edition's row, locked: the first lock of every action that touches one."""
    return (
        # No key: whoever merely refers to the edition, in the record for instance, need not wait.
        Edition.objects.select_for_update(of=("self",), no_key=True)
        .select_related("office", "current_rulebook")
        .get(pk=edition.pk)
    )


def hold_edition(edition: Edition) -> None:
    """Keep the edition as it is until the transaction ends: whoever wants to change it waits, others that
    hold it do not. The first lock, like ``lock_edition``, of what many do at once within its stage."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM contest_edition WHERE id = %s FOR SHARE", [edition.pk])


@transaction.atomic
def create_edition(
    *,
    actor: User,
    year: int,
    office: Office,
    name: str,
    short_name: str,
    purpose: str,
    organisers: str,
    number: int | None = None,
    hosts: str = "",
    co_organisers: str = "",
    contact: str = "",
    is_rehearsal: bool = False,
) -> Edition:
    """A new edition in preparation, with the default rulebook as its first draft."""
    require(actor, "contest.draft_edition")
    refuse_unless(
        is_rehearsal or FIRST_YEAR <= year <= LAST_YEAR,
        "year_absurd",
        _("The year must lie between 2013 and 2100."),
        field="year",
    )
    _refuse_taken(year)
    edition = _with_default_rules(
        Edition(
            year=year,
            office=office,
            name=name,
            short_name=short_name,
            purpose=purpose,
            organisers=organisers,
            number=number,
            hosts=hosts,
            co_organisers=co_organisers,
            contact=contact,
            is_rehearsal=is_rehearsal,
            drafted_by=actor,
        )
    )
    record("edition.created", actor=actor, obj=edition, edition=edition, after={"year": year})
    return edition


def _refuse_taken(year: int) -> None:
    refuse_unless(
        not Edition.objects.filter(year=year).exists(),
        "year_taken",
        _("There is already an edition for this year."),
        field="year",
    )


def _with_default_rules(edition: Edition) -> Edition:
    """Save a new edition with the default rulebook as its first draft."""
    edition.save(force_insert=True)
    edition.current_rulebook = Rulebook.objects.create(
        edition=edition,
        version=1,
        document=default_rulebook().model_dump(mode="json"),
        drafted_by=edition.drafted_by,
    )
    edition.save(update_fields=["current_rulebook"])
    return edition


@transaction.atomic
def record_past_edition(
    *,
    actor: User,
    year: int,
    office: Office,
    name: str,
    short_name: str,
    organisers: str,
    number: int | None = None,
    purpose: str = "",
    hosts: str = "",
    co_organisers: str = "",
) -> Edition:
    """An edition held before the portal: archived from the start, without call, timetable or rounds.

    It is public at once and waits for its entries to be imported. Its rulebook is the default one,
    unsigned: only the names of fields, groups and headings are taken from it.
    """
    require(actor, "contest.record_past_edition")
    refuse_unless(
        FIRST_YEAR <= year <= clock.today().year,
        "year_absurd",
        _("An edition that has been held lies between 2013 and this year."),
        field="year",
    )
    _refuse_taken(year)
    edition = _with_default_rules(
        Edition(
            year=year,
            office=office,
            name=name,
            short_name=short_name,
            purpose=purpose,
            organisers=organisers,
            number=number,
            hosts=hosts,
            co_organisers=co_organisers,
            stage=Stage.ARCHIVED,
            call_status=CallStatus.PAST,
            drafted_by=actor,
        )
    )
    record("edition.recorded", actor=actor, obj=edition, edition=edition, after={"year": year})
    return edition


@transaction.atomic
def update_edition(*, actor: Actor, edition: Edition, **texts: Any) -> Edition:
    """Change the texts of an edition whose call is still being drafted."""
    require(actor, "contest.draft_edition", edition)
    edition = lock_edition(edition)
    _refuse_unless_drafting(edition)
    before = {name: getattr(edition, name) for name in texts}
    for name, value in texts.items():
        if name not in TEXTS:
            raise TypeError(f"{name} is not a text of an edition")
        setattr(edition, name, value)
    edition.save(update_fields=list(texts))
    record("edition.updated", actor=actor, obj=edition, edition=edition, before=before, after=texts)
    return edition


@transaction.atomic
def set_timetable(
    *, actor: Actor, edition: Edition, periods: dict[Period, tuple[datetime, datetime]]
) -> Edition:
    """Replace the planned dates. Periods must run forward and begin in the order of the stages.

    While the call lies before the approver nothing moves. After it only what lies ahead may move, and
    only to a time that still lies ahead; the record keeps both versions.
    """
    require(actor, "contest.propose_call", edition)
    edition = lock_edition(edition)
    refuse_unless(
        edition.call_status != CallStatus.PROPOSED,
        "call_proposed",
        _("The call lies before the approver; its dates cannot change until it is signed or returned."),
    )
    refuse_unless(
        not edition.is_past, "edition_past", _("This edition was held before the portal; nothing is planned.")
    )
    _refuse_backward(periods)
    old = {entry.period: (entry.starts_at, entry.ends_at) for entry in edition.timetable.all()}
    _refuse_moving_the_past(edition, old, periods)
    for period, (starts_at, ends_at) in periods.items():
        TimetableEntry.objects.update_or_create(
            edition=edition, period=period, defaults={"starts_at": starts_at, "ends_at": ends_at}
        )
    edition.__dict__.pop("periods", None)
    record(
        "timetable.set",
        actor=actor,
        obj=edition,
        edition=edition,
        before={period: [str(moment) for moment in span] for period, span in old.items()},
        after={str(period): [str(moment) for moment in span] for period, span in periods.items()},
    )
    return edition


def _refuse_backward(periods: dict[Period, tuple[datetime, datetime]]) -> None:
    begun: datetime | None = None
    for period in Period:
        if period not in periods:
            continue
        starts_at, ends_at = periods[period]
        refuse_unless(
            ends_at > starts_at,
            "period_backward",
            _("The end must lie after the beginning."),
            field=f"{period}_ends_at",
        )
        refuse_unless(
            begun is None or starts_at >= begun,
            "periods_out_of_order",
            _("A period cannot begin before the one that precedes it."),
            field=f"{period}_starts_at",
        )
        begun = starts_at


def _refuse_moving_the_past(
    edition: Edition,
    old: dict[str, tuple[datetime, datetime]],
    new: dict[Period, tuple[datetime, datetime]],
) -> None:
    if not edition.is_published:
        return
    moment = clock.db_now()
    for period, (starts_at, ends_at) in new.items():
        if period not in old:
            continue
        was_start, was_end = old[period]
        moved = any(
            then != before and min(then, before) <= moment
            for before, then in ((was_start, starts_at), (was_end, ends_at))
        )
        refuse_unless(
            not moved,
            "period_past",
            _("A date that has passed cannot be moved, and none can be moved into the past."),
            field=f"{period}_starts_at",
        )


def parse_rulebook(document: dict[str, Any]) -> RulebookDoc:
    """The typed rulebook; what pydantic refuses comes back as one readable broken rule."""
    try:
        return RulebookDoc.model_validate(document)
    except ValidationError as error:
        first = error.errors()[0]
        place = "__".join(str(part) for part in first["loc"])
        code = str(first.get("ctx", {}).get("error", first["type"]))
        message = RULE_MESSAGES.get(code, _("Please check this entry of the rulebook: %(place)s"))
        raise RuleBroken(code, message, field=place or None, place=place) from error


@transaction.atomic
def save_rulebook(*, actor: User, edition: Edition, document: dict[str, Any]) -> Rulebook:
    """Replace the draft rulebook of an edition whose call is still being drafted."""
    require(actor, "contest.draft_edition", edition)
    edition = lock_edition(edition)
    _refuse_unless_drafting(edition)
    typed = parse_rulebook(document)
    rulebook = Rulebook.objects.select_for_update().get(edition=edition, frozen_at__isnull=True)
    before = fingerprint(rulebook.document)
    rulebook.document = typed.model_dump(mode="json")
    rulebook.drafted_by = actor
    rulebook.__dict__.pop("typed", None)
    rulebook.save(update_fields=["document", "drafted_by"])
    record(
        "rulebook.saved",
        actor=actor,
        obj=rulebook,
        edition=edition,
        before={"sha256": before},
        after={"sha256": fingerprint(rulebook.document)},
    )
    return rulebook


def _refuse_unless_drafting(edition: Edition) -> None:
    refuse_unless(
        edition.call_status == CallStatus.DRAFTING,
        "call_not_drafting",
        _("The call has been put forward for signature or published; it cannot be changed here."),
    )


@transaction.atomic
def propose_call(*, actor: Actor, edition: Edition) -> Edition:
    """Put the finished draft before the approver; timetable and rulebook must be complete."""
    require(actor, "contest.propose_call", edition)
    edition = lock_edition(edition)
    _refuse_unless_drafting(edition)
    missing = [period for period in Period if period not in edition.periods]
    refuse_unless(
        not missing,
        "timetable_incomplete",
        _("The timetable lacks: %(missing)s"),
        missing="、".join(str(period.label) for period in missing),
    )
    edition.call_status = CallStatus.PROPOSED
    edition.save(update_fields=["call_status"])
    record("call.proposed", actor=actor, obj=edition, edition=edition)
    return edition


@transaction.atomic
def return_call(*, actor: Actor, edition: Edition, reason: str) -> Edition:
    """Give the draft back with a reason instead of signing it."""
    require(actor, "contest.sign_call", edition)
    edition = lock_edition(edition)
    _refuse_unless_proposed(edition)
    edition.call_status = CallStatus.DRAFTING
    edition.save(update_fields=["call_status"])
    record("call.returned", actor=actor, obj=edition, edition=edition, reason=reason)
    return edition


def fingerprint_of_draft(rulebook: Rulebook) -> str:
    """Of everything a signature covers: the rules, the edition's texts and its dates."""
    edition = rulebook.edition
    return fingerprint(
        {
            "rulebook": rulebook.pk,
            "version": rulebook.version,
            "reason": rulebook.reason,
            "document": rulebook.document,
            "texts": {name: getattr(edition, name) for name in TEXTS},
            "dates": [[entry.period, entry.starts_at, entry.ends_at] for entry in edition.timetable.all()],
        }
    )


def _refuse_unless_seen(rulebook: Rulebook, seen: str | None) -> None:
    """What is signed must be what lay before the signer; ``None`` where no page lies between."""
    if seen is not None and seen != fingerprint_of_draft(rulebook):
        raise _changed_meanwhile()


def _changed_meanwhile() -> RuleBroken:
    return RuleBroken(
        "changed_meanwhile",
        _("This was changed after you opened the page. Please read it again before you sign."),
    )


@transaction.atomic
def sign_call(*, actor: User, edition: Edition, seen: str | None = None) -> Edition:
    """Sign and publish the call: freezes the rulebook with its hash and issues the document.

    Refuses whoever drafted, and a draft other than the one with the fingerprint ``seen``. From here on
    the rules change only by amendment.
    """
    require(actor, "contest.sign_call", edition)
    edition = lock_edition(edition)
    require(actor, "contest.sign_call", edition)
    _refuse_unless_proposed(edition)
    rulebook = Rulebook.objects.select_for_update().get(edition=edition, frozen_at__isnull=True)
    _refuse_unless_seen(rulebook, seen)
    _freeze(rulebook, actor)
    edition.call_status = CallStatus.PUBLISHED
    edition.signed_by = actor
    edition.call_published_at = clock.now()
    edition.current_rulebook = rulebook
    edition.__dict__.pop("rules", None)
    edition.call_document = issue_document(
        actor=actor,
        kind=DocumentKind.CALL,
        title=_("Call for entries: %(name)s") % {"name": edition.name},
        content=call_content(edition),
        obj=edition,
        edition=edition,
        is_public=True,
    )
    edition.save(
        update_fields=["call_status", "signed_by", "call_published_at", "current_rulebook", "call_document"]
    )
    record(
        "call.published",
        actor=actor,
        obj=edition,
        edition=edition,
        after={
            "rulebook": rulebook.version,
            "sha256": rulebook.sha256,
            "document": edition.call_document.pk,
        },
    )
    return edition


def _refuse_unless_proposed(edition: Edition) -> None:
    refuse_unless(
        edition.call_status == CallStatus.PROPOSED,
        "call_not_proposed",
        _("The call is not waiting for a signature."),
    )


def _freeze(rulebook: Rulebook, signer: User) -> None:
    rulebook.sha256 = fingerprint(rulebook.document)
    rulebook.signed_by = signer
    rulebook.frozen_at = clock.now()
    rulebook.save(update_fields=["sha256", "signed_by", "frozen_at"])


@transaction.atomic
def propose_amendment(*, actor: User, edition: Edition, document: dict[str, Any], reason: str) -> Rulebook:
    """Draft a new version of the rules after the call, with its reason; it needs a second signature."""
    require(actor, "contest.amend_rulebook", edition)
    edition = lock_edition(edition)
    refuse_unless(
        edition.is_published, "call_not_published", _("Before the call the draft itself can be changed.")
    )
    refuse_unless(reason.strip(), "reason_missing", _("An amendment needs a reason."), field="reason")
    typed = parse_rulebook(document)
    Rulebook.objects.filter(edition=edition, frozen_at__isnull=True).delete()
    latest = edition.rulebooks.latest("version")
    amendment = Rulebook.objects.create(
        edition=edition,
        version=latest.version + 1,
        document=typed.model_dump(mode="json"),
        reason=reason,
        drafted_by=actor,
    )
    record(
        "amendment.proposed",
        actor=actor,
        obj=amendment,
        edition=edition,
        before={"version": latest.version, "sha256": latest.sha256},
        after={"version": amendment.version},
        reason=reason,
    )
    return amendment


@transaction.atomic
def sign_amendment(*, actor: User, rulebook: Rulebook, seen: str | None = None) -> Rulebook:
    """Freeze an amendment, put it in force and publish it.

    Refuses whoever drafted it, and an amendment other than the one with the fingerprint ``seen``.
    """
    require(actor, "contest.sign_amendment", rulebook)
    edition = lock_edition(rulebook.edition)
    found = Rulebook.objects.select_for_update().filter(pk=rulebook.pk).first()
    if found is None:
        raise _changed_meanwhile()
    rulebook = found
    require(actor, "contest.sign_amendment", rulebook)
    refuse_unless(not rulebook.is_frozen, "amendment_signed", _("This amendment has already been signed."))
    _refuse_unless_seen(rulebook, seen)
    _freeze(rulebook, actor)
    before = edition.rulebook
    edition.current_rulebook = rulebook
    edition.__dict__.pop("rules", None)
    edition.save(update_fields=["current_rulebook"])
    document = issue_document(
        actor=actor,
        kind=DocumentKind.AMENDMENT,
        title=_("Amendment of the rules: %(name)s") % {"name": edition.name},
        content=call_content(edition, amendment=rulebook),
        obj=rulebook,
        edition=edition,
        is_public=True,
    )
    record(
        "amendment.published",
        actor=actor,
        obj=rulebook,
        edition=edition,
        before={"version": before.version, "sha256": before.sha256},
        after={"version": rulebook.version, "sha256": rulebook.sha256, "document": document.pk},
        reason=rulebook.reason,
    )
    return rulebook
