"""Reading what is needed for a tally, and what a sealed tally and its decision say."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from itertools import groupby
from typing import TYPE_CHECKING

from django.db.models import F, QuerySet

from judging.enums import AssignmentStatus, RoundKey, RoundStatus, SheetStatus
from judging.models import Assignment, Result, Round, RoundEntry, SheetScore
from judging.moves import PREVIOUS_ROUND
from judging.queries.ballots import ballots_for_tally, checked_in_count
from judging.queries.decisions import decided_lines
from judging.tally import EntryIn, SheetIn, TallyIn, award_bounds, crosses_boundary

if TYPE_CHECKING:
    from collections.abc import Iterable


def tally_input(round: Round) -> tuple[TallyIn, dict[int, RoundEntry]]:
    """Everything a round's tally counts, and the entries by number; a constant number of queries."""
    entries = list(
        RoundEntry.objects.running().filter(round=round).select_related("project").order_by("number")
    )
    assignments = list(
        Assignment.objects.filter(entry__round=round, entry__withdrawn_at__isnull=True)
        .select_related("seat", "sheet")
        .order_by("entry_id", "seat__number")
    )
    sheets, recused, unscored = _split(assignments, _points(round))
    ballots = ballots_for_tally(round) if round.is_final else {}
    previous = previous_scores(round)
    given = TallyIn(
        rules=round.rules,
        vote=round.rulebook_doc.public_vote if round.is_final else None,
        awards=round.rulebook_doc.awards if round.is_final else (),
        checked_in=checked_in_count(round) if round.is_final else 0,
        entries=tuple(
            EntryIn(
                number=entry.number,
                project=entry.project.code,
                title=entry.project.title,
                sheets=tuple(sheets[entry.pk]),
                ballots=tuple(int(score) for score in ballots.get(entry.pk, ())),
                recused=recused[entry.pk],
                unscored=tuple(unscored[entry.pk]),
                previous_score=previous.get(entry.project_id),
            )
            for entry in entries
        ),
    )
    return given, {entry.number: entry for entry in entries}


def _points(round: Round) -> dict[int, dict[str, Decimal]]:
    points: dict[int, dict[str, Decimal]] = defaultdict(dict)
    rows = SheetScore.objects.filter(
        sheet__assignment__entry__round=round,
        sheet__status=SheetStatus.SUBMITTED,
        points__isnull=False,
    ).order_by("sheet_id", "criterion")
    for sheet, criterion, value in rows.values_list("sheet_id", "criterion", "points"):
        if value is not None:
            points[sheet][criterion] = value
    return points


def _split(
    assignments: Iterable[Assignment], points: dict[int, dict[str, Decimal]]
) -> tuple[dict[int, list[SheetIn]], dict[int, int], dict[int, list[str]]]:
    """Per entry: the sheets that count, how many seats recused themselves, the seats that did not score."""
    sheets: dict[int, list[SheetIn]] = defaultdict(list)
    recused: dict[int, int] = defaultdict(int)
    unscored: dict[int, list[str]] = defaultdict(list)
    for assignment in assignments:
        sheet = getattr(assignment, "sheet", None)
        code = assignment.seat.code
        if assignment.status == AssignmentStatus.RECUSED:
            recused[assignment.entry_id] += 1
        elif assignment.status == AssignmentStatus.REPLACED:
            continue
        elif sheet is not None and sheet.status == SheetStatus.SUBMITTED:
            sheets[assignment.entry_id].append(SheetIn(code, points[sheet.pk], sheet.sha256))
        else:
            unscored[assignment.entry_id].append(code)
    return sheets, recused, unscored


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


def equals_to_order(round: Round, results: Iterable[Result]) -> list[RoundEntry]:
    """Entries whose shared rank runs across the cut or two awards: the decision has to order them."""
    ranked = [row for row in results if row.rank is not None and row.entry.withdrawn_at is None]
    bounds = award_bounds(round.rulebook_doc.awards) if round.is_final else []
    found: list[RoundEntry] = []
    place = 0
    for _rank, group in groupby(ranked, key=lambda row: row.rank):
        equals = list(group)
        first, place = place + 1, place + len(equals)
        if crosses_boundary(first, place, cut=round.rules.advance, bounds=bounds):
            found.extend(row.entry for row in equals)
    return found


__all__ = ["decided_lines", "equals_to_order", "previous_scores", "results_of", "tally_input"]
