"""Editions of the tests, made by the same actions as in the portal."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import factory

from accounts.enums import Role
from accounts.models import User
from contest import actions
from contest.enums import Period, Stage
from contest.models import Edition, Holiday, Office
from kit import clock
from tests.factories.accounts import UserFactory

#: How long each period of a test edition lasts.
PERIOD_DAYS = 20


class OfficeFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Office
        django_get_or_create = ("mark",)

    mark = "示治"
    name = "示范市社会治理创新征选活动组委会办公室"


class HolidayFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Holiday

    day = factory.Sequence(lambda n: clock.today() + timedelta(days=n))
    is_workday = False
    name = "节日"


def timetable_around(stage: Stage, moment: datetime) -> dict[Period, tuple[datetime, datetime]]:
    """A timetable in which ``moment`` lies in the middle of the stage's period."""
    order = list(Period)
    place = (
        order.index(Period(stage)) if stage in order else (-1 if stage == Stage.PREPARATION else len(order))
    )
    span = timedelta(days=PERIOD_DAYS)
    begin = moment - span * place - span / 2
    return {period: (begin + span * n, begin + span * (n + 1)) for n, period in enumerate(order)}


class EditionFactory(factory.django.DjangoModelFactory):
    """``EditionFactory(stage=Stage.SECOND)``: drafted, planned, signed and published by actions.

    ``published=False`` leaves it a draft with timetable; a stage beyond preparation is written
    directly, because the gates of the apps above are not this factory's business. ``clerk`` and
    ``approver`` may be given; ``rules`` takes changes to the default rulebook, as a dict of
    top-level entries; ``timetable`` replaces the dates.
    """

    class Meta:
        model = Edition

    year = factory.Sequence(lambda n: 2026 + n % 70)
    office = factory.SubFactory(OfficeFactory)
    name = factory.LazyAttribute(lambda o: f"示范市{o.year}年社会治理创新十大项目征选活动")
    short_name = factory.LazyAttribute(lambda o: f"{o.year}年征选")
    purpose = "为打造共建共治共享社会治理格局，开展本次征选活动。"
    organisers = "示范市委政法委、示范市民政局"
    stage = Stage.APPLICATION
    published = True
    clerk = None
    approver = None
    rules = None
    timetable = None

    @classmethod
    def _create(cls, model_class: type[Edition], *args: Any, **kwargs: Any) -> Edition:
        stage, published = Stage(kwargs.pop("stage")), kwargs.pop("published")
        clerk: User = kwargs.pop("clerk") or UserFactory(roles=[Role.CLERK])
        approver: User | None = kwargs.pop("approver")
        rules, timetable = kwargs.pop("rules"), kwargs.pop("timetable")
        edition = actions.create_edition(actor=clerk, **kwargs)
        actions.set_timetable(
            actor=clerk, edition=edition, periods=timetable or timetable_around(stage, clock.now())
        )
        if rules:
            assert edition.current_rulebook is not None
            document = {**edition.current_rulebook.document, **rules}
            actions.save_rulebook(actor=clerk, edition=edition, document=document)
        if published:
            actions.propose_call(actor=clerk, edition=edition)
            signer = approver or UserFactory(roles=[Role.APPROVER])
            actions.sign_call(actor=signer, edition=edition)
            Edition.objects.filter(pk=edition.pk).update(stage=stage)
        return Edition.objects.for_list().get(pk=edition.pk)
