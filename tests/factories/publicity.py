"""The notice board of the tests: news by the portal's own action, figures of the past."""

from __future__ import annotations

from datetime import date
from typing import Any

import factory

from accounts.enums import Role
from publicity import actions
from publicity.enums import StatisticKey
from publicity.models import Announcement, Statistic
from tests.factories.accounts import UserFactory


class NewsFactory(factory.django.DjangoModelFactory):
    """``NewsFactory(title="…")``: written and published by an editor."""

    class Meta:
        model = Announcement

    title = factory.Sequence(lambda n: f"征选活动动态第{n}期")
    text = "各县（区）征选工作有序推进。"
    edition = None
    actor = factory.LazyFunction(lambda: UserFactory(roles=[Role.EDITOR]))

    @classmethod
    def _create(cls, model_class: type[Announcement], *args: Any, **kwargs: Any) -> Announcement:
        return actions.publish_news(**kwargs)


class StatisticFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Statistic

    key = StatisticKey.ENTRIES
    first_year = 2013
    last_year = factory.Sequence(lambda n: 2020 + n)
    value = 700
    source = "某报专题报道（2021年）"
    as_of = date(2020, 12, 31)
