"""What the hall is shown: the wall's next picture, and the score of a project released to it.

The one writer of ``WallSnapshot`` and ``ReleasedScore``; both are kept for good, so that what the hall
has seen can be shown again.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.rights import require
from contest.record import record
from judging.actions.rounds import lock_round
from judging.enums import RoundKey, RoundStatus
from judging.models import ReleasedScore, Round, RoundEntry, Show, WallSnapshot
from judging.queries.results import tally_input
from judging.queries.sheets import experts_owing
from judging.queries.slips import pending_slips
from judging.queries.wall import is_shown, newest_release, show_on_wall, wall_content
from judging.snapshots import snapshot as printed
from judging.tally import HELD_SHEETS, EntryOut, TallyRefused, compute
from judging.voting import refuse_while_taken
from kit import clock
from kit.errors import RuleBroken, refuse_unless
from kit.hashing import fingerprint

if TYPE_CHECKING:
    from accounts.models import User

#: What only the whole final decides, and no single line can say.
OF_THE_WHOLE = ("rank", "tie", "tie_values", "advances", "award", "previous_score", "group")


def renew_wall(round: Round) -> WallSnapshot:
    """The wall's picture of the stage as it is now; a new one only when it differs from the newest.

    Called inside the transaction of the act, with the round locked.
    """
    show = show_on_wall(round)
    newest = WallSnapshot.objects.newest(round)
    content = wall_content(show)
    digest = fingerprint(content)
    if newest is not None and newest.sha256 == digest:
        return newest
    number = newest.number + 1 if newest else 1
    return WallSnapshot.objects.create(round=show.round, number=number, content=content, sha256=digest)


@transaction.atomic
def release_score(*, actor: User, entry: RoundEntry) -> ReleasedScore:
    """The provisional score of one project for the hall, by the announced rule.

    What the hall has seen is returned while it is still what the sheets and ballots say; otherwise, and
    once the scoring has been opened again, the next number is released. Refuses while a ballot can still
    come in, an expert owes a sheet or a slip waits, below a quorum, under a rule that brings the experts
    to one scale (no score stands alone there), and behind a frozen wall. Locks: round, entry.
    """
    require(actor, "judging.run_voting", entry)
    round = lock_round(entry.round)
    _refuse_hidden(round)
    # A ballot holds its entry's row until it is written: the clock is read after all have let go.
    entry = RoundEntry.objects.select_for_update(of=("self",)).select_related("project").get(pk=entry.pk)
    _refuse_unscored(entry)
    _refuse_incomplete(round, entry)
    content, score = _line(round, entry)
    digest, newest = fingerprint(content), newest_release(entry)
    if newest and newest.sha256 == digest and is_shown(entry):
        return newest
    released = ReleasedScore.objects.create(
        entry=entry,
        number=newest.number + 1 if newest else 1,
        line=content,
        score=score,
        sha256=digest,
        released_by=actor,
        released_at=clock.db_now(),
    )
    record(
        "score.released",
        actor=actor,
        obj=entry,
        edition=round.edition,
        after={"number": released.number, "score": score, "sha256": released.sha256},
    )
    return released


def _refuse_hidden(round: Round) -> None:
    refuse_unless(
        round.key == RoundKey.FINAL and round.status == RoundStatus.SCORING,
        "round_not_scoring",
        _("The final is not being scored now."),
    )
    show = Show.objects.filter(round=round).first()
    refuse_unless(
        show is None or not show.is_frozen,
        "wall_frozen",
        _("The wall is frozen: no score is shown until the reveal."),
    )


def _refuse_unscored(entry: RoundEntry) -> None:
    refuse_unless(entry.withdrawn_at is None, "entry_withdrawn", _("This project is no longer in the round."))
    refuse_unless(
        entry.voting_opens_at is not None,
        "entry_unscored",
        _("This project has not been scored yet; call it to the stage."),
    )
    refuse_while_taken(entry, clock.db_now())


def _refuse_incomplete(round: Round, entry: RoundEntry) -> None:
    """What is still to come would change a score the hall has seen. An ended seat owes nothing."""
    owing = experts_owing(entry)
    refuse_unless(
        not owing,
        "sheets_missing",
        _("Sheets of this project are still missing: %(names)s."),
        names="、".join(owing),
    )
    refuse_unless(
        entry.number not in pending_slips(round),
        "slips_pending",
        _("Paper slips of this project still wait for a second reading or a ruling."),
    )


def _line(round: Round, entry: RoundEntry) -> tuple[dict[str, Any], Decimal]:
    """One entry counted alone, in the form in which the whole final will be sealed."""
    given, _entries = tally_input(round)
    refuse_unless(
        given.rules.normalisation == "none",
        "score_not_alone",
        _("By the rulebook the experts are brought to one scale: no score stands before all are in."),
    )
    alone = replace(given, entries=tuple(row for row in given.entries if row.number == entry.number))
    try:
        [line] = compute(alone)
    except TallyRefused as refused:
        raise RuleBroken(
            refused.code, _("The sheets of this project cannot be counted by the rulebook.")
        ) from refused
    if line.score is None:
        raise RuleBroken("below_quorum", _below_quorum(line))
    content = printed(alone, [line], {"edition": round.edition.year, "round": round.key})
    del content["places"], content["awards"]
    for name in OF_THE_WHOLE:
        del content["entries"][0][name]
    return content, line.score


def _below_quorum(line: EntryOut) -> Any:
    if line.held == HELD_SHEETS:
        return _("Too few experts have submitted their sheets of this project.")
    return _("Too few jurors have scored this project.")
