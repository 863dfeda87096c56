"""Applications to take away: as a table, and all their files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from functools import reduce
from itertools import islice
from operator import or_
from typing import Any, cast

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from contest.bundles import Bundle, Member
from contest.exports import Export, Filters, Row, register
from projects import queue
from projects.attachments import ONLY_IF_REQUIRED
from projects.enums import ProjectStatus
from projects.forms import IntakeFilter
from projects.models import Attachment, Project, Submission
from projects.models.applications import ProjectQuerySet

CHUNK = 200


def _selected(filters: Filters) -> ProjectQuerySet:
    """What has been handed in, narrowed as on the intake list; nothing where that makes no sense."""
    everything = Project.objects.handed_in().as_handed_in().filter(edition__is_rehearsal=False)
    narrowed = IntakeFilter(filters, everything)
    if not narrowed.is_valid():
        return everything.none()
    projects: ProjectQuerySet = narrowed.qs
    if (status := filters.get("status")) in ProjectStatus.values:
        projects = projects.filter(status=status)
    if words := str(filters.get("q", "")).replace("\x00", "").strip():
        projects = projects.filter(
            reduce(or_, (Q(**{f"{field}__icontains": words}) for field in queue.SEARCH))
        )
    return projects


def _in_words(name: str, value: Any) -> tuple[Any, Any]:
    """A filter of the intake list as its page calls it."""
    if name == "status":
        return _("Status"), dict(ProjectStatus.choices).get(value, value)
    known = IntakeFilter.base_filters.get(name)
    if known is None:
        return name, value
    return known.label, dict(known.extra.get("choices") or ()).get(value, value)


def _rows(filters: Filters) -> tuple[int, Iterator[Row]]:
    projects, ages = _selected(filters), queue.Ages()
    listed = queue.for_desk(projects).iterator(chunk_size=CHUNK)
    return projects.count(), (_row(project, ages) for project in listed)


def _row(project: Project, ages: queue.Ages) -> Row:
    """One application as it was handed in last. No phone, no e-mail: a table travels further than a
    page."""
    version = cast(Submission, project.current_submission)
    content = version.content
    body, names, budget = content["organisation"], content["names"], content["budget"]
    recommendation = getattr(project, "recommendation", None)
    age = ages.of(project)
    return {
        "code": project.code,
        "edition": project.edition.year,
        "title": content["application"]["title"],
        "status": str(project.get_status_display()),
        "organisation": body["name"],
        "organisation_code": body["code"],
        "kind": body["kind_name"],
        "district": names["district"],
        "places": "；".join(f"{place['town']}{place['village']}" for place in content["places"]),
        "field": names["field"],
        "groups": "、".join(names["groups"]),
        "partners": len(content["partners"]),
        "fiscal": _yuan(budget["fiscal_fen"]),
        "social": _yuan(budget["social_fen"]),
        "own": _yuan(budget["own_fen"]),
        "total": _yuan(budget["amount_fen"]),
        "submitted_at": version.submitted_at,
        "version": version.version,
        "sha256": version.sha256,
        "stance": str(recommendation.get_stance_display()) if recommendation else "",
        "rank": recommendation.rank if recommendation else None,
        "checker": project.checker.name if project.checker else "",
        "waiting": age.days if age else None,
        "decided_at": project.decided_at,
    }


def _yuan(fen: int) -> Any:
    return Decimal(fen) / 100


register(
    Export(
        kind="entries",
        title=_("Applications handed in"),
        permission="projects.export_entries",
        in_words=_in_words,
        columns=[
            (_("Acceptance number"), "code"),
            (_("Edition"), "edition"),
            (_("Project title"), "title"),
            (_("Status"), "status"),
            (_("Applicant organisation"), "organisation"),
            (_("Unified social credit code"), "organisation_code"),
            (_("Kind of organisation"), "kind"),
            (_("District"), "district"),
            (_("Towns and villages"), "places"),
            (_("Main field"), "field"),
            (_("Beneficiary groups"), "groups"),
            (_("Partners"), "partners"),
            (_("Fiscal funds (yuan)"), "fiscal"),
            (_("Social funds (yuan)"), "social"),
            (_("Own funds (yuan)"), "own"),
            (_("Total (yuan)"), "total"),
            (_("Submitted at"), "submitted_at"),
            (_("Version"), "version"),
            (_("Fingerprint"), "sha256"),
            (_("Word of the district"), "stance"),
            (_("Rank within the district"), "rank"),
            (_("Clerk on the case"), "checker"),
            (_("Waits (working days)"), "waiting"),
            (_("Decided at"), "decided_at"),
        ],
        rows=_rows,
    )
)


def _members(filters: Filters) -> tuple[int, Iterator[Member]]:
    projects = _selected(filters).order_by("-edition__year", "code")
    attached = projects.values_list("current_submission__content__attachments", flat=True)
    return sum(len(_that_travel(files)) for files in attached.iterator()), _files_of(projects)


def _that_travel(files: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Identity documents are looked at where they are, and never carried away in bulk."""
    return [file for file in files if file["kind"] not in ONLY_IF_REQUIRED]


def _files_of(projects: ProjectQuerySet) -> Iterator[Member]:
    """What was handed in, application by application; later drafts are nobody else's business."""
    rows = projects.values_list(
        "code",
        "current_submission__content__application__title",
        "current_submission__content__organisation__name",
        "current_submission__content__attachments",
    ).iterator(chunk_size=CHUNK)
    while some := list(islice(rows, CHUNK)):
        keys = [file["id"] for *_names, files in some for file in _that_travel(files)]
        attachments = Attachment.objects.select_related("file").in_bulk(keys)
        for code, title, organisation, files in some:
            handed_in = [attachments[file["id"]] for file in files if file["id"] in attachments]
            yield from _of_one(code, title, organisation, handed_in)


def _of_one(code: str, title: str, organisation: str, attachments: list[Attachment]) -> Iterator[Member]:
    numbers: Counter[str] = Counter()
    for row in attachments:
        numbers[row.kind] += 1
        kind = str(row.get_kind_display())
        yield Member(
            folder=f"{code}_{organisation}",
            name=f"{kind}-{numbers[row.kind]}_{row.file.name}",
            file=row.file,
            facts=[code, title, organisation, kind],
        )


register(
    Bundle(
        kind="attachments",
        title=_("Files of the applications handed in"),
        permission="projects.export_entries",
        in_words=_in_words,
        columns=[_("Acceptance number"), _("Project title"), _("Applicant organisation"), _("Kind of file")],
        members=_members,
    )
)
