"""Telling the applicant's people what has happened to their application."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.actors import SYSTEM
from accounts.enums import APPLICANT_ROLES, Role, ScopeKind
from accounts.models import RoleGrant, User
from contest.actions import notify
from contest.models import Edition, Event
from contest.record import on
from kit import clock
from projects.actions import find_similar
from projects.enums import MembershipStatus, Outcome, ProjectStatus
from projects.models import (
    Bar,
    Extension,
    IntakeDecision,
    MembershipRequest,
    Organisation,
    Project,
    Submission,
)


def _project(event: Event) -> Project:
    return Project.objects.select_related("organisation", "edition").get(pk=event.object_id)


@on("project.submitted")
def send_receipt(event: Event) -> None:
    """Tell the organisation's people that the application has arrived."""
    project = _project(event)
    submission = Submission.objects.get(pk=event.after["submission"])
    with translation.override(settings.LANGUAGE_CODE):
        subject = _("Application %(code)s received") % {"code": project.code}
        body = _(
            "“%(title)s” was handed in at %(at)s (version %(version)s). Fingerprint: %(sha256)s. "
            "Next comes the formal check; you will be told its result."
        ) % {
            "title": project.title,
            "at": f"{clock.local(submission.submitted_at):%Y-%m-%d %H:%M:%S}",
            "version": submission.version,
            "sha256": submission.sha256,
        }
    notify(
        event=event,
        people=project.organisation.people(),
        subject=subject,
        body=body,
        url=reverse("projects:project_receipt", args=[project.code]),
    )


@on("project.withdrawn")
def confirm_withdrawal(event: Event) -> None:
    """Tell all of them that one of them took the application back."""
    project = _project(event)
    with translation.override(settings.LANGUAGE_CODE):
        subject = _("Application %(code)s withdrawn") % {"code": project.code}
        body = _(
            "“%(title)s” was withdrawn. It can be changed and handed in again until applications close."
        ) % {"title": project.title}
        if event.after["status"] == ProjectStatus.CORRECTING:
            body = _(
                "The correction of “%(title)s” was withdrawn. What was returned can be changed and handed in "
                "again by the end of %(due)s."
            ) % {"title": project.title, "due": event.after["due_on"]}
    notify(
        event=event,
        people=project.organisation.people(),
        subject=subject,
        body=body,
        url=project.get_absolute_url(),
    )


@on("deadline.extended")
def tell_more_time(event: Event) -> None:
    """Tell the organisation's people that they have longer than the others."""
    organisation = Organisation.objects.get(pk=event.object_id)
    extension = Extension.objects.select_related("edition").get(pk=event.after["extension"])
    until = f"{clock.local(extension.until):%Y-%m-%d %H:%M}"
    with translation.override(settings.LANGUAGE_CODE):
        subject = _("More time for your applications: until %(until)s") % {"until": until}
        body = _(
            "%(name)s may change and hand in its applications of “%(edition)s” until %(until)s. "
            "Reason: %(reason)s"
        ) % {
            "name": organisation.name,
            "edition": extension.edition.short_name,
            "until": until,
            "reason": extension.reason,
        }
    notify(
        event=event,
        people=organisation.people(),
        subject=subject,
        body=body,
        url=reverse("projects:apply_home"),
    )


@on("correction.extended")
def tell_later_correction(event: Event) -> None:
    """Tell the organisation's people that the correction is due later."""
    project = _project(event)
    facts = {"code": project.code, "due": event.after["due_on"], "reason": event.reason}
    with translation.override(settings.LANGUAGE_CODE):
        subject = _("Application %(code)s: the correction is due on %(due)s now") % facts
        body = (
            _("The correction of %(code)s may be handed in until the end of %(due)s. Reason: %(reason)s")
            % facts
        )
    notify(
        event=event,
        people=project.organisation.people(),
        subject=subject,
        body=body,
        url=project.get_absolute_url(),
    )


@on("intake.decided")
def tell_decision(event: Event) -> None:
    """Tell the organisation's people what the formal check ended in, with the reason."""
    project = _project(event)
    decision = IntakeDecision.objects.get(pk=event.after["decision"])
    with translation.override(settings.LANGUAGE_CODE):
        subject, body = _decision_texts(project, decision)
    notify(
        event=event,
        people=project.organisation.people(),
        subject=subject,
        body=body,
        url=project.get_absolute_url(),
    )


@on("project.merged")
def tell_merger(event: Event) -> None:
    """Tell the organisation's people that their application goes on in another one."""
    project = _project(event)
    into = Project.objects.get(pk=event.after["into"])
    with translation.override(settings.LANGUAGE_CODE):
        subject = _("Application %(code)s merged into %(into)s") % {"code": project.code, "into": into.code}
        body = _(
            "“%(title)s” was merged into application %(into)s and is no longer an entry of its own. "
            "Reason: %(reason)s"
        ) % {"title": project.title, "into": into.code, "reason": event.reason}
    notify(
        event=event,
        people=project.organisation.people(),
        subject=subject,
        body=body,
        url=project.get_absolute_url(),
    )


@on("project.submitted")
def look_for_similar(event: Event) -> None:
    """Look for applications that read much alike, for the desk."""
    find_similar(actor=SYSTEM, project=_project(event))


@on("project.imported", status=ProjectStatus.SUBMITTED.value)
def look_for_similar_on_paper(event: Event) -> None:
    """What was collected on paper is checked like the others; what is long decided is not."""
    find_similar(actor=SYSTEM, project=_project(event))


@on("drafts.reminded")
def remind_of_drafts(event: Event) -> None:
    """Tell the people of every organisation that has not handed in what it began."""
    edition = Edition.objects.get(pk=event.object_id)
    grants = RoleGrant.objects.current().filter(
        scope_kind=ScopeKind.ORGANISATION, scope_id__in=event.after["organisations"], role__in=APPLICANT_ROLES
    )
    until = datetime.fromisoformat(event.after["until"])
    with translation.override(settings.LANGUAGE_CODE):
        subject = _("Your application for %(edition)s is not handed in yet") % {"edition": edition.short_name}
        body = _(
            "Your organisation has begun an application for %(edition)s and has not handed it in. "
            "Applications close at %(at)s. What has not been handed in by then is not looked at."
        ) % {"edition": edition.name, "at": f"{clock.local(until):%Y-%m-%d %H:%M}"}
    notify(
        event=event,
        people=User.objects.filter(is_active=True, pk__in=grants.values("user_id")),
        subject=subject,
        body=body,
        url=reverse("projects:apply_home"),
    )


def _decision_texts(project: Project, decision: IntakeDecision) -> tuple[str, str]:
    facts = {
        "code": project.code,
        "title": project.title,
        "reason": decision.reason,
        "due": decision.due_on.isoformat() if decision.due_on else "",
    }
    subjects = {
        Outcome.ACCEPT: _("Application %(code)s accepted"),
        Outcome.CORRECT: _("Application %(code)s: please correct it by %(due)s"),
        Outcome.REFUSE: _("Application %(code)s refused"),
    }
    bodies = {
        Outcome.ACCEPT: _("“%(title)s” has passed the formal check and goes on to the review."),
        Outcome.CORRECT: _(
            "“%(title)s” was returned for correction. Reason: %(reason)s. "
            "Please correct it and hand it in again by the end of %(due)s."
        ),
        Outcome.REFUSE: _("“%(title)s” was refused at the formal check. Reason: %(reason)s"),
    }
    outcome = Outcome(decision.outcome)
    return subjects[outcome] % facts, bodies[outcome] % facts


@on("bar.imposed")
def tell_bar(event: Event) -> None:
    """Tell the organisation's people that it may not apply, why and until when."""
    bar = Bar.objects.select_related("organisation").get(pk=event.object_id)
    if not isinstance(bar.organisation, Organisation):
        return
    with translation.override(settings.LANGUAGE_CODE):
        subject = _("Your organisation may not apply until %(end)s") % {"end": bar.ends_on.isoformat()}
        body = _("%(name)s may not apply from %(start)s until %(end)s. Cause: %(cause)s") % {
            "name": bar.organisation.name,
            "start": bar.starts_on.isoformat(),
            "end": bar.ends_on.isoformat(),
            "cause": bar.cause,
        }
    notify(
        event=event,
        people=bar.organisation.people(),
        subject=subject,
        body=body,
        url=reverse("projects:apply_home"),
    )


@on("membership.asked")
def tell_owners(event: Event) -> None:
    """Tell the owners that somebody asks to be let into their organisation."""
    asked = MembershipRequest.objects.select_related("organisation", "person").get(pk=event.object_id)
    with translation.override(settings.LANGUAGE_CODE):
        subject = _("Somebody asks to join %(name)s") % {"name": asked.organisation.name}
        body = _("%(person)s asks to be let into %(name)s. They write: %(note)s") % {
            "person": asked.person.name,
            "name": asked.organisation.name,
            "note": asked.note,
        }
    notify(
        event=event,
        people=asked.organisation.people([Role.APPLICANT_OWNER]),
        subject=subject,
        body=body,
        url=reverse("projects:organisation_people", args=[asked.organisation_id]),
    )


@on("membership.decided")
def tell_answer(event: Event) -> None:
    """Tell the person who asked what the owners answered."""
    asked = MembershipRequest.objects.select_related("organisation", "person").get(pk=event.object_id)
    with translation.override(settings.LANGUAGE_CODE):
        if event.after["status"] == MembershipStatus.ADMITTED:
            body = _("You belong to %(name)s now and can work on its applications.")
        else:
            body = _("The owners of %(name)s have declined your request. Please ask them why.")
        subject = _("Your request to join %(name)s") % {"name": asked.organisation.name}
        body %= {"name": asked.organisation.name}
    notify(
        event=event,
        people=[asked.person],
        subject=subject,
        body=body,
        url=reverse("projects:apply_home"),
    )
    if event.reason:
        _tell_appointment(event, asked)


def _tell_appointment(event: Event, asked: MembershipRequest) -> None:
    """The owners learn whom the contest office has put beside them, and why."""
    owners = asked.organisation.people([Role.APPLICANT_OWNER]).exclude(pk=asked.person_id)
    with translation.override(settings.LANGUAGE_CODE):
        subject = _("%(name)s has another owner") % {"name": asked.organisation.name}
        body = _("The contest office has made %(person)s an owner of %(name)s. Reason: %(reason)s") % {
            "person": asked.person.name,
            "name": asked.organisation.name,
            "reason": event.reason,
        }
    notify(
        event=event,
        people=owners,
        subject=subject,
        body=body,
        url=reverse("projects:organisation_people", args=[asked.organisation_id]),
    )
