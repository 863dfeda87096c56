"""Ideas (意向) an organisation keeps before a call: kept, nurtured (培育), changed, dropped, turned into an
application."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.rights import require
from contest.models import Edition
from contest.record import record
from kit import clock
from kit.errors import refuse_unless
from projects.actions.applications import save_section, start_project
from projects.actions.common import assign, person, refuse_invalid
from projects.enums import OPEN_IDEAS, IdeaStatus, Section
from projects.models import Idea, Organisation

if TYPE_CHECKING:
    from accounts.actors import Actor

MAX_IDEAS = 50
IDEA_FIELDS = ("title", "problem", "summary", "needs")


@transaction.atomic
def keep_idea(*, actor: Actor, organisation: Organisation, title: str, **fields: Any) -> Idea:
    """Keep an idea for one's organisation; fifty at a time, so that a list stays a list."""
    require(actor, "projects.keep_idea", organisation)
    organisation = Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
    kept = Idea.objects.filter(organisation=organisation, status__in=OPEN_IDEAS).count()
    refuse_unless(
        kept < MAX_IDEAS,
        "too_many_ideas",
        _("Your organisation keeps %(count)s ideas already. Please drop one first."),
        count=kept,
    )
    idea = Idea(organisation=organisation, kept_by=person(actor), kept_at=clock.now(), saved_at=clock.now())
    assign(idea, {"title": title, **fields}, IDEA_FIELDS)
    refuse_invalid(idea, ["title"])
    idea.save()
    record("idea.kept", actor=actor, obj=idea, after={"organisation": organisation.pk})
    return idea


def _lock(idea: Idea) -> Idea:
    return (
        Idea.objects.select_for_update(of=("self",), no_key=True)
        .select_related("organisation")
        .get(pk=idea.pk)
    )


def _refuse_unless_open(idea: Idea) -> None:
    refuse_unless(idea.is_open, "idea_gone", _("This idea was dropped or has become an application."))


@transaction.atomic
def change_idea(*, actor: Actor, idea: Idea, version: int, **fields: Any) -> Idea:
    """Change an idea. Refuses, with code ``stale``, a save begun before another one."""
    require(actor, "projects.keep_idea", idea)
    idea = _lock(idea)
    _refuse_unless_open(idea)
    refuse_unless(
        version == idea.version,
        "stale",
        _("This was changed meanwhile, in another window or by a colleague. Please compare both texts."),
    )
    changed = assign(idea, fields, IDEA_FIELDS)
    if not changed:
        return idea
    idea.version += 1
    idea.saved_at = clock.now()
    idea.save()
    record("idea.changed", actor=actor, obj=idea, after={"version": idea.version, "fields": sorted(changed)})
    return idea


@transaction.atomic
def nurture_idea(*, actor: Actor, idea: Idea) -> Idea:
    """Say that an idea is being tried out and made ready for a call. Staff then count it among those
    that are nurtured; what it says stays with its organisation. Doing it twice changes nothing."""
    require(actor, "projects.keep_idea", idea)
    idea = _lock(idea)
    _refuse_unless_open(idea)
    if idea.status == IdeaStatus.NURTURED:
        return idea
    idea.status = IdeaStatus.NURTURED
    idea.save(update_fields=["status"])
    record("idea.nurtured", actor=actor, obj=idea)
    return idea


@transaction.atomic
def drop_idea(*, actor: Actor, idea: Idea) -> Idea:
    """Take an idea off the list; dropping it twice changes nothing."""
    require(actor, "projects.keep_idea", idea)
    idea = _lock(idea)
    if idea.status == IdeaStatus.DROPPED:
        return idea
    _refuse_unless_open(idea)
    idea.status = IdeaStatus.DROPPED
    idea.save(update_fields=["status"])
    record("idea.dropped", actor=actor, obj=idea)
    return idea


@transaction.atomic
def turn_idea(*, actor: Actor, idea: Idea, edition: Edition) -> Idea:
    """Make an application of an idea: begun like any other, with title, summary and problem filled in.

    Doing it twice gives the same application.
    """
    require(actor, "projects.keep_idea", idea)
    # The organisation's row first, as wherever its applications are counted.
    Organisation.objects.select_for_update(no_key=True).get(pk=idea.organisation_id)
    idea = _lock(idea)
    if idea.status == IdeaStatus.TURNED:
        return idea
    _refuse_unless_open(idea)
    project = start_project(actor=actor, edition=edition, organisation=idea.organisation, title=idea.title)
    for section, name in ((Section.DESCRIPTION, "summary"), (Section.NEEDS, "problem")):
        project = save_section(
            actor=actor,
            project=project,
            section=section,
            version=project.version,
            **{name: getattr(idea, name)},
        )
    idea.status, idea.project = IdeaStatus.TURNED, project
    idea.save(update_fields=["status", "project"])
    record("idea.turned", actor=actor, obj=idea, edition=edition, after={"project": project.pk})
    return idea
