"""Reading what is needed for a tally, and what a sealed tally and its decision say."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING

from django.contrib.postgres.aggregates import StringAgg
from django.db.models import F, OuterRef, QuerySet, Subquery, TextField, Value
from django.db.models.functions import Cast, Concat

from judging import departures as departing
from judging.advancing import award_bounds, quotas_of
from judging.departures import Cut, Ranked
from judging.enums import AssignmentStatus, RoundKey, RoundStatus, SheetStatus
from judging.models import Assignment, PanelSeat, Result, Round, RoundEntry, Sheet, SheetScore
from judging.moves import PREVIOUS_ROUND
from judging.queries.ballots import BallotsCast, cast_ballots, checked_in_count
from judging.queries.decisions import decided_lines
from judging.snapshots import sealed_groups, sealed_places
from judging.tally import EntryIn, SheetIn, TallyIn
from kit.errors import RuleBroken

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from judging.departures import Departure


def tally_input(round: Round) -> tuple[TallyIn, dict[int, int]]:
    """Everything a round's tally counts, and the entries' ids by number; a constant number of queries.

    A thousand entries are some five thousand sheets: rows are read as they are, not as models.
    """
    rules = round.rules
    sheets = _sheets(round)
    recused, unscored = _without_sheet(round)
    cast = cast_ballots(round) if round.is_final else {}
    previous = previous_scores(round)
    group = GROUP_COLUMNS.get(rules.advance_by, Value(""))
    rows = list(
        RoundEntry.objects.running()
        .filter(round=round)
        .order_by("number")
        .values_list("pk", "number", "project_id", "project__code", "project__title", group)
    )
    given = TallyIn(
        rules=rules,
        vote=round.rulebook_doc.public_vote if round.is_final else None,
        awards=round.rulebook_doc.awards if round.is_final else (),
        checked_in=checked_in_count(round) if round.is_final else 0,
        entries=tuple(
            EntryIn(
                number=number,
                project=code,
                title=title,
                sheets=tuple(sheets[pk]),
                ballots=cast.get(pk, NOBODY).scores,
                receipts=cast.get(pk, NOBODY).receipts,
                on_paper=cast.get(pk, NOBODY).on_paper,
                recused=recused[pk],
                unscored=tuple(unscored[pk]),
                previous_score=previous.get(project),
                group=group_key,
            )
            for pk, number, project, code, title, group_key in rows
        ),
    )
    return given, {number: pk for pk, number, *_rest in rows}


NOBODY = BallotsCast()
#: Where the key stands under which an entry has its quota.
GROUP_COLUMNS = {"field": F("project__field"), "district": F("project__district__code")}
#: Assignments that still count for an entry.
COUNTING = (AssignmentStatus.OFFERED, AssignmentStatus.CLEAR)


def _sheets(round: Round) -> dict[int, list[SheetIn]]:
    """The submitted sheets by entry, in the order of the seats, with the points of every criterion."""
    scored = SheetScore.objects.filter(sheet=OuterRef("pk"), points__isnull=False).order_by().values("sheet")
    # One text for a sheet, such as ``budget 8.5,need 12.0``: keys have neither blank nor comma.
    row = Concat("criterion", Value(" "), Cast("points", TextField()), output_field=TextField())
    rows = (
        Sheet.objects.filter(
            assignment__entry__round=round,
            assignment__entry__withdrawn_at__isnull=True,
            assignment__status__in=COUNTING,
            status=SheetStatus.SUBMITTED,
        )
        .order_by("assignment__entry_id", "assignment__seat__number")
        .values_list(
            "assignment__entry_id",
            "assignment__seat_id",
            "sha256",
            "saved_at",
            Subquery(
                scored.annotate(points_text=StringAgg(row, ",", output_field=TextField())).values(
                    "points_text"
                )
            ),
        )
    )
    codes = {seat.pk: seat.code for seat in PanelSeat.objects.filter(round=round)}
    sheets: dict[int, list[SheetIn]] = defaultdict(list)
    for entry, seat, sha256, saved_at, text in rows:
        points = dict(map(_criterion, text.split(","))) if text else {}
        sheets[entry].append(SheetIn(codes[seat], points, sha256, None, saved_at))
    return sheets


@lru_cache(maxsize=10_000)  # a few hundred different texts in a round
def _criterion(text: str) -> tuple[str, Decimal]:
    """One criterion's key and points, out of ``budget 8.5``."""
    key, points = text.split(" ")
    return key, Decimal(points)


def _without_sheet(round: Round) -> tuple[dict[int, int], dict[int, list[str]]]:
    """Per entry: how many seats recused themselves, and the seats that did not score."""
    recused: dict[int, int] = defaultdict(int)
    unscored: dict[int, list[str]] = defaultdict(list)
    rows = (
        Assignment.objects.filter(entry__round=round, entry__withdrawn_at__isnull=True)
        .exclude(status=AssignmentStatus.REPLACED)
        .exclude(status__in=COUNTING, sheet__status=SheetStatus.SUBMITTED)
        .select_related("seat")
        .order_by("entry_id", "seat__number")
    )
    for assignment in rows:
        if assignment.status == AssignmentStatus.RECUSED:
            recused[assignment.entry_id] += 1
        else:
            unscored[assignment.entry_id].append(assignment.seat.code)
    return recused, unscored


def previous_scores(round: Round) -> dict[int, Decimal]:
    """Scores of the confirmed round before, by project; empty for the first round."""
    key = PREVIOUS_ROUND.get(RoundKey(round.key))
    if key is None:
        return {}
    previous = Result.objects.filter(
        tally__round__edition=round.edition_id,
        tally__round__key=key,
        tally__round__status=RoundStatus.CONFIRMED,
        tally_id=F("tally__round__current_tally_id"),
        score__isnull=False,
    )
    scores = previous.values_list("entry__project_id", "score")
    return {project: score for project, score in scores if score is not None}


def results_of(round: Round) -> QuerySet[Result]:
    """The sealed results in order of rank; none before the seal."""
    return Result.objects.filter(tally=round.current_tally_id).for_list()


def ranked_rows(round: Round, results: Iterable[Result]) -> list[Ranked]:
    """The ranked results as a list is drawn up from them; entries withdrawn since the seal are left out."""
    groups = sealed_groups(round.current_tally.snapshot if round.current_tally else {})
    return [
        Ranked(row.entry_id, row.entry.project.code, row.rank, groups.get(row.entry.number, ""))
        for row in results
        if row.rank is not None and row.entry.withdrawn_at is None
    ]


def cut_of(round: Round) -> Cut:
    """Places and quotas as the snapshot sealed them, and the awards of a final."""
    sealed = round.current_tally.snapshot if round.current_tally else {}
    return Cut(
        places=sealed_places(sealed, round.rules),
        quotas=quotas_of(round.rules),
        bounds=award_bounds(round.rulebook_doc.awards) if round.is_final else (),
    )


def equals_to_order(
    round: Round, results: Iterable[Result], departures: Sequence[Departure] = ()
) -> list[RoundEntry]:
    """Entries whose shared rank runs across the cut or two awards: the decision has to order them.

    Departures that cannot be made are left aside here; proposing them says what is wrong.
    """
    rows = list(results)
    ranked, cut = ranked_rows(round, rows), cut_of(round)
    try:
        found = departing.equals_to_order(ranked, cut, departures)
    except RuleBroken:
        found = departing.equals_to_order(ranked, cut)
    entries = {row.entry_id: row.entry for row in rows}
    return [entries[pk] for pk in found]


__all__ = [
    "cut_of",
    "decided_lines",
    "equals_to_order",
    "previous_scores",
    "ranked_rows",
    "results_of",
    "tally_input",
]
