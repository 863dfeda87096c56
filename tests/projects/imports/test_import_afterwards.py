"""What becomes of an imported entry: checked, compared, claimed, returned and handed in again."""

from __future__ import annotations

import io
from datetime import date

import pytest
from django.urls import reverse

from accounts.enums import Role
from accounts.models import User
from contest.models import Delivery
from contest.waiting import waiting_for
from kit import clock
from kit.errors import RuleBroken
from projects import actions, machine, queue
from projects.enums import Check, Outcome, ProjectStatus, Section
from projects.importing import HEADINGS
from projects.models import (
    ImportBatch,
    Organisation,
    Project,
    Recommendation,
    Similarity,
)
from projects.openings import open_places
from tests.factories.accounts import UserFactory
from tests.factories.projects import (
    FIELDS,
    PDF,
    OrganisationFactory,
    code_number,
    decide,
    submit,
)
from tests.projects.tables import a_row, errors_of, import_it, send, work

pytestmark = pytest.mark.django_db


def test_the_machines_answers_to_an_imported_entry_are_seen_and_it_may_be_clean(clerk, edition):
    import_it(clerk, send(clerk, edition, [a_row()]))
    project = Project.objects.get()
    Organisation.objects.update(status="verified", verified_at=clock.now(), verified_by=clerk)
    Recommendation.objects.create(
        project=project, edition=edition, district=project.district, stance="recommend", rank=1
    )

    assert Check.NOT_BARRED in {check.rule for check in machine.last_checks(project)}
    assert list(queue.clean(edition, clerk)) == [project]


def test_what_was_collected_on_paper_is_compared_with_the_others(clerk, edition):
    rows = [a_row(1), a_row(2, title="线下申报的议事厅之1")]
    import_it(clerk, send(clerk, edition, rows))

    assert Similarity.objects.count() == 2


def test_an_entry_of_the_past_is_compared_with_nothing_of_its_own(clerk, past):
    import_it(clerk, send(clerk, past, [a_row(1), a_row(2, title="线下申报的议事厅之1")]))

    assert not Similarity.objects.exists()
    assert not Delivery.objects.filter(event__verb="project.imported").exists()


def test_a_claimed_entry_that_was_returned_can_be_handed_in_again(clerk, edition, client):
    """What the paper table never asked for is open, though nobody found fault with it."""
    import_it(clerk, send(clerk, edition, [a_row()]))
    project = Project.objects.get()
    owner = claimed(project.organisation)
    returned = decide(project, clerk, Outcome.CORRECT, items=[("problem", "请写明户数")])
    assert {"governances", "goals", "milestones", "attachment:commitment"} <= open_places(returned)
    assert not {"title", "summary", "places"} & open_places(returned)
    with pytest.raises(RuleBroken) as refused:
        save(owner, returned, Section.DESCRIPTION, summary="顺手改一下")
    assert refused.value.code == "place_closed"

    fill_in_what_is_open(owner, returned)
    client.force_login(owner, backend="accounts.backends.PasswordBackend")
    tasks = client.get(reverse("projects:project_tasks", args=[project.code]))
    assert (tasks.context["gaps"], tasks.context["hindrances"]) == ([], [])
    # A place stays open once it is filled in: a second thought is no offence.
    save(owner, returned, Section.NEEDS, goals="一年议成三十件事。")
    again = submit(Project.objects.for_list().get(pk=project.pk))

    assert (again.status, again.current_submission.version) == (ProjectStatus.SUBMITTED, 2)
    second = decide(again, clerk, Outcome.CORRECT, items=[("goals", "目标过高")])
    assert open_places(second) == {"goals", "attachment:stamped"}


def claimed(body: Organisation) -> User:
    """Its people have come: an owner is let in, and the body's file is filled in."""
    person = UserFactory()
    asked = actions.ask_to_join(actor=person, code=body.code, note="我是该中心主任")
    actions.appoint_owner(actor=UserFactory(roles=[Role.APPROVER]), asked=asked, reason="已电话核实")
    Organisation.objects.filter(pk=body.pk).update(
        registered_by=person,
        registry="示范市民政局",
        registered_on=date(2015, 6, 1),
        legal_representative="某法人",
        contact_name="某联系人",
        contact_phone="07520000001",
        contact_email="contact@example.org",
    )
    return User.objects.get(pk=person.pk)


def save(owner: User, project: Project, section: Section, **fields) -> Project:
    current = Project.objects.for_list().get(pk=project.pk)
    return actions.save_section(
        actor=owner, project=current, section=section, version=current.version, **fields
    )


def fill_in_what_is_open(owner: User, project: Project) -> None:
    places = open_places(project)
    for section, fields in FIELDS.items():
        tables = {name: rows for name, rows in fields.get("tables", {}).items() if name in places}
        plain = {name: value for name, value in fields.items() if name in places}
        save(owner, project, section, tables=tables, **plain)
    for kind in ("commitment", "certificate"):
        actions.add_attachment(
            actor=owner, project=project, kind=kind, stream=io.BytesIO(PDF), name=f"{kind}.pdf"
        )


def test_what_came_on_paper_is_not_withdrawn_by_whoever_owns_the_body_now(clerk, edition):
    import_it(clerk, send(clerk, edition, [a_row()]))
    project = Project.objects.get()

    with pytest.raises(RuleBroken) as refused:
        actions.withdraw_project(actor=claimed(project.organisation), project=project)

    assert refused.value.code == "not_of_the_portal"


def test_an_entry_goes_to_nobody_who_has_merely_registered_the_code(clerk, edition, past, district):
    """Until staff have compared the body with its certificate, in an edition of today and of the past."""
    body = OrganisationFactory(code=code_number(70_001), district=district)
    for year in (edition, past):
        batch = send(clerk, year, [a_row(1), a_row(2)])
        assert list(errors_of(batch)) == [2]
        assert HEADINGS["code"] in errors_of(batch)[2]
    Organisation.objects.filter(pk=body.pk).update(
        status="verified", verified_at=clock.now(), verified_by=clerk
    )
    batch = ImportBatch.objects.get(edition=edition)
    actions.check_import(actor=clerk, batch=batch)
    work()
    batch.refresh_from_db()
    assert batch.error_count == 0
    import_it(clerk, batch)
    assert Project.objects.filter(organisation=body).count() == 1


# Nobody's body


def test_whose_body_came_by_a_table_is_answered_by_the_office(clerk, edition):
    """Nobody inside could let anybody in: the approver does, and the first one in owns it."""
    import_it(clerk, send(clerk, edition, [a_row()]))
    body, approver = Organisation.objects.get(), UserFactory(roles=[Role.APPROVER])
    person = UserFactory()
    asked = actions.ask_to_join(actor=person, code=body.code, note="我是该中心主任")
    assert [line.count for line in waiting_for(approver) if line.url == body_page(body)] == [1]

    actions.appoint_owner(actor=approver, asked=asked, reason="已电话核实")

    assert list(body.people([Role.APPLICANT_OWNER])) == [person]
    assert Project.objects.of_organisations(User.objects.get(pk=person.pk)).count() == 1
    assert not [line for line in waiting_for(approver) if line.url == body_page(body)]


def body_page(body: Organisation) -> str:
    return reverse("projects:organisation_detail", args=[body.pk])
