"""Tables to take away: sealed sheets, sealed results, the docket. No score leaves before the seal, no
objector at all."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q
from django.utils.translation import gettext_lazy as _

from contest.exports import Export, Filters, register
from judging.models import Objection, Result, SheetScore
from judging.models.rounds import SEALED_STATES

SCORE_COLUMNS = [
    (_("Edition"), "edition"),
    (_("Round"), "round"),
    (_("Acceptance number"), "project"),
    (_("Project"), "title"),
    (_("Seat"), "seat"),
    (_("Criterion"), "criterion"),
    (_("Points"), "points"),
    (_("Full points"), "full_points"),
    (_("Sheet status"), "status"),
    (_("Sheet total"), "total"),
    (_("Submitted at"), "submitted_at"),
    (_("Fingerprint"), "sha256"),
]


def _score_rows(filters: Filters) -> tuple[int, Iterator[dict[str, Any]]]:
    """Every score of sealed rounds, by seat code; an expert's name is in none of them."""
    scores = (
        SheetScore.objects.filter(sheet__assignment__entry__round__status__in=SEALED_STATES)
        .select_related(
            "sheet__assignment__seat",
            "sheet__assignment__entry__project",
            "sheet__assignment__entry__round__edition",
        )
        .order_by(
            "sheet__assignment__entry__round",
            "sheet__assignment__entry__number",
            "sheet__assignment__seat__number",
            "criterion",
        )
    )
    if year := filters.get("edition"):
        scores = scores.filter(sheet__assignment__entry__round__edition__year=year)
    else:
        scores = scores.filter(sheet__assignment__entry__round__edition__is_rehearsal=False)
    return scores.count(), (_score_row(score) for score in scores.iterator(chunk_size=1000))


def _score_row(score: SheetScore) -> dict[str, Any]:
    sheet = score.sheet
    entry = sheet.assignment.entry
    return {
        "edition": entry.round.edition.year,
        "round": entry.round.get_key_display(),
        "project": entry.project.code,
        "title": entry.project.title,
        "seat": sheet.assignment.seat.code,
        "criterion": score.criterion,
        "points": score.points,
        "full_points": score.full_points,
        "status": sheet.get_status_display(),
        "total": sheet.total,
        "submitted_at": sheet.submitted_at,
        "sha256": sheet.sha256,
    }


register(
    Export(
        kind="scores",
        title=_("Score sheets"),
        permission="judging.export_scores",
        columns=SCORE_COLUMNS,
        rows=_score_rows,
    )
)

RESULT_COLUMNS = [
    (_("Edition"), "edition"),
    (_("Round"), "round"),
    (_("Rank"), "rank"),
    (_("Acceptance number"), "project"),
    (_("Project"), "title"),
    (_("Organisation"), "organisation"),
    (_("Score"), "score"),
    (_("Experts' score"), "expert_score"),
    (_("Public score"), "public_score"),
    (_("Sheets"), "sheets"),
    (_("Advances"), "advances"),
    (_("Award"), "award"),
    (_("Held because"), "held"),
    (_("Fingerprint of the tally"), "sha256"),
]


def _result_rows(filters: Filters) -> tuple[int, Iterator[dict[str, Any]]]:
    """Every line of every sealed tally."""
    results = Result.objects.select_related(
        "tally__round__edition", "tally__round__rulebook", "entry__project__organisation"
    ).order_by("tally__round", "tally__number", "rank", "entry__number")
    if year := filters.get("edition"):
        results = results.filter(tally__round__edition__year=year)
    else:
        results = results.filter(tally__round__edition__is_rehearsal=False)
    return results.count(), (_result_row(result) for result in results.iterator(chunk_size=1000))


def _result_row(result: Result) -> dict[str, Any]:
    round = result.tally.round
    advances = {True: _("Yes"), False: _("No"), None: _("Equal at the cut: to be decided")}
    return {
        "edition": round.edition.year,
        "round": round.get_key_display(),
        "rank": result.rank,
        "project": result.entry.project.code,
        "title": result.entry.project.title,
        "organisation": result.entry.project.organisation.name,
        "score": _short(result.score),
        "expert_score": _short(result.expert_score),
        "public_score": _short(result.public_score),
        "sheets": result.sheet_count,
        "advances": str(advances[result.advances]),
        "award": result.award_key,
        "held": result.held_reason,
        "sha256": result.tally.sha256,
    }


def _short(value: Decimal | None) -> Decimal | None:
    """Without the zeros the column pads with: two decimals, or as many as the score has."""
    if value is None:
        return None
    short = value.quantize(Decimal("0.01"))
    return short if short == value else value


register(
    Export(
        kind="results",
        title=_("Results"),
        permission="judging.export_results",
        columns=RESULT_COLUMNS,
        rows=_result_rows,
    )
)

OBJECTION_COLUMNS = [
    (_("Number"), "number"),
    (_("Edition"), "edition"),
    (_("Notice"), "notice"),
    (_("Acceptance number"), "project"),
    (_("Project"), "title"),
    (_("Channel"), "channel"),
    (_("Anonymous"), "anonymous"),
    (_("Status"), "status"),
    (_("Received at"), "filed_at"),
    (_("To be taken up by"), "accept_due_on"),
    (_("Taken up at"), "accepted_at"),
    (_("To be decided by"), "decide_due_on"),
    (_("Extended to"), "extended_due_on"),
    (_("Decided at"), "decided_at"),
    (_("Conclusion"), "outcome"),
    (_("The project leaves the list"), "excludes_entry"),
    (_("Files"), "file_count"),
    (_("Second opinions"), "opinion_count"),
    (_("Public digest"), "digest"),
]


def _objection_rows(filters: Filters) -> tuple[int, Iterator[dict[str, Any]]]:
    """The docket without who objected: no name, contact, text or reply, nor the code that opens it."""
    objections = (
        Objection.objects.select_related("notice__document", "notice__edition", "project")
        .annotate(
            file_count=Count("files", distinct=True),
            opinion_count=Count("rereviews", filter=Q(rereviews__given_at__isnull=False), distinct=True),
        )
        .order_by("pk")
    )
    if year := filters.get("edition"):
        objections = objections.filter(notice__edition__year=year)
    return objections.count(), (_objection_row(row) for row in objections.iterator(chunk_size=1000))


def _objection_row(objection: Any) -> dict[str, Any]:
    project, yes_no = objection.project, {True: str(_("Yes")), False: str(_("No"))}
    return {
        "number": objection.pk,
        "edition": objection.notice.edition.year,
        "notice": objection.notice.title,
        "project": project.code if project else "",
        "title": project.title if project else "",
        "channel": objection.get_channel_display(),
        "anonymous": yes_no[objection.is_anonymous],
        "status": objection.get_status_display(),
        "filed_at": objection.filed_at,
        "accept_due_on": objection.accept_due_on,
        "accepted_at": objection.accepted_at,
        "decide_due_on": objection.decide_due_on,
        "extended_due_on": objection.extended_due_on,
        "decided_at": objection.decided_at,
        "outcome": objection.get_outcome_display(),
        "excludes_entry": yes_no[objection.excludes_entry],
        "file_count": objection.file_count,
        "opinion_count": objection.opinion_count,
        "digest": objection.digest,
    }


register(
    Export(
        kind="objections",
        title=_("Docket of objections"),
        permission="judging.export_objections",
        columns=OBJECTION_COLUMNS,
        rows=_objection_rows,
    )
)
