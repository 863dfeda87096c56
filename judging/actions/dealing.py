"""Giving the entries of a round to the seats of its panel: the solver's answer put into rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from judging.assigning import Paper, Reader, TooFewSeats, assign
from judging.enums import AssignmentStatus, ConflictMoment, SheetStatus
from judging.models import Assignment, ConflictCheck, Expert, PanelSeat, Round, RoundEntry, Sheet
from judging.queries.conflicts import Conflicts, conflicts
from judging.queries.sharing import grounds_of
from kit.errors import RuleBroken


@dataclass(frozen=True)
class Dealt:
    """What a dealing changed: assignments made, and those that were taken back for it."""

    given: list[Assignment]
    taken: list[Assignment]


def deal(round: Round, entries: Sequence[RoundEntry]) -> Dealt:
    """Give every one of these entries its sheets; what is begun stays where it is.

    Entries come with their project. An assignment not begun may change hands, and does when its expert
    turns out to have a conflict or has left the panel; it stays on file as replaced. The calibration
    entry goes to every seat. Refuses, naming it, an entry with too few experts free of conflicts. A
    constant number of queries.
    """
    table = _Table(round, list(entries))
    try:
        answer = assign(table.papers(), table.readers())
    except TooFewSeats as refusal:
        raise RuleBroken(
            "too_few_experts",
            _(
                "%(project)s needs %(needed)s more experts, and only %(free)s of the panel are free of "
                "conflicts with it: enlarge the panel."
            ),
            project=table.entries[refusal.entry].project.code,
            needed=refusal.needed,
            free=refusal.free,
        ) from refusal
    return table.write(answer)


class _Table:
    """A round as the solver sees it: entries and seats by number, and who holds what."""

    def __init__(self, round: Round, entries: list[RoundEntry]) -> None:
        self.round = round
        self.entries = {entry.number: entry for entry in entries}
        seats = list(round.seats.scoring().order_by("number"))
        self.seats = {seat.number: seat for seat in seats}
        people = [seat.expert_id for seat in seats]
        self.experts = Expert.objects.in_bulk(people, field_name="person_id")
        self.found = conflicts(people, entries)
        self.rows: Mapping[int, list[Assignment]] = defaultdict(list)
        for row in (
            Assignment.objects.filter(entry__in=entries).select_related("seat", "sheet").order_by("pk")
        ):
            self.rows[row.entry_id].append(row)

    def is_barred(self, seat: PanelSeat, entry: RoundEntry) -> bool:
        return (seat.expert_id, entry.pk) in self.found

    def _kept(self, entry: RoundEntry) -> list[Assignment]:
        """What is begun by somebody who still sits on the panel, and what is submitted."""
        return [
            row
            for row in self.rows[entry.pk]
            if row.status == AssignmentStatus.CLEAR
            and (row.seat.ended_at is None or row.sheet.status == SheetStatus.SUBMITTED)
        ]

    def papers(self) -> list[Paper]:
        return [self._paper(entry) for entry in self.entries.values()]

    def _paper(self, entry: RoundEntry) -> Paper:
        rows, kept = self.rows[entry.pk], self._kept(entry)
        ended = (AssignmentStatus.RECUSED, AssignmentStatus.REPLACED)
        barred = {row.seat.number for row in rows if row.status in ended}
        barred |= {seat.number for seat in self.seats.values() if self.is_barred(seat, entry)}
        stay = {row.seat.number for row in kept}
        needed = max(self.round.rules.sheets_per_entry - len(kept), 0)
        if entry.is_calibration:
            needed = max(needed, len(set(self.seats) - barred - stay))
        return Paper(
            number=entry.number,
            sheets=needed,
            field=entry.project.field,
            barred=frozenset(barred),
            kept=frozenset(stay),
            held=frozenset(row.seat.number for row in rows if row.status == AssignmentStatus.OFFERED),
        )

    def readers(self) -> list[Reader]:
        loads: dict[int, int] = defaultdict(int)
        for entry in self.entries.values():
            for row in self._kept(entry):
                loads[row.seat.number] += 1
        return [self._reader(seat, loads[number]) for number, seat in self.seats.items()]

    def _reader(self, seat: PanelSeat, load: int) -> Reader:
        expert = self.experts.get(seat.expert_id)
        if expert is None:
            # Not in the pool: nothing is known that would speak for or against an entry.
            return Reader(seat.number, load=load)
        return Reader(seat.number, frozenset(expert.fields), expert.is_theorist, expert.is_practitioner, load)

    def write(self, answer: dict[int, list[int]]) -> Dealt:
        """The answer as rows; of what changes hands the new one stands for the old one."""
        given: list[Assignment] = []
        taken: list[Assignment] = []
        loads = self._loads(answer)
        for number, chosen in answer.items():
            entry = self.entries[number]
            offered = [row for row in self.rows[entry.pk] if row.status == AssignmentStatus.OFFERED]
            kept = {row.pk for row in self._kept(entry)}
            left = [
                row
                for row in self.rows[entry.pk]
                if row.status == AssignmentStatus.CLEAR and row.pk not in kept
            ]
            back = [row for row in offered if row.seat.number not in chosen] + left
            have = {row.seat.number for row in offered}
            fresh = [seat for seat in chosen if seat not in have]
            stood_for = iter(back)
            given += [
                Assignment(
                    entry=entry,
                    seat=self.seats[seat],
                    stands_for=next(stood_for, None),
                    grounds=self._grounds(entry, self.seats[seat], loads[seat]),
                )
                for seat in fresh
            ]
            taken += back
        self._take(taken)
        Assignment.objects.bulk_create(given)
        keep_checks(given, self.found)
        return Dealt(given, taken)

    def _loads(self, answer: dict[int, list[int]]) -> dict[int, int]:
        loads = {reader.number: reader.load for reader in self.readers()}
        for chosen in answer.values():
            for seat in chosen:
                loads[seat] += 1
        return loads

    def _grounds(self, entry: RoundEntry, seat: PanelSeat, load: int) -> dict[str, Any]:
        barred = sum(self.is_barred(other, entry) for other in self.seats.values())
        return {
            **grounds_of(entry, self.experts.get(seat.expert_id)),
            "by": "calibration" if entry.is_calibration else "solver",
            "load": load,
            "barred": barred,
        }

    def _take(self, rows: list[Assignment]) -> None:
        Assignment.objects.filter(pk__in=[row.pk for row in rows]).update(status=AssignmentStatus.REPLACED)
        Sheet.objects.filter(assignment__in=rows, status=SheetStatus.DRAFT).update(status=SheetStatus.LAPSED)
        # Why it was taken back, where a conflict has come to light since.
        keep_checks([row for row in rows if (row.seat.expert_id, row.entry_id) in self.found], self.found)


def keep_checks(
    assignments: Iterable[Assignment],
    found: Conflicts,
    moment: ConflictMoment = ConflictMoment.ASSIGNMENT,
) -> None:
    """Keep what was found about each of these, "nothing" included. They come with their seat."""
    checks = []
    for row in assignments:
        listed = found.get((row.seat.expert_id, row.entry_id), [])
        checks.append(
            ConflictCheck(
                assignment=row,
                moment=moment,
                is_clear=not listed,
                findings=[finding.as_row() for finding in listed],
            )
        )
    ConflictCheck.objects.bulk_create(checks)
