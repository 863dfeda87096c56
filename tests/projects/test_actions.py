"""Applications from registration to the decision of the formal check, through the actions."""

import uuid
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, ProgrammingError, transaction

from accounts.enums import Role, ScopeKind
from contest.enums import Period, Stage
from contest.models import Document, Event
from contest.workdays import add_working_days, end_of
from kit import clock
from kit.errors import RuleBroken
from kit.hashing import fingerprint
from projects import actions
from projects.content import without_identity
from projects.eligibility import QUESTIONS
from projects.enums import AttachmentKind, Outcome, ProjectStatus
from projects.models import Attachment, BudgetLine, EligibilityCheck, Organisation, Project, Submission
from tests.factories.accounts import DistrictFactory, UserFactory, give_role
from tests.factories.contest import EditionFactory
from tests.factories.projects import (
    PDF,
    OrganisationFactory,
    ProjectFactory,
    code_number,
    complete,
    decide,
    line,
    owner_of,
    stamp,
    submit,
)

pytestmark = pytest.mark.django_db


def events(verb):
    return Event.objects.filter(verb=verb)


# Organisations


def register(**changes):
    arguments = {
        "actor": UserFactory(),
        "code": "52441300DEM000014U",
        "name": "示范市晴禾社会工作服务中心",
        "kind": "private_nonprofit",
        "district": DistrictFactory(),
        "registered_on": date(2015, 6, 1),
    }
    return actions.register_organisation(**(arguments | changes))


def test_register_makes_the_person_owner():
    person = UserFactory()
    organisation = register(actor=person)
    person.forget_grants()
    assert person.scope_ids(ScopeKind.ORGANISATION, [Role.APPLICANT_OWNER]) == {organisation.pk}
    assert events("organisation.registered").count() == 1


@pytest.mark.parametrize("code", [" 52441300dem000014u ", "５２441300ＤＥＭ000014ｕ", "52441300 DEM000014U"])
def test_register_knows_the_code_however_it_was_typed(code):
    assert register(code=code).code == "52441300DEM000014U"


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("", "code_empty"),
        ("52441300DEM000014", "code_length"),
        ("52441300DEM0000140", "code_check_character"),
        ("5244130ODEM000014U", "code_characters"),
        ("91441302DEM000081M", "code_kind"),
    ],
)
def test_register_refuses_a_wrong_code_beside_its_field(code, expected):
    with pytest.raises(RuleBroken) as refused:
        register(code=code)
    assert (refused.value.code, refused.value.field) == (expected, "code")
    assert not Organisation.objects.exists()


def test_register_refuses_a_claimed_code():
    register()
    with pytest.raises(RuleBroken) as refused:
        register(code="52441300dem000014u", name="另一个名字")
    assert (refused.value.code, refused.value.field) == ("code_claimed", "code")


def test_what_else_the_database_refuses_is_not_told_as_a_claimed_code(monkeypatch):
    assert register().pk
    monkeypatch.setattr("projects.actions.organisations._checked_code", lambda code, kind: code)
    with pytest.raises(IntegrityError, match="organisation_code_shape"):
        register(code="52441300dem000014u")


def test_register_is_not_for_those_who_decide_or_judge():
    for role in (Role.CLERK, Role.AUDITOR, Role.EXPERT):
        with pytest.raises(PermissionDenied):
            register(actor=UserFactory(roles=[role]))


def test_update_refuses_a_stale_version_and_needs_new_verification():
    organisation = OrganisationFactory()
    clerk = UserFactory(roles=[Role.CLERK])
    actions.verify_organisation(actor=clerk, organisation=organisation)
    owner = owner_of(organisation)
    save = {"actor": owner, "organisation": organisation, "version": 1}
    updated = actions.update_organisation(**save, legal_representative="另一法人")
    assert (updated.version, updated.is_verified) == (2, False)
    with pytest.raises(RuleBroken) as refused:
        actions.update_organisation(**save, legal_representative="第三法人")
    assert refused.value.code == "stale"


# Filling in


def test_start_gives_codes_in_order_from_a_counter_per_edition():
    edition = EditionFactory()
    codes = [ProjectFactory(edition=edition, complete=False).code for _ in range(3)]
    assert codes == [f"{edition.year}-000{n}" for n in (1, 2, 3)]


def test_start_is_refused_outside_the_application_stage():
    organisation = OrganisationFactory()
    arguments = {"actor": owner_of(organisation), "organisation": organisation, "title": "项目"}
    assert actions.start_project(edition=EditionFactory(), **arguments).status == ProjectStatus.DRAFT
    with pytest.raises(RuleBroken) as refused:
        actions.start_project(edition=EditionFactory(stage=Stage.SECOND), **arguments)
    assert refused.value.code == "applications_closed"


def test_save_section_of_anothers_project_is_forbidden():
    project, stranger = ProjectFactory(complete=False), owner_of(OrganisationFactory())
    with pytest.raises(PermissionDenied):
        actions.save_section(actor=stranger, project=project, section="basic", version=1, title="夺取")


def test_save_section_conflicts_only_within_the_section():
    project = ProjectFactory(complete=False)
    owner, opened_at = owner_of(project.organisation), project.version
    save = {"actor": owner, "project": project, "version": opened_at}
    actions.save_section(section="needs", problem="一", **save)
    actions.save_section(section="description", background="二", **save)
    with pytest.raises(RuleBroken) as refused:
        actions.save_section(section="needs", problem="三", **save)
    assert refused.value.code == "stale"
    project.refresh_from_db()
    assert (project.problem, project.background) == ("一", "二")


@pytest.mark.parametrize(
    ("section", "fields", "code", "field"),
    [
        ("basic", {"field": "nonsense"}, "key_unknown", "field"),
        ("beneficiaries", {"group_counts": {"martians": 2}}, "key_unknown", "group_counts"),
        ("beneficiaries", {"group_counts": {"residents": -2}}, "count", "group_counts"),
        ("basic", {"title": ""}, "blank", "title"),
        ("beneficiaries", {"direct_beneficiaries": 0}, "min_value", "direct_beneficiaries"),
        ("description", {"summary": "字" * 501}, "max_chars", "summary"),
        ("team", {"lead_phone": "not a phone"}, "invalid", "lead_phone"),
    ],
)
def test_save_section_refuses_beside_the_field(section, fields, code, field):
    project = ProjectFactory(complete=False)
    save = {"actor": owner_of(project.organisation), "project": project, "version": project.version}
    actions.save_section(section="description", summary="字" * 500, **save)
    with pytest.raises(RuleBroken) as refused:
        actions.save_section(section=section, **(save | {"version": 99}), **fields)
    assert (refused.value.code, refused.value.field) == (code, field)


def test_save_section_drops_nul_and_reordering_marks():
    project = ProjectFactory(complete=False)
    saved = actions.save_section(
        actor=owner_of(project.organisation),
        project=project,
        section="needs",
        version=project.version,
        problem="停\x00车\u202e难",
    )
    assert saved.problem == "停车难"


def set_budget(project, *lines, version=None):
    """Replace the budget of an application."""
    return actions.save_section(
        actor=owner_of(project.organisation),
        project=project,
        section="budget",
        version=version or project.version,
        tables={"budget_lines": list(lines)},
    )


def test_set_budget_computes_amounts_half_up():
    project = ProjectFactory(complete=False)
    priced = line(0, unit_price_fen=333, quantity=Decimal("0.5"), fiscal_fen=167)
    set_budget(project, priced)
    assert project.budget_lines.get().amount_fen == 167


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"social_fen": 1}, "budget_sum", "fiscal_fen"),
        ({"fiscal_fen": -100, "social_fen": 100_100}, "amount", "fiscal_fen"),
        ({"heading": "castles"}, "key_unknown", "heading"),
        ({"quantity": 0}, "quantity", "quantity"),
        ({"unit_price_fen": 10**15}, "amount", "unit_price_fen"),
        ({"item": ""}, "blank", "item"),
    ],
)
def test_set_budget_refuses_a_bad_line_and_names_it(changes, code, field):
    project = ProjectFactory(complete=False)
    set_budget(project, line(1000))
    with pytest.raises(RuleBroken) as refused:
        set_budget(project, line(500), line(1000, **changes), version=99)
    assert refused.value.code == code
    assert (refused.value.params["line"], refused.value.params["row_field"]) == (2, field)
    assert project.budget_lines.count() == 1


def test_attachment_is_kept_and_taken_out():
    project = ProjectFactory(complete=False)
    owner = owner_of(project.organisation)
    attachment = actions.add_attachment(
        actor=owner, project=project, kind=AttachmentKind.OTHER, stream=BytesIO(PDF), name="说明.pdf"
    )
    assert attachment.file.mime == "application/pdf"
    actions.remove_attachment(actor=owner, attachment=attachment)
    assert not Attachment.objects.current().exists()


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"<script>alert(1)</script>", "a.pdf", "upload_unknown"),
        (PDF, "a.png", "upload_mismatch"),
        (PDF + b"PK\x03\x04 hidden", "a.pdf", "upload_disguised"),
        (b"", "a.pdf", "upload_empty"),
        (PDF + b"\n" * (20 * 1024 * 1024), "a.pdf", "upload_too_large"),
    ],
)
def test_attachment_that_is_not_what_it_says_is_refused(content, name, code):
    project = ProjectFactory(complete=False)
    with pytest.raises(RuleBroken) as refused:
        actions.add_attachment(
            actor=owner_of(project.organisation),
            project=project,
            kind=AttachmentKind.OTHER,
            stream=BytesIO(content),
            name=name,
        )
    assert (refused.value.code, refused.value.field) == (code, "file")
    assert not Attachment.objects.exists()


# Handing in


def test_submit_freezes_content_with_its_fingerprint_and_papers():
    project = ProjectFactory(status=ProjectStatus.SUBMITTED)
    submission = project.current_submission
    assert submission.sha256 == fingerprint(submission.content)
    assert submission.content["budget"]["fiscal_fen"] == 6_000_000
    assert submission.content["application"]["summary"] == project.summary
    papers = Document.objects.filter(object_type="projects.project", object_id=str(project.pk))
    assert set(papers.values_list("kind", flat=True)) == {
        "application",
        "receipt",
    }
    assert not EligibilityCheck.objects.filter(passed=False).exists()
    assert EligibilityCheck.objects.filter(occasion="submit").count() == len(QUESTIONS)
    assert events("project.submitted").count() == 1


def test_submit_twice_with_one_key_is_one_submission():
    project, key = ProjectFactory(), uuid.uuid4()
    stamp(project)
    submit_it = {"actor": owner_of(project.organisation), "project": project, "request_key": key}
    first = actions.submit_project(**submit_it)
    assert actions.submit_project(**submit_it) == first
    assert Submission.objects.count() == 1
    assert events("project.submitted").count() == 1
    with pytest.raises(RuleBroken) as refused:
        actions.submit_project(**(submit_it | {"request_key": uuid.uuid4()}))
    assert refused.value.code == "already_submitted"


def test_submit_to_the_second():
    project = ProjectFactory()
    stamp(project)
    deadline = project.edition.application_deadline
    submit_it = {"actor": owner_of(project.organisation), "project": project}
    with clock.frozen(deadline), pytest.raises(RuleBroken) as refused:
        actions.submit_project(request_key=uuid.uuid4(), **submit_it)
    assert refused.value.code == "deadline_passed"
    project.refresh_from_db()
    assert (project.status, project.summary) == (ProjectStatus.DRAFT, "按楼栋设议事厅，把分歧谈成约定。")
    assert EligibilityCheck.objects.filter(passed=False, rule="deadline_passed").count() == 1
    with clock.frozen(deadline - timedelta(seconds=1)):
        actions.submit_project(request_key=uuid.uuid4(), **submit_it)
    project.refresh_from_db()
    assert project.status == ProjectStatus.SUBMITTED


def test_text_typed_after_the_deadline_is_kept_as_draft():
    project = ProjectFactory()
    with clock.frozen(project.edition.application_deadline + timedelta(seconds=1)):
        saved = actions.save_section(
            actor=owner_of(project.organisation),
            project=project,
            section="needs",
            version=project.version,
            problem="最后一刻写下的话",
        )
    assert saved.problem == "最后一刻写下的话"


def test_submit_names_what_is_missing():
    project = ProjectFactory(complete=False)
    with pytest.raises(RuleBroken) as refused:
        actions.submit_project(
            actor=owner_of(project.organisation), project=project, request_key=uuid.uuid4()
        )
    assert refused.value.code == "incomplete"
    assert events("project.submission_refused").count() == 1


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ([line(0, 100)], "budget_sum"),
        ([line(200_001)], "fiscal_ceiling"),
        ([line(40_000, 60_000)], "fiscal_share"),
        ([line(89_000), line(11_000, heading="management")], "heading_cap"),
        ([line(60_000, item="年终奖金")], "forbidden_spending"),
    ],
)
def test_submit_holds_the_budget_to_the_rulebook(lines, code):
    project = ProjectFactory(lines=lines)
    with pytest.raises(RuleBroken) as refused:
        submit(project)
    assert refused.value.code == code


def test_submit_at_the_very_limits_of_the_rulebook():
    at_the_ceiling = ProjectFactory(lines=[line(200_000)])
    half = ProjectFactory(lines=[line(45_000, 45_000), line(5_000, 5_000, heading="management")])
    assert submit(at_the_ceiling).status == submit(half).status == ProjectStatus.SUBMITTED


def test_submit_refuses_one_entry_too_many():
    first = ProjectFactory(status=ProjectStatus.SUBMITTED)
    second = ProjectFactory(edition=first.edition, organisation=first.organisation)
    with pytest.raises(RuleBroken) as refused:
        submit(second)
    assert refused.value.code == "entry_limit"
    actions.withdraw_project(actor=owner_of(first.organisation), project=first)
    assert submit(second).status == ProjectStatus.SUBMITTED


def test_submit_refuses_a_barred_organisation_with_cause_and_end():
    project = ProjectFactory()
    today = clock.today()
    bar = actions.impose_bar(
        actor=UserFactory(roles=[Role.APPROVER]),
        organisation=project.organisation,
        cause="整改复查不合格",
        starts_on=today - timedelta(days=10),
        months=36,
    )
    with pytest.raises(RuleBroken) as refused:
        submit(project)
    assert refused.value.code == "barred"
    assert "整改复查不合格" in str(refused.value)
    assert bar.ends_on.isoformat() in str(refused.value)


def test_a_bar_ends_the_day_before_the_month_turns():
    from datetime import date

    from projects.actions.organisations import last_day

    assert last_day(date(2024, 3, 1), 36) == date(2027, 2, 28)
    assert last_day(date(2024, 1, 31), 1) == date(2024, 2, 28)
    assert last_day(date(2024, 12, 15), 12) == date(2025, 12, 14)


def test_withdraw_until_the_deadline_then_hand_in_again():
    project = ProjectFactory(status=ProjectStatus.SUBMITTED)
    owner = owner_of(project.organisation)
    deadline = project.edition.application_deadline
    with clock.frozen(deadline), pytest.raises(RuleBroken) as refused:
        actions.withdraw_project(actor=owner, project=project)
    assert refused.value.code == "deadline_passed"
    with clock.frozen(deadline - timedelta(seconds=1)):
        assert actions.withdraw_project(actor=owner, project=project).status == ProjectStatus.WITHDRAWN
        again = submit(project)
    assert again.current_submission.version == 2


def test_only_the_owner_or_certifier_hands_in():
    project = ProjectFactory()
    editor = UserFactory()
    give_role(editor, Role.APPLICANT_EDITOR, ScopeKind.ORGANISATION, project.organisation_id)
    actions.save_section(
        actor=editor, project=project, section="needs", version=project.version, problem="编辑可以写"
    )
    with pytest.raises(PermissionDenied):
        actions.submit_project(actor=editor, project=project, request_key=uuid.uuid4())


# The formal check


def test_accept_needs_every_tick():
    clerk = UserFactory(roles=[Role.CLERK])
    project = ProjectFactory(status=ProjectStatus.SUBMITTED)
    keys = [check.key for check in project.edition.rules.formal_checks]
    with pytest.raises(RuleBroken) as refused:
        actions.decide_intake(
            actor=clerk, project=project, outcome=Outcome.ACCEPT, ticks=dict.fromkeys(keys[1:], True)
        )
    assert refused.value.code == "ticks_incomplete"
    accepted = decide(project, clerk)
    assert accepted.status == ProjectStatus.ACCEPTED
    assert accepted.decided_at is not None
    letter = accepted.current_submission.decisions.get().letter
    assert letter.kind == "intake_letter"
    assert letter.number is not None


@pytest.mark.parametrize("outcome", [Outcome.CORRECT, Outcome.REFUSE])
def test_return_and_refusal_need_a_reason(outcome):
    clerk = UserFactory(roles=[Role.CLERK])
    project = ProjectFactory(status=ProjectStatus.SUBMITTED)
    with pytest.raises(RuleBroken) as refused:
        actions.decide_intake(actor=clerk, project=project, outcome=outcome, reason="  ")
    assert (refused.value.code, refused.value.field) == ("reason_missing", "reason")


def test_only_the_clerk_decides():
    project = ProjectFactory(status=ProjectStatus.SUBMITTED)
    for role in (Role.APPROVER, Role.AUDITOR, Role.LEADER, Role.EXPERT):
        with pytest.raises(PermissionDenied):
            actions.decide_intake(
                actor=UserFactory(roles=[role]), project=project, outcome=Outcome.REFUSE, reason="x"
            )


def test_a_clerk_does_not_decide_on_the_own_organisation():
    project = ProjectFactory(status=ProjectStatus.SUBMITTED)
    own = (Role.APPLICANT_EDITOR, ScopeKind.ORGANISATION, project.organisation_id)
    member = UserFactory(roles=[Role.CLERK, own])
    other = ProjectFactory(status=ProjectStatus.SUBMITTED)
    assert decide(other, member, Outcome.CORRECT, "缺少盖章页").status == ProjectStatus.CORRECTING
    with pytest.raises(PermissionDenied):
        decide(project, member, Outcome.CORRECT, "缺少盖章页")
    with pytest.raises(PermissionDenied):
        actions.verify_organisation(actor=member, organisation=project.organisation)


def test_correction_round_trip_with_its_own_due_date():
    clerk = UserFactory(roles=[Role.CLERK])
    project = decide(ProjectFactory(status=ProjectStatus.SUBMITTED), clerk, Outcome.CORRECT, "缺少盖章页")
    assert project.correction_due_on == add_working_days(clock.today(), 5)
    owner = owner_of(project.organisation)
    actions.save_section(
        actor=owner, project=project, section="needs", version=project.version, problem="补正后的内容"
    )
    due = end_of(project.correction_due_on)
    with clock.frozen(due), pytest.raises(RuleBroken) as refused:
        submit(project)
    assert refused.value.code == "deadline_passed"
    with clock.frozen(due - timedelta(seconds=1)):
        again = submit(project)
    assert (again.status, again.current_submission.version) == (ProjectStatus.SUBMITTED, 2)
    assert again.submissions.get(version=1).content["application"]["problem"] == "停车与公共维修的分歧。"
    assert decide(again, clerk).status == ProjectStatus.ACCEPTED


def test_an_uncorrected_application_is_refused_only_after_its_due_date():
    clerk = UserFactory(roles=[Role.CLERK])
    project = ProjectFactory(status=ProjectStatus.CORRECTING, clerk=clerk)
    refuse = {"actor": clerk, "project": project, "outcome": Outcome.REFUSE, "reason": "逾期未补正"}
    with pytest.raises(RuleBroken) as refused:
        actions.decide_intake(**refuse)
    assert refused.value.code == "correction_running"
    with clock.frozen(end_of(project.correction_due_on)):
        actions.decide_intake(**refuse)
    project.refresh_from_db()
    assert project.status == ProjectStatus.REFUSED


def test_a_decided_application_is_not_decided_again():
    clerk = UserFactory(roles=[Role.CLERK])
    project = ProjectFactory(status=ProjectStatus.ACCEPTED, clerk=clerk)
    with pytest.raises(RuleBroken) as refused:
        decide(project, clerk, Outcome.REFUSE)
    assert refused.value.code == "not_undecided"


def test_the_check_is_over_after_the_preliminary_review():
    clerk = UserFactory(roles=[Role.CLERK])
    project = ProjectFactory(status=ProjectStatus.SUBMITTED)
    type(project.edition).objects.filter(pk=project.edition_id).update(stage=Stage.SECOND)
    with pytest.raises(RuleBroken) as refused:
        decide(project, clerk)
    assert refused.value.code == "intake_closed"


def test_letters_and_messages_reach_the_applicant(django_capture_on_commit_callbacks):
    clerk = UserFactory(roles=[Role.CLERK])
    project = ProjectFactory()
    with django_capture_on_commit_callbacks(execute=True):
        decide(submit(project), clerk, Outcome.CORRECT, "缺少盖章页")
    owner = owner_of(project.organisation)
    inbox = owner.messages.filter(channel="in_app")
    assert set(inbox.values_list("event__verb", flat=True)) == {"project.submitted", "intake.decided"}
    assert "缺少盖章页" in inbox.get(event__verb="intake.decided").body
    letters = Document.objects.filter(object_type="projects.project", object_id=str(project.pk))
    assert letters.exists()
    assert not letters.filter(file__isnull=True).exists()


# What is shown


def test_blind_content_names_nobody():
    project = ProjectFactory(status=ProjectStatus.SUBMITTED)
    shown = str(without_identity(project.current_submission.content))
    for secret in (project.organisation.name, project.organisation.code, "某负责人", "13800000001"):
        assert secret in str(project.current_submission.content)
        assert secret not in shown


def test_a_draft_is_seen_by_its_own_people_only():
    draft = ProjectFactory()
    handed_in = ProjectFactory(edition=draft.edition, status=ProjectStatus.SUBMITTED)
    clerk = UserFactory(roles=[Role.CLERK])
    assert set(Project.objects.visible_to(owner_of(draft.organisation))) == {draft}
    assert set(Project.objects.visible_to(clerk)) == {handed_in}
    assert not Project.objects.visible_to(UserFactory(roles=[Role.EXPERT])).exists()


def test_a_district_officer_sees_the_own_district_only():
    here, elsewhere = (ProjectFactory(status=ProjectStatus.SUBMITTED) for _ in range(2))
    officer = UserFactory(roles=[(Role.DISTRICT_OFFICER, ScopeKind.DISTRICT, here.district_id)])
    assert set(Project.objects.visible_to(officer)) == {here}
    assert officer.has_perm("projects.view_intake", here)
    assert not officer.has_perm("projects.view_intake", elsewhere)


# The database itself


def test_database_refuses_to_change_what_was_handed_in():
    submission = ProjectFactory(status=ProjectStatus.SUBMITTED).current_submission
    Submission.objects.filter(pk=submission.pk).update(document=submission.document_id)
    for change in ({"content": {}}, {"sha256": "0" * 64}, {"submitted_at": clock.now()}):
        with pytest.raises(ProgrammingError), transaction.atomic():
            Submission.objects.filter(pk=submission.pk).update(**change)
    with pytest.raises(ProgrammingError), transaction.atomic():
        EligibilityCheck.objects.update(passed=False, reason="x")


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"status": ProjectStatus.ACCEPTED}, "project_decided_at"),
        ({"status": ProjectStatus.WITHDRAWN}, "project_withdrawn_at"),
        ({"status": ProjectStatus.CORRECTING}, "project_correction_due"),
        ({"status": ProjectStatus.DRAFT}, "project_submitted_with_submission"),
        ({"title": ""}, "project_has_title"),
        ({"code": "1"}, "project_code_shape"),
    ],
)
def test_database_ties_states_to_their_times(change, constraint):
    project = ProjectFactory(status=ProjectStatus.SUBMITTED)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Project.objects.filter(pk=project.pk).update(**change)


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"social_fen": 1}, "budget_line_adds_up"),
        ({"quantity": Decimal(2)}, "budget_line_price_times_quantity"),
        ({"fiscal_fen": -1, "own_fen": 4_000_001, "social_fen": 6_000_000}, "budget_line_positive"),
    ],
)
def test_database_adds_the_budget_up(change, constraint):
    ProjectFactory()
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        BudgetLine.objects.update(**change)


def test_factory_codes_are_valid():
    from kit import uscc

    assert uscc.check(code_number(7)).ok
    assert complete(ProjectFactory(complete=False)).version > 1
    assert Period.APPLICATION in EditionFactory().periods
