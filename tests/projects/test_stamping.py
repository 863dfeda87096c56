"""Print, stamp, sign off, hand in: who may, in which order, and what a change undoes."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from threading import Barrier

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.db.utils import DatabaseError
from django.urls import reverse

from accounts.enums import Role, ScopeKind
from contest.documents_access import may_read
from contest.models import Document, Event
from kit.errors import RuleBroken
from kit.hashing import fingerprint
from projects import actions
from projects.enums import AttachmentKind, Outcome, ProjectStatus
from projects.models import Attachment, Extension, PrintOut, Project, SignOff, Submission
from projects.stamping import Standing, stamping_of
from tests.factories.accounts import UserFactory, give_role
from tests.factories.contest import EditionFactory
from tests.factories.projects import PDF, ProjectFactory, decide, owner_of, stamp, submit
from tests.pages import form_data

pytestmark = pytest.mark.django_db


def member(project, role):
    person = UserFactory()
    give_role(person, role, ScopeKind.ORGANISATION, project.organisation_id)
    return person


def scan(project, name="盖章页.pdf"):
    return actions.add_attachment(
        actor=owner_of(project.organisation),
        project=project,
        kind=AttachmentKind.STAMPED,
        stream=BytesIO(PDF),
        name=name,
    )


def change(project, text="改过的内容"):
    fresh = Project.objects.get(pk=project.pk)
    return actions.save_section(
        actor=owner_of(project.organisation),
        project=project,
        section="needs",
        version=fresh.version,
        problem=text,
    )


def hand_in(project):
    return actions.submit_project(
        actor=owner_of(project.organisation), project=project, request_key=uuid.uuid4()
    )


def test_print_again_is_the_same_print_out_until_something_changes():
    project = ProjectFactory()
    owner = owner_of(project.organisation)
    first = actions.print_application(actor=owner, project=project)
    assert actions.print_application(actor=owner, project=project) == first
    assert first.sha256 == fingerprint(first.content)
    assert first.document.content["version"] == "打印稿第1稿"
    assert first.document.content["verify"]["url"].endswith(f"{first.document.code}/")
    change(project)
    second = actions.print_application(actor=owner, project=project)
    assert (second.number, PrintOut.objects.count()) == (2, 2)
    assert Event.objects.filter(verb="application.printed").count() == 2


def test_print_refuses_what_could_not_be_handed_in():
    project = ProjectFactory(complete=False)
    with pytest.raises(RuleBroken) as refused:
        actions.print_application(actor=owner_of(project.organisation), project=project)
    assert refused.value.code == "incomplete"
    assert not Document.objects.filter(kind="application").exists()


def test_a_scan_is_no_part_of_what_is_stamped():
    project = ProjectFactory()
    actions.print_application(actor=owner_of(project.organisation), project=project)
    scan(project)
    assert stamping_of(project).standing is Standing.GOOD


def test_the_version_rests_on_the_signed_print_out_and_its_paper():
    project = ProjectFactory()
    with pytest.raises(RuleBroken) as refused:
        hand_in(project)
    assert refused.value.code == "not_stamped"
    signed = stamp(project)
    submission = hand_in(project)
    assert submission.sign_off == signed
    assert submission.document == signed.print_out.document
    assert Document.objects.filter(kind="application").count() == 1
    facts = dict(map(tuple, submission.receipt.content["facts"]))
    assert facts["受理编号"] == project.code
    assert facts["盖章打印稿"] == "打印稿第1稿"


def test_any_change_after_the_sign_off_makes_it_stale():
    project = ProjectFactory()
    stamp(project)
    changed = change(project)
    assert stamping_of(changed).standing is Standing.CHANGED
    with pytest.raises(RuleBroken) as refused:
        hand_in(project)
    assert refused.value.code == "not_stamped"
    assert stamp(project).print_out.number == 2
    assert hand_in(project).version == 1


def test_sign_off_refuses_a_print_out_whose_text_has_changed():
    project = ProjectFactory()
    owner = owner_of(project.organisation)
    print_out = actions.print_application(actor=owner, project=project)
    stamped = scan(project)
    change(project)
    with pytest.raises(RuleBroken) as refused:
        actions.sign_off(actor=owner, project=project, print_out=print_out.number, scan=stamped.pk)
    assert refused.value.code == "print_out_stale"
    again = actions.print_application(actor=owner, project=project)
    with pytest.raises(RuleBroken) as refused:
        actions.sign_off(actor=owner, project=project, print_out=again.number, scan=stamped.pk)
    assert refused.value.code == "scan_missing"
    fresh = scan(project, "新盖章页.pdf")
    signed = actions.sign_off(actor=owner, project=project, print_out=again.number, scan=fresh.pk)
    assert signed.scan == fresh
    assert Attachment.objects.get(pk=stamped.pk).removed_at is not None


def test_only_the_scan_that_was_signed_is_handed_in():
    project = ProjectFactory()
    owner = owner_of(project.organisation)
    print_out = actions.print_application(actor=owner, project=project)
    signed, other = scan(project), scan(project, "另一份.pdf")
    actions.sign_off(actor=owner, project=project, print_out=print_out.number, scan=signed.pk)
    other.refresh_from_db()
    assert other.removed_at is not None
    with pytest.raises(RuleBroken) as refused:
        scan(project, "签后另一份.pdf")
    assert (refused.value.code, refused.value.field) == ("signed_already", "file")
    files = hand_in(project).content["attachments"]
    assert [file["id"] for file in files if file["kind"] == "stamped"] == [signed.pk]


def test_a_new_scan_is_taken_once_the_sign_off_no_longer_holds():
    project = ProjectFactory()
    stamp(project)
    assert scan(change(project), "改后另一份.pdf").pk


def test_sign_off_twice_is_one():
    project = ProjectFactory()
    owner = owner_of(project.organisation)
    print_out = actions.print_application(actor=owner, project=project)
    sign = {"actor": owner, "project": project, "print_out": print_out.number, "scan": scan(project).pk}
    assert actions.sign_off(**sign) == actions.sign_off(**sign)
    assert SignOff.objects.count() == 1


def test_taking_the_signed_scan_out_undoes_the_sign_off():
    project = ProjectFactory()
    signed = stamp(project)
    actions.remove_attachment(actor=owner_of(project.organisation), attachment=signed.scan)
    assert stamping_of(project).standing is Standing.SCAN_GONE
    assert stamp(project).print_out.number == 2


def test_withdrawn_and_handed_in_unchanged_rests_on_the_same_sign_off():
    project = ProjectFactory(status=ProjectStatus.WITHDRAWN)
    hand_in(project)
    first, second = Submission.objects.order_by("version")
    assert first.sign_off == second.sign_off
    assert Document.objects.filter(kind="application").count() == 1


def test_stamped_pages_sent_back_are_printed_and_stamped_anew():
    clerk = UserFactory(roles=[Role.CLERK])
    items = [("attachment:stamped", "公章不清晰，请重新盖章扫描")]
    project = decide(ProjectFactory(status=ProjectStatus.SUBMITTED), clerk, Outcome.CORRECT, items=items)
    assert stamping_of(project).standing is Standing.SENT_BACK
    again = submit(project)
    assert again.current_submission.sign_off.print_out.number == 2


def test_a_correction_that_leaves_the_text_needs_no_new_stamp():
    clerk = UserFactory(roles=[Role.CLERK])
    project = decide(ProjectFactory(status=ProjectStatus.SUBMITTED), clerk, Outcome.CORRECT)
    assert hand_in(project).sign_off.print_out.number == 1


def test_a_print_out_is_a_draft_until_it_is_handed_in():
    project = ProjectFactory(status=ProjectStatus.WITHDRAWN)
    owner, clerk = owner_of(project.organisation), UserFactory(roles=[Role.CLERK])
    change(project, "只有本单位能看的话")
    printed = actions.print_application(actor=owner, project=project).document
    assert may_read(owner, printed)
    assert not may_read(clerk, printed)
    auditor = UserFactory(roles=[Role.AUDITOR])
    assert auditor.has_perm("contest.read_documents")
    assert not may_read(auditor, printed)
    assert may_read(clerk, project.submissions.get().document)
    submit(project)
    assert may_read(clerk, Document.objects.get(pk=printed.pk))
    assert may_read(auditor, Document.objects.get(pk=printed.pk))


def test_without_a_stamp_the_version_has_its_own_paper():
    project = ProjectFactory(edition=EditionFactory(rules={"stamp_required": False}))
    submission = hand_in(project)
    assert (submission.sign_off, submission.document.content["version"]) == (None, "第1版")


def test_editors_edit_and_certifiers_sign():
    project = ProjectFactory()
    editor = member(project, Role.APPLICANT_EDITOR)
    certifier = member(project, Role.APPLICANT_CERTIFIER)
    print_out = actions.print_application(actor=editor, project=project)
    stamped = actions.add_attachment(
        actor=editor, project=project, kind=AttachmentKind.STAMPED, stream=BytesIO(PDF), name="a.pdf"
    )
    sign = {"project": project, "print_out": print_out.number, "scan": stamped.pk}
    with pytest.raises(PermissionDenied):
        actions.sign_off(actor=editor, **sign)
    with pytest.raises(PermissionDenied):
        actions.save_section(
            actor=certifier, project=project, section="needs", version=99, problem="证明人不改内容"
        )
    assert actions.sign_off(actor=certifier, **sign).signed_by == certifier
    with pytest.raises(PermissionDenied):
        actions.submit_project(actor=editor, project=project, request_key=uuid.uuid4())
    submitted = actions.submit_project(actor=certifier, project=project, request_key=uuid.uuid4())
    assert submitted.submitted_by == certifier


# The page


@pytest.fixture
def browse(client):
    def sign_in(user):
        client.force_login(user)
        client.cookies["django_language"] = "en"
        return client

    return sign_in


def url(name, project):
    return reverse(f"projects:{name}", args=[project.code])


def test_one_person_walks_all_four_steps(browse):
    project = ProjectFactory()
    browser = browse(owner_of(project.organisation))
    page = url("project_submit", project)
    assert [step["key"] for step in browser.get(page).context["states"].values()] == [
        "now",
        "later",
        "later",
        "later",
    ]
    assert browser.post(url("project_print", project)).status_code == 302
    assert "打印稿第1稿" in browser.get(page).content.decode()
    photo = SimpleUploadedFile("盖章页.pdf", PDF, content_type="application/pdf")
    assert browser.post(url("project_scan", project), {"file": photo}).status_code == 302
    data = form_data(browser.get(page), "print_out")
    unconfirmed = browser.post(url("project_sign_off", project), data)
    assert unconfirmed.status_code == 422
    assert not SignOff.objects.exists()
    assert browser.post(url("project_sign_off", project), data | {"confirmed": "on"}).status_code == 302
    answer = browser.get(page)
    assert [step["key"] for step in answer.context["states"].values()] == ["done", "done", "done", "now"]
    sent = browser.post(page, form_data(answer, "request_key"))
    assert sent.url == url("project_receipt", project)
    assert Project.objects.get(pk=project.pk).status == ProjectStatus.SUBMITTED


def test_the_page_says_in_words_that_a_change_undid_the_stamp(browse):
    project = ProjectFactory()
    stamp(project)
    change(project)
    page = browse(owner_of(project.organisation)).get(url("project_submit", project))
    assert "has been changed since print-out no. 1" in page.content.decode()
    assert "Make a new print-out" in page.content.decode()


def test_a_bad_scan_comes_back_with_its_error(browse):
    project = ProjectFactory()
    browser = browse(owner_of(project.organisation))
    browser.post(url("project_print", project))
    fake = SimpleUploadedFile("盖章页.pdf", b"MZ\x90 no pdf", content_type="application/pdf")
    answer = browser.post(url("project_scan", project), {"file": fake})
    assert answer.status_code == 422
    assert not Attachment.objects.filter(kind=AttachmentKind.STAMPED).exists()


def test_the_page_tells_each_member_what_is_theirs(browse):
    project = ProjectFactory()
    actions.print_application(actor=owner_of(project.organisation), project=project)
    certifier = browse(member(project, Role.APPLICANT_CERTIFIER))
    assert (
        "The owner or an editor of your organisation uploads the scan."
        in certifier.get(url("project_submit", project)).content.decode()
    )
    stamped = SimpleUploadedFile("a.pdf", PDF)
    assert certifier.post(url("project_scan", project), {"file": stamped}).status_code == 403
    scan(project)
    editor = browse(member(project, Role.APPLICANT_EDITOR))
    assert (
        "compares the scan with the print-out and signs it off"
        in editor.get(url("project_submit", project)).content.decode()
    )
    assert editor.post(url("project_sign_off", project), {"print_out": 1}).status_code == 403
    key = {"request_key": str(uuid.uuid4())}
    assert editor.post(url("project_submit", project), key).status_code == 403


# At the same moment, and against the database


def at_once(*calls):
    start = Barrier(len(calls))

    def run(call):
        try:
            start.wait(timeout=10)
            return call()
        except RuleBroken as refused:
            return refused.code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


@pytest.mark.django_db(transaction=True)
def test_signing_while_a_colleague_saves_never_signs_another_text():
    project = ProjectFactory()
    owner = owner_of(project.organisation)
    print_out = actions.print_application(actor=owner, project=project)
    stamped = scan(project)

    def sign():
        return actions.sign_off(actor=owner, project=project, print_out=print_out.number, scan=stamped.pk)

    signed, saved = at_once(sign, lambda: change(project))
    assert saved.problem == "改过的内容"
    assert signed == "print_out_stale" or signed == SignOff.objects.get()
    assert not stamping_of(saved).is_signed


@pytest.mark.django_db(transaction=True)
def test_two_printings_at_once_are_one():
    project = ProjectFactory()
    owner = owner_of(project.organisation)

    def click():
        return actions.print_application(actor=owner, project=project)

    first, second = at_once(click, click)
    assert first == second == PrintOut.objects.get()


ATTACKS = {
    "sign-off rewritten": "UPDATE projects_signoff SET signed_at = now()",
    "sign-off deleted": "DELETE FROM projects_signoff",
    "print-out rewritten": "UPDATE projects_printout SET sha256 = repeat('0', 64)",
    "print-out renumbered": "UPDATE projects_printout SET number = 9",
    "print-out deleted": "DELETE FROM projects_printout",
    "extension moved": "UPDATE projects_extension SET until = until + interval '1 year'",
    "extension deleted": "DELETE FROM projects_extension",
    "point of a return rewritten": "UPDATE projects_correctionitem SET note = 'nothing'",
    "point of a return deleted": "DELETE FROM projects_correctionitem",
    "version freed of its stamp": "UPDATE projects_submission SET sign_off_id = NULL",
    "all emptied": "TRUNCATE projects_signoff CASCADE",
}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("attack", ATTACKS)
def test_the_application_role_cannot_rewrite_what_was_signed(attack):
    clerk = UserFactory(roles=[Role.CLERK])
    project = ProjectFactory(status=ProjectStatus.CORRECTING, clerk=clerk)
    until = project.edition.application_deadline.replace(year=project.edition.application_deadline.year + 1)
    actions.extend_deadline(
        actor=clerk, edition=project.edition, organisation=project.organisation, until=until, reason="台风"
    )
    before = list(SignOff.objects.values()), list(PrintOut.objects.values()), list(Extension.objects.values())
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(ATTACKS[attack])
    after = list(SignOff.objects.values()), list(PrintOut.objects.values()), list(Extension.objects.values())
    assert before == after
    assert project.current_submission.decisions.get().items.count() == 4
