"""Drawing up grants from confirmed awards, signing their agreements, closing them."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.rights import require
from contest import gates
from contest.actions import issue_document, lock_edition
from contest.enums import Ability, DocumentKind
from contest.models import Edition
from contest.record import record
from contest.rulebook import Instalment as InstalmentRule
from funding import papers
from funding.actions.locks import lock_fund, lock_grant
from funding.enums import Evaluation, GrantStatus
from funding.models import Fund, Grant, Instalment
from funding.queries.funds import awards_for
from judging.models import Award
from kit import clock
from kit.errors import refuse_unless
from kit.money import share, yuan


@transaction.atomic(durable=True)
def draw_up_grants(
    *, actor: User, edition: Edition, fund: Fund, awards: Iterable[Award] | None = None
) -> list[Grant]:
    """Turn an edition's confirmed awards into grants on one fund, all of them or none.

    Without ``awards`` all that may come from this fund: a district's fund pays for projects of its
    district. Awards that already have a grant are left alone, so that asking twice changes nothing;
    returns the new grants. The instalments follow the shares of the rulebook and add up exactly.
    Refuses what the fund cannot bear, naming the amounts, and an edition whose stage does not run
    grants.
    """
    require(actor, "funding.draw_up_grants", fund)
    edition = lock_edition(edition)
    fund = lock_fund(fund.pk)
    refuse_unless(
        edition.opens(Ability.RUN_GRANTS),
        "grants_not_open",
        _("Grants are drawn up once the edition has moved to implementation."),
    )
    refuse_unless(
        edition.is_rehearsal == fund.is_rehearsal,
        "rehearsal_apart",
        _("A rehearsal is played with rehearsed money only."),
    )
    chosen = list(awards_for(edition, fund, chosen=awards).order_by("result__rank", "pk"))
    refuse_unless(
        chosen or Grant.objects.filter(award__edition=edition).exists(),
        "nothing_to_draw_up",
        _("There are no confirmed awards to draw up grants for."),
    )
    _refuse_beyond(fund, sum(award.amount_fen for award in chosen))
    rules = edition.rules.instalments
    return [_draw_up(actor, edition, fund, award, rules) for award in chosen]


def _refuse_beyond(fund: Fund, wanted_fen: int) -> None:
    granted = fund.grants.aggregate(total=Sum("amount_fen"))["total"] or 0
    left = fund.amount_fen - granted
    refuse_unless(
        wanted_fen <= left,
        "fund_exceeded",
        _(
            "These grants come to %(wanted)s yuan; %(fund)s has %(left)s yuan left,"
            " %(missing)s yuan too little. None has been drawn up."
        ),
        wanted=yuan(wanted_fen),
        fund=fund.name,
        left=yuan(left),
        missing=yuan(wanted_fen - left),
    )


def _draw_up(
    actor: User, edition: Edition, fund: Fund, award: Award, rules: tuple[InstalmentRule, ...]
) -> Grant:
    grant = Grant.objects.create(
        award=award, fund=fund, amount_fen=award.amount_fen, drawn_up_by=actor, drawn_up_at=clock.now()
    )
    Instalment.objects.bulk_create(plan_instalments(grant, rules))
    record(
        "grant.drawn_up",
        actor=actor,
        obj=grant,
        edition=edition,
        after={"award": award.pk, "fund": fund.pk, "amount_fen": grant.amount_fen},
    )
    return grant


def plan_instalments(grant: Grant, rules: tuple[InstalmentRule, ...]) -> list[Instalment]:
    """The instalments of a grant by the rulebook's shares; parts that come to nothing are left out."""
    amounts = share(grant.amount_fen, [Decimal(rule.percent) for rule in rules])
    planned = [(rule, amount) for rule, amount in zip(rules, amounts, strict=True) if amount]
    return [
        Instalment(
            grant=grant,
            number=number,
            key=rule.key,
            name=rule.name,
            percent=rule.percent,
            condition=rule.condition,
            evaluation=_evaluation_before(number, len(planned)),
            amount_fen=amount,
        )
        for number, (rule, amount) in enumerate(planned, 1)
    ]


def _evaluation_before(number: int, count: int) -> Evaluation | str:
    """The first part is due on signing, the last after the closing evaluation, the rest between."""
    if number == 1:
        return ""
    return Evaluation.CLOSING if number == count else Evaluation.MID_TERM


@transaction.atomic
def sign_agreement(*, actor: User, grant: Grant) -> Grant:
    """Sign the grant's agreement for the city and issue it as a numbered paper.

    Refuses whoever drew the grant up, a second signature, and while an objection holds the project.
    """
    require(actor, "funding.sign_agreement", grant)
    grant = lock_grant(grant)
    require(actor, "funding.sign_agreement", grant)
    refuse_unless(
        grant.status == GrantStatus.DRAWN_UP,
        "agreement_signed",
        _("The agreement of this grant has already been signed."),
    )
    gates.check("agreement.sign", grant)
    edition = grant.award.edition
    grant.agreement = issue_document(
        actor=actor,
        kind=DocumentKind.AGREEMENT,
        title=papers.agreement_title(grant),
        content=papers.agreement_content(grant, edition.rules),
        obj=grant,
        edition=edition,
        template="documents/agreement.html",
    )
    grant.status = GrantStatus.AGREED
    grant.signed_by = actor
    grant.signed_at = clock.now()
    grant.save(update_fields=["agreement", "status", "signed_by", "signed_at"])
    record(
        "grant.agreed",
        actor=actor,
        obj=grant,
        edition=edition,
        before={"status": GrantStatus.DRAWN_UP},
        after={"status": grant.status, "document": grant.agreement.pk},
    )
    return grant


@transaction.atomic
def close_grant(*, actor: User, grant: Grant) -> Grant:
    """Close a grant all of whose instalments have been paid."""
    require(actor, "funding.close_grant", grant)
    grant = lock_grant(grant)
    refuse_unless(
        grant.status == GrantStatus.RUNNING and not grant.instalments.unpaid().exists(),
        "instalments_unpaid",
        _("A grant is closed when all its instalments have been paid."),
    )
    grant.status = GrantStatus.CLOSED
    grant.closed_at = clock.now()
    grant.save(update_fields=["status", "closed_at"])
    record(
        "grant.closed",
        actor=actor,
        obj=grant,
        edition=grant.award.edition,
        before={"status": GrantStatus.RUNNING},
        after={"status": GrantStatus.CLOSED},
    )
    return grant
