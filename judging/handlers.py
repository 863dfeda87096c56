"""Reactions to what happens in a round."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.enums import Role
from accounts.models import User
from contest.actions import notify
from contest.models import Event
from contest.record import on
from judging.models import Assignment, Decision, Round
from kit import clock


def _end(round: Round) -> str:
    return f"{clock.local(round.scoring_ends_at):%Y-%m-%d %H:%M}" if round.scoring_ends_at else ""


def _panel(round: Round) -> list[User]:
    return list(User.objects.filter(panel_seats__round=round, panel_seats__ended_at__isnull=True))


@on("round.opened", "round.extended")
def tell_experts_about_round(event: Event) -> None:
    """The panel learns that it can score, and until when."""
    round = Round.objects.select_related("edition").get(pk=event.object_id)
    notify(
        event=event,
        people=_panel(round),
        subject=_("%(round)s: please score until %(end)s") % {"round": round.title, "end": _end(round)},
        body=_("Please declare conflicts of interest first, then score and submit your sheets in time."),
        url=reverse("judging:review_home"),
    )


@on("conflict.declared", "conflict.found", "assignment.replaced", "assignment.given")
def tell_replacement(event: Event) -> None:
    """Whoever takes an entry over is told."""
    successor = event.after.get("replacement")
    if not successor:
        return
    assignment = Assignment.objects.select_related("seat__expert", "entry__round__edition").get(pk=successor)
    notify(
        event=event,
        people=[assignment.seat.expert],
        subject=_("%(round)s: one more entry for you") % {"round": assignment.entry.round.title},
        body=_("You take an entry over from another expert. Please declare conflicts of interest first."),
        url=reverse("judging:review_home"),
    )


@on("round.shared_again")
def tell_experts_about_entries(event: Event) -> None:
    """Those who got entries when a round was shared out again are told."""
    round = Round.objects.select_related("edition").get(pk=event.object_id)
    notify(
        event=event,
        people=User.objects.filter(panel_seats__in=event.after["seats"]).distinct(),
        subject=_("%(round)s: more entries for you") % {"round": round.title},
        body=_("Entries have been shared out again. Please declare conflicts of interest first."),
        url=reverse("judging:review_home"),
    )


@on("decision.proposed")
def tell_approvers(event: Event) -> None:
    """A list waits for somebody other than its drafter."""
    decision = Decision.objects.select_related("round__edition").get(pk=event.object_id)
    notify(
        event=event,
        people=User.objects.holding(Role.APPROVER).exclude(pk=decision.drafted_by_id),
        subject=_("%(round)s: a list waits for your approval") % {"round": decision.round.title},
        body=_("It was drawn from the sealed tally. Approve it or return it with a reason."),
        url=decision.round.get_absolute_url(),
    )


@on("decision.returned")
def tell_drafter(event: Event) -> None:
    """Whoever proposed a list learns why it came back."""
    decision = Decision.objects.select_related("round__edition", "drafted_by").get(pk=event.object_id)
    notify(
        event=event,
        people=[decision.drafted_by],
        subject=_("%(round)s: the list was returned") % {"round": decision.round.title},
        body=decision.return_reason,
        url=decision.round.get_absolute_url(),
    )
