"""Who sits on a panel, and who takes an entry over from whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.enums import Role
from accounts.models import User
from accounts.rights import require
from contest.record import record
from judging.actions.dealing import keep_checks
from judging.actions.rounds import lock_round, refuse_unless_preparing
from judging.enums import SheetStatus
from judging.models import Assignment, Expert, PanelSeat, Round, RoundEntry, Sheet
from judging.queries.draws import drawn_people
from judging.queries.rounds import free_seats
from judging.queries.sharing import grounds_of
from kit.errors import refuse_unless

if TYPE_CHECKING:
    from accounts.actors import Actor


@transaction.atomic
def set_panel(
    *, actor: Actor, round: Round, experts: list[User], chair: User | None = None, reason: str = ""
) -> list[PanelSeat]:
    """Seat these experts by hand, in place of whoever sat there before.

    Only while the round is being prepared. Where a panel has been drawn before witnesses, one of other
    people needs a ``reason``, which the public reads with the draw; while a draw is under way nobody is
    seated by hand. Refuses besides what ``seat_panel`` refuses.
    """
    require(actor, "judging.prepare_round", round)
    round = lock_round(round)
    refuse_unless(
        not round.draws.panels().under_way().exists(),
        "draw_under_way",
        _("A draw of this panel is under way: finish it first."),
    )
    drawn = drawn_people(round)
    departs = bool(drawn) and drawn != {expert.pk for expert in experts}
    refuse_unless(
        reason.strip() or not departs,
        "panel_not_drawn",
        _("These are not the experts who were drawn before witnesses: say why. The public reads it."),
        field="reason",
    )
    return seat_panel(
        actor=actor, round=round, experts=experts, chair=chair, reason=reason.strip() if departs else ""
    )


@transaction.atomic
def seat_panel(
    *, actor: Actor, round: Round, experts: list[User], chair: User | None = None, reason: str = ""
) -> list[PanelSeat]:
    """Seat these experts, in this order, in place of whoever sat there before.

    Refuses once the round is open, people who are no experts and a panel smaller than the sheets each
    entry needs. ``reason`` is why these are others than were drawn.
    """
    require(actor, "judging.prepare_round", round)
    round = lock_round(round)
    refuse_unless_preparing(round)
    chosen = list(dict.fromkeys(experts))
    needed = round.rules.sheets_per_entry
    refuse_unless(
        len(chosen) >= needed,
        "panel_too_small",
        _("Each entry needs %(needed)s sheets: choose at least as many experts."),
        field="experts",
        needed=needed,
    )
    refuse_unless(
        User.objects.holding(Role.EXPERT).filter(pk__in=[user.pk for user in chosen]).count() == len(chosen),
        "not_an_expert",
        _("Only people with the role of expert can sit on a panel."),
        field="experts",
    )
    refuse_unless(
        chair is None or chair in chosen,
        "chair_not_seated",
        _("The chair must sit on the panel."),
        field="chair",
    )
    before = list(round.seats.order_by("number").values_list("expert_id", flat=True))
    round.seats.all().delete()
    seats = PanelSeat.objects.bulk_create(
        PanelSeat(round=round, expert=expert, number=number, is_chair=expert == chair)
        for number, expert in enumerate(chosen, start=1)
    )
    record(
        "round.panel_set",
        actor=actor,
        obj=round,
        edition=round.edition,
        before={"experts": before},
        after={"experts": [expert.pk for expert in chosen], "chair": chair.pk if chair else None},
        reason=reason,
    )
    return seats


def drop_sheet(assignment: Assignment) -> None:
    """Let the draft sheet of an assignment that ends lapse; a submitted one cannot be dropped."""
    # Lapsing waits for a submission on its way; only then is it seen whether that one came first.
    Sheet.objects.filter(assignment=assignment, status=SheetStatus.DRAFT).update(status=SheetStatus.LAPSED)
    submitted = Sheet.objects.filter(assignment=assignment, status=SheetStatus.SUBMITTED).exists()
    refuse_unless(
        not submitted, "sheet_submitted", _("The sheet has been submitted and locked; it stays in the tally.")
    )


def hand_over(assignment: Assignment) -> Assignment | None:
    """Offer the entry to the least loaded other seat without a known conflict, if there is one."""
    free = free_seats(assignment.entry)
    if not free:
        return None
    return offer(assignment.entry, free[0], by="handed_over", stands_for=assignment)


def offer(entry: RoundEntry, seat: Any, *, by: str, stands_for: Assignment | None = None) -> Assignment:
    """Give one entry to one seat that has no conflict with it; that this was checked is kept.

    ``seat`` comes with its ``load``.
    """
    expert = Expert.objects.filter(person=seat.expert_id).first()
    successor = Assignment.objects.create(
        entry=entry,
        seat=seat,
        stands_for=stands_for,
        grounds={**grounds_of(entry, expert), "by": by, "load": seat.load + 1},
    )
    keep_checks([successor], {})
    return successor
