"""Applications that read alike are found, compared and cleared."""

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from accounts.actors import SYSTEM
from accounts.enums import Role, ScopeKind
from contest.deliveries import run_delivery
from contest.models import REHEARSALS_AFTER, Delivery, Edition, Event
from projects import actions, alike
from projects.enums import ProjectStatus
from projects.models import Project, Similarity
from tests.factories.accounts import UserFactory, give_role
from tests.factories.contest import EditionFactory
from tests.factories.judging import refused
from tests.factories.projects import ProjectFactory, owner_of
from tests.steps import at_most, slow_to_compare

BACKEND = "accounts.backends.PasswordBackend"
pytestmark = pytest.mark.django_db

TITLE = "反诈守门员：物业与企业接力宣传"
SUMMARY = "由物业管家、企业安全员和社区民警组成宣传小队，每月入户一次，对独居老人逐户讲解常见骗局。"
OTHER_TITLE = "竹山护林网格巡山防火解纷三合一"
OTHER_SUMMARY = "护林员兼任调解员，巡山路上登记林地纠纷，当天报村委会，七日内上门调处。"


def handed_in(title, summary, **fields):
    project = ProjectFactory(title=title, status=ProjectStatus.SUBMITTED, **fields)
    Project.objects.filter(pk=project.pk).update(summary=summary)
    project.refresh_from_db()
    return project


def find(project):
    return actions.find_similar(actor=SYSTEM, project=project)


def test_alike_titles_and_alike_summaries_of_any_edition_are_found():
    old = handed_in("反诈守门员：物业与企业接力宣传计划", OTHER_SUMMARY)
    renamed = handed_in("银龄安心行动", SUMMARY + "另设热线一部。")
    handed_in(OTHER_TITLE, OTHER_SUMMARY + "并建台账。")
    project = handed_in(TITLE, SUMMARY)
    found = {row.other: row for row in find(project)}
    assert set(found) == {old, renamed}
    assert found[old].title_percent >= 60 > found[old].summary_percent
    assert found[renamed].summary_percent >= 60 > found[renamed].title_percent


def test_drafts_rehearsals_and_itself_are_not_compared():
    ProjectFactory(title=TITLE)
    rehearsal = handed_in(TITLE, SUMMARY)
    Edition.objects.filter(pk=rehearsal.edition_id).update(is_rehearsal=True, year=REHEARSALS_AFTER + 1)
    assert find(handed_in(TITLE, SUMMARY)) == []


def test_the_rulebook_says_from_which_likeness_on():
    strict = EditionFactory(rules={"similar_from_percent": 95})
    handed_in(TITLE + "第二期行动", OTHER_SUMMARY)
    assert find(handed_in(TITLE, SUMMARY, edition=strict)) == []
    loose = EditionFactory(rules={"similar_from_percent": 40})
    assert find(handed_in(TITLE, SUMMARY, edition=loose))


def test_at_most_ten_are_kept_and_the_closest_first():
    edition = EditionFactory()
    for number in range(12):
        handed_in(f"{TITLE}（{number}号点位，示范街道第{number}社区）", OTHER_SUMMARY, edition=edition)
    exact = handed_in(TITLE, OTHER_SUMMARY, edition=edition)
    rows = find(handed_in(TITLE, SUMMARY, edition=edition))
    assert len(rows) == 10
    assert rows[0].other == exact


def test_submission_looks_for_similar_ones_once():
    other = handed_in("楼栋议事厅与邻里公约", "别处的做法")
    project = ProjectFactory(title="楼栋议事厅与邻里公约", status=ProjectStatus.SUBMITTED)
    handler = "projects.handlers.look_for_similar"
    delivery = Delivery.objects.get(handler=handler, event__object_id=str(project.pk))
    assert run_delivery(delivery.pk)
    assert Similarity.objects.get(project=project).other == other
    find(project)
    assert Similarity.objects.count() == 1
    assert Event.objects.filter(verb="similarity.found").count() == 1


def test_what_was_cleared_stays_cleared_until_it_is_more_alike():
    other = handed_in(TITLE + "（试点）", OTHER_SUMMARY)
    project = handed_in(TITLE, SUMMARY)
    (row,) = find(project)
    clerk = UserFactory(roles=[Role.CLERK])
    cleared = actions.clear_similarity(actor=clerk, similarity=row, note="服务对象不同")
    assert cleared.cleared_by == clerk
    (row,) = find(project)
    assert row.cleared_at
    Project.objects.filter(pk=other.pk).update(title=TITLE)
    (row,) = find(project)
    assert (row.cleared_at, row.clear_note) == (None, "")
    Project.objects.filter(pk=other.pk).update(title=OTHER_TITLE)
    assert find(project) == []
    assert not Similarity.objects.exists()


def test_clearing_needs_a_note_and_a_clerk():
    handed_in(TITLE, OTHER_SUMMARY)
    project = handed_in(TITLE, SUMMARY)
    (row,) = find(project)
    clerk = UserFactory(roles=[Role.CLERK])
    with refused("note_missing"):
        actions.clear_similarity(actor=clerk, similarity=row, note=" ")
    assert actions.clear_similarity(actor=clerk, similarity=row, note="不同").cleared_at


def test_nobody_clears_a_likeness_to_the_own_bodys_application():
    own = handed_in(TITLE, OTHER_SUMMARY)
    (row,) = find(handed_in(TITLE, SUMMARY))
    member = owner_of(own.organisation)
    give_role(member, Role.CLERK)
    with pytest.raises(PermissionDenied):
        actions.clear_similarity(actor=member, similarity=row, note="不同")
    row.refresh_from_db()
    assert row.cleared_at is None


def test_texts_made_to_be_slow_are_compared_in_a_few_steps_a_sign():
    first, second = slow_to_compare(8_000)
    with at_most(10 * len(first + second)):
        assert alike.in_common(first, second) == ([(first, False)], [(second, False)])
    first, second = "a" * 16_000, "a" * 15_999 + "b"
    with at_most(10 * len(first + second)):
        assert alike.in_common(first, second) == ([(first, True)], [("a" * 15_999, True), ("b", False)])


def test_what_both_have_is_marked_wherever_it_stands():
    left, right = alike.in_common("甲乙丙丁戊己，子丑寅卯辰巳", "子丑寅卯辰午；甲乙丙丁戊庚")
    assert [text for text, common in left if common] == ["甲乙丙丁戊", "子丑寅卯辰"]
    assert [text for text, common in right if common] == ["子丑寅卯辰", "甲乙丙丁戊"]


def test_common_parts_are_marked_and_nothing_is_lost():
    first, second = "由物业管家组成宣传小队，每月入户。", "本项目由物业管家组成巡查小队，按周入户。"
    left, right = alike.in_common(first, second)
    assert "".join(text for text, _common in left) == first
    assert "".join(text for text, _common in right) == second
    assert [text for text, common in left if common] == ["由物业管家组成"]
    assert alike.in_common("", "有") == ([], [("有", False)])


def test_the_two_are_compared_side_by_side(client):
    other = ProjectFactory(title="楼栋议事厅甲", status=ProjectStatus.SUBMITTED)
    project = ProjectFactory(title="楼栋议事厅乙", edition=other.edition, status=ProjectStatus.SUBMITTED)
    find(project)
    page = reverse("projects:intake_similar", args=[project.code, other.code])
    client.force_login(UserFactory(roles=[Role.CLERK]), backend=BACKEND)
    for address in (page, reverse("projects:intake_similar", args=[other.code, project.code])):
        assert "<mark>楼栋议事厅</mark>" in client.get(address).content.decode()
    detail = client.get(reverse("projects:intake_detail", args=[project.code]))
    assert [row["other"] for row in detail.context["similar"]] == [other]
    assert client.post(page + "clear/", {"note": ""}).status_code == 422
    assert client.post(page + "clear/", {"note": "服务对象不同"}).status_code == 302
    assert Similarity.objects.get().clear_note == "服务对象不同"
    unrelated = ProjectFactory(title=OTHER_TITLE, status=ProjectStatus.SUBMITTED)
    missing = reverse("projects:intake_similar", args=[project.code, unrelated.code])
    assert client.get(missing).status_code == 404


def test_a_district_officer_reads_no_other_districts_text(client):
    other = ProjectFactory(title="楼栋议事厅甲", status=ProjectStatus.SUBMITTED)
    project = ProjectFactory(title="楼栋议事厅甲", edition=other.edition, status=ProjectStatus.SUBMITTED)
    assert find(project)
    officer = UserFactory(roles=[(Role.DISTRICT_OFFICER, ScopeKind.DISTRICT, project.district_id)])
    client.force_login(officer, backend=BACKEND)
    page = reverse("projects:intake_similar", args=[project.code, other.code])
    assert client.get(page).status_code == 404
    detail = client.get(reverse("projects:intake_detail", args=[project.code]))
    assert detail.status_code == 200
    assert detail.context["similar"] == []
