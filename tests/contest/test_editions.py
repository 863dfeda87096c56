"""From draft to call: two people, a frozen rulebook, a numbered paper."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.utils import IntegrityError

from accounts.enums import Role
from contest import actions
from contest.enums import CallStatus, Period
from contest.models import Edition, Event, Rulebook
from contest.rulebook import default_rulebook
from contest.waiting import waiting_for
from kit import clock
from kit.errors import RuleBroken
from kit.hashing import fingerprint
from tests.factories.accounts import UserFactory
from tests.factories.contest import EditionFactory, OfficeFactory

pytestmark = pytest.mark.django_db

START = datetime(2026, 3, 3, 9, tzinfo=clock.CITY_ZONE)


@pytest.fixture
def clerk():
    return UserFactory(roles=[Role.CLERK])


@pytest.fixture
def approver():
    return UserFactory(roles=[Role.APPROVER])


def draft(clerk) -> Edition:
    edition = actions.create_edition(
        actor=clerk,
        year=2026,
        office=OfficeFactory(mark="示治"),
        name="2026年社会治理创新十大项目征选活动",
        short_name="创新大赛",
        purpose="为推进市域社会治理现代化，开展征选活动。",
        organisers="示范市委政法委",
    )
    periods = {
        period: (START + timedelta(days=30 * n), START + timedelta(days=30 * n + 29))
        for n, period in enumerate(Period)
    }
    return actions.set_timetable(actor=clerk, edition=edition, periods=periods)


def test_call_takes_a_drafter_and_another_signer(clerk, approver, django_capture_on_commit_callbacks):
    edition = actions.propose_call(actor=clerk, edition=draft(clerk))

    edition = actions.sign_call(actor=approver, edition=edition)

    assert edition.call_status == CallStatus.PUBLISHED
    assert edition.current_rulebook.sha256 == fingerprint(edition.current_rulebook.document)
    assert edition.call_document.number_text == "示治〔2026〕1号"
    verbs = list(Event.objects.filter(edition=edition).values_list("verb", flat=True).order_by("pk"))
    assert verbs == [
        "edition.created",
        "timetable.set",
        "call.proposed",
        "document.issued",
        "call.published",
    ]


def test_drafter_may_not_sign_even_with_both_roles():
    both = UserFactory(roles=[Role.CLERK, Role.APPROVER])
    edition = actions.propose_call(actor=both, edition=draft(both))

    with pytest.raises(PermissionDenied):
        actions.sign_call(actor=both, edition=edition)


def test_a_hand_in_the_draft_is_enough_to_be_kept_from_signing(clerk, approver):
    both = UserFactory(roles=[Role.CLERK, Role.APPROVER])
    edition = actions.update_edition(actor=both, edition=draft(clerk), purpose="改过的目的。")
    edition = actions.propose_call(actor=clerk, edition=edition)
    assert approver.has_perm("contest.sign_call", edition)
    assert [line for line in waiting_for(approver) if line.url.endswith("/sign/")]

    with pytest.raises(PermissionDenied):
        actions.sign_call(actor=both, edition=edition)
    assert not [line for line in waiting_for(both) if line.url.endswith("/sign/")]


def test_database_refuses_a_signature_by_the_drafter(clerk):
    edition = draft(clerk)

    with pytest.raises(IntegrityError, match="edition_two_people"), transaction.atomic():
        Edition.objects.filter(pk=edition.pk).update(
            call_status=CallStatus.PUBLISHED, signed_by=clerk, call_published_at=clock.now()
        )


def test_call_needs_a_whole_timetable(clerk):
    edition = actions.create_edition(
        actor=clerk,
        year=2026,
        office=OfficeFactory(),
        name="征选活动",
        short_name="大赛",
        purpose="…",
        organisers="…",
    )

    with pytest.raises(RuleBroken) as refused:
        actions.propose_call(actor=clerk, edition=edition)
    assert refused.value.code == "timetable_incomplete"


def test_call_printed_from_the_rulebook_names_its_figures(clerk, approver):
    edition = actions.sign_call(
        actor=approver, edition=actions.propose_call(actor=clerk, edition=draft(clerk))
    )

    printed = str(edition.call_document.content)

    assert "专家评分×80%＋大众评审评分×20%" in printed
    assert "1,010,000.00" not in printed
    assert "810,000.00" in printed
    assert edition.current_rulebook.sha256 in printed


def test_returned_call_can_be_changed_and_proposed_again(clerk, approver):
    edition = actions.propose_call(actor=clerk, edition=draft(clerk))
    with pytest.raises(RuleBroken):
        actions.update_edition(actor=clerk, edition=edition, name="改名")

    actions.return_call(actor=approver, edition=edition, reason="时间有误")

    assert actions.update_edition(actor=clerk, edition=edition, name="改名").name == "改名"
    assert actions.propose_call(actor=clerk, edition=edition).call_status == CallStatus.PROPOSED


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda doc: doc["public_vote"].update(public_percent=30), "weights_not_100"),
        (lambda doc: doc["second"]["criteria"][0].update(points=99), "criteria_not_100"),
        (lambda doc: doc["instalments"][0].update(percent=10), "instalments_not_100"),
        (lambda doc: doc["final"].update(quorum_sheets=30), "quorum_above_sheets"),
        (lambda doc: doc["final"].update(tie_criterion="charm"), "tie_criterion_unknown"),
        (lambda doc: doc.update(surprise=1), "extra_forbidden"),
        (lambda doc: doc.update(pass_mark=-1), "greater_than_equal"),
    ],
)
def test_rulebook_that_does_not_add_up_is_refused(clerk, change, code):
    edition = draft(clerk)
    document = default_rulebook().model_dump(mode="json")
    actions.save_rulebook(actor=clerk, edition=edition, document=document)

    change(document)
    with pytest.raises(RuleBroken) as refused:
        actions.save_rulebook(actor=clerk, edition=edition, document=document)
    assert refused.value.code == code


def test_amendment_is_a_new_version_with_reason_and_second_signature(clerk, approver):
    edition = EditionFactory(published=True)
    document = {**edition.current_rulebook.document, "pass_mark": 70}
    with pytest.raises(RuleBroken) as refused:
        actions.propose_amendment(actor=clerk, edition=edition, document=document, reason=" ")
    assert refused.value.code == "reason_missing"

    amendment = actions.propose_amendment(
        actor=clerk, edition=edition, document=document, reason="上级文件要求"
    )
    actions.sign_amendment(actor=approver, rulebook=amendment)

    edition = Edition.objects.get(pk=edition.pk)
    assert (edition.current_rulebook.version, edition.rules.pass_mark) == (2, 70)
    assert Rulebook.objects.get(edition=edition, version=1).typed.pass_mark == 60


def test_timetable_must_run_forward(clerk):
    edition = draft(clerk)
    backward = {Period.APPLICATION: (START, START - timedelta(days=1))}
    crossed = {
        Period.APPLICATION: (START, START + timedelta(days=9)),
        Period.PRELIMINARY: (START - timedelta(days=9), START + timedelta(days=20)),
    }

    codes = []
    for periods in (backward, crossed):
        with pytest.raises(RuleBroken) as refused:
            actions.set_timetable(actor=clerk, edition=edition, periods=periods)
        codes.append((refused.value.code, refused.value.field))
    assert codes == [
        ("period_backward", "application_ends_at"),
        ("periods_out_of_order", "preliminary_starts_at"),
    ]


def test_past_deadline_cannot_be_moved(clerk):
    edition = EditionFactory(published=True)
    entry = edition.periods[Period.APPLICATION]
    later = {Period.APPLICATION: (entry.starts_at, entry.ends_at + timedelta(days=3))}

    with clock.frozen(entry.ends_at - timedelta(seconds=1)):
        actions.set_timetable(actor=clerk, edition=edition, periods=later)
    edition = Edition.objects.get(pk=edition.pk)
    with clock.frozen(entry.ends_at + timedelta(days=4)), pytest.raises(RuleBroken) as refused:
        actions.set_timetable(
            actor=clerk,
            edition=edition,
            periods={Period.APPLICATION: (entry.starts_at, entry.ends_at + timedelta(days=9))},
        )
    assert refused.value.code == "period_past"


def test_signature_covers_what_lay_before_the_signer(clerk, approver):
    edition = actions.propose_call(actor=clerk, edition=draft(clerk))
    seen = actions.fingerprint_of_draft(edition.rulebook)
    actions.return_call(actor=approver, edition=edition, reason="再看一遍")
    actions.update_edition(actor=clerk, edition=edition, name="改了名的征选活动")
    edition = actions.propose_call(actor=clerk, edition=edition)

    with pytest.raises(RuleBroken) as refused:
        actions.sign_call(actor=approver, edition=edition, seen=seen)
    assert refused.value.code == "changed_meanwhile"
    fresh = actions.fingerprint_of_draft(Rulebook.objects.get(edition=edition))
    assert actions.sign_call(actor=approver, edition=edition, seen=fresh).is_published


def test_amendment_replaced_while_being_read_is_not_signed(clerk, approver):
    edition = EditionFactory(published=True)
    document = edition.rulebook.document
    first = actions.propose_amendment(
        actor=clerk, edition=edition, document=document | {"pass_mark": 70}, reason="上级文件要求"
    )
    second = actions.propose_amendment(
        actor=clerk, edition=edition, document=document | {"pass_mark": 1}, reason="上级文件要求"
    )

    with pytest.raises(RuleBroken) as refused:
        actions.sign_amendment(actor=approver, rulebook=first)
    assert refused.value.code == "changed_meanwhile"
    with pytest.raises(RuleBroken):
        actions.sign_amendment(actor=approver, rulebook=second, seen="0" * 64)
    seen = actions.fingerprint_of_draft(second)
    assert actions.sign_amendment(actor=approver, rulebook=second, seen=seen).is_frozen


def test_dates_stand_still_while_the_call_lies_before_the_approver(clerk):
    edition = draft(clerk)
    periods = {entry.period: (entry.starts_at, entry.ends_at) for entry in edition.timetable.all()}
    actions.set_timetable(actor=clerk, edition=edition, periods=periods)
    actions.propose_call(actor=clerk, edition=edition)

    with pytest.raises(RuleBroken) as refused:
        actions.set_timetable(actor=clerk, edition=edition, periods=periods)
    assert refused.value.code == "call_proposed"


def test_running_period_cannot_be_ended_in_the_past(clerk):
    edition = EditionFactory(published=True)
    entry = edition.periods[Period.APPLICATION]
    middle = entry.starts_at + (entry.ends_at - entry.starts_at) / 2

    with clock.frozen(middle):
        later = middle + timedelta(days=1)
        actions.set_timetable(
            actor=clerk, edition=edition, periods={Period.APPLICATION: (entry.starts_at, later)}
        )
        with pytest.raises(RuleBroken) as refused:
            actions.set_timetable(
                actor=clerk,
                edition=Edition.objects.get(pk=edition.pk),
                periods={Period.APPLICATION: (entry.starts_at, middle - timedelta(hours=1))},
            )
    assert refused.value.code == "period_past"


@pytest.mark.parametrize("year", [0, 2012, 2101, 9001, 32767])
def test_year_lies_within_reason(clerk, year):
    with pytest.raises(RuleBroken) as refused:
        actions.create_edition(
            actor=clerk,
            year=year,
            office=OfficeFactory(),
            name="征选活动",
            short_name="大赛",
            purpose="…",
            organisers="…",
        )
    assert refused.value.code == "year_absurd"
