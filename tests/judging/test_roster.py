"""The roster of the public jury: entered, imported, struck off; nobody sees it but the office."""

from __future__ import annotations

from io import BytesIO

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from openpyxl import Workbook, load_workbook

from accounts.enums import Role
from contest.models import Event
from judging import actions, roster_tables
from judging.models import Draw, Juror, JurorCard
from tests.factories.accounts import DistrictFactory, UserFactory
from tests.factories.judging import make_roster, refused
from tests.judging.hall import Hall, a_hall
from tests.pages import form_data, queries_of

pytestmark = pytest.mark.django_db

SEATS = [["社区居民", 3], ["媒体", 2]]


@pytest.fixture
def hall() -> Hall:
    return a_hall(entries=2, jurors=0, rules={"public_vote": {"seats": SEATS}})


def client_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def roster(hall: Hall) -> str:
    return reverse("judging:live_roster", args=[hall.edition.year])


def enter(hall: Hall, **changes) -> Juror:
    facts = {"name": "评审001", "trade": "媒体", "phone": "13800000001"} | changes
    return actions.add_juror(actor=hall.clerk, edition=hall.edition, **facts)


def table(*rows: tuple[str, ...]) -> SimpleUploadedFile:
    book = Workbook()
    book.active.append([column.heading for column in roster_tables.COLUMNS])
    for row in rows:
        book.active.append(row)
    stream = BytesIO()
    book.save(stream)
    return SimpleUploadedFile("名册.xlsx", stream.getvalue())


def test_somebody_is_on_the_roster_once(hall):
    juror = enter(hall)
    with refused("juror_there"):
        enter(hall)
    with pytest.raises(IntegrityError), transaction.atomic():
        Juror.objects.create(
            edition=hall.edition, name=juror.name, trade="媒体", phone=juror.phone, entered_by=hall.clerk
        )
    enter(hall, phone="13800000002")
    actions.strike_juror(actor=hall.clerk, juror=juror, reason="已调离")
    assert enter(hall).pk != juror.pk


def test_only_trades_with_seats_and_only_by_the_clerk(hall):
    with refused("trade_unknown"):
        enter(hall, trade="摄影师")
    with pytest.raises(PermissionDenied):
        actions.add_juror(actor=hall.approver, edition=hall.edition, name="评审002", trade="媒体")
    assert enter(hall).trade == "媒体"


def test_the_record_holds_nothing_of_the_person(hall):
    juror = enter(hall)
    actions.change_juror(actor=hall.clerk, juror=juror, name="评审009", trade="媒体", phone="")
    kept = str(list(Event.objects.filter(verb__startswith="juror.").values_list("before", "after")))
    assert Event.objects.filter(verb="juror.changed").exists()
    assert not any(word in kept for word in ("评审0", "138000"))


def test_a_draw_is_bound_to_the_person_until_it_is_thrown_away(hall):
    make_roster(hall.edition, 社区居民=3, 媒体=2)
    (outside,) = make_roster(hall.edition, 法律=1)
    draw = actions.commit_jury_draw(actor=hall.clerk, round=hall.round, public_source="某数")
    juror = Juror.objects.get(pk=draw.pool[0]["id"])
    kept = {name: getattr(juror, name) for name in ("name", "trade", "unit", "district", "phone")}
    for name, value in (("name", "评审999"), ("phone", "13911112222"), ("unit", "别处"), ("trade", "媒体")):
        with refused("juror_bound"):
            actions.change_juror(actor=hall.clerk, juror=juror, **kept | {name: value})
    assert actions.change_juror(actor=hall.clerk, juror=juror, **kept) == juror
    assert actions.change_juror(actor=hall.clerk, juror=outside, trade="法律", name="评审998", phone="")
    draw = actions.run_jury_draw(actor=hall.clerk, draw=draw, public_number="7", witnesses="监督01")
    juror = draw.juror_picks.first().juror
    with refused("juror_drawn"):
        actions.strike_juror(actor=hall.clerk, juror=juror, reason="已调离")
    actions.end_jury_draw(actor=hall.supervisor, draw=Draw.objects.get(), reason="名册有误")
    kept = {"name": juror.name, "trade": juror.trade, "phone": ""}
    assert actions.change_juror(actor=hall.clerk, juror=juror, **kept).phone == ""
    assert actions.strike_juror(actor=hall.clerk, juror=juror, reason="已调离").struck_at


def test_the_pages_of_the_roster(hall):
    district = DistrictFactory()
    clerk = client_of(hall.clerk)
    new = reverse("judging:live_juror_new", args=[hall.edition.year])
    given = {"name": "评审001", "trade": "媒体", "unit": "示范日报社", "district": district.pk, "phone": ""}
    assert clerk.post(new, given | {"trade": "摄影师"}).status_code == 422
    assert clerk.post(new, given).status_code == 302
    juror = Juror.objects.get()
    page = clerk.get(roster(hall))
    counts = {row["trade"]: (row["seats"], row["people"], row["is_short"]) for row in page.context["trades"]}
    assert counts == {"社区居民": (3, 0, True), "媒体": (2, 1, True)}
    edit = reverse("judging:live_juror", args=[juror.pk])
    shown = form_data(clerk.get(edit), "trade")
    assert (shown["name"], shown["trade"], shown["district"]) == ("评审001", "媒体", str(district.pk))
    assert clerk.post(edit, shown | {"unit": "示范广播电视台"}).status_code == 302
    strike = reverse("judging:live_juror_strike", args=[juror.pk])
    assert clerk.post(strike, {"reason": " "}).status_code == 422
    assert clerk.post(strike, {"reason": "已调离"}).status_code == 302
    juror.refresh_from_db()
    assert (juror.unit, juror.struck_reason) == ("示范广播电视台", "已调离")


def test_the_list_is_searched_and_divided_by_trade_and_state(hall):
    first, *_others = make_roster(hall.edition, 社区居民=3, 媒体=2)
    actions.strike_juror(actor=hall.clerk, juror=first, reason="已调离")
    client = client_of(hall.approver)

    def found(**params) -> int:
        return client.get(roster(hall), params).context["listing"].count

    assert found() == 5
    assert found(q=first.name) == found(q=first.phone) == 1
    assert (found(trade="媒体"), found(state="struck"), found(state="there")) == (2, 1, 4)
    JurorCard.objects.create(
        round=hall.round, seat=1, juror=_others[0], trade="社区居民", scale_max=100, issued_by=hall.clerk
    )
    assert found(state="seated") == 1


def test_the_list_costs_the_same_for_many(hall):
    make_roster(hall.edition, 媒体=1)
    client = client_of(hall.clerk)
    few = queries_of(client, roster(hall))
    make_roster(hall.edition, 媒体=29)
    assert queries_of(client, roster(hall)) == few


# Import


def test_a_table_is_looked_through_first_and_imported_by_a_second_word(hall):
    district = DistrictFactory()
    make_roster(hall.edition, 社区居民=1)
    known = Juror.objects.get()
    clerk = client_of(hall.clerk)
    page = reverse("judging:live_roster_import", args=[hall.edition.year])
    rows = [
        ("评审101", "媒体", "示范日报社", district.name, "13900000001"),
        ("评审102", "社区居民", "", "", ""),
        (known.name, known.trade, "", "", known.phone),
    ]
    shown = clerk.post(page, {"file": table(*rows)})
    assert [row.name for row in shown.context["fresh"]] == ["评审101", "评审102"]
    assert [row.name for row in shown.context["there"]] == [known.name]
    assert Juror.objects.count() == 1
    word = form_data(shown, "table")
    assert clerk.post(page, word).status_code == 302
    assert Juror.objects.get(name="评审101").district == district
    assert Juror.objects.count() == 3
    assert Event.objects.get(verb="juror.imported").after == {"count": 2}
    # The same word again finds them there already.
    assert clerk.post(page, word).status_code == 422
    other = client_of(UserFactory(roles=[Role.CLERK]))
    assert other.post(page, word).status_code == 422
    assert Juror.objects.count() == 3


def test_what_is_wrong_in_a_table_is_said_by_row_and_nothing_is_imported(hall):
    clerk = client_of(hall.clerk)
    page = reverse("judging:live_roster_import", args=[hall.edition.year])
    rows = [
        ("评审101", "摄影师", "", "", ""),
        ("", "媒体", "", "", ""),
        ("评审103", "媒体", "", "不存在区", ""),
        ("评审104", "媒体", "", "", "电话"),
        ("评审105", "媒体", "", "", ""),
        ("评审105", "社区居民", "", "", ""),
    ]
    shown = clerk.post(page, {"file": table(*rows)})
    wrong = {(row.number, heading) for row in shown.context["wrong"] for heading, _said in row.errors}
    assert wrong == {(2, "界别"), (3, "姓名"), (4, "县（区）"), (5, "联系电话"), (7, "姓名")}
    assert shown.context["table"] == ""
    assert not Juror.objects.exists()
    assert clerk.post(page, {"file": SimpleUploadedFile("a.xlsx", b"x")}).status_code == 422


def test_the_template_names_trades_and_districts_and_can_be_read_back(hall):
    district = DistrictFactory()
    page = reverse("judging:live_roster_template", args=[hall.edition.year])
    book = load_workbook(BytesIO(client_of(hall.clerk).get(page).content))
    names = {cell.value for row in book.worksheets[1] for cell in row}
    assert {"社区居民", "媒体", district.name} <= names
    book.worksheets[0].append(["评审101", "媒体", None, district.name, None])
    stream = BytesIO()
    book.save(stream)
    (row,) = roster_tables.read(BytesIO(stream.getvalue()), "名册.xlsx", hall.edition)
    assert row.errors == []
