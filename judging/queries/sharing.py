"""Who reads what in a round, and why: for the clerk who shares out. No score is read."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, npgettext

from judging.conflicts import Finding
from judging.enums import AssignmentStatus
from judging.models import Assignment, Expert, Round, RoundEntry
from judging.queries.conflicts import conflicts
from judging.queries.queue import Task, state_of
from judging.queries.rounds import seats_with_load

#: How an assignment came about.
WAYS: dict[str, str | Promise] = {
    "solver": gettext_lazy("shared out by the portal"),
    "calibration": gettext_lazy("calibration entry, read by all"),
    "handed_over": gettext_lazy("taken over, fewest entries"),
    "clerk": gettext_lazy("given by hand"),
}
SIDES: dict[str, str | Promise] = {"theory": gettext_lazy("theory"), "practice": gettext_lazy("practice")}


def grounds_of(entry: RoundEntry, expert: Expert | None) -> dict[str, Any]:
    """What speaks for an expert and an entry: whether the field is the expert's, and from which side
    the expert comes. Empty for somebody who is not in the pool."""
    if expert is None:
        return {}
    sides = {"theory": expert.is_theorist, "practice": expert.is_practitioner}
    return {
        "field": entry.project.field in expert.fields,
        "sides": [side for side, is_true in sides.items() if is_true],
    }


def grounds_in_words(grounds: dict[str, Any]) -> str:
    """Why a seat reads an entry, as one line; empty for assignments older than the reasons."""
    words: list[Any] = [WAYS[grounds["by"]]] if grounds.get("by") in WAYS else []
    if "field" in grounds:
        words.append(_("own field") if grounds["field"] else _("other field"))
    words += [SIDES[side] for side in grounds.get("sides", []) if side in SIDES]
    if "load" in grounds:
        load = grounds["load"]
        words.append(
            npgettext("load of an expert", "has %(count)s entry", "has %(count)s entries", load)
            % {"count": load}
        )
    if grounds.get("barred"):
        count = grounds["barred"]
        words.append(
            ngettext(
                "%(count)s expert excluded for a conflict", "%(count)s experts excluded for a conflict", count
            )
            % {"count": count}
        )
    return " · ".join(str(word) for word in words)


class Share(Task):
    """One assignment with its reason and where it stands."""

    @property
    def why(self) -> str:
        return grounds_in_words(self.assignment.grounds)

    @property
    def can_be_taken(self) -> bool:
        return self.state in ("undeclared", "ready", "begun")


@dataclass
class EntryShares:
    """An entry with those who read it."""

    entry: RoundEntry
    needed: int
    shares: list[Share] = field(default_factory=list)

    @property
    def is_short(self) -> bool:
        return len(self.shares) < self.needed


def entries_with_shares(round: Round, entries: list[RoundEntry]) -> list[EntryShares]:
    """Some entries of a round with the assignments that count; one query."""
    rows: dict[int, list[Assignment]] = defaultdict(list)
    found = Assignment.objects.current().filter(entry__in=entries)
    for row in found.select_related("seat__expert", "sheet").order_by("seat__number"):
        rows[row.entry_id].append(row)
    by_key = {entry.pk: entry for entry in entries}
    needed = round.rules.sheets_per_entry
    shared = []
    for pk, entry in by_key.items():
        entry.round = round
        for row in rows[pk]:
            row.entry = entry
        shared.append(EntryShares(entry, needed, [Share(row, state_of(row)) for row in rows[pk]]))
    return shared


@dataclass(frozen=True)
class Candidate:
    """A seat that could read one entry more, or why it may not."""

    #: With its ``load``.
    seat: Any
    grounds: dict[str, Any]
    findings: list[Finding]
    had_it: bool

    @property
    def is_free(self) -> bool:
        return not self.findings and not self.had_it

    @property
    def why(self) -> str:
        return grounds_in_words(self.grounds)

    @property
    def why_not(self) -> str:
        if self.findings:
            return "；".join(finding.text for finding in self.findings)
        return _("has had the entry") if self.had_it else ""


def seats_for(entry: RoundEntry) -> list[Candidate]:
    """The seats that do not read an entry now, free ones first, then by load."""
    rows = {row.seat_id: row for row in Assignment.objects.filter(entry=entry).select_related("sheet")}
    seats = list(seats_with_load(entry.round_id))
    people = [seat.expert_id for seat in seats]
    experts = Expert.objects.in_bulk(people, field_name="person_id")
    found = conflicts(people, [entry])
    listed = []
    for seat in seats:
        row = rows.get(seat.pk)
        if row and row.status in (AssignmentStatus.OFFERED, AssignmentStatus.CLEAR):
            continue
        grounds = {**grounds_of(entry, experts.get(seat.expert_id)), "load": seat.load}
        had_it = row is not None and (row.status == AssignmentStatus.RECUSED or hasattr(row, "sheet"))
        listed.append(Candidate(seat, grounds, found.get((seat.expert_id, entry.pk), []), had_it))
    return sorted(listed, key=lambda item: (not item.is_free, item.seat.load, item.seat.number))
