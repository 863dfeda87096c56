"""Keeping the roster from which the public jury of a final is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.rights import require
from contest.models import Edition
from contest.record import record
from judging.enums import DrawKind, DrawStatus, PickStatus
from judging.models import Draw, Juror, JurorCard, JurorPick
from judging.queries.roster import trades_of
from kit import clock
from kit.errors import RuleBroken, refuse_unless

if TYPE_CHECKING:
    from accounts.models import District, User

KEEP = "judging.keep_roster"


@transaction.atomic
def add_juror(
    *,
    actor: User,
    edition: Edition,
    name: str,
    trade: str,
    unit: str = "",
    district: District | None = None,
    phone: str = "",
) -> Juror:
    """Enter somebody on the roster of an edition.

    Refuses a trade the rulebook has no seats for, and the same name with the same phone twice.
    """
    require(actor, KEEP)
    edition = _lock(edition)
    juror = _enter(actor, edition, name=name, trade=trade, unit=unit, district=district, phone=phone)
    record("juror.entered", actor=actor, obj=juror, edition=edition, after={"trade": trade})
    return juror


@transaction.atomic
def import_jurors(*, actor: User, edition: Edition, rows: Sequence[dict[str, Any]]) -> list[Juror]:
    """Enter all of these, or none: the arguments of ``add_juror`` row by row; one record for all."""
    require(actor, KEEP)
    edition = _lock(edition)
    jurors = [_enter(actor, edition, **row) for row in rows]
    refuse_unless(jurors, "nobody_new", _("Nobody in the table is new."))
    record("juror.imported", actor=actor, obj=edition, edition=edition, after={"count": len(jurors)})
    return jurors


def _lock(edition: Edition) -> Edition:
    """The edition, locked: two that enter the same person wait for each other."""
    return (
        Edition.objects.select_for_update(of=("self",), no_key=True)
        .select_related("current_rulebook")
        .get(pk=edition.pk)
    )


def _enter(actor: User, edition: Edition, **facts: Any) -> Juror:
    _refuse_odd(edition, facts)
    return Juror.objects.create(edition=edition, entered_by=actor, entered_at=clock.now(), **facts)


def _refuse_odd(edition: Edition, facts: dict[str, Any], juror: Juror | None = None) -> None:
    kept = juror.trade if juror else None
    refuse_unless(
        facts["trade"] == kept or facts["trade"] in trades_of(edition),
        "trade_unknown",
        _("The rulebook has no seats for this trade."),
        field="trade",
    )
    same = Juror.objects.in_roster().filter(edition=edition, name=facts["name"], phone=facts["phone"])
    refuse_unless(
        not any(other != juror for other in same),
        "juror_there",
        _("This person is on the roster already. If it is somebody else, give the phone number."),
        field="name",
    )


@transaction.atomic
def change_juror(*, actor: User, juror: Juror, **facts: Any) -> Juror:
    """Change what the roster says of somebody; the record names the fields, not what they hold.

    Refuses it for anybody in the pool of a draw, as the draw is bound to the person: they are struck off
    and entered anew. Refuses another trade or district for whoever has a seat.
    """
    require(actor, KEEP)
    edition = _lock(juror.edition)
    juror = _lock_juror(juror)
    _refuse_odd(edition, facts, juror)
    changed = sorted(name for name, value in facts.items() if getattr(juror, name) != value)
    refuse_unless(
        not (changed and _is_bound(juror)),
        "juror_bound",
        _("A draw is bound to this person. If it is somebody else, strike them off and enter them anew."),
    )
    refuse_unless(
        not {"trade", "district"} & set(changed) or not _is_drawn(juror),
        "juror_drawn",
        _("This person has been drawn; trade and district stay as they are."),
        field="trade",
    )
    if changed:
        for name in changed:
            setattr(juror, name, facts[name])
        juror.save(update_fields=changed)
        record("juror.changed", actor=actor, obj=juror, edition=edition, after={"changed": changed})
    return juror


def _lock_juror(juror: Juror) -> Juror:
    juror = Juror.objects.select_for_update(of=("self",)).select_related("edition").get(pk=juror.pk)
    refuse_unless(juror.struck_at is None, "juror_struck", _("This person has been struck off the roster."))
    return juror


def _is_bound(juror: Juror) -> bool:
    """Whether somebody is in the pool of a draw that has not been thrown away."""
    draws = Draw.objects.filter(kind=DrawKind.JURY, round__edition=juror.edition_id)
    return draws.exclude(status=DrawStatus.ENDED).filter(pool__contains=[{"id": juror.pk}]).exists()


def _is_drawn(juror: Juror) -> bool:
    """Whether somebody has a seat, or is asked for one."""
    asked = JurorPick.objects.filter(
        juror=juror, status__in=[PickStatus.ASKED, PickStatus.ACCEPTED], draw__status=DrawStatus.DRAWN
    )
    return asked.exists() or JurorCard.objects.usable().filter(juror=juror).exists()


@transaction.atomic
def strike_juror(*, actor: User, juror: Juror, reason: str) -> Juror:
    """Strike somebody off the roster: no draw takes them any more. What was drawn before stays.

    Refuses who has been drawn or seated: that is noted in the draw, or the seat is voided, first.
    """
    require(actor, KEEP)
    juror = _lock_juror(juror)
    reason = reason.strip()
    refuse_unless(reason, "reason_missing", _("Give a reason."), field="reason")
    if _is_drawn(juror):
        raise RuleBroken(
            "juror_drawn",
            _("This person has been drawn. Note in the draw that they are out, or void the seat, first."),
        )
    juror.struck_at, juror.struck_reason = clock.now(), reason
    juror.save(update_fields=["struck_at", "struck_reason"])
    record("juror.struck", actor=actor, obj=juror, edition=juror.edition, reason=reason)
    return juror
