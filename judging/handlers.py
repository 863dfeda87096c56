"""Reactions to what happens in a round."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.enums import Role
from accounts.models import User
from contest.actions import notify
from contest.models import Event
from contest.record import on
from judging.models import (
    Assignment,
    Decision,
    Draw,
    Letter,
    Objection,
    PanelSeat,
    Rereview,
    Round,
    RoundEntry,
)
from judging.queries.rounds import seats_with_progress
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


@on("conflict.declared", "conflict.found", replacement=None)
def tell_clerks_about_gap(event: Event) -> None:
    """The clerks learn that nobody on the panel could take an entry over."""
    entry = (
        Assignment.objects.select_related("entry__project", "entry__round__edition")
        .get(pk=event.object_id)
        .entry
    )
    notify(
        event=event,
        people=User.objects.holding(Role.CLERK),
        subject=_("%(round)s: %(project)s has one reader less")
        % {"round": entry.round.title, "project": entry.project.code},
        body=_("An expert is recused and nobody else on the panel is free: add one, then share out again."),
        url=reverse("judging:round_sharing_entry", args=[entry.round_id, entry.number]),
    )


@on("draw.drawn", "draw.answered")
def tell_drawn_experts(event: Event) -> None:
    """Whoever is drawn, at first or in somebody's place, learns of it."""
    round = Draw.objects.select_related("round__edition").get(pk=event.object_id).round
    notify(
        event=event,
        people=User.objects.filter(expert__in=event.after["experts"]),
        subject=_("%(round)s: you have been drawn for the panel") % {"round": round.title},
        body=_(
            "The contest office will ask whether you accept. Please keep to yourself that you were drawn, "
            "and say at once if you have a tie to somebody who may apply."
        ),
        url=reverse("judging:review_home"),
    )


@on("entry.withdrawn")
def tell_about_withdrawn_entry(event: Event) -> None:
    """Those who read an entry learn that it has left the round; the applicant learns why."""
    entry = RoundEntry.objects.select_related("round__edition", "project__organisation").get(
        pk=event.object_id
    )
    notify(
        event=event,
        people=User.objects.filter(panel_seats__in=event.after["seats"]).distinct(),
        subject=_("%(round)s: entry no. %(number)s has left the round")
        % {"round": entry.round.title, "number": entry.number},
        body=_("There is nothing left to do for you about it. What you wrote stays on file."),
        url=reverse("judging:review_home"),
    )
    notify(
        event=event,
        people=entry.project.organisation.people(),
        subject=_("%(round)s: “%(title)s” has left the round")
        % {"round": entry.round.title, "title": entry.project.title},
        body=_("Reason: %(reason)s") % {"reason": event.reason},
        url=entry.project.get_absolute_url(),
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


@on("sheet.unlocked")
def tell_expert_about_unlocking(event: Event) -> None:
    """The expert learns that a sheet is open again, and why."""
    assignment = Assignment.objects.select_related("seat__expert", "entry__project").get(
        sheet=event.object_id
    )
    notify(
        event=event,
        people=[assignment.seat.expert],
        subject=_("Your sheet for “%(title)s” is open again") % {"title": assignment.entry.project.title},
        body=_("The supervisor has unlocked it: %(reason)s Please check and sign it again.")
        % {"reason": event.reason},
        url=assignment.get_absolute_url(),
    )


@on("seat.ended")
def tell_about_ended_seat(event: Event) -> None:
    """Whoever leaves a panel is told, and so are those who take entries over."""
    seat = PanelSeat.objects.select_related("round__edition", "expert").get(pk=event.object_id)
    notify(
        event=event,
        people=[seat.expert],
        subject=_("%(round)s: you have left the panel") % {"round": seat.round.title},
        body=_("What you submitted counts; the other entries have been given to other experts."),
        url=reverse("judging:review_home"),
    )
    notify(
        event=event,
        people=User.objects.filter(panel_seats__in=event.after["seats"]).distinct(),
        subject=_("%(round)s: more entries for you") % {"round": seat.round.title},
        body=_("You take entries over from another expert. Please declare conflicts of interest first."),
        url=reverse("judging:review_home"),
    )


@on("seat.added")
def tell_about_new_seat(event: Event) -> None:
    """Whoever joins a panel while the round is scored learns of it."""
    seat = PanelSeat.objects.select_related("round__edition", "expert").get(pk=event.object_id)
    notify(
        event=event,
        people=[seat.expert],
        subject=_("%(round)s: you are on the panel until %(end)s")
        % {"round": seat.round.title, "end": _end(seat.round)},
        body=_("Please make your pledge and declare conflicts of interest first, then score in time."),
        url=reverse("judging:review_home"),
    )


@on("experts.reminded")
def remind_of_sheets(event: Event) -> None:
    """Everybody reminded learns how many sheets are still to come, and until when."""
    round = Round.objects.select_related("edition").get(pk=event.object_id)
    for seat in seats_with_progress(round).filter(pk__in=event.after["seats"]):
        notify(
            event=event,
            people=[seat.expert],
            subject=_("%(round)s: %(left)s sheets still to submit, until %(end)s")
            % {"round": round.title, "left": seat.total - seat.done, "end": _end(round)},
            body=_("Please submit your sheets in time; what is missing then counts as not scored."),
            url=reverse("judging:review_home"),
        )


@on("sheets.scanned")
def tell_supervisors_about_flags(event: Event) -> None:
    """Oddities found for the first time wait for the supervisor."""
    if not event.after["new"]:
        return
    round = Round.objects.select_related("edition").get(pk=event.object_id)
    notify(
        event=event,
        people=User.objects.holding(Role.SUPERVISOR),
        subject=_("%(round)s: oddities in the sheets") % {"round": round.title},
        body=_("Look into each of them: the tally cannot be sealed before."),
        url=reverse("judging:round_flags", args=[round.pk]),
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


@on("decision.returned", "decision.taken_back")
def tell_drafter(event: Event) -> None:
    """Whoever proposed a list learns why it came back."""
    decision = Decision.objects.select_related("round__edition", "drafted_by").get(pk=event.object_id)
    notify(
        event=event,
        people=[decision.drafted_by],
        subject=_("%(round)s: the list was returned") % {"round": decision.round.title},
        body=event.reason,
        url=decision.round.get_absolute_url(),
    )


def _objection(event: Event) -> Objection:
    return Objection.objects.select_related("notice__document", "accepted_by").get(pk=event.object_id)


@on("objection.filed")
def tell_clerks_about_objection(event: Event) -> None:
    """An objection waits to be taken up. The message names neither person nor text."""
    objection = _objection(event)
    notify(
        event=event,
        people=User.objects.holding(Role.CLERK),
        subject=_("A clue has come in") if objection.is_anonymous else _("An objection has come in"),
        body=_("To the notice “%(notice)s”. Take it up in time.") % {"notice": objection.notice.title},
        url=objection.get_absolute_url(),
    )


@on("objection.extended")
def tell_supervisors_about_extension(event: Event) -> None:
    """The supervisor learns that a check takes longer, and why."""
    notify(
        event=event,
        people=User.objects.holding(Role.SUPERVISOR),
        subject=_("The check of an objection takes longer: until %(day)s") % {"day": event.after["due_on"]},
        body=event.reason,
        url=_objection(event).get_absolute_url(),
    )


@on("objection.decided")
def tell_clerk_about_conclusion(event: Event) -> None:
    """Whoever took an objection up learns that it is concluded and that the public waits to be told."""
    objection = _objection(event)
    notify(
        event=event,
        people=[objection.accepted_by] if objection.accepted_by else [],
        subject=_("An objection has been concluded"),
        body=_("Please write the digest that the public reads."),
        url=objection.get_absolute_url(),
    )


@on("objection.decided", excludes_entry=True)
def tell_applicant_about_exclusion(event: Event) -> None:
    """The applicant learns that the project has left the list; who objected stays unknown."""
    project = Objection.objects.select_related("project__organisation").get(pk=event.object_id).project
    if project is not None:
        notify(
            event=event,
            people=project.organisation.people(),
            subject=_("“%(title)s” has left the list after an objection") % {"title": project.title},
            body=_("The contest office tells you the reasons."),
            url=project.get_absolute_url(),
        )


@on("rereview.asked")
def tell_expert_about_rereview(event: Event) -> None:
    """An expert is asked for a second opinion."""
    rereview = Rereview.objects.select_related("expert").get(pk=event.after["rereview"])
    notify(
        event=event,
        people=[rereview.expert],
        subject=_("Your opinion is asked for on an objection"),
        body=_("Please declare conflicts of interest first; then read the entry and give your opinion."),
        url=rereview.get_absolute_url(),
    )


@on("rereview.declared", has_conflict=True)
@on("rereview.given")
def tell_clerk_about_rereview(event: Event) -> None:
    """Whoever asked learns that the opinion is there, or that somebody else has to be asked."""
    rereview = Rereview.objects.select_related("asked_by").get(pk=event.after["rereview"])
    notify(
        event=event,
        people=[rereview.asked_by],
        subject=_("The expert has given an opinion")
        if rereview.given_at
        else _("The expert has a conflict of interest: please ask somebody else"),
        body=_("See the objection."),
        url=_objection(event).get_absolute_url(),
    )


@on("letter.issued")
def tell_applicant(event: Event) -> None:
    """The people of the organisation learn that the letter on their result is there to be read."""
    letter = Letter.objects.select_related("project__organisation", "round__edition").get(
        pk=event.after["letter"]
    )
    notify(
        event=event,
        people=letter.project.organisation.people(),
        subject=_("%(round)s: the letter on your result is here") % {"round": letter.round.title},
        body=_("It tells the result, the points and what the experts have said about “%(title)s”.")
        % {"title": letter.project.title},
        url=letter.project.get_absolute_url(),
    )
