"""Applications that read much alike: found after submission, looked into by staff."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.postgres.search import TrigramSimilarity
from django.db import connection, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.rights import require
from contest.record import record
from kit import clock
from kit.errors import refuse_unless
from kit.text import clean_text
from projects.actions.common import lock_project, person
from projects.models import Project, Similarity

if TYPE_CHECKING:
    from accounts.actors import Actor

MOST = 10
NOTE_LIMIT = 300


@transaction.atomic
def find_similar(*, actor: Actor, project: Project) -> list[Similarity]:
    """Compare title and summary with everything else handed in, of all editions, and keep the
    closest from the rulebook's percentage on; at most ten. Safe to run twice.

    What staff have cleared stays cleared unless it has become more alike since; what is no longer
    alike and was never cleared goes.
    """
    project = lock_project(project)
    least = project.edition.rules.similar_from_percent
    known = {row.other_id: row for row in Similarity.objects.filter(project=project)}
    found = _closest(project, least)
    rows = [_keep(project, known.get(other.pk), other) for other in found]
    gone = [row.pk for key, row in known.items() if key not in {o.pk for o in found} and not row.cleared_at]
    Similarity.objects.filter(pk__in=gone).delete()
    if fresh := [row for row in rows if row.other_id not in known]:
        record(
            "similarity.found",
            actor=actor,
            obj=project,
            edition=project.edition,
            after={"others": [row.other_id for row in fresh]},
        )
    return rows


def _closest(project: Project, least: int) -> list[Project]:
    """The closest others with ``title_like`` and ``summary_like`` between 0 and 1."""
    with connection.cursor() as cursor:
        # For this transaction: the % operator, which the index on titles answers, goes by it.
        cursor.execute("SELECT set_config('pg_trgm.similarity_threshold', %s, true)", [str(least / 100)])
    others = Project.objects.handed_in().exclude(pk=project.pk).exclude(merged_into=project.pk).order_by()
    if project.edition.is_rehearsal:
        others = others.filter(edition=project.edition_id)
    else:
        others = others.filter(edition__is_rehearsal=False)
    alike = Q(title__trigram_similar=project.title)
    if project.summary:
        alike |= Q(summary__trigram_similar=project.summary)
    measured = others.filter(alike).annotate(
        title_like=TrigramSimilarity("title", project.title),
        summary_like=TrigramSimilarity("summary", project.summary),
    )
    closest = sorted(
        measured.only("pk"), key=lambda other: (-max(other.title_like, other.summary_like), other.pk)
    )
    return list[Project](closest[:MOST])


def _keep(project: Project, known: Similarity | None, other: Project) -> Similarity:
    row = known or Similarity(project=project, other=other, title_percent=0, summary_percent=0)
    title = round(other.title_like * 100)  # type: ignore[attr-defined]
    summary = round(other.summary_like * 100)  # type: ignore[attr-defined]
    if row.cleared_at and (title > row.title_percent or summary > row.summary_percent):
        row.cleared_by = row.cleared_at = None
        row.clear_note = ""
    row.title_percent, row.summary_percent = title, summary
    row.save()
    return row


@transaction.atomic
def clear_similarity(*, actor: Actor, similarity: Similarity, note: str) -> Similarity:
    """Staff compared the two and found them different works; the note says why. Whoever belongs to
    one of the two bodies leaves it to a colleague."""
    for entry in (similarity.project, similarity.other):
        require(actor, "projects.check_intake", entry)
    note = clean_text(note)
    refuse_unless(note, "note_missing", _("Say in a few words how they differ."), field="note")
    refuse_unless(len(note) <= NOTE_LIMIT, "note_too_long", _("The note is too long."), field="note")
    row = Similarity.objects.select_for_update().select_related("project__edition").get(pk=similarity.pk)
    if row.cleared_at:
        return row
    row.cleared_by, row.cleared_at, row.clear_note = person(actor), clock.now(), note
    row.save(update_fields=["cleared_by", "cleared_at", "clear_note"])
    record(
        "similarity.cleared",
        actor=actor,
        obj=row.project,
        edition=row.project.edition,
        after={"other": row.other_id, "title": row.title_percent, "summary": row.summary_percent},
        reason=note,
    )
    return row
