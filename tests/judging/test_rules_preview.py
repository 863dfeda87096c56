"""The rules while they are drafted: what they would print and compute, and what would be refused."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils.translation import gettext

from accounts.enums import Role
from contest.call import round_text, sections
from contest.enums import Stage
from contest.rulebook import Criterion, Level, PublicVote, Quota, RoundRules, default_rulebook
from judging.samples import SHARES, sample_of
from tests.factories.accounts import DistrictFactory, UserFactory
from tests.factories.contest import EditionFactory
from tests.factories.judging import rules_with

PRELIMINARY = default_rulebook().preliminary


def with_rules(key: str = "preliminary", **changes):
    document = default_rulebook().model_dump(mode="json")
    document[key] |= changes
    return type(default_rulebook()).model_validate(document)


# Samples


@pytest.mark.parametrize("key", ["preliminary", "second", "final"])
def test_the_sample_counts_twelve_sheets_by_the_rules(key):
    sample = sample_of(default_rulebook(), key)
    assert sum(len(line.entry.sheets) for line in sample.lines) == len(SHARES) == 12
    assert sample.vote_counts == (key == "final")
    assert [line.rank for line in sample.lines if not line.held] == sorted(
        line.rank for line in sample.lines if not line.held
    )


def test_the_sample_shows_dropped_sheets_and_an_entry_with_too_few():
    sample = sample_of(default_rulebook(), "second")
    assert [bool(line.expert and line.expert.dropped_low) for line in sample.lines] == [True, True, False]
    assert sample.lines[-1].held


def test_the_sample_says_when_the_rules_compute_nothing():
    sample = sample_of(with_rules(below_drop="refuse"), "preliminary")
    assert (sample.refused, sample.lines) == ("too_few_to_drop", [])


def test_the_sample_follows_the_normalisation():
    rules = with_rules(sheets_per_entry=4, quorum_sheets=4, normalisation="z_score")
    plain = with_rules(sheets_per_entry=4, quorum_sheets=4)
    standard = sample_of(rules, "preliminary").lines[0].entry.sheets[0]
    assert standard.standard is not None
    assert sample_of(plain, "preliminary").lines[0].entry.sheets[0].standard is None


# Refusals


@pytest.mark.parametrize(
    ("key", "changes", "code"),
    [
        ("preliminary", {"advance_by": "field"}, "quotas_missing"),
        (
            "preliminary",
            {"advance_by": "field", "quotas": [{"key": "nowhere", "places": 1}]},
            "quota_unknown",
        ),
        ("second", {"quotas": [{"key": "livelihood", "places": 21}]}, "quotas_above_advance"),
        ("final", {"advance_by": "share"}, "final_by_number"),
    ],
)
def test_rules_that_do_not_fit_together_are_refused(key, changes, code):
    assert with_rules(key, advance=30).round(key).advance == 30
    with pytest.raises(ValueError, match=code):
        with_rules(key, **changes)


@pytest.mark.parametrize("bands", [((5, 3),), ((20, 26),), ((0, 12), (12, 25))])
def test_levels_that_do_not_fit_the_criterion_are_refused(bands):
    good = (Level(low=0, high=12, text="一般"), Level(low=13, high=25, text="好"))
    assert Criterion(key="need", name="需求", points=25, levels=good).levels == good
    with pytest.raises(ValueError, match="levels_wrong"):
        Criterion(
            key="need",
            name="需求",
            points=25,
            levels=tuple(Level(low=low, high=high, text="x") for low, high in bands),
        )


# As printed


def changed(**changes) -> RoundRules:
    return PRELIMINARY.model_copy(update=changes)


def test_the_call_says_who_goes_on():
    assert "按得分由高到低取40项" in round_text(PRELIMINARY)
    assert "取有效计分项目的30%" in round_text(changed(advance_by="share", advance_percent=30))
    by_field = round_text(changed(advance_by="field", quotas=(Quota(key="livelihood", places=3),)))
    assert "共取40项，其中3项按领域名额由高到低录取，其余37项" in by_field


def test_the_call_says_what_departs_from_the_ordinary():
    assert "标准化" not in round_text(PRELIMINARY)
    assert "标准化" in round_text(changed(normalisation="z_score"))
    assert "公布评审专家名单" in round_text(changed(experts_named=True))
    assert "公布评审专家名单" not in round_text(PRELIMINARY)


@pytest.mark.django_db
def test_the_rules_page_prints_levels_and_quotas():
    district = DistrictFactory()
    criteria = default_rulebook().model_dump(mode="json")["preliminary"]["criteria"]
    criteria[0]["levels"] = [{"low": 21, "high": 25, "text": "需求真实迫切"}]
    document = with_rules(
        criteria=criteria, advance_by="district", quotas=[{"key": district.code, "places": 2}]
    )
    text = str(sections(EditionFactory(), document))
    assert "需求真实迫切" in text
    assert "21–25" in text
    assert f"['{district.name}', '2']" in text


def test_the_public_vote_of_the_sample_is_brought_to_a_hundred():
    document = default_rulebook().model_copy(update={"public_vote": PublicVote(scale_max=10)})
    scores = [line.public_score for line in sample_of(document, "final").lines if line.public_score]
    assert scores
    assert all(Decimal(50) < score <= Decimal(100) for score in scores)


@pytest.mark.django_db
def test_the_preview_shows_who_would_go_on(client):
    one = rules_with("preliminary", advance_by="number", advance=1)
    edition = EditionFactory(stage=Stage.PREPARATION, rules=one)
    client.force_login(UserFactory(roles=[Role.CLERK]))
    page = client.get(reverse("judging:rules_preview", args=[edition.year]))
    samples = dict(page.context["samples"])
    (sample,) = [sample for sample in samples.values() if sample.key == "preliminary"]
    assert [line.advances for line in sample.lines if not line.held].count(True) == 1
    goes_on = sum(line.advances and not line.held for one in samples.values() for line in one.lines)
    assert page.content.decode().count(f"{gettext('Goes on')}</span>") == goes_on
