"""Two versions side by side: field by field, marked within the text, harmless, masked for strangers."""

from html import escape

import pytest
from django.urls import reverse

from accounts.enums import Role
from accounts.models import District
from kit.text import mask_phone
from projects import actions
from projects.compare import marked
from projects.enums import ProjectStatus
from projects.models import Project
from tests.factories.accounts import UserFactory
from tests.factories.projects import ProjectFactory, owner_of, submit
from tests.steps import at_most, slow_to_compare

pytestmark = pytest.mark.django_db


def text_of(pieces):
    return "".join(text for _kind, text in pieces)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("走访三百户。八成希望有地方议事。", "走访五百户。八成希望有地方议事。"),
        ("", "新写的话"),
        ("旧话。", ""),
        ("一。\n二。\n三。", "一。\n三。\n四。"),
        ("全不相同的一句", "ABCDEFG"),
    ],
)
def test_pieces_make_up_both_texts_and_differ_where_marked(before, after):
    old, new = marked(before, after)
    assert (text_of(old), text_of(new)) == (before, after)
    assert text_of(p for p in old if p[0] == "same") == text_of(p for p in new if p[0] == "same")


def test_within_a_sentence_only_the_changed_letters_are_marked():
    old, new = marked("走访三百户居民。其余不变。", "走访五百户居民。其余不变。")
    assert [text for kind, text in old if kind == "out"] == ["三"]
    assert [text for kind, text in new if kind == "in"] == ["五"]


def test_sentences_with_little_in_common_are_replaced_whole():
    old, new = marked("停车与公共维修的分歧。", "老人夜间就医困难，无人陪同。")
    assert [kind for kind, _text in old] == ["out"]
    assert [kind for kind, _text in new] == ["in"]


@pytest.mark.parametrize("sign", ["a", "。"])
def test_texts_made_to_be_slow_are_shown_as_replaced(sign):
    before, after = sign * 16_000, sign * 15_999 + "b"
    assert marked(before, after) == ([("out", before)], [("in", after)])


@pytest.mark.parametrize("between", ["", "某句不变。"])
def test_texts_made_to_be_slow_take_a_bounded_number_of_steps(between):
    """One long stretch, or many short ones with unchanged sentences between."""
    before, after = (
        between.join(text[start : start + 90] + "。" for start in range(0, len(text), 90))
        for text in slow_to_compare(6_000)
    )
    with at_most(3_000_000):
        old, new = marked(before, after)
    assert (text_of(old), text_of(new)) == (before, after)


@pytest.fixture
def project():
    """Two versions: another problem with a tag in it, another phone."""
    first = ProjectFactory(status=ProjectStatus.WITHDRAWN)
    owner = owner_of(first.organisation)
    changed = actions.save_section(
        actor=owner,
        project=first,
        section="needs",
        version=first.version,
        problem="停车与公共维修的<b>新</b>分歧。",
    )
    actions.save_section(
        actor=owner, project=first, section="team", version=changed.version, lead_phone="13900000002"
    )
    return submit(first)


def test_the_applicant_compares_versions(project, client):
    client.force_login(owner_of(project.organisation))
    page = reverse("projects:project_compare", args=[project.code])
    answer = client.get(page, {"a": "1", "b": "2"})
    assert {change.place for change in answer.context["changes"]} >= {"problem", "lead_phone"}
    shown = answer.content.decode()
    assert f"<ins>{escape('<b>新</b>')}</ins>" in shown
    assert "<b>新</b>" not in shown
    backwards = client.get(page, {"a": "2", "b": "1"})
    assert f"<del>{escape('<b>新</b>')}</del>" in backwards.content.decode()
    assert client.get(page, {"a": "1", "b": "1"}).context["changes"] == []
    assert client.get(page, {"a": "1", "b": "7"}).status_code == 404
    assert client.get(page, {"a": "1", "b": "now"}).status_code == 404


def test_the_applicant_compares_with_what_stands_there_now(project, client):
    owner = owner_of(project.organisation)
    actions.withdraw_project(actor=owner, project=project)
    fresh = Project.objects.get(pk=project.pk)
    actions.save_section(
        actor=owner, project=project, section="needs", version=fresh.version, goals="再议成十件事。"
    )
    client.force_login(owner)
    answer = client.get(reverse("projects:project_compare", args=[project.code]))
    assert [change.place for change in answer.context["changes"]] == ["goals"]


def test_one_version_has_nothing_to_compare(client):
    project = ProjectFactory(status=ProjectStatus.SUBMITTED)
    client.force_login(owner_of(project.organisation))
    answer = client.get(reverse("projects:project_compare", args=[project.code]))
    assert (answer.status_code, answer.context["names"]) == (200, [])


def test_staff_compare_with_phones_masked_for_those_off_the_case(project, client):
    page = reverse("projects:intake_compare", args=[project.code])
    client.force_login(UserFactory(roles=[Role.AUDITOR]))
    shown = client.get(page).content.decode()
    assert "13900000002" not in shown
    assert mask_phone("13900000002") != "13900000002"
    assert escape("<b>新</b>") in shown


def test_a_district_officer_compares_only_the_own_district(project, client):
    other = District.objects.create(code="zz", name="另一区", order=9)
    from accounts.enums import ScopeKind

    officer = UserFactory(roles=[(Role.DISTRICT_OFFICER, ScopeKind.DISTRICT, other.pk)])
    client.force_login(officer)
    page = reverse("projects:intake_compare", args=[project.code])
    assert client.get(page).status_code == 404
    client.force_login(UserFactory(roles=[(Role.DISTRICT_OFFICER, ScopeKind.DISTRICT, project.district_id)]))
    assert client.get(page).status_code == 200
