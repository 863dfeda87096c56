"""What the hall is shown: the wall's next picture, and the score of a project released to it.

The one writer of ``WallSnapshot`` and ``ReleasedScore``; both are kept for good, so that what the hall
has seen can be shown again.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from accounts.rights import require
from contest.record import record
from judging.actions.rounds import lock_round
from judging.enums import RoundKey, RoundStatus
from judging.models import ReleasedScore, Round, RoundEntry, Show, WallSnapshot
from judging.queries.results import tally_input
from judging.queries.slips import pending_slips
from judging.queries.wall import newest_release, show_on_wall, wall_content
from judging.snapshots import snapshot as printed
from judging.tally import HELD_SHEETS, EntryOut, TallyRefused, compute
from judging.voting import ends_at
from judging.walls import FROZEN
from kit import clock
from kit.errors import RuleBroken, refuse_unless
from kit.hashing import fingerprint

if TYPE_CHECKING:
    from accounts.models import User

#: What only the whole final decides, and no single line can say.
OF_THE_WHOLE = ("rank", "tie", "tie_values", "advances", "award", "previous_score", "group")


def renew_wall(round: Round) -> WallSnapshot:
    """The wall's picture of the stage as it is now; a new one only when it differs from the newest.

    Called inside the transaction of the act, with the round locked. A frozen wall gets one picture that
    says so, and none after it until the reveal.
    """
    show = show_on_wall(round)
    newest = WallSnapshot.objects.newest(round)
    if newest is not None and show.is_frozen and newest.content["screen"] == FROZEN:
        return newest
    content = wall_content(show)
    digest = fingerprint(content)
    if newest is not None and newest.sha256 == digest:
        return newest
    number = newest.number + 1 if newest else 1
    return WallSnapshot.objects.create(round=show.round, number=number, content=content, sha256=digest)


@transaction.atomic
def release_score(*, actor: User, entry: RoundEntry) -> ReleasedScore:
    """The provisional score of one project for the hall, by the announced rule, computed once.

    What was released is returned as it is, unless its scoring has been opened again since: then the
    next number is computed. Refuses while a ballot can still come in or a slip waits, below a quorum,
    under a rule that brings the experts to one scale (no score stands alone there), and behind a
    frozen wall. Locks: round, entry.
    """
    require(actor, "judging.run_voting", entry)
    round = lock_round(entry.round)
    _refuse_hidden(round)
    # A ballot holds its entry's row until it is written: the clock is read after all have let go.
    entry = RoundEntry.objects.select_for_update(of=("self",)).select_related("project").get(pk=entry.pk)
    _refuse_unscored(entry)
    newest = newest_release(entry)
    if newest and entry.voting_opens_at and newest.released_at >= entry.voting_opens_at:
        return newest
    refuse_unless(
        entry.number not in pending_slips(round),
        "slips_pending",
        _("Paper slips of this project still wait for a second reading or a ruling."),
    )
    content, score = _line(round, entry)
    last = ReleasedScore.objects.filter(entry=entry).aggregate(last=Max("number"))["last"] or 0
    released = ReleasedScore.objects.create(
        entry=entry,
        number=last + 1,
        line=content,
        score=score,
        sha256=fingerprint(content),
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
    end = ends_at(entry)
    refuse_unless(
        end is not None and clock.db_now() >= end,
        "voting_open",
        _("The public jury is still voting: close the voting first."),
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
