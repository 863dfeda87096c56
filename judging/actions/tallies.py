"""Sealing a round: from here on its numbers exist and cannot change."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.rights import require
from contest.record import record
from judging import tally as arithmetic
from judging.actions.integrity import keep_found, refuse_open_flags
from judging.actions.rounds import lock_round, move_locked
from judging.enums import RoundStatus, SheetStatus, ShowRequest
from judging.models import Assignment, Round, RoundEntry, Sheet, Show, Tally
from judging.queries.ballots import ballots_disagree
from judging.queries.results import tally_input
from judging.queries.slips import pending_slips
from judging.queries.wall import shown_scores
from judging.snapshots import snapshot as printed
from judging.voting import refuse_while_taken
from kit import clock
from kit.errors import RuleBroken, refuse_unless
from kit.hashing import canonical, sha256_hex

if TYPE_CHECKING:
    from accounts.actors import Actor
    from judging.tally import EntryOut, TallyIn


def seal_tally(
    *, actor: Actor, round: Round, accept_held: bool = False, confirmed_by: User | None = None
) -> Tally:
    """Compute the round by its rulebook and seal snapshot, hash and results in one step.

    Before the deadline every sheet must be in; after it, sheets never submitted lapse as not
    scored. Entries below a quorum are held, and only with ``accept_held`` is a tally sealed that
    leaves some unranked; one that ranks nobody never is. Refuses what the rulebook refuses, and
    ballots that are not what their trail says. Drafts are closed first, so that a save that waits for
    this transaction finds its sheet closed; the entries are locked before, so that a ballot on its way
    is in or comes too late.

    A final with a stage is sealed by two: ``actor`` has asked there, ``confirmed_by`` confirms
    ("two_persons_seal").

    The sheets are looked through once more: while an oddity in them has been looked into by nobody,
    nothing is sealed ("flags_open"), and what was found is kept for the supervisor.
    """
    try:
        return _seal(actor, round, accept_held, confirmed_by)
    except RuleBroken as refusal:
        if refusal.code == "flags_open":
            keep_found(actor, round)
        raise


@transaction.atomic
def _seal(actor: Actor, round: Round, accept_held: bool, confirmed_by: User | None) -> Tally:
    require(actor, "judging.seal_round", round)
    round = lock_round(round)
    refuse_unless(
        round.status == RoundStatus.SCORING, "round_not_scoring", _("The round is not being scored.")
    )
    _refuse_one_person(actor, round, confirmed_by)
    _refuse_open_voting(round)
    _refuse_slips_pending(round)
    _refuse_ballots_astray(round)
    _close_sheets(round)
    given, entries = tally_input(round)
    _refuse_missing(round, given)
    refuse_unless(given.entries, "no_entries", _("There is no project for this round yet."))
    lines = _computed(given)
    _refuse_shown_otherwise(round, lines)
    refuse_open_flags(round, given)
    _refuse_held(lines, accept_held)
    tally = _store(actor, round, given, lines, entries)
    before = round.status
    round = move_locked(actor, round, RoundStatus.SEALED, current_tally=tally)
    record(
        "tally.sealed",
        actor=actor,
        obj=round,
        edition=round.edition,
        before={"status": before},
        after={
            "status": round.status,
            "tally": tally.pk,
            "sha256": tally.sha256,
            "entries": len(lines),
            "held": [line.entry.project for line in lines if line.held],
            "confirmed_by": confirmed_by.pk if confirmed_by else None,
        },
    )
    return tally


def _refuse_one_person(actor: Actor, round: Round, confirmed_by: User | None) -> None:
    """Once the final has a stage, one person asks there and another one confirms."""
    show = Show.objects.filter(round=round).first()
    if show is None:
        return
    if confirmed_by is None or show.asked != ShowRequest.SEAL or show.asked_by != actor:
        raise RuleBroken(
            "two_persons_seal",
            _("The final is sealed at its live desk: one person asks for it, another one confirms."),
        )
    require(confirmed_by, "judging.confirm_show", show)


def _refuse_open_voting(round: Round) -> None:
    """A ballot holds its entry's row until it is written: the clock is read once all have let go.

    As long as a tap that waited on a phone may still be taken, the voting counts as open.
    """
    list(RoundEntry.objects.filter(round=round).select_for_update().order_by("pk").values_list("pk"))
    moment = clock.db_now()
    for entry in RoundEntry.objects.running().filter(round=round, voting_opens_at__isnull=False):
        refuse_while_taken(entry, moment)


def _refuse_slips_pending(round: Round) -> None:
    pending = pending_slips(round) if round.is_final else []
    refuse_unless(
        not pending,
        "slips_pending",
        _("Paper slips of projects %(numbers)s still wait for a second reading or a ruling."),
        numbers="、".join(map(str, pending)),
    )


def _refuse_ballots_astray(round: Round) -> None:
    refuse_unless(
        not (round.is_final and ballots_disagree(round)),
        "ballots_disagree",
        _("The ballots that stand differ from the trail of what the phones sent. Nothing was sealed."),
    )


def _close_sheets(round: Round) -> None:
    """Let drafts lapse, waiting for whoever is writing one."""
    running = Assignment.objects.current().filter(entry__round=round)
    Sheet.objects.filter(assignment__in=running, status=SheetStatus.DRAFT).update(status=SheetStatus.LAPSED)


def _refuse_missing(round: Round, given: TallyIn) -> None:
    """While sheets are missing, the deadline has to be over."""
    missing = sum(len(entry.unscored) for entry in given.entries)
    is_over = round.scoring_ends_at is not None and round.scoring_ends_at <= clock.db_now()
    refuse_unless(
        not missing or is_over,
        "sheets_missing",
        _("%(missing)s sheets are still missing and scoring has not ended."),
        missing=missing,
    )


def _computed(given: TallyIn) -> list[EntryOut]:
    try:
        return arithmetic.compute(given)
    except arithmetic.TallyRefused as refusal:
        entry = next(entry for entry in given.entries if entry.number == refusal.entry)
        raise RuleBroken(refusal.code, REFUSALS[refusal.code], project=entry.project) from refusal


#: Why no result can be computed.
REFUSALS = {
    "too_few_to_drop": _(
        "%(project)s has too few sheets to drop the highest and the lowest, as the rulebook demands."
    ),
    "seat_twice": _("%(project)s has two sheets of one seat."),
    "sheet_incomplete": _("A sheet of %(project)s does not hold the points of every criterion."),
}


def _refuse_held(lines: list[EntryOut], accept_held: bool) -> None:
    # A seal cannot be undone, and from one that ranks nobody no list could ever be drawn.
    refuse_unless(
        any(line.rank is not None for line in lines),
        "nobody_ranked",
        _("Every entry is below the quorum, so none would be ranked: extend scoring instead."),
    )
    held = [line.entry.project for line in lines if line.held]
    refuse_unless(
        accept_held or not held,
        "entries_held",
        _("Below the quorum and therefore held: %(projects)s. Confirm to seal without ranking them."),
        field="accept_held",
        projects="、".join(held),
    )


def _refuse_shown_otherwise(round: Round, lines: list[EntryOut]) -> None:
    """What the hall has seen is what is sealed. Everything that changes a shown score is refused where it
    is done; this holds whatever has slipped through."""
    shown = shown_scores(round) if round.is_final else {}
    differing = [
        line.entry.title
        for line in lines
        if line.entry.number in shown and line.score != shown[line.entry.number]
    ]
    refuse_unless(
        not differing,
        "shown_differs",
        _("The hall has seen other scores of these projects: %(projects)s. Open their scoring again."),
        projects="、".join(differing),
    )


def _store(
    actor: Actor, round: Round, given: TallyIn, lines: list[EntryOut], entries: dict[int, int]
) -> Tally:
    number = round.tallies.count() + 1
    snapshot = printed(given, lines, _heading(round, number))
    sealed = canonical(snapshot)
    tally = Tally(
        round=round,
        number=number,
        snapshot=snapshot,
        sha256=sha256_hex(sealed),
        sealed_by=actor if isinstance(actor, User) else None,
    )
    _write_tally(tally, sealed)
    _write_results(tally, lines, entries)
    return tally


def _write_tally(tally: Tally, sealed: bytes) -> None:
    """The row with the very text that is hashed; by COPY, for which a megabyte need not be quoted."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('judging_tally', 'id'))")
        (tally.pk,) = cursor.fetchone()
        columns = (
            str(tally.pk).encode(),
            str(tally.round_id).encode(),
            str(tally.number).encode(),
            # What JSON escapes has backslashes, which COPY reads as its own.
            sealed.replace(b"\\", b"\\\\"),
            tally.sha256.encode(),
            str(tally.sealed_by_id or r"\N").encode(),
            tally.sealed_at.isoformat().encode(),
        )
        cursor.copy_expert(COPY_TALLY, BytesIO(b"\t".join(columns)))
    tally._state.adding, tally._state.db = False, connection.alias


COPY_TALLY = """
    COPY judging_tally (id, round_id, number, snapshot, sha256, sealed_by_id, sealed_at) FROM STDIN
"""


def _write_results(tally: Tally, lines: list[EntryOut], entries: dict[int, int]) -> None:
    """A row for each line, in one statement: a thousand model instances would take longer than the sums."""
    rows = [
        {
            "entry": entries[line.entry.number],
            "rank": line.rank,
            "score": line.score,
            "expert_score": line.expert_score,
            "public_score": line.public_score,
            "sheet_count": len(line.entry.sheets),
            "advances": line.advances,
            "award_key": line.award_key,
            "held": line.held,
        }
        for line in lines
    ]
    with connection.cursor() as cursor:
        cursor.execute(INSERT_RESULTS, [tally.pk, canonical(rows).decode()])


INSERT_RESULTS = """
    INSERT INTO judging_result (tally_id, entry_id, rank, score, expert_score, public_score,
        sheet_count, advances, award_key, held_reason)
    SELECT %s, entry, rank, score, expert_score, public_score, sheet_count, advances, award_key, held
    FROM json_to_recordset(%s) AS line (entry bigint, rank smallint, score numeric, expert_score numeric,
        public_score numeric, sheet_count smallint, advances boolean, award_key text, held text)
"""


def _heading(round: Round, number: int) -> dict[str, object]:
    rulebook = round.rulebook or round.edition.current_rulebook
    return {
        "edition": round.edition.year,
        "round": round.key,
        "number": number,
        "rulebook": {"version": rulebook.version, "sha256": rulebook.sha256} if rulebook else None,
    }
