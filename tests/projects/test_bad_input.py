"""Bad inputs by the ten thousand: whatever is typed or sent is taken, kept or refused in words. Never a 500.

Most go straight into the forms and the actions behind them, as the views call them, each within a
savepoint that is rolled back; the others travel the whole way as requests.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from copy import copy
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.http import QueryDict
from django.test import Client
from django.urls import reverse
from django.utils.datastructures import MultiValueDict
from hypothesis import strategies as st

from accounts.enums import Role, ScopeKind
from accounts.models import User
from contest.enums import Stage
from contest.models import Edition
from funding import actions as funding
from funding.forms import BankAccountForm
from kit import clock
from projects import actions, forms
from projects.enums import AttachmentKind, OrganisationFileKind, Origin, ProjectStatus, Section
from projects.importing import clean_row, columns_of, lists_of
from projects.models import Organisation, Project
from projects.sections import BY_SECTION, PARTS
from projects.stamping import stamping_of
from projects.views.autosave import person_key
from tests.factories.accounts import UserFactory
from tests.factories.contest import EditionFactory
from tests.factories.funding import ACCOUNT, Till, verified
from tests.factories.projects import PDF, OrganisationFactory, ProjectFactory, code_number, owner_of
from tests.pages import forms_of
from tests.projects.spoiling import NASTY, VALUES, Refused, Target, changes_of, drive, many
from tests.projects.tables import a_row, filled

pytestmark = pytest.mark.django_db

#: Ten thousand on what people fill in, of which ``make test`` makes a tenth and ``make drill`` all; rows of
#: an import come on top.
SECTIONS, FORMS_OF_APPLICANTS, FORMS_OF_THE_DESK, REQUESTS = 3_000, 3_000, 3_000, 1_200
ROWS = 2_000

#: Several entries of one body, none of which has to be stamped.
RULES = {"entries_as_lead": 9, "stamp_required": False}


class House:
    """People, bodies and applications for every form of the app."""

    def __init__(self) -> None:
        self.clerk = UserFactory(roles=[Role.CLERK])
        self.approver = UserFactory(roles=[Role.APPROVER])
        self.edition = EditionFactory(stage=Stage.APPLICATION, clerk=self.clerk, rules=RULES)
        self.body = OrganisationFactory()
        self.owner = owner_of(self.body)
        self.draft = self.project(ProjectStatus.DRAFT)
        self.entered = self.project(ProjectStatus.SUBMITTED)
        self.other = self.project(ProjectStatus.SUBMITTED)
        self.correcting = self.project(ProjectStatus.CORRECTING)
        self.printed = self.on_paper()
        self.officer = UserFactory(
            roles=[(Role.DISTRICT_OFFICER, ScopeKind.DISTRICT, self.entered.district_id)]
        )
        self.editor = UserFactory(roles=[(Role.APPLICANT_EDITOR, ScopeKind.ORGANISATION, self.body.pk)])
        self.idea = actions.keep_idea(actor=self.owner, organisation=self.body, title="口袋公园议事会")
        self.stranger = UserFactory()
        self.asked = actions.ask_to_join(actor=UserFactory(), code=self.body.code, note="我是会计")
        self.link = actions.link_bodies(
            actor=self.approver,
            code=self.body.code,
            other_code=code_number(8126),
            kind="renamed",
            evidence="通知书",
        )

    def project(self, status: ProjectStatus) -> Project:
        return ProjectFactory(edition=self.edition, organisation=self.body, status=status, clerk=self.clerk)

    def on_paper(self) -> Project:
        """Of an edition that asks for a stamp: printed, its scan uploaded, not yet signed off."""
        project = ProjectFactory(edition=EditionFactory(clerk=self.clerk), organisation=self.body)
        actions.print_application(actor=self.owner, project=project)
        actions.add_attachment(
            actor=self.owner,
            project=project,
            kind=AttachmentKind.STAMPED,
            stream=BytesIO(PDF),
            name="盖章页.pdf",
        )
        return project

    def organisation(self) -> Organisation:
        return Organisation.objects.get(pk=self.body.pk)


@pytest.fixture
def house() -> House:
    return House()


def as_person(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page_data(user: User, address: str, holding: str) -> dict[str, Any]:
    """What the page's own form sends when nothing is touched."""
    found = forms_of(as_person(user).get(address))
    return next(form["data"] for form in found if holding in form["data"])


# Sections


def section_targets(house: House) -> list[Target]:
    """Each section sent as a whole, and one place of it as it is typed."""
    targets = []
    for part in PARTS:
        if part.section == Section.ATTACHMENTS:
            continue
        address = reverse("projects:project_section", args=[house.draft.code, part.section.value])
        base = page_data(house.owner, address, "version")

        def keep(data: QueryDict, part: Any = part) -> Any:
            form = forms.section_form(part)(data, instance=copy(house.draft), part=part)
            form.add_asked_row()
            kept = form.keep(actor=house.owner, project=house.draft, names=part.names)
            return form.status, kept, form.as_p()

        targets.append(Target(f"section {part.section.value}", base, keep))
    return targets


def test_sections_take_keep_or_refuse_whatever_is_typed(house):
    drive(section_targets(house), SECTIONS)


# The other forms


def fresh(value: Any) -> Any:
    return [copy(item) for item in value] if isinstance(value, list) else copy(value)


def submits(form: Any, action: Callable[..., Any], **given: Any) -> Any:
    """As a view does it: bind, act, and show the form again if it was refused."""
    # Each attempt has objects of its own: what is taken back in the database stays nowhere else.
    done = form.submit(action, **{name: fresh(value) for name, value in given.items()})
    if done is not None:
        return done
    return Refused(str(form.errors), [bound.value() for bound in form], form.status)


def answer(action: Callable[..., Any], make: Callable[..., Any], **given: Any) -> Callable[[QueryDict], Any]:
    """A page that binds a form and acts."""
    return lambda data: submits(make(data), action, **given)


def upload(action: Callable[..., Any], make: Callable[..., Any], **given: Any) -> Callable[[QueryDict], Any]:
    """The same with a file, whose name and content are drawn like any field."""

    def act(data: QueryDict) -> Any:
        name, content = data.get("name", ""), data.get("content", "").encode("utf-8", "replace")
        try:
            sent = SimpleUploadedFile(name or "x", PDF if content == b"pdf" else content)
        except ValueError:
            return "no such name arrives"
        return submits(make(data, MultiValueDict({"file": [sent]})), action, **given)

    return act


def named(form: Any, **values: Any) -> dict[str, Any]:
    """The fields of an unbound form with something good in each."""
    first = {name: form[name].value() for name in form.fields}
    return {name: "" if value is None else str(value) for name, value in (first | values).items()}


REGISTRATION = {
    "name": "新办的服务中心", "kind": "private_nonprofit", "registered_on": "2015-06-01",
    "legal_representative": "某人", "contact_name": "某人", "contact_phone": "13800000001",
}  # fmt: skip
REASONS = {"reason": "材料不全", "note": "请核对"}


def of_the_body(house: House) -> list[Target]:
    body = house.body

    def file_form(data: Any = None) -> Any:
        return forms.OrganisationForm(data, instance=house.organisation())

    return [
        Target(
            "registration",
            REGISTRATION | {"code": code_number(8123), "district": body.district_id},
            answer(actions.register_organisation, forms.RegistrationForm, actor=house.stranger),
        ),
        Target(
            "organisation",
            named(file_form(), pays_insurance="True"),
            lambda data: submits(
                file_form(data),
                actions.update_organisation,
                actor=house.owner,
                organisation=house.organisation(),
            ),
        ),
        Target(
            "code",
            {"code": body.code, "kind": body.kind},
            lambda data: (forms.code_note(data.get("code", ""), data.get("kind", "")), "said"),
        ),
        Target(
            "paper",
            {"kind": OrganisationFileKind.CERTIFICATE.value, "name": "登记证书.pdf", "content": "pdf"},
            upload(
                actions.add_organisation_file,
                forms.OrganisationFileForm,
                actor=house.owner,
                organisation=body,
            ),
        ),
        bank_target(),
    ]


def bank_target() -> Target:
    till = Till()
    grant = till.grant()
    organisation = verified(grant.project.organisation)
    owner = UserFactory(roles=[(Role.APPLICANT_OWNER, ScopeKind.ORGANISATION, organisation.pk)])
    return Target(
        "bank account",
        {"holder": organisation.name, "bank": "示范银行", "number": ACCOUNT, "number_again": ACCOUNT},
        lambda data: submits(BankAccountForm(data), funding.enter_bank_account, actor=owner, grant=grant),
    )


def of_its_people(house: House) -> list[Target]:
    body = {"actor": house.owner, "organisation": house.body}
    return [
        Target(
            "invite",
            {"name": "某同事", "email": "colleague@example.org", "role": "applicant_editor"},
            answer(actions.invite_member, forms.InviteMemberForm, **body),
        ),
        Target(
            "role",
            {"role": "applicant_certifier"},
            answer(actions.change_member_role, forms.MemberRoleForm, user=house.editor, **body),
        ),
        Target(
            "join",
            {"note": "我是出纳"},
            answer(actions.ask_to_join, forms.JoinForm, actor=house.stranger, code=house.body.code),
        ),
        Target(
            "appoint",
            {"reason": "单位盖章的函"},
            answer(actions.appoint_owner, forms.AppointForm, actor=house.approver, asked=house.asked),
        ),
    ]


def of_an_application(house: House) -> list[Target]:
    organisations = Organisation.objects.filter(pk=house.body.pk)
    draft = {"actor": house.owner, "project": house.draft}
    printed = {"actor": house.owner, "project": house.printed}
    stamping = stamping_of(house.printed)
    return [
        Target(
            "start",
            {"edition": house.edition.pk, "organisation": house.body.pk, "title": "楼道议事"},
            answer(
                actions.start_project,
                lambda data: forms.StartForm(data, editions=[house.edition], organisations=organisations),
                actor=house.owner,
            ),
        ),
        Target(
            "attachment",
            {"kind": AttachmentKind.OTHER.value, "name": "附件.pdf", "content": "pdf"},
            upload(actions.add_attachment, forms.AttachmentForm, **draft),
        ),
        Target(
            "scan",
            {"name": "盖章页.pdf", "content": "pdf"},
            upload(actions.add_attachment, forms.ScanForm, **printed),
        ),
        Target(
            "sign off",
            {"print_out": stamping.print_out.number, "scan": stamping.scans[0].pk, "confirmed": "on"},
            answer(actions.sign_off, lambda data: forms.SignOffForm(data, scans=stamping.scans), **printed),
        ),
        Target(
            "submit",
            {"request_key": str(uuid.uuid4())},
            answer(actions.submit_project, forms.SubmitForm, **draft),
        ),
    ]


def of_an_idea(house: House) -> list[Target]:
    organisations = Organisation.objects.filter(pk=house.body.pk)
    typed = {"title": "口袋公园", "problem": "少", "summary": "多", "needs": "培训"}
    return [
        Target(
            "new idea",
            typed | {"organisation": house.body.pk},
            answer(
                actions.keep_idea,
                lambda data: forms.NewIdeaForm(data, organisations=organisations),
                actor=house.owner,
            ),
        ),
        Target(
            "idea",
            typed | {"version": "1"},
            answer(actions.change_idea, forms.IdeaForm, actor=house.owner, idea=house.idea),
        ),
        Target(
            "turn",
            {"edition": house.edition.pk},
            answer(
                actions.turn_idea,
                lambda data: forms.TurnForm(data, editions=[house.edition]),
                actor=house.owner,
                idea=house.idea,
            ),
        ),
    ]


def of_the_desk(house: House) -> list[Target]:
    entered = {"actor": house.clerk, "project": house.entered}
    rules = house.edition.rules
    checks = [check.key for check in rules.formal_checks]
    returned = {
        "outcome": "correct",
        "ticks": checks[:3],
        "place": ["title", "summary"],
        "reasons": rules.intake_reasons[0].key,
        "reason": "材料不全",
        "note": ["请核对", "请补充"],
    }
    return [
        Target(
            "intake",
            returned,
            answer(actions.decide_intake, lambda data: forms.IntakeForm(data, rules=rules), **entered),
        ),
        Target(
            "merge",
            {"into": house.other.code, **REASONS},
            answer(
                actions.merge_project,
                lambda data: forms.MergeForm(data, projects=Project.objects.all()),
                **entered,
            ),
        ),
        Target(
            "assign",
            {"checker": house.clerk.pk},
            answer(actions.assign_checkers, forms.AssignForm, actor=house.clerk, projects=[house.entered]),
        ),
        Target(
            "recommend",
            {"stance": "decline", "comment": "不在本区"},
            answer(
                actions.recommend_project, forms.RecommendForm, actor=house.officer, project=house.entered
            ),
        ),
        *lists(house),
    ]


def lists(house: House) -> list[Target]:
    entries = {
        "edition": house.edition.year,
        "clerk": "nobody",
        "stance": "open",
        "waits": "3",
        "field": "livelihood",
    }
    return [
        Target(
            "filter",
            entries,
            lambda data: (
                list(forms.IntakeFilter(data, queryset=Project.objects.as_handed_in()).qs),
                "listed",
            ),
        ),
        Target(
            "organisations",
            {"status": "verified", "district": house.body.district.code},
            lambda data: (
                list(forms.OrganisationFilter(data, queryset=Organisation.objects.all()).qs),
                "listed",
            ),
        ),
    ]


def of_the_office(house: House) -> list[Target]:
    body = house.body
    until = f"{clock.now().year + 1}-01-01T10:00"
    return [
        Target(
            "bar",
            {"cause": "整改仍不合格", "starts_on": "2026-05-04", "months": "36"},
            answer(actions.impose_bar, forms.BarForm, actor=house.approver, organisation=body),
        ),
        Target(
            "link",
            {"other_code": code_number(8124), "kind": "renamed", "evidence": "变更通知书"},
            answer(actions.link_bodies, forms.LinkForm, actor=house.approver, code=body.code),
        ),
        Target(
            "end of a link",
            {"reason": "登记有误"},
            answer(actions.end_link, forms.EndLinkForm, actor=house.approver, link=house.link),
        ),
        Target(
            "more time for all",
            {"edition": house.edition.pk, "until": until, **REASONS},
            answer(
                actions.extend_deadline,
                lambda data: forms.DeadlineTimeForm(data, editions=Edition.objects.all()),
                actor=house.clerk,
                organisation=body,
            ),
        ),
        Target(
            "more time for a correction",
            {"working_days": "3", **REASONS},
            answer(
                actions.extend_correction,
                forms.CorrectionTimeForm,
                actor=house.clerk,
                project=house.correcting,
            ),
        ),
    ]


def test_every_other_form_of_applicants_answers_in_words(house):
    groups = (of_the_body, of_its_people, of_an_application, of_an_idea)
    drive([target for group in groups for target in group(house)], FORMS_OF_APPLICANTS)


def test_every_form_of_the_desk_answers_in_words(house):
    drive([*of_the_desk(house), *of_the_office(house)], FORMS_OF_THE_DESK)


# Rows of an import


def test_rows_of_an_import_are_understood_or_refused_beside_their_heading():
    edition = EditionFactory()
    lists = lists_of(edition)
    keys = sorted({column.key for origin in (Origin.PAPER, Origin.HISTORY) for column in columns_of(origin)})

    def understand(texts: dict[str, str], origin: Origin) -> None:
        values, errors = clean_row(texts, lists, origin)
        assert set(values) <= set(texts)
        assert all(heading and str(text) for heading, text in errors)

    rows = st.dictionaries(st.sampled_from(keys), VALUES, min_size=1, max_size=8)
    many(understand, ROWS, rows, st.sampled_from((Origin.PAPER, Origin.HISTORY)))


# The whole way


class Address:
    """One address with what it is sent when all is well; ``{}`` without a method is a plain look."""

    def __init__(self, user: User, name: str, /, *args: object, method: str = "post", **data: object) -> None:
        self.user = user
        self.method = method
        self.path = reverse(f"projects:{name}", args=args)
        self.base = {key: value if isinstance(value, list) else [value] for key, value in data.items()}
        self.changes = changes_of([key for key in self.base if key != "file"])

    def ask(self, client: Client, changes: dict[str, list[str]], file: tuple[str, bytes]) -> int:
        """The status of the answer; what it wrote is taken back."""
        wire: dict[str, Any] = {
            on_the_wire(name): [on_the_wire(value) for value in values]
            for name, values in {**self.base, **changes}.items()
            if name != "file"
        }
        if "file" in self.base:
            wire["file"] = sent_file(*file)
        with transaction.atomic():
            answer = getattr(client, self.method)(self.path, wire)
            b"".join(answer.streaming_content) if answer.streaming else answer.content
            transaction.set_rollback(True)
        return answer.status_code


def on_the_wire(text: object) -> str:
    """What a browser cannot put on the wire does not arrive."""
    return str(text).encode("utf-8", "replace").decode()


def sent_file(name: str, content: bytes) -> BytesIO:
    stream = BytesIO(content)
    # A browser writes what would end the header's line, or its quotes, in another way.
    stream.name = on_the_wire(name).translate(dict.fromkeys(map(ord, '\r\n"'), "_")) or "x"
    return stream


def files_for(edition: Edition) -> st.SearchStrategy[tuple[str, bytes]]:
    """Files that are what they say, that are not, that break off, and that are nothing."""
    table = filled(edition, [a_row(1), a_row(2, fiscal_fen="六万"), a_row(3, title="\ud7ff" * 9)])
    contents = (
        PDF,
        PDF[:99],
        PDF * 2,
        table,
        table[:999],
        table[-999:],
        b"",
        b"\x00" * 99,
        b"MZ",
        b"%PDF-1.7",
    )
    ends = (".pdf", ".xlsx", ".PDF", ".jpg", ".exe", "")
    names = st.builds(str.__add__, st.sampled_from(NASTY), st.sampled_from(ends))
    return st.tuples(names, st.sampled_from(contents))


def applicants_addresses(house: House) -> list[Address]:
    owner, body = house.owner, house.body.pk
    draft, printed = house.draft.code, house.printed.code
    stamping = stamping_of(house.printed)
    return [
        Address(owner, "organisation_new", code="x"),
        Address(owner, "organisation_edit", version="1", name="x"),
        Address(owner, "organisation_papers", body, kind="certificate", file="x"),
        Address(owner, "organisation_people", body, name="x", email="a@b.cn", role="applicant_editor"),
        Address(owner, "member_role", body, house.editor.pk, role="applicant_certifier"),
        Address(owner, "membership_answer", body, house.asked.pk, answer="admit", role="applicant_editor"),
        Address(house.stranger, "organisation_join", house.body.code, note="x"),
        Address(owner, "project_start", title="x"),
        Address(owner, "idea_new", title="x"),
        Address(owner, "project_section", draft, "attachments", kind="other", file="x"),
        Address(owner, "project_print", printed),
        Address(owner, "project_scan", printed, file="x"),
        Address(
            owner,
            "project_sign_off",
            printed,
            print_out=stamping.print_out.number,
            scan=stamping.scans[0].pk,
            confirmed="on",
        ),
        Address(owner, "project_submit", draft, request_key="x"),
        Address(owner, "project_compare", house.correcting.code, method="get", a="1", b="now"),
        *section_addresses(house),
    ]


def section_addresses(house: House) -> list[Address]:
    person = person_key(house.owner)
    return [
        Address(
            house.owner,
            page,
            house.draft.code,
            section.value,
            **{"version": "1", "person": person, "place": name, name: "x", f"{name}-TOTAL_FORMS": "1"},
        )
        for page in ("project_section", "project_autosave")
        for section, part in BY_SECTION.items()
        for name in part.names[-2:]
    ]


def desk_addresses(house: House) -> list[Address]:
    clerk, entered, other = house.clerk, house.entered.code, house.other.code
    page = {"q": "x", "sort": "x", "page": "1"}
    return [
        Address(clerk, "intake_list", method="get", status="submitted", edition="2026", waits="3", **page),
        Address(clerk, "organisation_list", method="get", status="verified", district="x", **page),
        Address(clerk, "import_list", method="get", **page),
        Address(clerk, "bar_list", method="get", **page),
        Address(clerk, "intake_drafts", method="get", edition=house.edition.year, **page),
        Address(clerk, "intake_compare", house.correcting.code, method="get", a="1", b="2"),
        Address(clerk, "intake_decide", entered, outcome="refuse", reason="x"),
        Address(clerk, "intake_assign", project=entered, checker=clerk.pk),
        Address(clerk, "intake_accept", project=entered, sure="1", edition=house.edition.year),
        Address(clerk, "intake_merge", entered, into=other, reason="x"),
        Address(clerk, "correction_time", house.correcting.code, working_days="3", reason="x"),
        Address(
            clerk,
            "deadline_time",
            house.body.pk,
            edition=house.edition.pk,
            until="2027-01-01T10:00",
            reason="x",
        ),
        Address(clerk, "import_new", edition=house.edition.year, file="x"),
        Address(house.officer, "recommend_list", method="get", **page),
        Address(house.officer, "recommend", entered, stance="decline", comment="x"),
        Address(house.approver, "organisation_link", house.body.pk, other_code="x", kind="renamed"),
        Address(house.approver, "organisation_bar", house.body.pk, cause="x", months="3"),
    ]


def test_requests_are_answered_and_never_with_a_500(house):
    addresses = [*applicants_addresses(house), *desk_addresses(house)]
    clients = {address.user.pk: as_person(address.user) for address in addresses}
    statuses: dict[str, set[int]] = {address.path: set() for address in addresses}
    files = files_for(house.edition)
    for address in addresses:

        def ask(changes: dict[str, list[str]], file: tuple[str, bytes], to: Address = address) -> None:
            status = to.ask(clients[to.user.pk], changes, file)
            statuses[to.path].add(status)
            assert status < 500

        many(ask, REQUESTS // len(addresses) + 1, address.changes, files)
    # Each opens to who asks; it is what they send that is refused.
    assert [path for path, found in statuses.items() if found <= {403, 404}] == []
