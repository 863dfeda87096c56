"""The rounds in the rulebook's editor: levels, who goes on, quotas; and the preview beside it."""

from __future__ import annotations

import pytest
from django.urls import reverse

from contest.call import sections
from contest.enums import Stage
from contest.models import Event
from tests.factories.accounts import DistrictFactory
from tests.factories.contest import EditionFactory
from tests.pages import form_data

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(clerk):
    return EditionFactory(stage=Stage.PREPARATION, published=False, clerk=clerk)


@pytest.fixture
def editor(as_user, clerk, draft):
    """``editor(**changes)``: what the page sends, and how it is answered."""
    client = as_user(clerk)
    address = reverse("contest:desk_rulebook", args=[draft.year])
    data = form_data(client.get(address), "entry-entries_as_lead")

    def send(to: str = address, **changes: str):
        return client.post(to, data | changes)

    return send


def quota(key: str, places: int, number: int = 0, of: str = "preliminary") -> dict[str, str]:
    return {
        f"{of}_quotas-TOTAL_FORMS": str(number + 1),
        f"{of}_quotas-{number}-key": key,
        f"{of}_quotas-{number}-places": str(places),
    }


def stored(draft):
    return draft.rulebooks.get().typed


def codes(page) -> set[str]:
    """The codes of all that the page complains about."""
    editor = page.context["editor"]
    errors = [form.errors.as_data() for form in editor.forms.values()]
    for table in editor.tables.values():
        errors += [form.errors.as_data() for form in table.forms]
        errors.append({"": table.non_form_errors().as_data()})
    return {error.code for found in errors for texts in found.values() for error in texts}


def test_levels_are_typed_line_by_line_and_kept(editor, draft):
    text = "21-25 需求真实迫切\n13－20：比较明确\n0至12分 一般".replace("－", "–")
    assert editor(**{"preliminary_criteria-0-levels": text}).status_code == 302
    levels = stored(draft).preliminary.criteria[0].levels
    assert [(level.low, level.high, level.text) for level in levels] == [
        (21, 25, "需求真实迫切"),
        (13, 20, "比较明确"),
        (0, 12, "一般"),
    ]


@pytest.mark.parametrize(
    ("text", "code"),
    [("很好", "level_unreadable"), ("20-26 太多", "levels_wrong"), ("0-12 低\n12-25 高", "levels_wrong")],
)
def test_levels_that_mean_nothing_are_refused(editor, draft, text, code):
    before = stored(draft)
    page = editor(**{"preliminary_criteria-0-levels": text})
    assert page.status_code == 422
    assert code in codes(page)
    assert stored(draft) == before


def test_places_by_field_with_quotas_are_saved(editor, draft):
    page = editor(**{"preliminary-advance_by": "field", **quota("livelihood", 3)})
    assert page.status_code == 302
    rules = stored(draft).preliminary
    assert (rules.advance_by, [(q.key, q.places) for q in rules.quotas]) == ("field", [("livelihood", 3)])


def test_places_by_district_offer_the_citys_districts(editor, draft):
    district = DistrictFactory()
    assert (
        editor(**{"second-advance_by": "district", **quota(district.code, 2, of="second")}).status_code == 302
    )
    assert stored(draft).second.quotas[0].key == district.code
    assert editor(**quota("no_such_place", 2)).status_code == 422


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"preliminary-advance_by": "field"}, "quotas_missing"),
        (quota("livelihood", 41), "quotas_above_advance"),
        ({"final-advance_by": "share"}, "final_by_number"),
        ({"preliminary_criteria-0-points": "26"}, "criteria_not_100"),
        ({"public_vote-expert_percent": "70"}, "weights_not_100"),
    ],
)
def test_rules_that_do_not_add_up_are_refused_in_words(editor, draft, changes, code):
    before = stored(draft)
    page = editor(**changes)
    assert page.status_code == 422
    assert code in codes(page)
    assert stored(draft) == before


def test_a_share_normalisation_and_who_sees_what_are_saved(editor, draft):
    changes = {
        "preliminary-advance_by": "share",
        "preliminary-advance_percent": "30",
        "preliminary-normalisation": "z_score",
        "preliminary-calibration": "on",
        "preliminary-experts_named": "on",
    }
    assert editor(**changes).status_code == 302
    rules = stored(draft).preliminary
    assert (rules.advance_by, rules.advance_percent, rules.normalisation) == ("share", 30, "z_score")
    assert (rules.calibration, rules.experts_named, rules.chair_sees_scores) == (True, True, True)


def test_the_preview_computes_what_is_typed_and_saves_nothing(editor, draft):
    address = reverse("judging:rules_preview", args=[draft.year])
    before, events = stored(draft), Event.objects.count()
    page = editor(address, **{"preliminary-sheets_per_entry": "4", "preliminary-decimals": "1"})
    assert page.status_code == 200
    sample = page.context["samples"][0][1]
    assert [len(line.entry.sheets) for line in sample.lines] == [4, 4, 4]
    assert str(sample.lines[0].score) in page.content.decode()
    assert stored(draft) == before
    assert Event.objects.count() == events


def test_the_preview_says_what_would_be_refused(editor, draft):
    address = reverse("judging:rules_preview", args=[draft.year])
    assert editor(address).context["samples"]
    page = editor(address, **{"preliminary_criteria-0-points": "26"})
    assert page.status_code == 200
    assert "samples" not in page.context
    assert page.context["troubles"]
    refused = editor(address, **{"preliminary-advance_by": "field"})
    assert refused.context["refusal"]


def test_the_preview_of_stored_rules_is_a_page_of_its_own(as_user, clerk, draft):
    page = as_user(clerk).get(reverse("judging:rules_preview", args=[draft.year]))
    assert [sample.key for _name, sample in page.context["samples"]] == ["preliminary", "second", "final"]


def by_criteria(*points: int) -> dict[str, str]:
    """The table of the public jury's criteria, filled in."""
    rows = {"public_vote_criteria-TOTAL_FORMS": str(len(points))}
    for number, value in enumerate(points):
        rows[f"public_vote_criteria-{number}-name"] = f"看点{number}"
        rows[f"public_vote_criteria-{number}-points"] = str(value)
    return rows


def test_the_public_jury_scores_by_one_number_or_by_criteria(editor, draft):
    assert stored(draft).public_vote.criteria == ()
    assert editor(**by_criteria(60, 40)).status_code == 302
    found = stored(draft).public_vote.criteria
    assert [(criterion.name, criterion.points) for criterion in found] == [("看点0", 60), ("看点1", 40)]
    assert "大众评审按看点060分、看点140分分项评分" in str(sections(draft, stored(draft)))
    assert editor(**by_criteria()).status_code == 302
    assert stored(draft).public_vote.criteria == ()
    assert "大众评审按百分制评分" in str(sections(draft, stored(draft)))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        (by_criteria(60, 30), "criteria_not_100"),
        (by_criteria(60, 40) | {"public_vote-scale_max": "10"}, "criteria_not_the_scale"),
    ],
)
def test_criteria_of_the_jury_that_do_not_add_up_are_refused(editor, draft, changes, code):
    page = editor(**changes)
    assert page.status_code == 422
    assert code in codes(page)
    assert stored(draft).public_vote.criteria == ()
    assert editor(**by_criteria(60, 40)).status_code == 302
