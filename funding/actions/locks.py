"""The one order in which money rows are locked: fund, grant, instalment, counter."""

from __future__ import annotations

from funding.models import Fund, Grant, Instalment


def lock_fund(fund_id: int) -> Fund:
    return Fund.objects.select_for_update(of=("self",)).select_related("district").get(pk=fund_id)


def lock_grant(grant: Grant) -> Grant:
    """The grant as it stands, with its fund; both locked."""
    fund = lock_fund(grant.fund_id)
    locked = (
        Grant.objects.select_for_update(of=("self",))
        .select_related("award__project__organisation", "award__edition__office")
        .get(pk=grant.pk)
    )
    locked.fund = fund
    return locked


def lock_instalment(instalment: Instalment) -> Instalment:
    """The instalment as it stands, with its grant and fund; all three locked."""
    grant = lock_grant(instalment.grant)
    locked = (
        Instalment.objects.select_for_update(of=("self",))
        .select_related("prepared_by", "reviewed_by", "approved_by", "paid_by")
        .get(pk=instalment.pk)
    )
    locked.grant = grant
    return locked
