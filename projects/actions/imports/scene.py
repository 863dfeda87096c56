"""What the rows of a table are judged by: the lists, what is entered already, and the rows before."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from contest.enums import Period
from kit import clock
from kit.hashing import fingerprint
from kit.text import folded
from projects import importing
from projects.bars import barred_names, bars_in_force
from projects.eligibility import Finding
from projects.eligibility.bodies import bar_finding, limit_finding, namesake_finding
from projects.eligibility.money import Budget, keeps_ceiling
from projects.enums import ENTERED, OrganisationStatus, ProjectStatus
from projects.importing import HEADINGS, PAPER, Errors
from projects.models import (
    ImportBatch,
    ImportRow,
    Organisation,
    Project,
)

if TYPE_CHECKING:
    pass
from projects.actions.imports.judged import Judged, budget_of


@dataclass
class Scene:
    """What the rows of a table are judged by: the lists, what is entered already, and the rows before."""

    batch: ImportBatch
    #: Keys of the rows seen so far, with the number of the row.
    seen: dict[str, int] = field(default_factory=dict)
    #: Entries by credit code, here and in the rows seen so far.
    entries: Counter[str] = field(default_factory=Counter)
    #: Key of every entry of the edition -> its code, and whether it came by a table.
    there: dict[str, tuple[str, bool]] = field(default_factory=dict)
    #: Codes of the rows at hand under which somebody has registered whom nobody has looked at.
    unvouched: set[str] = field(default_factory=set)
    #: Codes of the rows at hand that staff have compared with a certificate.
    verified: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.edition = self.batch.edition
        self.origin = importing.origin_of(self.edition)
        self.lists = importing.lists_of(self.edition)
        #: By folded name: the same body under another code.
        self.barred = barred_names(clock.today()) if self.origin == PAPER else {}
        entered = Project.objects.in_edition(self.edition).exclude(status=ProjectStatus.DRAFT).order_by()
        for code, title, body, status, row in entered.values_list(
            "code", "title", "organisation__code", "status", "import_row"
        ).iterator():
            self.there[self.key(body, title)] = (code, row is not None)
            self.entries[body] += status in ENTERED

    def key(self, code: str, title: str) -> str:
        """The same body, the same title in one edition: the same entry."""
        return fingerprint([self.edition.year, code, folded(title)])

    def judge(self, rows: list[ImportRow]) -> list[Judged]:
        """Set ``errors`` and ``key`` of each row; returns those that may be imported and are new."""
        cleaned = [importing.clean_row(row.values, self.lists, self.origin) for row in rows]
        codes = {values["code"] for values, _errors in cleaned if "code" in values}
        bars = bars_in_force(codes, clock.today()) if self.origin == PAPER else {}
        self.unvouched = set(
            Organisation.objects.unvouched().filter(code__in=codes).values_list("code", flat=True)
        )
        verified = Organisation.objects.filter(code__in=codes, status=OrganisationStatus.VERIFIED)
        self.verified = set(verified.values_list("code", flat=True))
        judged = []
        for row, (values, errors) in zip(rows, cleaned, strict=True):
            if "code" in values and "title" in values:
                row.key = self.key(values["code"], values["title"])
            is_there = self.there.get(row.key, ("", False))[1]
            if not is_there:
                errors = errors + self._objections(row, values, bars)
            # Cells that could not be read say so already.
            told = {heading for heading, _text in row.errors}
            row.errors += [[heading, text] for heading, text in errors if heading not in told]
            if not row.errors and not is_there:
                judged.append(Judged(row, values))
        return judged

    def _objections(self, row: ImportRow, values: dict[str, Any], bars: dict[str, Any]) -> Errors:
        errors = self._not_vouched(values.get("code", ""))
        if row.key:
            errors += self._repeated(row)
        if self.origin == PAPER:
            errors += self._not_eligible(values, bars) + self._not_received(values.get("received_on"))
        return errors

    def _not_vouched(self, code: str) -> Errors:
        """An entry goes to nobody who has merely registered under the code of its body."""
        if code not in self.unvouched:
            return []
        text = _(
            "People have registered this body here and nobody has verified it yet. Compare its file with "
            "the certificate and verify it first: its entry will be theirs."
        )
        return [(HEADINGS["code"], text)]

    def _repeated(self, row: ImportRow) -> Errors:
        """The same entry twice in this table, or in the portal already."""
        if row.key in self.there:
            text = _("This entry is in the portal already: %(code)s.")
            return [(HEADINGS["title"], text % {"code": self.there[row.key][0]})]
        first = self.seen.setdefault(row.key, row.number)
        if first != row.number:
            return [(HEADINGS["title"], _("The same entry as in row %(row)s.") % {"row": first})]
        return []

    def _not_eligible(self, values: dict[str, Any], bars: dict[str, Any]) -> Errors:
        """What the portal would refuse at submission: a bar, too many entries, too much money."""
        code, rules = values.get("code"), self.edition.rules
        name = folded(values.get("organisation", ""))
        found: list[tuple[str, Finding | None]] = []
        if code:
            if bar := bars.get(code):
                found.append(("code", bar_finding(bar, code)))
            elif code not in self.verified and (bar := self.barred.get(name)):
                found.append(("code", namesake_finding(bar)))
            found.append(("code", limit_finding(self.entries[code], rules)))
            self.entries[code] += 1
        found.append(("fiscal_fen", keeps_ceiling(Budget(budget_of(values), rules))))
        return [(HEADINGS[key], finding.text) for key, finding in found if finding]

    def _not_received(self, day: date | None) -> Errors:
        period = self.edition.periods.get(Period.APPLICATION)
        if day is None or period is None:
            return []
        first, last = clock.local(period.starts_at).date(), clock.local(period.ends_at).date()
        if first <= day <= min(last, clock.today()):
            return []
        text = _("The day must lie within the application period (%(first)s to %(last)s) and not ahead.")
        return [(HEADINGS["received_on"], text % {"first": first, "last": last})]
