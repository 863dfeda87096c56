"""What an objection holds on the money side until it is concluded."""

from __future__ import annotations

from uuid import uuid4

import pytest

from accounts.enums import Role
from contest.enums import Stage
from contest.models import Edition
from funding import actions
from funding.models import Grant
from judging import actions as judging
from judging.enums import ObjectionChannel, ObjectionOutcome
from judging.models import Notice, Objection
from projects.models import Project
from tests.factories.accounts import UserFactory
from tests.factories.funding import Till
from tests.factories.judging import refused

pytestmark = pytest.mark.django_db


def notice_of(till: Till) -> Notice:
    """The entries of a till's edition under public notice, as they were before the money came."""
    Edition.objects.filter(pk=till.edition.pk).update(stage=Stage.PRELIMINARY)
    notice = judging.publish_intake_notice(actor=till.clerk, edition=Edition.objects.get(pk=till.edition.pk))
    Edition.objects.filter(pk=till.edition.pk).update(stage=Stage.IMPLEMENTATION)
    return notice


def letter_about(till: Till, project: Project) -> Objection:
    """A letter that came in time and was registered late."""
    clerk = UserFactory(roles=[Role.CLERK])
    objection = judging.file_objection(
        actor=clerk,
        notice=notice_of(till),
        project=project,
        text="请核实配套资金。",
        request_key=uuid4(),
        objector_name="异议人甲",
        objector_contact="13800007777",
        channel=ObjectionChannel.LETTER,
    )
    return judging.accept_objection(actor=clerk, objection=objection)


def reject(objection: Objection) -> None:
    judging.decide_objection(
        actor=UserFactory(roles=[Role.SUPERVISOR]),
        objection=objection,
        outcome=ObjectionOutcome.REJECTED,
        reply="经核查，资金属实。",
    )


def test_no_agreement_is_signed_while_an_objection_is_checked():
    till = Till(awards=(1_000_000, 1_000_000))
    till.drawn_up()
    held, free = Grant.objects.order_by("pk")
    objection = letter_about(till, held.project)
    with refused("gate"):
        actions.sign_agreement(actor=till.approver, grant=held)
    assert actions.sign_agreement(actor=till.approver, grant=free).is_signed
    reject(objection)
    assert actions.sign_agreement(actor=till.approver, grant=held).is_signed


def test_no_step_of_a_payment_is_taken_meanwhile():
    till = Till()
    first = till.first()
    objection = letter_about(till, first.grant.project)
    with refused("gate"):
        actions.prepare_instalment(actor=till.clerk, instalment=first)
    reject(objection)
    assert actions.prepare_instalment(actor=till.clerk, instalment=first).status == "prepared"


def test_a_payment_on_its_way_waits_too():
    till = Till()
    approved = till.approved()
    objection = letter_about(till, approved.grant.project)
    with refused("gate"):
        till.pay(approved)
    reject(objection)
    assert till.pay(approved).status == "paid"
