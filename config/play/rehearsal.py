"""A rehearsed edition with made-up entries: the same seed, the same winners."""

from __future__ import annotations

import time
from datetime import datetime
from random import Random
from typing import Any

from django.db.models import Max, Sum

from accounts.models import District, User
from config.play.applying import Entry, apply, district_named, register
from config.play.cast import make_cast, person
from config.play.demo_data import DISTRICTS, PROJECTS
from config.play.edition import Play, Progress, begin, silent, winners
from contest import seals
from contest.enums import Stage
from contest.models import REHEARSALS_AFTER, Document, Edition, Event, Office
from funding import actions as funding
from funding.models import Grant, Instalment
from judging.enums import RoundKey
from judging.models import Ballot, Sheet
from kit import clock
from kit.codes import made_up_code
from projects.models import Organisation

#: Played in a year whose official calendar is known, whatever today is.
START = datetime(2025, 3, 3, 9, tzinfo=clock.CITY_ZONE)
DOMAIN = "rehearsal.example"


def rehearse(
    *, entries: int, experts: int, jurors: int, seed: int, progress: Progress = silent
) -> dict[str, Any]:
    """Play an edition to its first payments; returns counts, winners, sums and timings."""
    clockwork = Stopwatch()
    rng = Random(seed)  # noqa: S311  a rehearsal has to be repeatable
    cast = make_cast(experts=experts, domain=DOMAIN)
    play = begin(
        cast=cast,
        office=Office.objects.get_or_create(mark="演练", defaults={"name": "演练专用发文机关"})[0],
        year=_next_year(),
        name=f"征选活动演练（种子{seed}）",
        start=START,
        rng=rng,
        is_rehearsal=True,
        progress=progress,
    )
    clockwork.lap("call")
    _apply_all(play, entries)
    clockwork.lap("applications")
    play.accept_all()
    play.close_applications()
    play.outlast(play.publish_intake())
    clockwork.lap("intake")
    _review_all(play, jurors, clockwork)
    grants = _grant_all(play)
    clockwork.lap("grants")
    seals.seal_record()
    return _summary(play, grants, clockwork)


class Stopwatch:
    """Seconds spent in each part."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = time.monotonic()

    def lap(self, name: str) -> None:
        now = time.monotonic()
        self.seconds[name] = round(now - self._last, 2)
        self._last = now


def _next_year() -> int:
    last = Edition.objects.filter(is_rehearsal=True).aggregate(last=Max("year"))["last"]
    return (last or REHEARSALS_AFTER) + 1


def _apply_all(play: Play, entries: int) -> None:
    play.open_applications()
    districts = [district_named(code, name) for code, name in DISTRICTS]
    numbers = list(range(1, entries + 1))
    for number in play.count("applications", numbers):
        play.pass_time(minutes=5)
        with play.now():
            _apply_one(play, number, districts)


def _apply_one(play: Play, number: int, districts: list[District]) -> None:
    applicant = person(f"applicant{number:04}@{DOMAIN}", f"申报人{number:04}")
    code = made_up_code("52441302", f"R{number:07}")
    organisation = Organisation.objects.filter(code=code).first() or register(
        actor=applicant,
        code=code,
        name=f"演练社会工作服务中心{number:04}",
        kind="private_nonprofit",
        district=districts[number % len(districts)],
    )
    model = PROJECTS[play.rng.randrange(len(PROJECTS))]
    apply(
        actor=User.objects.get(pk=applicant.pk),
        edition=play.edition,
        organisation=organisation,
        entry=Entry(
            title=f"{model.title}（{number:04}）",
            field=model.field,
            groups=model.groups,
            district=districts[number % len(districts)],
            summary=model.summary,
            fiscal_fen=play.rng.randrange(4, 12) * 1_000_000,
            matching_fen=play.rng.randrange(1, 4) * 1_000_000,
        ),
        starts_on=clock.today().replace(month=7, day=1),
    )


def _review_all(play: Play, jurors: int, clockwork: Stopwatch) -> None:
    play.review(RoundKey.PRELIMINARY)
    clockwork.lap("preliminary")
    play.advance(Stage.SECOND)
    play.review(RoundKey.SECOND)
    clockwork.lap("second")
    play.advance(Stage.FINAL)
    play.final(jurors)
    clockwork.lap("final")
    play.advance(Stage.IMPLEMENTATION)


def _grant_all(play: Play) -> list[Grant]:
    with play.now():
        fund = funding.create_fund(
            actor=play.cast.finance,
            name="演练专项资金",
            year=play.edition.year,
            amount_fen=100_000_000,
            source="演练",
        )
    grants = play.draw_up_grants(fund)
    play.pay_first_instalments(grants)
    return grants


def _summary(play: Play, grants: list[Grant], clockwork: Stopwatch) -> dict[str, Any]:
    edition = play.edition
    paid = Instalment.objects.filter(grant__in=grants, paid_at__isnull=False)
    return {
        "edition": edition.year,
        "counts": {
            "applications": edition.projects.count(),
            "sheets": Sheet.objects.filter(assignment__entry__round__edition=edition).count(),
            "ballots": Ballot.objects.filter(entry__round__edition=edition).count(),
            "documents": Document.objects.filter(edition=edition).count(),
            "events": Event.objects.filter(edition=edition).count(),
        },
        "winners": [f"{award} {serial}" for award, serial in winners(edition)],
        "sums_fen": {
            "granted": sum(grant.amount_fen for grant in grants),
            "paid": paid.aggregate(total=Sum("amount_fen"))["total"] or 0,
        },
        "seconds": clockwork.seconds | {"total": round(sum(clockwork.seconds.values()), 2)},
    }
