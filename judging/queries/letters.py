"""What an applicant is told of a round, read for all of its projects at once."""

from __future__ import annotations

from collections import defaultdict

from django.db.models import Exists, OuterRef, Q, QuerySet

from judging.enums import RoundStatus, SheetStatus
from judging.masking import without_persons
from judging.models import DecisionLine, Letter, Objection, Round, Sheet
from judging.queries.decisions import decided_lines
from kit.hashing import sha256_hex


def lines_without_letter(round: Round) -> QuerySet[DecisionLine]:
    """The lines of a confirmed list whose projects have not been written to yet; none before.

    Without those that an objection holds: they are written to once it is concluded, unless it takes them
    off the list.
    """
    if round.status != RoundStatus.CONFIRMED:
        return decided_lines(round).none()
    written = Letter.objects.filter(round=round).values("project")
    return _not_held(decided_lines(round).exclude(entry__project__in=written))


def _not_held(lines: QuerySet[DecisionLine]) -> QuerySet[DecisionLine]:
    """Without what an objection to its list holds, or has taken off it; one to the whole list holds all."""
    raised = Objection.objects.filter(notice__round=OuterRef("decision__round"))
    of_project = Q(project=OuterRef("entry__project"))
    return lines.filter(
        ~Exists(raised.undecided().filter(of_project | Q(project__isnull=True))),
        ~Exists(raised.filter(of_project, excludes_entry=True)),
    )


def letters_of(round: Round) -> QuerySet[Letter]:
    return Letter.objects.filter(round=round).select_related(
        "line", "project__organisation", "document__office", "document__file"
    )


def rounds_owing_letters() -> QuerySet[Round]:
    """Confirmed rounds on whose lists a project has not been written to and can be."""
    told = Letter.objects.values("line")
    owed = _not_held(DecisionLine.objects.filter(decision__status="approved").exclude(pk__in=told))
    return Round.objects.filter(
        status=RoundStatus.CONFIRMED, decisions__in=owed.values("decision")
    ).distinct()


def sealed_comments(round: Round) -> dict[int, list[str]]:
    """By entry, the comments on the sheets the tally sealed; three queries at most.

    Their order is that of the fingerprints of their own texts: it says nothing about the seats, by
    which the result bundle lists the sheets. Where somebody has signed a comment, or named another of
    the panel, nothing of the name is left, nor of phones and addresses.
    """
    if round.current_tally is None or not round.rules.comments_to_applicants:
        return {}
    sealed = {
        sheet["sha256"] for entry in round.current_tally.snapshot["entries"] for sheet in entry["sheets"]
    }
    rows = Sheet.objects.filter(
        assignment__entry__round=round, status=SheetStatus.SUBMITTED, sha256__in=sealed
    ).values_list("assignment__entry_id", "comment")
    panel = list(round.seats.values_list("expert__name", flat=True))
    found: dict[int, list[str]] = defaultdict(list)
    for entry, comment in rows:
        if comment.strip():
            found[entry].append(without_persons(comment.strip(), panel, leaves_nothing=True))
    return {
        entry: sorted(texts, key=lambda text: sha256_hex(text.encode())) for entry, texts in found.items()
    }
