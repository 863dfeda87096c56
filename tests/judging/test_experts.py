"""The pool of experts: entries, ties, invitations, import."""

from __future__ import annotations

import re
from io import BytesIO

import openpyxl
import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts import actions as accounts
from accounts.enums import Role, ScopeKind
from accounts.models import Invitation, User
from contest.models import Event
from judging.actions import experts as actions
from judging.models import Expert, ExpertLink
from judging.pool_tables import write_template
from kit import clock
from tests.factories.accounts import DistrictFactory, UserFactory
from tests.factories.judging import make_pool, refused
from tests.factories.projects import code_number
from tests.pages import form_data, queries_of

pytestmark = pytest.mark.django_db

FACTS = {"is_theorist": True, "is_practitioner": False, "unit": "示范大学", "fields": ["livelihood"]}


@pytest.fixture
def clerk() -> User:
    return UserFactory(roles=[Role.CLERK])


@pytest.fixture
def desk(clerk) -> Client:
    client = Client()
    client.force_login(clerk)
    return client


def entered(clerk: User, **fields) -> Expert:
    person = {"email": "expert@example.org", "name": "专家01", "phone": "13800000001"}
    return actions.add_expert(actor=clerk, **(person | FACTS | fields))


# Entries


def test_an_expert_is_entered_by_the_page(desk):
    code = code_number(3)
    given = {
        "name": "专家01",
        "email": "Expert@Example.org",
        "is_practitioner": "on",
        "topics": ["livelihood"],
        "unit": "示范大学",
        "unit_code": code.lower(),
    }
    assert desk.post(reverse("judging:expert_new"), given | {"unit_code": "1"}).status_code == 422
    assert desk.post(reverse("judging:expert_new"), given).status_code == 302
    expert = Expert.objects.get()
    assert (expert.unit_code, expert.fields, expert.is_practitioner) == (code, ["livelihood"], True)
    assert expert.person.email == "expert@example.org"
    assert not expert.person.has_usable_password()
    assert desk.post(reverse("judging:expert_new"), given).status_code == 422
    assert Expert.objects.count() == 1


def test_an_expert_is_theory_or_practice(clerk):
    with refused("expert_kind_missing"):
        entered(clerk, is_theorist=False)
    with refused("away_backward"):
        entered(clerk, away_from=clock.today(), away_until=clock.today().replace(year=2000))
    assert entered(clerk).is_theorist


def test_whoever_applies_does_not_judge(clerk):
    applicant = UserFactory(roles=[(Role.APPLICANT_OWNER, ScopeKind.ORGANISATION, 1)])
    with refused("expert_applies"):
        entered(clerk, email=applicant.email)
    assert not Expert.objects.exists()


def test_only_the_clerk_keeps_the_pool(clerk):
    expert = entered(clerk)
    for other in (UserFactory(roles=[Role.APPROVER]), UserFactory(roles=[Role.EXPERT])):
        with pytest.raises(PermissionDenied):
            actions.leave_pool(actor=other, expert=expert, reason="x")
    assert Expert.objects.get().left_at is None


def test_changes_are_recorded_by_field_and_not_by_content(clerk, desk):
    expert = entered(clerk)
    page = reverse("judging:expert_edit", args=[expert.pk])
    data = form_data(desk.get(page), "unit") | {"unit": "另一大学", "away_from": "2026-05-01"}
    assert desk.post(page, data).status_code == 302
    event = Event.objects.get(verb="expert.changed")
    assert event.after == {"changed": ["away_from", "unit"]}
    assert Expert.objects.get().fields == ["livelihood"]


def test_leaving_and_coming_back(clerk, desk):
    expert = entered(clerk)
    leave = reverse("judging:expert_leave", args=[expert.pk])
    assert desk.post(leave, {"reason": ""}).status_code == 422
    assert desk.post(leave, {"reason": "工作调动"}).status_code == 302
    assert not Expert.objects.available(clock.today()).exists()
    assert desk.post(reverse("judging:expert_return", args=[expert.pk])).status_code == 302
    assert Expert.objects.available(clock.today()).get() == expert


def test_a_tie_is_entered_and_ended_but_never_lost(clerk, desk):
    expert = entered(clerk)
    tie = {"kind": "mentor", "body_name": "示例服务中心", "body_code": code_number(5)}
    page = reverse("judging:expert_link", args=[expert.pk])
    assert desk.post(page, tie | {"project": "1999-0001"}).status_code == 422
    assert desk.post(page, tie).status_code == 302
    link = ExpertLink.objects.get()
    assert link.body_code == code_number(5)
    end = reverse("judging:expert_unlink", args=[link.pk])
    assert end in desk.get(expert.get_absolute_url()).content.decode()
    assert desk.post(end, {"reason": "录入有误"}).status_code == 302
    assert ExpertLink.objects.get().ended_by == clerk
    with refused("link_ended"):
        actions.end_link(actor=clerk, link=link, reason="再次")


# Invitations


def test_the_link_in_the_mail_opens_the_account_once(clerk, desk):
    expert = entered(clerk)
    assert desk.post(reverse("judging:expert_invite", args=[expert.pk])).status_code == 302
    link = re.search(r"https?://[^/]+(/\S+)", mail.outbox[0].body).group(1)
    browser = Client()
    page = browser.get(link, follow=True)
    data = form_data(page, "password") | {
        "password": "一句自己记得住的话 2026",
        "again": "一句自己记得住的话 2026",
    }
    assert browser.post(page.request["PATH_INFO"], data).status_code == 302
    person = User.objects.get(pk=expert.person_id)
    assert person.check_password("一句自己记得住的话 2026")
    assert person.has_role(Role.EXPERT)
    assert Client().get(link, follow=True).status_code == 410
    with refused("expert_can_sign_in"):
        actions.invite_expert(actor=clerk, expert=expert)


def test_a_second_invitation_kills_the_first(clerk):
    expert = entered(clerk)
    _first, old = actions.invite_expert(actor=clerk, expert=expert)
    _second, new = actions.invite_expert(actor=clerk, expert=expert)
    with refused("invitation_dead"):
        accounts.accept_invitation(token=old, name="专家01", password="x")
    assert accounts.accept_invitation(token=new, name="专家01", password="x") == expert.person


def test_a_link_takes_over_no_account_that_has_an_owner(clerk):
    expert = entered(clerk)
    _invitation, token = actions.invite_expert(actor=clerk, expert=expert)
    expert.person.set_password("die eigene 2026")
    expert.person.save()
    with refused("invitation_known_address"):
        accounts.accept_invitation(token=token, name="别人", password="x")
    assert User.objects.get(pk=expert.person_id).name == "专家01"


def test_the_clerk_invites_experts_and_nobody_else(clerk):
    with pytest.raises(PermissionDenied):
        accounts.invite_person(actor=clerk, email="a@example.org", role=Role.CLERK)
    invitation, _token = accounts.invite_person(actor=clerk, email="a@example.org", role=Role.EXPERT)
    assert invitation.role == Role.EXPERT


def test_everybody_not_invited_yet_is_invited_at_one_press(clerk, desk):
    make_pool(1)
    for number in range(3):
        entered(clerk, email=f"expert{number}@example.org")
    desk.post(reverse("judging:experts_invite"))
    assert len(mail.outbox) == 3
    desk.post(reverse("judging:experts_invite"))
    assert Invitation.objects.open(clock.now()).count() == len(mail.outbox) == 3


# Import

ROW = {
    "姓名*": "专家11",
    "电子邮箱*": "expert11@example.org",
    "类别*": "理论和实务",
    "工作单位*": "示范学院",
}


def table(tmp_path, *rows: dict[str, str]) -> SimpleUploadedFile:
    """The template filled in."""
    path = tmp_path / "pool.xlsx"
    write_template(str(path))
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    headings = [cell.value for cell in sheet[1]]
    for line, row in enumerate(rows, 2):
        for heading, text in row.items():
            sheet.cell(line, headings.index(heading) + 1, text)
    stream = BytesIO()
    book.save(stream)
    return SimpleUploadedFile("专家.xlsx", stream.getvalue())


def test_a_table_is_looked_through_and_then_imported(desk, tmp_path):
    district = DistrictFactory()
    page = reverse("judging:experts_import")
    second = {**ROW, "姓名*": "专家12", "电子邮箱*": "expert12@example.org", "类别*": "实务"}
    filled = table(tmp_path, {**ROW, "县（区）": district.name}, second)
    looked = desk.post(page, {"file": filled})
    assert [row.name for row in looked.context["fresh"]] == ["专家11", "专家12"]
    assert not Expert.objects.exists()
    assert desk.post(page, {"table": looked.context["table"]}).status_code == 302
    first = Expert.objects.get(person__email="expert11@example.org")
    assert (first.is_theorist, first.is_practitioner, first.district) == (True, True, district)
    again = desk.post(page, {"file": table(tmp_path, ROW, second)})
    assert [row.number for row in again.context["there"]] == [2, 3]
    desk.post(page, {"table": looked.context["table"]})
    assert Expert.objects.count() == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"电子邮箱*": "no address"},
        {"类别*": "两者皆非"},
        {"类别*": None},
        {"熟悉领域": "不存在的领域"},
        {"单位统一社会信用代码": "123"},
        {"县（区）": "不存在区"},
        {"工作单位*": None},
    ],
)
def test_one_wrong_cell_keeps_the_whole_table_out(desk, tmp_path, wrong):
    heading = next(iter(wrong)).removesuffix("*")
    good = {**ROW, "电子邮箱*": "good@example.org"}
    looked = desk.post(reverse("judging:experts_import"), {"file": table(tmp_path, good, {**ROW, **wrong})})
    assert [row.number for row in looked.context["wrong"]] == [3]
    assert heading in [named for named, _said in looked.context["wrong"][0].errors]
    assert not looked.context["table"]


def test_the_same_address_twice_is_found(desk, tmp_path):
    looked = desk.post(reverse("judging:experts_import"), {"file": table(tmp_path, ROW, ROW)})
    assert [row.number for row in looked.context["wrong"]] == [3]


def test_what_was_not_looked_through_is_not_imported(desk, tmp_path):
    page = reverse("judging:experts_import")
    looked = desk.post(page, {"file": table(tmp_path, ROW)})
    other = Client()
    other.force_login(UserFactory(roles=[Role.CLERK]))
    for sender, sent in ((other, looked.context["table"]), (desk, "made:up")):
        answer = sender.post(page, {"table": sent})
        assert answer.status_code == 422
        assert answer.context["word"].has_error("table", "table_stale")
    assert desk.post(page, {"file": SimpleUploadedFile("a.xlsx", b"no table")}).status_code == 422
    assert not Expert.objects.exists()


# Pages


def test_the_list_costs_the_same_for_one_and_thirty(desk):
    make_pool(1)
    address = reverse("judging:experts")
    few = queries_of(desk, address)
    make_pool(29)
    assert queries_of(desk, address) == few
    assert len(desk.get(address).context["listing"].rows) == 30


@pytest.mark.parametrize(("state", "found"), [("ready", 1), ("away", 1), ("invite", 1), ("left", 1)])
def test_the_list_is_narrowed_by_where_experts_stand(clerk, desk, state, found):
    _ready, away, left = make_pool(3)
    entered(clerk)
    Expert.objects.filter(pk=away.pk).update(away_from=clock.today())
    Expert.objects.filter(pk=left.pk).update(left_at=clock.now())
    listing = desk.get(reverse("judging:experts"), {"state": state, "topic": "livelihood"}).context["listing"]
    assert listing.count == found
