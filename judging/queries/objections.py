"""The docket as its readers may see it: how late, who in masked form, what holds a project."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from contest.gates import Reason
from judging.enums import ObjectionStatus
from judging.masking import without_persons
from judging.models import Objection, Round
from kit.text import mask_email, mask_name, mask_phone
from projects.models import Project

#: So many days before its day a step that is owed is shown in amber.
SOON_DAYS = 1


@dataclass(frozen=True)
class Objector:
    """Who objected, as far as the reader may know."""

    name: str
    contact: str
    is_masked: bool


def masked_objector(objection: Objection) -> Objector:
    """Name and contact as those see them who may ask to see them in full; empty for a clue."""
    if objection.is_anonymous:
        return Objector("", "", is_masked=False)
    contact = objection.objector_contact
    hide = mask_email if "@" in contact else mask_phone
    return Objector(mask_name(objection.objector_name), hide(contact), is_masked=True)


def masked_text(objection: Objection, *, leaves_nothing: bool = True) -> str:
    """Facts and reasons as the readers of the docket, and the expert who is asked, read them.

    Only to those who may see the objector in full does it leave the first sign and the ends of numbers.
    """
    persons = [objection.objector_name, objection.objector_contact]
    return without_persons(objection.text, persons, leaves_nothing=leaves_nothing)


def persons_of(objection: Objection) -> list[str]:
    """The names the portal knows around an objection: the objector's, and those behind the project."""
    names = [objection.objector_name, objection.objector_contact]
    project = objection.project
    if project is None:
        return names
    body = project.organisation
    return [
        *names,
        project.lead_name,
        body.contact_name,
        body.legal_representative,
        *project.team.values_list("name", flat=True),
    ]


@dataclass(frozen=True)
class Light:
    """How urgent an objection is: a word and a tone; without a word nothing is owed."""

    label: str | Promise
    tone: str


def light(due: date | None, today: date) -> Light | None:
    """The light of a step due on a day; ``None`` when nothing is owed."""
    if due is None:
        return None
    if due < today:
        return Light(_("Overdue"), "bad")
    if due <= today + timedelta(days=SOON_DAYS):
        return Light(_("Due soon"), "warn")
    return Light(pgettext_lazy("objection", "In time"), "good")


def objections_holding(project: Project) -> list[Reason]:
    """Why nothing may be awarded, sent or signed for a project: an objection about it, or about the
    whole of a list it stands on, is not concluded, or has taken it off the list of a round. One query."""
    whole = Q(project__isnull=True)
    concerns = (
        Q(project=project)
        | whole & Q(notice__round__entries__project=project)
        | whole & Q(notice__round__isnull=True, notice__edition=project.edition_id)
    )
    undecided = Q(status__in=ObjectionStatus.undecided())
    struck = Q(excludes_entry=True, project=project, notice__round__isnull=False)
    found = Objection.objects.filter(undecided & concerns | struck).order_by("excludes_entry", "pk").first()
    if found is None:
        return []
    if found.excludes_entry:
        taken_off = _("An objection has taken this project off the list.")
        return [Reason("project_struck", taken_off, found.get_absolute_url())]
    text = _("An objection is being checked; until it is concluded this project is held.")
    return [Reason("objection_undecided", text, found.get_absolute_url())]


def struck_projects(round: Round) -> set[int]:
    """Ids of the projects that an objection has taken off the list of a round."""
    struck = Objection.objects.filter(notice__round=round, excludes_entry=True)
    return {pk for pk in struck.order_by().values_list("project_id", flat=True) if pk}
