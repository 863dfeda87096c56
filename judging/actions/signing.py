"""An expert signs all the own sheets of a round in one go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.rights import require
from contest.actions import issue_document
from contest.enums import DocumentKind
from contest.record import record
from judging import sheet_papers
from judging.actions.conflicts import refuse_unless_open, stop_if_conflicted
from judging.actions.rounds import lock_round
from judging.actions.sheets import lock_sheet
from judging.enums import ConflictMoment
from judging.models import Assignment, PanelSeat, SignedSheets
from judging.queries.queue import state_of
from judging.queries.signing import points_of, seen_mark, work_of
from kit import clock
from kit.errors import RuleBroken, refuse_unless
from kit.hashing import fingerprint

if TYPE_CHECKING:
    from accounts.actors import Actor


def sign_sheets(*, actor: Actor, seat: PanelSeat, seen: str) -> SignedSheets:
    """Lock every sheet of this seat that is still open and give the expert a copy of all of them.

    ``seen`` is ``queries.signing.seen_mark`` of what the expert had before the eyes: a sheet saved
    elsewhere since then refuses the whole ("sheets_changed"). Refuses while one sheet is undeclared or
    lacks points, outside scoring, and when everything is signed already. A conflict of interest that the
    machine finds now ends that assignment, signs nothing and is raised ("conflict_found").
    """
    with transaction.atomic():
        outcome = _sign(actor, seat, seen)
    # Raised only now, so that the recusal is kept.
    if isinstance(outcome, RuleBroken):
        raise outcome
    return outcome


def _sign(actor: Actor, seat: PanelSeat, seen: str) -> SignedSheets | RuleBroken:
    require(actor, "judging.sign_sheets", seat)
    seat.round = lock_round(seat.round)
    refuse_unless_open(seat.round)
    work = work_of(seat)
    _refuse_unfinished(work)
    refuse_unless(
        seen == seen_mark(work),
        "sheets_changed",
        _("A sheet was saved elsewhere in the meantime. Look at the table again, then sign."),
    )
    drafts = [row for row in work if row.sheet.is_draft]
    refuse_unless(
        drafts or not _is_latest(seat, work), "already_signed", _("You have already signed all your sheets.")
    )
    for row in drafts:
        if found := stop_if_conflicted(actor=actor, assignment=row, moment=ConflictMoment.SUBMIT):
            return found
    for row in drafts:
        lock_sheet(actor=actor, assignment=row, version=row.sheet.version)
    return _keep(actor, seat, work)


def _refuse_unfinished(work: list[Assignment]) -> None:
    refuse_unless(work, "nothing_to_sign", _("You have no sheet in this round."))
    missing = [
        str(row.entry.number)
        for row in work
        if state_of(row, row.scored) not in ("complete", "submitted")  # type: ignore[attr-defined]
    ]
    refuse_unless(
        not missing,
        "sheets_unfinished",
        _("Not scored in full yet: entries no. %(numbers)s. Score them or recuse yourself, then sign."),
        numbers="、".join(missing),
    )


def _pairs(work: list[Assignment]) -> list[list[int | str]]:
    return [[row.entry.number, row.sheet.sha256] for row in work]


def _is_latest(seat: PanelSeat, work: list[Assignment]) -> bool:
    """Whether what was signed last is what there is now."""
    latest = seat.signings.last()
    return latest is not None and latest.sheets == _pairs(work)


def _keep(actor: Actor, seat: PanelSeat, work: list[Assignment]) -> SignedSheets:
    moment = clock.db_now()
    pairs = _pairs(work)
    sha256 = fingerprint({"round": seat.round_id, "seat": seat.code, "sheets": pairs})
    document = issue_document(
        actor=actor,
        kind=DocumentKind.SHEETS,
        title=sheet_papers.title(seat.round),
        content=sheet_papers.signed_sheets(seat, work, points_of(work), sha256, moment),
        obj=seat,
        edition=seat.round.edition,
        numbered=False,
    )
    signed = SignedSheets.objects.create(
        seat=seat, sheets=pairs, sha256=sha256, document=document, signed_at=moment
    )
    record(
        "sheets.signed",
        actor=actor,
        obj=seat,
        edition=seat.round.edition,
        after={"count": len(pairs), "sha256": sha256},
    )
    return signed
