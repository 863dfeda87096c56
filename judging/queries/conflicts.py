"""What ties experts to entries, as the portal knows it today: the facts ``judging.conflicts`` weighs.

The number of queries is the same for one pair and for a whole round.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from django.db.models import Q

from accounts.enums import ScopeKind
from accounts.models import RoleGrant
from judging.conflicts import Applicant, Body, Finding, Judge, Tie, findings
from judging.enums import LinkKind
from judging.models import Expert, ExpertLink, PanelSeat, RoundEntry
from kit import clock
from kit.text import folded
from projects.models import BodyLink, Organisation, Partner, Project

#: How long a former employment binds, in months.
PAST_MONTHS = 36

#: (expert's account, entry) -> what was found; pairs without findings are left out.
Conflicts = dict[tuple[int, int], list[Finding]]


def conflicts(people: Collection[int], entries: Sequence[RoundEntry]) -> Conflicts:
    """What stands between each of these people and each of these entries; seven queries at most."""
    codes = _Codes()
    judges = _judges(people, codes)
    applicants = _applicants(entries, codes)
    found: Conflicts = {}
    for person, judge in judges.items():
        if not judge.ties:
            continue
        for entry in entries:
            if listed := findings(judge, applicants[entry.project_id]):
                found[person, entry.pk] = listed
    return found


def conflicts_of_pair(person: int, entry: RoundEntry) -> list[Finding]:
    """What stands between one person and one entry."""
    return conflicts([person], [entry]).get((person, entry.pk), [])


def barred_seats(entries: Sequence[RoundEntry], seats: Sequence[PanelSeat]) -> dict[int, set[int]]:
    """Per entry the seats whose expert has a conflict with it."""
    found = conflicts([seat.expert_id for seat in seats], entries)
    return {entry.pk: {seat.pk for seat in seats if (seat.expert_id, entry.pk) in found} for entry in entries}


class _Codes:
    """Credit codes, each stood for by one of all codes that are the same body."""

    def __init__(self) -> None:
        self._above: dict[str, str] = {}
        for one, other in BodyLink.objects.in_force().order_by().values_list("code", "other_code"):
            first, second = sorted((self.of(one), self.of(other)))
            if first != second:
                self._above[second] = first

    def of(self, code: str) -> str:
        while code in self._above:
            code = self._above[code]
        return code

    def body(self, name: str, code: str) -> Body:
        return Body(name, folded(name), self.of(code.upper()) if code else "")


def _judges(people: Collection[int], codes: _Codes) -> dict[int, Judge]:
    ties: Mapping[int, list[Tie]] = defaultdict(list)
    today = clock.today()
    units = Expert.objects.filter(person__in=people).order_by()
    for person, unit, code in units.values_list("person_id", "unit", "unit_code"):
        ties[person].append(Tie(LinkKind.UNIT, codes.body(unit, code)))
    lasting = Q(until__isnull=True) | Q(until__gte=today)
    links = ExpertLink.objects.filter(lasting, expert__person__in=people, ended_at__isnull=True).order_by()
    for person, kind, name, code, project in links.values_list(
        "expert__person_id", "kind", "body_name", "body_code", "project_id"
    ):
        ties[person].append(Tie(LinkKind(kind), codes.body(name, code), project))
    for person, kind, body in _roles(people, codes):
        ties[person].append(Tie(kind, body))
    return {person: Judge(tuple(ties[person])) for person in people}


def _roles(people: Collection[int], codes: _Codes) -> Iterable[tuple[int, LinkKind, Body]]:
    """The bodies people act for in this portal, or have acted for of late."""
    since = clock.add_months(clock.today(), -PAST_MONTHS)
    grants = list(
        RoleGrant.objects.filter(
            Q(revoked_at__isnull=True) | Q(revoked_at__date__gte=since),
            scope_kind=ScopeKind.ORGANISATION,
            user__in=people,
        )
        .order_by()
        .values_list("user_id", "scope_id", "revoked_at")
    )
    names = Organisation.objects.filter(pk__in={scope for _user, scope, _end in grants})
    bodies = {
        pk: codes.body(name, code) for pk, name, code in names.order_by().values_list("pk", "name", "code")
    }
    for person, scope, revoked_at in grants:
        if scope in bodies:
            yield person, LinkKind.PAST_EMPLOYER if revoked_at else LinkKind.UNIT, bodies[scope]


def _applicants(entries: Sequence[RoundEntry], codes: _Codes) -> dict[int, Applicant]:
    projects = {entry.project_id for entry in entries}
    partners: Mapping[int, list[Body]] = defaultdict(list)
    rows = Partner.objects.filter(project__in=projects).order_by()
    for project, name, code in rows.values_list("project_id", "name", "code"):
        partners[project].append(codes.body(name, code))
    found = Project.objects.filter(pk__in=projects).order_by()
    return {
        pk: Applicant(pk, code, codes.body(name, credit), tuple(partners[pk]))
        for pk, code, name, credit in found.values_list(
            "pk", "code", "organisation__name", "organisation__code"
        )
    }
