"""One edition: its page, its rules and its results."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import quote_etag

from contest.call import sections
from contest.models import Edition
from judging.enums import RoundKey
from judging.models import Recording
from judging.waterfall_looks import told
from kit import clock
from kit.hashing import canonical
from kit.page import page
from publicity import queries
from publicity.models import Announcement
from publicity.queries.receipts import receipt_board
from publicity.views.caching import briefly_cached


def the_edition(request: HttpRequest, year: int) -> Edition:
    """A public edition; whoever prepares editions also sees those still in preparation."""
    editions = Edition.objects.visible_to(request.user).for_list().prefetch_related("timetable")
    return get_object_or_404(editions, year=year)


@page(public=True)
@briefly_cached
def edition_page(request: HttpRequest, year: int) -> HttpResponse:
    edition = the_edition(request, year)
    context = {
        "edition": edition,
        "now": clock.now(),
        "deadline": queries.open_deadline(edition),
        "stages": queries.stage_timeline(edition),
        "rounds": queries.round_states(edition),
        "announcements": queries.board(Announcement.objects.standing().filter(edition=edition).for_list()),
        "project_count": queries.public_projects().filter(edition=edition).count(),
        "entry_count": edition.projects.filter(status__in=queries.ENTRIES).count() if edition.is_past else 0,
        "honoured": queries.honoured_projects().filter(edition=edition) if edition.is_past else [],
        "participants": queries.participants(edition),
        "awards": edition.awards.for_list(),
        "others": Edition.objects.public().exclude(pk=edition.pk).order_by("-year"),
    }
    return render(request, "publicity/edition.html", context)


@page(public=True)
def rules_latest(request: HttpRequest) -> HttpResponse:
    """To the rules of the newest edition, or to a page that says there is none yet."""
    edition = queries.latest_edition()
    if edition is None:
        return render(request, "publicity/rules_none.html")
    return redirect("publicity:rules", year=edition.year)


@page(public=True)
@briefly_cached
def rules(request: HttpRequest, year: int) -> HttpResponse:
    """The rules as generated from the rulebook; ``?version=`` shows an older one."""
    edition = the_edition(request, year)
    versions = queries.rulebook_versions(edition, request.user)
    current = edition.rulebook
    asked = request.GET.get("version", str(current.version))
    shown = next((version for version in versions if str(version.version) == asked), None)
    if shown is None:
        raise Http404
    papers = {paper.object_id: paper for paper in edition.documents.filter(kind="amendment").for_list()}
    for version in versions:
        version.paper = edition.call_document if version.version == 1 else papers.get(str(version.pk))
    context = {
        "edition": edition,
        "rulebook": shown,
        "is_current": shown.pk == current.pk,
        "versions": versions,
        "sections": sections(edition, shown.typed),
    }
    return render(request, "publicity/rules.html", context)


def the_result(request: HttpRequest, year: int, key: str) -> tuple[Edition, queries.PublishedResult]:
    """A published result; a round without notice is not there at all."""
    if key not in RoundKey:
        raise Http404
    edition = the_edition(request, year)
    result = queries.published_result(edition, key)
    if result is None:
        raise Http404
    return edition, result


@page(public=True)
@briefly_cached
def results(request: HttpRequest, year: int, key: str) -> HttpResponse:
    """A round's published list with what it was computed from."""
    edition, result = the_result(request, year, key)
    announcement = result.announcement
    context = {
        "edition": edition,
        "result": result,
        "rules": result.round.rules,
        "vote": result.round.rulebook_doc.public_vote if result.round.is_final else None,
        "standing": queries.standing_of(announcement) if announcement else None,
        "summary": queries.objection_summary(result.notice),
        "departures": sum(bool(entry.line.override_reason) for entry in result.lines),
        "now": clock.now(),
        "recordings": Recording.objects.public().filter(round=result.round).for_list(),
        "has_receipts": result.round.is_final and bool(receipt_board(result.tally.snapshot)),
    }
    return render(request, "publicity/results.html", context)


@page(public=True)
@briefly_cached
def results_entry(request: HttpRequest, year: int, key: str, number: int) -> HttpResponse:
    """How one published score came about, from the sealed tally; experts by seat alone."""
    edition, result = the_result(request, year, key)
    found = told(result.tally.snapshot, number)
    if found is None:
        raise Http404
    line = next((entry.line for entry in result.lines if entry.line.entry.number == number), None)
    context = {"edition": edition, "result": result, "told": found, "tally": result.tally, "line": line}
    return render(request, "publicity/results_entry.html", context)


@page(public=True)
@briefly_cached
def bundle(request: HttpRequest, year: int, key: str) -> HttpResponse:
    """All that a result can be checked with, in its canonical form; ``verify_tally.py`` reads it."""
    _edition, result = the_result(request, year, key)
    content = queries.result_bundle(result)
    response = HttpResponse(canonical(content), content_type="application/json")
    response["ETag"] = quote_etag(content["sha256"])
    # Under the name that the page's instructions use.
    response["Content-Disposition"] = 'inline; filename="bundle.json"'
    return response
