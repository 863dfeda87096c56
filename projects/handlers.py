"""Telling the applicant's people what has happened to their application."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from contest.actions import notify
from contest.models import Event
from contest.record import on
from kit import clock
from projects.enums import Outcome
from projects.models import Bar, IntakeDecision, Organisation, Project, Submission


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
