"""The money side of the tests: awards as a confirmed final leaves them, then everything by actions."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from accounts.enums import Role, ScopeKind
from accounts.models import District, User
from contest.enums import Stage
from contest.models import Edition
from funding import actions
from funding.models import BankAccount, Fund, Grant, Instalment, Voucher
from judging.enums import RoundKey
from judging.models import Award, Result, Round, RoundEntry, Tally
from kit import clock
from projects.actions import verify_organisation
from projects.models import Organisation, Project
from tests.factories.accounts import UserFactory
from tests.factories.contest import EditionFactory
from tests.factories.judging import accepted_project

YUAN = 100
WAN = 1_000_000
ACCOUNT = "6222000011112222333"


def make_award(
    edition: Edition, amount_fen: int = 10 * WAN, *, project: Project | None = None, **fields: Any
) -> Award:
    """An award as the confirmed final leaves it: on a line of a sealed tally."""
    project = project or accepted_project(edition)
    round = Round.objects.filter(edition=edition, key=RoundKey.FINAL).first() or Round.objects.create(
        edition=edition, key=RoundKey.FINAL
    )
    tally = Tally.objects.filter(round=round).first() or Tally.objects.create(
        round=round, number=1, snapshot={}, sha256="0" * 64
    )
    number = RoundEntry.objects.filter(round=round).count() + 1
    entry = RoundEntry.objects.create(
        round=round, project=project, submission=project.current_submission, number=number
    )
    result = Result.objects.create(tally=tally, entry=entry, rank=number, score="90.00", advances=True)
    defaults = {"key": "first", "name": "一等奖", "top_ten": True}
    return Award.objects.create(
        edition=edition, project=project, result=result, amount_fen=amount_fen, **(defaults | fields)
    )


def verified(organisation: Organisation) -> Organisation:
    """The body, its file compared with the certificate."""
    return verify_organisation(actor=UserFactory(roles=[Role.CLERK]), organisation=organisation)


class Till:
    """A fund, an edition that runs grants, and the people money passes through, each another person."""

    def __init__(
        self,
        *,
        amount_fen: int = 100 * WAN,
        awards: tuple[int, ...] = (10 * WAN,),
        district: District | None = None,
        rules: dict[str, Any] | None = None,
        name: str = "社会治理创新专项资金",
    ) -> None:
        self.clerk = UserFactory(roles=[Role.CLERK], name="经办员")
        self.reviewer = UserFactory(roles=[Role.FINANCE], name="复核员")
        self.approver = UserFactory(roles=[Role.APPROVER], name="审批人")
        self.cashier = UserFactory(roles=[Role.FINANCE], name="出纳员")
        self.edition = EditionFactory(stage=Stage.IMPLEMENTATION, rules=rules)
        self.fund = self.make_fund(name=name, amount_fen=amount_fen, district=district)
        self.awards = [make_award(self.edition, amount) for amount in awards]

    def make_fund(self, **fields: Any) -> Fund:
        defaults = {
            "name": "社会治理创新专项资金",
            "year": clock.today().year,
            "amount_fen": 100 * WAN,
            "source": "市级财政预算",
        }
        return actions.create_fund(actor=self.reviewer, **(defaults | fields))

    def drawn_up(self) -> list[Grant]:
        return actions.draw_up_grants(actor=self.clerk, edition=self.edition, fund=self.fund)

    def grant(self) -> Grant:
        """The first grant, drawn up."""
        return (Grant.objects.filter(award__edition=self.edition).first()) or self.drawn_up()[0]

    def agreed(self) -> Grant:
        """The first grant, its agreement signed and its bank account named."""
        grant = actions.sign_agreement(actor=self.approver, grant=self.grant())
        self.account(grant)
        return grant

    def account(self, grant: Grant, number: str = ACCOUNT, **fields: Any) -> BankAccount:
        """The grant's bank account, named by the organisation's owner unless there is one."""
        if grant.bank_accounts.exists() and number == ACCOUNT and not fields:
            return grant.bank_accounts.first()
        organisation = verified(grant.project.organisation)
        fields = {"holder": organisation.name, "bank": "示范银行示范支行", "number_again": number} | fields
        owner = UserFactory(roles=[(Role.APPLICANT_OWNER, ScopeKind.ORGANISATION, organisation.pk)])
        return actions.enter_bank_account(actor=owner, grant=grant, number=number, **fields)

    def first(self) -> Instalment:
        """The first instalment as it stands, of an agreed grant."""
        grant = self.grant()
        if not grant.is_signed:
            self.agreed()
        return Instalment.objects.with_subject().get(grant=grant, number=1)

    def prepared(self) -> Instalment:
        return actions.prepare_instalment(actor=self.clerk, instalment=self.first())

    def reviewed(self) -> Instalment:
        return actions.review_instalment(actor=self.reviewer, instalment=self.prepared())

    def approved(self) -> Instalment:
        return actions.approve_instalment(actor=self.approver, instalment=self.reviewed())

    def paid(self, number: str = "GK20260001", key: UUID | None = None) -> Instalment:
        return self.pay(self.approved(), number, key)

    def pay(self, instalment: Instalment, number: str = "GK20260001", key: UUID | None = None) -> Instalment:
        return actions.pay_instalment(
            actor=self.cashier, instalment=instalment, treasury_number=number, request_key=key or uuid4()
        )

    def payment(self) -> Voucher:
        """The voucher of the first payment."""
        return Voucher.objects.filter(instalment=self.first(), kind="payment").latest("pk")

    def person_of_grantee(self) -> User:
        organisation = self.awards[0].project.organisation
        return UserFactory(
            roles=[(Role.APPLICANT_OWNER, ScopeKind.ORGANISATION, organisation.pk)], name="承办单位负责人"
        )
