"""The front page, history, and what machines ask for."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from contest.models import Edition
from kit import clock
from kit.page import page
from publicity import queries
from publicity.models import Announcement
from publicity.queries.money import city_fund, latest_spending, spending_by_project
from publicity.views.caching import briefly_cached

LATEST = 4


@page(public=True)
@briefly_cached
def home(request: HttpRequest) -> HttpResponse:
    """Where the contest stands, at a glance."""
    edition = queries.latest_edition()
    awarded, top_ten = queries.top_ten_of_latest()
    context = {
        "edition": edition,
        "now": clock.now(),
        "deadline": queries.open_deadline(edition),
        "call": queries.call_announcement(edition) if edition else None,
        "stages": queries.stage_timeline(edition) if edition else [],
        "fund": city_fund(),
        "figures": queries.headline_figures(),
        "announcements": queries.board(Announcement.objects.standing().for_list()[:LATEST]),
        "spending": latest_spending(LATEST),
        "awarded": awarded,
        "top_ten": spending_by_project(top_ten),
    }
    return render(request, "publicity/home.html", context)


@page(public=True)
@briefly_cached
def history(request: HttpRequest) -> HttpResponse:
    """Past editions: figures with their sources, and the winners the portal itself knows."""
    context = {"rows": queries.history_rows(), "editions": queries.winners_by_edition()}
    return render(request, "publicity/history.html", context)


@page(public=True)
@briefly_cached
def sitemap(request: HttpRequest) -> HttpResponse:
    """All public places on one page."""
    context = {"editions": Edition.objects.public().order_by("-year")}
    return render(request, "publicity/sitemap.html", context)


@page(public=True)
@briefly_cached
def accessibility(request: HttpRequest) -> HttpResponse:
    """What the site does for people who see, hear or move differently."""
    return render(request, "publicity/accessibility.html")


@page(public=True)
@briefly_cached
def robots(request: HttpRequest) -> HttpResponse:
    """What search engines should leave alone: workplaces and personal pages."""
    return render(request, "publicity/robots.txt", content_type="text/plain; charset=utf-8")
