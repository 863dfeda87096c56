"""Returned for correction (补正): point by point, only those places open, the answer beside the question."""

import pytest
from django.urls import reverse

from accounts.enums import Role
from contest.models import Event
from kit.errors import RuleBroken
from projects import actions
from projects.compare import answers_in, changes
from projects.corrections import is_place, label_of, open_places, place_choices, section_of
from projects.enums import Outcome, ProjectStatus
from projects.models import CorrectionItem, IntakeDecision, Project
from projects.sections import SECTION_OF
from tests.factories.accounts import UserFactory
from tests.factories.projects import ProjectFactory, decide, owner_of, submit

pytestmark = pytest.mark.django_db

ITEMS = [
    ("problem", "问题写得太笼统"),
    ("budget_lines", "缺少测算依据"),
    ("attachment:commitment", "未盖公章"),
]


@pytest.fixture
def clerk():
    return UserFactory(roles=[Role.CLERK])


@pytest.fixture
def returned(clerk):
    return decide(ProjectFactory(status=ProjectStatus.SUBMITTED), clerk, Outcome.CORRECT, items=ITEMS)


def give_back(clerk, project, **changes):
    decision = {"outcome": Outcome.CORRECT, "reason": "请补正", "items": ITEMS}
    return actions.decide_intake(actor=clerk, project=project, **(decision | changes))


def test_a_return_keeps_its_points_in_order(returned):
    items = returned.current_submission.decisions.get().items
    assert [(item.place, item.note) for item in items.all()] == ITEMS
    assert Event.objects.get(verb="intake.decided").after["places"] == [place for place, _note in ITEMS]


def test_the_letter_names_the_points_by_their_labels(returned):
    paragraphs = returned.current_submission.decisions.get().letter.content["paragraphs"]
    text = "\n".join(paragraph["text"] for paragraph in paragraphs)
    assert "（2）拟解决的突出问题：问题写得太笼统" in text
    assert "：缺少测算依据" in text
    assert "problem" not in text


@pytest.mark.parametrize(
    ("items", "code"),
    [
        ([], "items_missing"),
        ([("status", "x")], "place_unknown"),
        ([("attachment:poem", "x")], "place_unknown"),
        ([("problem", "  ")], "note_missing"),
        ([("problem", "长" * 501)], "note_too_long"),
        ([("problem", "a"), ("problem", "b")], "place_twice"),
    ],
)
def test_a_return_refuses_points_that_say_nothing(clerk, items, code):
    project = ProjectFactory(status=ProjectStatus.SUBMITTED)
    with pytest.raises(RuleBroken) as refused:
        give_back(clerk, project, items=items)
    assert (refused.value.code, refused.value.field) == (code, "items")
    assert not IntakeDecision.objects.exists()
    assert give_back(clerk, project).items.count() == 3


def test_reasons_of_the_list_are_written_out_before_the_free_text(clerk):
    project = ProjectFactory(status=ProjectStatus.SUBMITTED)
    with pytest.raises(RuleBroken) as refused:
        give_back(clerk, project, reasons=["because"])
    assert (refused.value.code, refused.value.field) == ("key_unknown", "reasons")
    decision = give_back(clerk, project, reasons=["materials_missing", "illegible"], reason="见各条。")
    assert decision.reasons == ["materials_missing", "illegible"]
    assert decision.reason == "申报材料不齐全；扫描件不清晰，无法辨认。\n见各条。"


def test_a_refusal_keeps_no_points(clerk):
    project = ProjectFactory(status=ProjectStatus.SUBMITTED)
    give_back(clerk, project, outcome=Outcome.REFUSE)
    assert not CorrectionItem.objects.exists()


def test_only_the_places_found_wrong_are_open(returned):
    owner = owner_of(returned.organisation)
    assert open_places(returned) == {place for place, _note in ITEMS} | {"attachment:stamped"}
    saved = actions.save_section(
        actor=owner, project=returned, section="needs", version=returned.version, problem="停车位少三成。"
    )
    with pytest.raises(RuleBroken) as refused:
        actions.save_section(
            actor=owner, project=returned, section="needs", version=saved.version, goals="顺手改一下"
        )
    assert refused.value.code == "place_closed"


def test_every_place_has_a_label_and_a_section():
    places = [place for _title, choices in place_choices() for place, _label in choices]
    assert set(SECTION_OF) < set(places)
    assert all(is_place(place) and str(label_of(place)) and section_of(place) for place in places)


def test_the_answer_stands_beside_the_question(returned, clerk, client):
    owner = owner_of(returned.organisation)
    actions.save_section(
        actor=owner, project=returned, section="needs", version=returned.version, problem="停车位少三成。"
    )
    again = submit(returned)
    first, second = again.submissions.order_by("version")
    found = changes(first.content, second.content)
    answers = {answer.item.place: answer.changes for answer in answers_in(first, second, found)}
    assert list(answers) == [place for place, _note in ITEMS]
    assert "".join(text for _kind, text in answers["problem"][0].after) == "停车位少三成。"
    assert answers["budget_lines"] == []
    client.force_login(clerk)
    detail = client.get(reverse("projects:intake_detail", args=[again.code]))
    assert [point.item.note for point in detail.context["answer"].points] == [note for _place, note in ITEMS]
    page = client.get(reverse("projects:intake_compare", args=[again.code])).content.decode()
    assert "问题写得太笼统" in page
    assert second.sign_off.print_out.number == 2


def test_the_applicant_sees_points_with_links_to_their_fields(returned, client):
    client.force_login(owner_of(returned.organisation))
    page = client.get(reverse("projects:project_tasks", args=[returned.code])).content.decode()
    for _place, note in ITEMS:
        assert note in page
    for section, anchor in (
        ("needs", "#div_id_problem"),
        ("budget", "#table-budget_lines"),
        ("attachments", "#kind-commitment"),
    ):
        address = reverse("projects:project_section", args=[returned.code, section])
        assert f'href="{address}{anchor}"' in page


def test_a_second_return_is_answered_on_its_own(returned, clerk):
    second = decide(submit(returned), clerk, Outcome.CORRECT, items=[("goals", "目标无数量")])
    assert open_places(second) == {"goals", "attachment:stamped"}
    assert Project.objects.get(pk=second.pk).correction_due_on is not None
