"""Who may do what with funds, grants, instalments and vouchers.

Every act asks two things: does the person's role reach the money (``funding.reach``), and has the
same person not already had another part in it (separation of duties). Whatever moves a grant's
money asks a third: does the person stand apart from the body that receives it.
"""

from __future__ import annotations

from typing import Any

import rules

from accounts.enums import Role, ScopeKind
from funding.models import Fund, Grant, Instalment, Voucher
from funding.reach import READERS, organisations_of, reach_of

#: Whoever acts for a fund where it belongs: city staff for all funds, a district's for its own.
CLERKS = (Role.CLERK, Role.DISTRICT_OFFICER)


def fund_of(obj: Any) -> Fund | None:
    """The fund an object of this app belongs to."""
    if isinstance(obj, Instalment):
        return obj.grant.fund
    return obj.fund if isinstance(obj, Grant | Voucher) else obj


def grant_of(obj: Any) -> Grant | None:
    """The grant an object of this app belongs to; a fund and its own vouchers have none."""
    if isinstance(obj, Instalment | Voucher):
        return obj.grant
    return obj if isinstance(obj, Grant) else None


def reaches(*roles: Role) -> rules.Predicate:
    """A predicate: the person holds one of the roles, reaching the fund the object belongs to."""

    @rules.predicate(f"reaches:{'|'.join(roles)}")
    def predicate(user: Any, obj: Any = None) -> bool:
        reach = reach_of(user, *roles)
        fund = fund_of(obj)
        return bool(reach) if fund is None else reach.covers(fund.district_id)

    return predicate


@rules.predicate
def did_not_draw_up(user: Any, grant: Grant | None) -> bool:
    return grant is None or grant.drawn_up_by_id != user.pk


@rules.predicate
def did_not_prepare(user: Any, instalment: Instalment | None) -> bool:
    return instalment is None or instalment.prepared_by_id != user.pk


@rules.predicate
def did_not_review(user: Any, instalment: Instalment | None) -> bool:
    return instalment is None or instalment.reviewed_by_id != user.pk


@rules.predicate
def did_not_approve(user: Any, instalment: Instalment | None) -> bool:
    return instalment is None or instalment.approved_by_id != user.pk


@rules.predicate
def did_not_post(user: Any, voucher: Voucher | None) -> bool:
    return voucher is None or voucher.posted_by_id != user.pk


@rules.predicate
def stands_apart(user: Any, obj: Any) -> bool:
    """Nobody moves the money of a body they belong to."""
    grant = grant_of(obj)
    return grant is None or grant.award.project.organisation_id not in organisations_of(user)


@rules.predicate
def is_of_grantee(user: Any, grant: Grant | None) -> bool:
    """One of the grantee's own people; without a grant, one of any applicant organisation's."""
    own = organisations_of(user)
    return bool(own) if grant is None else grant.award.project.organisation_id in own


@rules.predicate
def owns_grantee(user: Any, grant: Grant | None) -> bool:
    """Whoever answers for the grantee's organisation; without a grant, for any."""
    own = user.scope_ids(ScopeKind.ORGANISATION, [Role.APPLICANT_OWNER]) if user.is_authenticated else set()
    return bool(own) if grant is None else grant.award.project.organisation_id in own


rules.add_perm("funding.view_funding", reaches(*READERS))
rules.add_perm("funding.view_own_grant", is_of_grantee)
rules.add_perm("funding.enter_bank_account", owns_grantee)
#: A task of the machine room, by command: no person's.
rules.add_perm("funding.reencrypt_bank_accounts", rules.always_deny)
rules.add_perm("funding.create_fund", reaches(Role.FINANCE, Role.DISTRICT_OFFICER))
rules.add_perm("funding.draw_up_grants", reaches(*CLERKS))
rules.add_perm("funding.sign_agreement", reaches(Role.APPROVER) & did_not_draw_up & stands_apart)
rules.add_perm("funding.close_grant", reaches(*CLERKS) & stands_apart)

may_review = reaches(Role.FINANCE) & did_not_prepare & stands_apart
may_approve = reaches(Role.APPROVER) & did_not_prepare & did_not_review & stands_apart
rules.add_perm("funding.prepare_instalment", reaches(*CLERKS) & stands_apart)
rules.add_perm("funding.review_instalment", may_review)
rules.add_perm("funding.approve_instalment", may_approve)
rules.add_perm("funding.return_instalment", may_review | may_approve)
rules.add_perm(
    "funding.pay_instalment",
    reaches(Role.FINANCE, *CLERKS) & did_not_prepare & did_not_review & did_not_approve & stands_apart,
)

rules.add_perm("funding.post_voucher", reaches(Role.FINANCE) & stands_apart)
rules.add_perm("funding.reverse_voucher", reaches(Role.FINANCE) & did_not_post & stands_apart)


@rules.predicate
def reads_everything(user: Any) -> bool:
    """An export holds every fund: it is for those whose reach has no bounds."""
    return reach_of(user, *READERS).everywhere


rules.add_perm(
    "funding.export", reads_everything & reaches(Role.FINANCE, Role.AUDITOR, Role.CLERK, Role.APPROVER)
)
