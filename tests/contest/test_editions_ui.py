"""Preparing and signing an edition in the browser, without script."""

import pytest
from django.urls import reverse

from accounts.enums import Role
from contest import actions
from contest.enums import CallStatus, Stage
from contest.models import Edition, Event
from contest.rulebook import default_rulebook
from tests.factories.accounts import UserFactory
from tests.factories.contest import EditionFactory, OfficeFactory
from tests.pages import form_data

pytestmark = pytest.mark.django_db


def url(name, edition=None):
    return reverse(f"contest:{name}", args=[edition.year] if edition else [])


@pytest.fixture
def draft(clerk):
    return EditionFactory(stage=Stage.PREPARATION, published=False, clerk=clerk)


def new_edition(**changes):
    return {
        "year": "2026",
        "office": str(OfficeFactory().pk),
        "name": "示范市2026年征选活动",
        "short_name": "2026年征选",
        "purpose": "打造共建共治共享社会治理格局。",
        "organisers": "示范市委政法委",
    } | changes


def test_clerk_opens_an_edition_once(as_user, clerk):
    client = as_user(clerk)
    response = client.post(url("desk_edition_create"), new_edition())
    edition = Edition.objects.get(year=2026)
    assert response["Location"] == url("desk_timetable", edition)
    assert edition.drafted_by == clerk
    again = client.post(url("desk_edition_create"), new_edition())
    assert again.status_code == 422
    assert again.context["form"].errors.as_data()["year"][0].code == "year_taken"
    assert Edition.objects.count() == 1


@pytest.mark.parametrize("role", [Role.APPROVER, Role.AUDITOR, Role.LEADER, Role.EXPERT])
def test_nobody_but_the_clerk_opens_an_edition(as_user, role):
    response = as_user(UserFactory(roles=[role])).post(url("desk_edition_create"), new_edition())
    assert response.status_code == 403
    assert not Edition.objects.exists()


def test_texts_are_edited_and_kept_when_refused(as_user, clerk, draft):
    client = as_user(clerk)
    data = form_data(client.get(url("desk_edition_edit", draft)), "purpose") | {"name": "新名称"}
    assert client.post(url("desk_edition_edit", draft), data).status_code == 302
    draft.refresh_from_db()
    assert draft.name == "新名称"
    refused = client.post(url("desk_edition_edit", draft), data | {"name": "", "purpose": "改过的目的"})
    assert refused.status_code == 422
    assert "改过的目的" in refused.content.decode()


@pytest.mark.parametrize("field", ["year", "number"])
def test_a_number_no_column_holds_is_refused_beside_its_field(as_user, clerk, field):
    client = as_user(clerk)
    refused = client.post(url("desk_edition_create"), new_edition(**{field: "9" * 30}))
    assert refused.status_code == 422
    assert list(refused.context["form"].errors) == [field]
    assert client.post(url("desk_edition_create"), new_edition(number="9")).status_code == 302


def test_timetable_round_trip_keeps_every_moment(as_user, clerk, draft):
    client = as_user(clerk)
    before = list(draft.timetable.values_list("period", "starts_at", "ends_at"))
    data = form_data(client.get(url("desk_timetable", draft)), "application_starts_at")
    assert client.post(url("desk_timetable", draft), data).status_code == 302
    assert list(draft.timetable.values_list("period", "starts_at", "ends_at")) == before


def test_timetable_error_stands_beside_its_date(as_user, clerk, draft):
    client = as_user(clerk)
    data = form_data(client.get(url("desk_timetable", draft)), "application_starts_at")
    data["application_ends_at"] = data["application_starts_at"]
    response = client.post(url("desk_timetable", draft), data)
    assert response.status_code == 422
    errors = response.context["form"].errors.as_data()
    assert errors["application_ends_at"][0].code == "period_backward"


def test_rulebook_form_sends_back_the_same_rules(as_user, clerk, draft):
    client = as_user(clerk)
    data = form_data(client.get(url("desk_rulebook", draft)), "entry-entries_as_lead")
    assert client.post(url("desk_rulebook", draft), data).status_code == 302
    rulebook = draft.rulebooks.get()
    assert rulebook.typed.model_dump(exclude={"public_vote"}) == default_rulebook().model_dump(
        exclude={"public_vote"}
    )
    assert rulebook.typed.public_vote == default_rulebook().public_vote


def test_rulebook_form_saves_a_change_and_leaves_one_event(as_user, clerk, draft):
    client = as_user(clerk)
    data = form_data(client.get(url("desk_rulebook", draft)), "entry-entries_as_lead")
    data |= {"preliminary_criteria-0-points": "30", "preliminary_criteria-1-points": "20"}
    data |= {"budget-fiscal_ceiling_fen": "150000.50", "awards-0-amount_fen": "90000"}
    assert client.post(url("desk_rulebook", draft), data).status_code == 302
    typed = draft.rulebooks.get().typed
    assert [criterion.points for criterion in typed.preliminary.criteria] == [30, 20, 25, 15, 10]
    assert typed.fiscal_ceiling_fen == 15_000_050
    assert typed.awards[0].amount_fen == 9_000_000
    assert Event.objects.filter(verb="rulebook.saved").count() == 1


def test_rulebook_row_is_added_and_removed_without_script(as_user, clerk, draft):
    client = as_user(clerk)
    data = form_data(client.get(url("desk_rulebook", draft)), "entry-entries_as_lead")
    page = client.post(url("desk_rulebook", draft), data | {"add": "fields", "fields-0-name": ""})
    assert page.status_code == 200
    assert not page.context["editor"].troubles
    assert draft.rulebooks.get().typed == default_rulebook()
    grown = form_data(page, "entry-entries_as_lead")
    assert grown["fields-TOTAL_FORMS"] == "8"
    assert grown["fields-0-name"] == ""
    grown |= {"fields-0-name": "社区自治", "fields-7-name": "数字治理", "fields-1-DELETE": "on"}
    assert client.post(url("desk_rulebook", draft), grown).status_code == 302
    fields = draft.rulebooks.get().typed.fields
    assert [field.name for field in fields][:1] == ["社区自治"]
    assert fields[0].key == "community_autonomy"
    assert fields[-1].name == "数字治理"
    assert "服务民生" not in [field.name for field in fields]


@pytest.mark.parametrize(
    ("change", "place", "code"),
    [
        ({"second_criteria-0-points": "16"}, "second_criteria", "criteria_not_100"),
        ({"mid_term-0-points": "41"}, "mid_term", "criteria_not_100"),
        ({"instalments-0-percent": "60"}, "instalments", "instalments_not_100"),
        ({"headings-0-name": "税费"}, "headings", "key_twice"),
    ],
)
def test_rulebook_table_that_does_not_add_up_is_named(as_user, clerk, draft, change, place, code):
    client = as_user(clerk)
    data = form_data(client.get(url("desk_rulebook", draft)), "entry-entries_as_lead")
    response = client.post(url("desk_rulebook", draft), data | change)
    assert response.status_code == 422
    found = response.context["editor"].tables[place].non_form_errors().as_data()
    assert [error.code for error in found] == [code]
    assert draft.rulebooks.get().typed == default_rulebook()


@pytest.mark.parametrize(
    ("change", "form", "field", "code"),
    [
        ({"public_vote-expert_percent": "70"}, "public_vote", "expert_percent", "weights_not_100"),
        ({"final-quorum_sheets": "9"}, "final", "quorum_sheets", "quorum_above_sheets"),
        ({"budget-fiscal_ceiling_fen": "-5"}, "budget", "fiscal_ceiling_fen", "amount"),
        ({"supervision-pass_mark": "101"}, "supervision", "pass_mark", "max_value"),
        ({"entry-entries_as_lead": "abc"}, "entry", "entries_as_lead", "invalid"),
    ],
)
def test_rulebook_field_error_stands_beside_its_field(as_user, clerk, draft, change, form, field, code):
    client = as_user(clerk)
    data = form_data(client.get(url("desk_rulebook", draft)), "entry-entries_as_lead")
    response = client.post(url("desk_rulebook", draft), data | change)
    assert response.status_code == 422
    found = response.context["editor"].forms[form].errors.as_data()[field]
    assert [error.code for error in found] == [code]


def test_call_is_put_forward_signed_and_published(as_user, clerk, approver, draft):
    client = as_user(clerk)
    assert client.get(url("call_propose", draft)).status_code == 200
    assert client.post(url("call_propose", draft)).status_code == 302
    assert client.get(url("call_sign", draft)).status_code == 403
    client = as_user(approver)
    desk = client.get(url("desk"))
    assert url("call_sign", draft) in desk.content.decode()
    page = client.get(url("call_sign", draft))
    assert "评审程序与标准" in page.content.decode()
    signature = form_data(page, "seen")
    assert client.post(url("call_sign", draft), signature | {"seen": "0" * 64}).status_code == 422
    assert client.post(url("call_sign", draft), signature).status_code == 302
    draft.refresh_from_db()
    assert draft.call_status == CallStatus.PUBLISHED
    assert draft.signed_by == approver
    assert client.post(url("call_sign", draft), signature).status_code == 422
    assert Event.objects.filter(verb="call.published").count() == 1


def test_incomplete_timetable_keeps_the_call_back(as_user, clerk):
    edition = EditionFactory(stage=Stage.PREPARATION, published=False, clerk=clerk)
    edition.timetable.filter(period="closing").delete()
    response = as_user(clerk).post(url("call_propose", edition))
    assert response.status_code == 422
    assert response.context["form"].errors.as_data()["__all__"][0].code == "timetable_incomplete"


def test_whoever_drafted_cannot_sign_even_as_approver(as_user, approver):
    both = UserFactory(roles=[Role.CLERK, Role.APPROVER])
    draft = EditionFactory(stage=Stage.PREPARATION, published=False, clerk=both)
    actions.propose_call(actor=both, edition=draft)
    assert as_user(both).post(url("call_sign", draft)).status_code == 403
    client = as_user(approver)
    signature = form_data(client.get(url("call_sign", draft)), "seen")
    assert client.post(url("call_sign", draft), signature).status_code == 302


def test_call_is_returned_with_a_reason(as_user, clerk, approver, draft):
    actions.propose_call(actor=clerk, edition=draft)
    client = as_user(approver)
    assert client.post(url("call_return", draft), {"reason": ""}).status_code == 422
    assert client.post(url("call_return", draft), {"reason": "请补充奖项说明"}).status_code == 302
    draft.refresh_from_db()
    assert draft.call_status == CallStatus.DRAFTING
    client = as_user(clerk)
    assert "请补充奖项说明" in client.get(url("desk_edition", draft)).content.decode()
    assert url("desk_edition", draft) in client.get(url("desk")).content.decode()


def test_proposed_draft_cannot_be_changed(as_user, clerk, draft):
    client = as_user(clerk)
    data = form_data(client.get(url("desk_rulebook", draft)), "entry-entries_as_lead")
    actions.propose_call(actor=clerk, edition=draft)
    response = client.post(url("desk_rulebook", draft), data)
    assert response.status_code == 422
    assert "call_not_drafting" in [
        error.code for error in response.context["editor"].forms["entry"].errors.as_data()["__all__"]
    ]


def test_edition_advances_once_however_often_it_is_asked(as_user, clerk):
    edition = EditionFactory(stage=Stage.IMPLEMENTATION, clerk=clerk)
    client = as_user(clerk)
    data = form_data(client.get(url("edition_advance", edition)), "target")
    assert data["target"] == Stage.CLOSING
    for _click in range(2):
        assert client.post(url("edition_advance", edition), data).status_code == 302
    edition.refresh_from_db()
    assert edition.stage == Stage.CLOSING
    assert Event.objects.filter(verb="edition.advanced").count() == 1


def test_edition_does_not_jump(as_user, clerk):
    edition = EditionFactory(stage=Stage.IMPLEMENTATION, clerk=clerk)
    response = as_user(clerk).post(url("edition_advance", edition), {"target": "archived"})
    assert response.status_code == 422
    assert response.context["form"].errors.as_data()["__all__"][0].code == "no_such_move"


def test_amendment_needs_reason_and_second_signature(as_user, clerk, approver):
    edition = EditionFactory(clerk=clerk)
    client = as_user(clerk)
    data = form_data(client.get(url("amendment", edition)), "entry-entries_as_lead")
    data |= {"entry-entries_as_lead": "2"}
    assert client.post(url("amendment", edition), data | {"reason": ""}).status_code == 422
    assert client.post(url("amendment", edition), data | {"reason": "扩大征选范围"}).status_code == 302
    assert client.get(url("amendment_sign", edition)).status_code == 403
    client = as_user(approver)
    page = client.get(url("amendment_sign", edition))
    assert [(d.before, d.after) for d in page.context["differences"]] == [("1", "2")]
    signature = form_data(page, "seen")
    assert client.post(url("amendment_sign", edition), signature).status_code == 302
    edition = Edition.objects.for_list().get(pk=edition.pk)
    assert (edition.rules.entries_as_lead, edition.current_rulebook.version) == (2, 2)
    assert client.post(url("amendment_sign", edition)).status_code == 404


def test_amendment_page_adds_a_row_without_asking_for_the_reason(as_user, clerk):
    edition = EditionFactory(clerk=clerk)
    client = as_user(clerk)
    data = form_data(client.get(url("amendment", edition)), "entry-entries_as_lead")
    page = client.post(url("amendment", edition), data | {"add": "awards"})
    assert page.status_code == 200
    assert form_data(page, "entry-entries_as_lead")["awards-TOTAL_FORMS"] == "5"


def test_drafts_are_hidden_from_who_does_not_read_the_contest(as_user, draft):
    outsider = UserFactory(roles=[Role.DISTRICT_OFFICER])
    client = as_user(outsider)
    assert client.get(url("desk")).status_code == 200
    assert client.get(url("desk_edition", draft)).status_code == 404
    assert client.get(url("desk_edition_list")).status_code == 403
    reader = UserFactory(roles=[Role.LEADER])
    assert as_user(reader).get(url("desk_edition", draft)).status_code == 200
