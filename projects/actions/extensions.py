"""More time: for one organisation's applications, and for one correction."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.rights import require
from contest.actions import lock_edition
from contest.enums import Ability
from contest.models import Edition
from contest.record import record
from contest.workdays import add_working_days
from kit import clock
from kit.errors import refuse_unless
from kit.text import clean_text
from projects.actions.common import lock_project, person
from projects.deadlines import application_deadline
from projects.enums import ProjectStatus
from projects.models import Extension, Organisation, Project
from projects.models.submissions import EXTENSION_REASON_LIMIT

if TYPE_CHECKING:
    from accounts.actors import Actor


@transaction.atomic
def extend_deadline(
    *, actor: Actor, edition: Edition, organisation: Organisation, until: datetime, reason: str
) -> Extension:
    """Let one organisation write, hand in and withdraw until later than all the others.

    Possible while the formal check of the edition is open. Never back in time: refuses a moment that
    is past or not later than the deadline the organisation has now.
    """
    require(actor, "projects.extend_deadline", organisation)
    edition = lock_edition(edition)
    organisation = Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
    refuse_unless(
        edition.opens(Ability.CHECK_INTAKE), "intake_closed", _("The formal check of this edition is over.")
    )
    reason = _given(reason)
    before = application_deadline(edition, organisation.pk)
    refuse_unless(
        before is not None and until > max(before, clock.db_now()),
        "not_later",
        _("More time must end later than the present deadline, and in the future."),
        field="until",
    )
    extension = Extension.objects.create(
        edition=edition,
        organisation=organisation,
        until=until,
        reason=reason,
        granted_by=person(actor),
        granted_at=clock.now(),
    )
    record(
        "deadline.extended",
        actor=actor,
        obj=organisation,
        edition=edition,
        before={"until": before},
        after={"until": until, "extension": extension.pk},
        reason=reason,
    )
    return extension


@transaction.atomic
def extend_correction(*, actor: Actor, project: Project, working_days: int, reason: str) -> Project:
    """Give that many working days more for a correction (补正), counted from its due date, or from
    today once that is past."""
    require(actor, "projects.decide_intake", project)
    edition = lock_edition(project.edition)
    project = lock_project(project)
    require(actor, "projects.decide_intake", project)
    refuse_unless(
        project.status == ProjectStatus.CORRECTING and project.correction_due_on is not None,
        "not_correcting",
        _("This application is not being corrected."),
    )
    refuse_unless(
        edition.opens(Ability.CHECK_INTAKE), "intake_closed", _("The formal check of this edition is over.")
    )
    refuse_unless(
        1 <= working_days <= 30,
        "days",
        _("Between 1 and 30 working days can be given."),
        field="working_days",
    )
    reason = _given(reason)
    before = project.correction_due_on
    assert before is not None  # noqa: S101 - refused above; for the type checker
    project.correction_due_on = add_working_days(max(before, clock.today()), working_days)
    project.save(update_fields=["correction_due_on"])
    record(
        "correction.extended",
        actor=actor,
        obj=project,
        edition=edition,
        before={"due_on": before},
        after={"due_on": project.correction_due_on},
        reason=reason,
    )
    return project


def _given(reason: str) -> str:
    reason = clean_text(reason)
    refuse_unless(reason, "reason_missing", _("An extension needs a reason."), field="reason")
    refuse_unless(
        len(reason) <= EXTENSION_REASON_LIMIT,
        "reason_too_long",
        _("The reason is too long."),
        field="reason",
    )
    return reason
