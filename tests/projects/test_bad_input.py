"""Ten thousand bad inputs: whatever is typed or sent is taken, kept or refused in words. Never a 500.

Most of them go straight into the forms and the actions behind them, as the views call them, each within
a savepoint that is rolled back; a few hundred travel the whole way as requests.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from copy import copy
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.http import QueryDict
from django.test import Client
from django.urls import reverse
from django.utils.datastructures import MultiValueDict
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from accounts.enums import Role, ScopeKind
from accounts.models import User
from contest.enums import Stage
from contest.models import Edition
from funding import actions as funding
from funding.forms import BankAccountForm
from kit import clock
from kit.errors import RuleBroken
from projects import actions, forms
from projects.enums import AttachmentKind, OrganisationFileKind, Origin, ProjectStatus, Section
from projects.importing import clean_row, columns_of, lists_of
from projects.models import Organisation, Project
from projects.sections import BY_SECTION, PARTS
from projects.views.autosave import person_key
from tests.factories.accounts import UserFactory
from tests.factories.contest import EditionFactory
from tests.factories.funding import ACCOUNT, Till
from tests.factories.projects import PDF, OrganisationFactory, ProjectFactory, code_number, owner_of
from tests.pages import forms_of

pytestmark = pytest.mark.django_db

FORMS, SECTIONS, ROWS, REQUESTS = 2_000, 1_700, 6_100, 300

#: What has broken forms before, here and elsewhere.
NASTY = (
    "", " ", "\x00", "a\x00b", "\ud800", "x\udfffy", "\u202eexe.fdp", "\ufeff\u200b\u2066",
    "\uffff", "\r\n\t", "９", "１２３．４５", "٣٤", "²", "½", "一百", "0", "-0", "-1", "+1",
    "1e309", "1e-400", "NaN", "-nan", "sNaN", "Infinity", "0x10", "1_000", "1,200.505", "00000001",
    "2147483648", "9" * 25, "9" * 400, "1" * 4_400, "[]", "{}", '{"a": 1}', "[[1]]", "null", "true",
    "None", "false", "on", "' OR 1=1 --", "%s %(x)s %", "\\", "<script>alert(1)</script>",
    "{{ 7|add:7 }}", "{% now %}", "=1+1", "@SUM(A1)", "../../etc/passwd", "con.txt", "2026-02-30",
    "0000-00-00", "0001-01-01", "9999-12-31", "9999-12", "10000-01-01", "0001-01", "2026-13",
    "2026-07-01T10:00", "2026-07-01T25:61", "9999-12-31T23:59", "0001-01-01T00:00", "not-a-uuid",
    "１２４４１３２３DEM00009X0", "52441300dem000014u", "a@b", "a@b.c", "字" * 61, "字" * 5_000,
    "é" * 300, "👨‍👩‍👧‍👦" * 70,
)  # fmt: skip

VALUES = st.one_of(
    st.sampled_from(NASTY),
    st.text(max_size=30),
    st.integers().map(str),
    st.floats().map(str),
    st.decimals(allow_nan=False).map(str),
    st.dates().map(str),
)
JUNK = ("", "\x00", "constructor", "__class__", "team-99-name", "team-TOTAL_FORMS", "budget_lines--1-item")

thorough = settings(
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def changes_of(names: list[str]) -> st.SearchStrategy[dict[str, list[str]]]:
    """Some of the names, each sent with nothing, with a bad value, or with several."""
    return st.dictionaries(
        st.sampled_from([*names, *JUNK]), st.lists(VALUES, max_size=3), min_size=1, max_size=5
    )


def sent(base: dict[str, list[str]], changes: dict[str, list[str]]) -> QueryDict:
    """What arrives: the good form, spoilt. A name without values is missing."""
    data = QueryDict(mutable=True)
    for name, values in {**base, **changes}.items():
        if values:
            data.setlist(name, list(values))
    return data


@dataclass
class Refused:
    """What a form shows of a refusal."""

    errors: str
    values: list[Any]
    status: int


@dataclass
class Target:
    """One form with what it sends when all is well, and what the page does with it."""

    name: str
    base: dict[str, Any]
    act: Callable[[QueryDict], Any]
    changes: Any = field(init=False)

    def __post_init__(self) -> None:
        self.base = {name: value if isinstance(value, list) else [value] for name, value in self.base.items()}
        self.changes = changes_of(list(self.base))

    def attempt(self, changes: dict[str, list[str]]) -> Any:
        """As the page does it; a broken rule is an answer. Whatever was written is taken back."""
        with transaction.atomic():
            try:
                return self.act(sent(self.base, changes))
            except RuleBroken as broken:
                return str(broken)
            finally:
                transaction.set_rollback(True)


def drive(targets: list[Target], examples: int) -> None:
    """Each target is shown to be taken untouched; then all of them are spoilt."""
    answers = {target.name: target.attempt({}) for target in targets}
    refused = {name: answer for name, answer in answers.items() if isinstance(answer, str | Refused)}
    assert refused == {}

    @settings(thorough, max_examples=examples)
    @given(st.sampled_from(targets).flatmap(lambda each: st.tuples(st.just(each), each.changes)))
    def spoil(drawn: tuple[Target, dict[str, list[str]]]) -> None:
        target, changes = drawn
        target.attempt(changes)

    spoil()


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
        self.officer = UserFactory(
            roles=[(Role.DISTRICT_OFFICER, ScopeKind.DISTRICT, self.entered.district_id)]
        )
        self.idea = actions.keep_idea(actor=self.owner, organisation=self.body, title="口袋公园议事会")
        self.stranger = UserFactory()

    def project(self, status: ProjectStatus) -> Project:
        return ProjectFactory(edition=self.edition, organisation=self.body, status=status, clerk=self.clerk)

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


def named(form: Any, **values: Any) -> dict[str, Any]:
    """The fields of an unbound form with something good in each."""
    first = {name: form[name].value() for name in form.fields}
    return {name: "" if value is None else str(value) for name, value in (first | values).items()}


def form_targets(house: House) -> list[Target]:
    body, rules, projects = house.body, house.edition.rules, Project.objects.all()
    organisations = Organisation.objects.filter(pk=body.pk)
    reasons = {"reason": "材料不全", "note": "请核对"}
    registration = {
        "code": code_number(8123), "name": "新办的服务中心", "kind": "private_nonprofit",
        "district": body.district_id, "registered_on": "2015-06-01", "legal_representative": "某人",
        "contact_name": "某人", "contact_phone": "13800000001",
    }  # fmt: skip
    checks = [check.key for check in rules.formal_checks]

    def organisation_form(data: Any = None) -> Any:
        return forms.OrganisationForm(data, instance=house.organisation())

    def answer(
        action: Callable[..., Any], make: Callable[..., Any], **given: Any
    ) -> Callable[[QueryDict], Any]:
        return lambda data: submits(make(data), action, **given)

    def upload(action: Callable[..., Any], make: Any, **given: Any) -> Callable[[QueryDict], Any]:
        def act(data: QueryDict) -> Any:
            name, content = data.get("name", ""), data.get("content", "").encode("utf-8", "replace")
            content = PDF if content == b"pdf" else content
            try:
                files = MultiValueDict({"file": [SimpleUploadedFile(name or "x", content)]})
            except ValueError:
                return "no such name arrives"
            return submits(make(data, files), action, **given)

        return act

    targets = [
        Target(
            "registration",
            registration,
            answer(actions.register_organisation, forms.RegistrationForm, actor=house.stranger),
        ),
        Target(
            "organisation",
            named(organisation_form(), pays_insurance="True"),
            lambda data: submits(
                organisation_form(data),
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
            "start",
            {"edition": house.edition.pk, "organisation": body.pk, "title": "楼道议事"},
            answer(
                actions.start_project,
                lambda data: forms.StartForm(data, editions=[house.edition], organisations=organisations),
                actor=house.owner,
            ),
        ),
        Target(
            "intake",
            {
                "outcome": "correct",
                "ticks": checks[:3],
                "place": ["title", "summary"],
                "reasons": rules.intake_reasons[0].key,
                **reasons,
                "note": ["请核对", "请补充"],
            },
            answer(
                actions.decide_intake,
                lambda data: forms.IntakeForm(data, rules=rules),
                actor=house.clerk,
                project=house.entered,
            ),
        ),
        Target(
            "recommend",
            {"stance": "decline", "comment": "不在本区"},
            answer(
                actions.recommend_project, forms.RecommendForm, actor=house.officer, project=house.entered
            ),
        ),
        Target(
            "merge",
            {"into": house.other.code, **reasons},
            answer(
                actions.merge_project,
                lambda data: forms.MergeForm(data, projects=projects),
                actor=house.clerk,
                project=house.entered,
            ),
        ),
        Target(
            "assign",
            {"checker": house.clerk.pk},
            answer(actions.assign_checkers, forms.AssignForm, actor=house.clerk, projects=[house.entered]),
        ),
        Target(
            "filter",
            {
                "edition": house.edition.year,
                "clerk": "nobody",
                "stance": "open",
                "waits": "3",
                "field": "livelihood",
            },
            lambda data: (list(forms.IntakeFilter(data, queryset=projects).qs), "listed"),
        ),
        Target(
            "organisations",
            {"status": "verified", "district": body.district.code},
            lambda data: (list(forms.OrganisationFilter(data, queryset=organisations).qs), "listed"),
        ),
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
            "more time for all",
            {"edition": house.edition.pk, "until": f"{clock.now().year + 1}-01-01T10:00", **reasons},
            answer(
                actions.extend_deadline,
                lambda data: forms.DeadlineTimeForm(data, editions=Edition.objects.all()),
                actor=house.clerk,
                organisation=body,
            ),
        ),
        Target(
            "more time for a correction",
            {"working_days": "3", **reasons},
            answer(
                actions.extend_correction,
                forms.CorrectionTimeForm,
                actor=house.clerk,
                project=house.correcting,
            ),
        ),
        Target(
            "submit",
            {"request_key": str(uuid.uuid4())},
            answer(actions.submit_project, forms.SubmitForm, actor=house.owner, project=house.draft),
        ),
        Target(
            "invite",
            {"name": "某同事", "email": "colleague@example.org", "role": "applicant_editor"},
            answer(actions.invite_member, forms.InviteMemberForm, actor=house.owner, organisation=body),
        ),
        Target(
            "join",
            {"note": "我是出纳"},
            answer(actions.ask_to_join, forms.JoinForm, actor=house.stranger, code=body.code),
        ),
        Target(
            "new idea",
            {"organisation": body.pk, "title": "口袋公园", "problem": "少", "summary": "多", "needs": "培训"},
            answer(
                actions.keep_idea,
                lambda data: forms.NewIdeaForm(data, organisations=organisations),
                actor=house.owner,
            ),
        ),
        Target(
            "idea",
            {"version": "1", "title": "口袋公园", "problem": "少", "summary": "多", "needs": "培训"},
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
        Target(
            "attachment",
            {"kind": AttachmentKind.OTHER.value, "name": "附件.pdf", "content": "pdf"},
            upload(actions.add_attachment, forms.AttachmentForm, actor=house.owner, project=house.draft),
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
    ]
    return [*targets, bank_target()]


def bank_target() -> Target:
    till = Till()
    grant = till.grant()
    organisation = grant.project.organisation
    owner = UserFactory(roles=[(Role.APPLICANT_OWNER, ScopeKind.ORGANISATION, organisation.pk)])
    return Target(
        "bank account",
        {"holder": organisation.name, "bank": "示范银行", "number": ACCOUNT, "number_again": ACCOUNT},
        lambda data: submits(BankAccountForm(data), funding.enter_bank_account, actor=owner, grant=grant),
    )


def test_every_other_form_answers_in_words(house):
    drive(form_targets(house), FORMS)


# Rows of an import


def test_rows_of_an_import_are_understood_or_refused_beside_their_heading():
    edition = EditionFactory()
    lists = lists_of(edition)
    keys = sorted({column.key for origin in (Origin.PAPER, Origin.HISTORY) for column in columns_of(origin)})

    @settings(thorough, max_examples=ROWS)
    @given(
        st.dictionaries(st.sampled_from(keys), VALUES, min_size=1, max_size=8),
        st.sampled_from((Origin.PAPER, Origin.HISTORY)),
    )
    def understand(texts: dict[str, str], origin: Origin) -> None:
        values, errors = clean_row(texts, lists, origin)
        assert set(values) <= set(texts)
        assert all(heading and str(text) for heading, text in errors)

    understand()


# The whole way


def test_requests_are_answered_and_never_with_a_500(house):
    person = person_key(house.owner)
    draft, entered = house.draft.code, house.entered.code
    addresses = [
        (house.owner, reverse("projects:organisation_new"), {"code": ["x"]}),
        (house.owner, reverse("projects:organisation_edit"), {"version": ["1"], "name": ["x"]}),
        (house.owner, reverse("projects:project_start"), {"title": ["x"]}),
        (house.owner, reverse("projects:project_submit", args=[draft]), {"request_key": ["x"]}),
        (house.owner, reverse("projects:idea_new"), {"title": ["x"]}),
        (
            house.clerk,
            reverse("projects:intake_decide", args=[entered]),
            {"outcome": ["refuse"], "reason": ["x"]},
        ),
        (house.clerk, reverse("projects:intake_assign"), {"project": [entered], "checker": ["1"]}),
        (house.clerk, reverse("projects:intake_accept"), {"project": [entered]}),
        (house.clerk, reverse("projects:intake_merge", args=[entered]), {"into": [draft], "reason": ["x"]}),
        (
            house.officer,
            reverse("projects:recommend", args=[entered]),
            {"stance": ["decline"], "comment": ["x"]},
        ),
        (house.clerk, reverse("projects:organisation_link", args=[house.body.pk]), {"other_code": ["x"]}),
        *(
            (
                house.owner,
                reverse(f"projects:{page}", args=[draft, section.value]),
                {
                    "version": ["1"],
                    "person": [person],
                    "place": [name],
                    name: ["x"],
                    f"{name}-TOTAL_FORMS": ["1"],
                },
            )
            for page in ("project_section", "project_autosave")
            for section, part in BY_SECTION.items()
            for name in part.names[-2:]
        ),
    ]
    clients = {user.pk: as_person(user) for user, _address, _data in addresses}
    answered = []

    @settings(thorough, max_examples=REQUESTS)
    @given(
        st.sampled_from(addresses).flatmap(lambda each: st.tuples(st.just(each), changes_of(list(each[2]))))
    )
    def ask(drawn: Any) -> None:
        (user, address, base), changes = drawn
        # What a browser cannot put on the wire does not arrive.
        wire = {
            name.encode("utf-8", "replace").decode(): [
                value.encode("utf-8", "replace").decode() for value in values
            ]
            for name, values in {**base, **changes}.items()
        }
        with transaction.atomic():
            answer = clients[user.pk].post(address, wire)
            transaction.set_rollback(True)
        answered.append(answer.status_code)

    ask()
    assert len(answered) >= REQUESTS
    assert max(answered) < 500
