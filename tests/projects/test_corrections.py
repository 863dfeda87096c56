"""Returned for correction (补正): point by point, only those places open, the answer beside the question."""

from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.enums import Role
from contest.models import Event
from contest.workdays import end_of
from kit import clock
from kit.errors import RuleBroken
from projects import actions, looks
from projects.compare import answers_in, changes, last_answer
from projects.corrections import is_place, label_of, place_choices, section_of
from projects.enums import Outcome, ProjectStatus, Section
from projects.models import Bar, CorrectionItem, IntakeDecision, Partner, Project
from projects.openings import open_places
from projects.sections import SECTION_OF
from tests.factories.accounts import UserFactory
from tests.factories.projects import OrganisationFactory, ProjectFactory, decide, owner_of, submit

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
    assert all(is_place(place) and str(label_of(place)) for place in places)
    assert [place for place in places if section_of(place) is None] == ["organisation"]


def test_the_file_of_the_organisation_can_be_found_wrong(clerk, client):
    project = ProjectFactory(status=ProjectStatus.SUBMITTED)
    items = [("organisation", "联系人已离职"), ("goals", "目标无数量")]
    returned = decide(project, clerk, Outcome.CORRECT, items=items)
    owner = owner_of(returned.organisation)
    client.force_login(owner)
    tasks = reverse("projects:project_tasks", args=[returned.code])
    before = client.get(tasks)
    file = reverse("projects:organisation_file", args=[returned.organisation_id])
    assert f'href="{file}"' in before.content.decode()
    assert (before.context["steps"][0]["url"], before.context["steps"][0]["state"]) == (file, "correct")
    assert [point["is_touched"] for point in before.context["points"]] == [False, False]
    body = returned.organisation
    actions.update_organisation(actor=owner, organisation=body, version=body.version, contact_name="新联系人")
    after = client.get(tasks)
    assert after.context["steps"][0]["state"] == "corrected"
    assert [point["is_touched"] for point in after.context["points"]] == [True, False]
    first, second = submit(returned).submissions.order_by("version")
    answers = {
        answer.item.place: answer.changes
        for answer in answers_in(first, second, changes(first.content, second.content))
    }
    assert "新联系人" in "".join(text for _kind, text in answers["organisation"][0].after)


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


def test_a_failure_in_a_closed_place_opens_that_place(returned):
    """A partner barred since, when nobody found fault with the partners."""
    owner, barred = owner_of(returned.organisation), OrganisationFactory()
    Partner.objects.create(project=returned, position=1, name=barred.name, code=barred.code)
    assert "partners" not in open_places(returned)
    Bar.objects.create(
        organisation_code=barred.code,
        cause="整改仍不合格",
        starts_on=clock.today(),
        ends_on=clock.today() + timedelta(days=900),
    )
    assert "partners" in open_places(returned)
    steps = {step["label"]: step for step in looks.steps(returned, [])}
    assert steps[Section.PARTNERS.label]["url"]
    assert not steps[Section.TEAM.label]["url"]

    saved = actions.save_section(
        actor=owner,
        project=returned,
        section=Section.PARTNERS,
        version=returned.version,
        tables={"partners": []},
    )

    assert "partners" in open_places(saved)
    assert submit(saved).status == ProjectStatus.SUBMITTED


def test_a_corrected_version_taken_back_stands_returned_as_before(returned, clerk, client):
    owner = owner_of(returned.organisation)
    due_on = actions.extend_correction(
        actor=clerk, project=returned, working_days=3, reason="台风"
    ).correction_due_on
    actions.save_section(
        actor=owner, project=returned, section="needs", version=returned.version, problem="停车位少三成。"
    )
    second = submit(returned)
    client.force_login(owner)
    address = reverse("projects:project_withdraw", args=[second.code])
    assert client.get(address).context["is_corrected"]
    assert client.post(address).status_code == 302

    back = Project.objects.for_list().get(pk=second.pk)
    assert (back.status, back.correction_due_on) == (ProjectStatus.CORRECTING, due_on)
    assert open_places(back) == open_places(returned)
    with pytest.raises(RuleBroken) as refused:
        actions.save_section(
            actor=owner, project=back, section="needs", version=back.version, goals="顺手改一下"
        )
    assert refused.value.code == "place_closed"
    saved = actions.save_section(
        actor=owner, project=back, section="needs", version=back.version, problem="停车位少四成。"
    )
    third = submit(saved)
    answer = last_answer(list(third.submissions.order_by("-version")), with_contacts=True)
    assert [len(point.changes) for point in answer.points] == [1, 0, 0]
    assert decide(third, clerk).status == ProjectStatus.ACCEPTED


def test_a_corrected_version_is_not_taken_back_once_it_was_due(returned, clerk):
    owner, second = owner_of(returned.organisation), submit(returned)
    actions.extend_deadline(
        actor=clerk,
        edition=second.edition,
        organisation=second.organisation,
        until=end_of(returned.correction_due_on) + timedelta(days=9),
        reason="台风",
    )
    with clock.frozen(end_of(returned.correction_due_on)), pytest.raises(RuleBroken) as refused:
        actions.withdraw_project(actor=owner, project=second)
    assert refused.value.code == "correction_over"
