"""Who can be drawn, and a draw written out so that anybody can repeat it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from accounts.enums import Role, ScopeKind
from accounts.models import RoleGrant, User
from judging.drawing import WORDS
from judging.enums import DrawKind, DrawStatus, PickStatus
from judging.models import Draw, DrawPick, Expert, Juror, JurorCard, JurorPick, Round, RoundEntry
from judging.queries.rounds import candidates
from kit import clock
from kit.text import folded

OUT = PickStatus.out()


def drawn_people(round: Round) -> set[int]:
    """The accounts of those whom the last draw of a round seated; empty where no panel was drawn."""
    last = (
        Draw.objects.panels().filter(round=round, status=DrawStatus.CLOSED).order_by("-pk").values("pk")[:1]
    )
    picks = DrawPick.objects.filter(draw__in=last, status=PickStatus.ACCEPTED)
    return set(picks.values_list("expert__person_id", flat=True))


def pool_for(round: Round) -> list[dict[str, Any]]:
    """The experts who could be drawn today, by id, as ``Draw.pool`` keeps them; four queries.

    In the pool, not away, with the role of expert in force. ``barred`` says that their unit applies
    in this round, by code or by folded name, or that they have a role in a body that does. Units are
    numbered and nobody is named: this is published, so that anybody can repeat the draw.
    """
    bodies = {
        submission.project.organisation_id: submission.project.organisation
        for submission in candidates(round)
    }
    codes = {body.code for body in bodies.values()}
    names = {folded(body.name) for body in bodies.values()}
    grants = RoleGrant.objects.current().filter(scope_kind=ScopeKind.ORGANISATION, scope_id__in=bodies)
    insiders = set(grants.values_list("user_id", flat=True))
    available = Expert.objects.available(clock.today())
    experts = list(available.filter(person__in=User.objects.holding(Role.EXPERT)).order_by("pk"))
    units = _units(experts)
    return [
        {
            "id": expert.pk,
            "unit": units[folded(expert.unit)],
            "theorist": expert.is_theorist,
            "practitioner": expert.is_practitioner,
            "fields": sorted(expert.fields),
            "barred": (bool(expert.unit_code) and expert.unit_code in codes)
            or folded(expert.unit) in names
            or expert.person_id in insiders,
        }
        for expert in experts
    ]


def _units(experts: Sequence[Expert]) -> dict[str, int]:
    """One number per unit for every way it is written: the same code is the same unit."""
    by_code: dict[str, str] = {}
    units: dict[str, str] = {}
    for expert in sorted(experts, key=lambda expert: (not expert.unit_code, expert.pk)):
        name = folded(expert.unit)
        first = by_code.setdefault(expert.unit_code, name) if expert.unit_code else name
        units.setdefault(name, units.get(first, first))
    numbers: dict[str, int] = {}
    for expert in experts:
        numbers.setdefault(units[folded(expert.unit)], len(numbers) + 1)
    return {name: numbers[unit] if unit else 0 for name, unit in units.items()}


def out_of(picks: Iterable[DrawPick]) -> list[int]:
    """Who of the drawn is out, in the order of their answers."""
    out = [pick for pick in picks if pick.status in OUT]
    return [pick.expert_id for pick in sorted(out, key=lambda pick: (pick.answered_at, pick.number))]


def transcript_of(draw: Draw) -> dict[str, Any]:
    """All one needs to repeat a draw that has been drawn; ``manage.py replay_draw`` reads it."""
    found = _drawn(draw)
    return {
        "draw": draw.pk,
        "kind": draw.kind,
        "size": draw.size,
        "conditions": draw.conditions,
        "pool": draw.pool,
        "pool_sha256": draw.pool_sha256,
        "commitment": draw.commitment,
        "seed": draw.seed,
        "public_number": draw.public_number,
        "public_source": draw.public_source,
        "out": found.out,
        "picks": [
            {"number": number, WORDS[draw.kind]: who, "stands_for": stands_for}
            for number, who, stands_for in found.picks
        ],
    }


class _Drawn(NamedTuple):
    """What is written down of a draw: (number, which of the pool, in whose place), and who is out."""

    picks: list[tuple[int, int, int]]
    out: list[int]


def _drawn(draw: Draw) -> _Drawn:
    if draw.kind == DrawKind.ORDER:
        numbers = [member["id"] for member in draw.pool]
        entries = RoundEntry.objects.filter(
            round=draw.round_id, number__in=numbers, stage_order__isnull=False
        )
        placed = entries.order_by("stage_order").values_list("stage_order", "number")
        return _Drawn([(place or 0, number, 0) for place, number in placed], [])
    picks: list[Any]
    if draw.kind == DrawKind.JURY:
        picks = list(draw.juror_picks.select_related("stands_for"))
        rows = [(pick.number, pick.juror_id, pick.stands_for) for pick in picks]
        out = jurors_out(picks)
    else:
        picks = list(draw.picks.select_related("stands_for"))
        rows = [(pick.number, pick.expert_id, pick.stands_for) for pick in picks]
        out = out_of(picks)
    return _Drawn([(number, who, before.number if before else 0) for number, who, before in rows], out)


# The public jury and the running order of a final


def jury_pool(round: Round, trades: Iterable[str]) -> list[dict[str, Any]]:
    """The people of these trades who could be drawn today, by id, as ``Draw.pool`` keeps them.

    On the roster of the edition and without a seat yet. Districts are codes and nobody is named: this is
    published, so that anybody can repeat the draw.
    """
    seated = JurorCard.objects.usable().filter(round=round, juror__isnull=False).values("juror")
    jurors = Juror.objects.in_roster().filter(edition=round.edition_id, trade__in=list(trades))
    rows = jurors.exclude(pk__in=seated).order_by("pk").values_list("pk", "trade", "district__code")
    return [{"id": pk, "trade": trade, "district": district or ""} for pk, trade, district in rows]


def seats_left(round: Round) -> list[tuple[str, int]]:
    """The rulebook's seats of each trade that have no card yet."""
    taken = Counter(JurorCard.objects.usable().filter(round=round).values_list("trade", flat=True))
    return [(trade, max(count - taken[trade], 0)) for trade, count in round.rulebook_doc.public_vote.seats]


def order_pool(round: Round) -> list[dict[str, Any]]:
    """The running entries by number."""
    numbers = RoundEntry.objects.running().filter(round=round).order_by("number")
    return [{"id": number} for number in numbers.values_list("number", flat=True)]


def jurors_out(picks: Iterable[JurorPick]) -> list[int]:
    """Who of the drawn jurors is out, in the order of their answers."""
    out = [pick for pick in picks if pick.status in OUT]
    return [pick.juror_id for pick in sorted(out, key=lambda pick: (pick.answered_at, pick.number))]
