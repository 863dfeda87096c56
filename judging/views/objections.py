"""The docket of objections at the desk. The citizen's form is a public page that calls the same action."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

import django_filters
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from contest import files
from judging import actions
from judging.actions.objections import (
    accept_objection,
    decide_objection,
    file_objection,
    is_confirmed,
)
from judging.enums import ObjectionChannel, ObjectionStatus
from judging.forms.objections import (
    AskRereviewForm,
    DecideObjectionForm,
    DigestForm,
    ExtendObjectionForm,
    FindingsForm,
    RegisterObjectionForm,
)
from judging.models import Notice, Objection, ObjectionFile
from judging.proofs import PROOFS
from judging.queries.objections import Objector, light, masked_objector, masked_text
from judging.queries.rereviews import candidates, disputed_entry
from judging.views.rounds import posted
from kit import clock
from kit.forms import ActionForm
from kit.listing import Listing
from kit.page import page


class ObjectionFilter(django_filters.FilterSet):
    status = django_filters.ChoiceFilter(label=_("Status"), choices=ObjectionStatus.choices)
    channel = django_filters.ChoiceFilter(label=_("Channel"), choices=ObjectionChannel.choices)
    late = django_filters.ChoiceFilter(label=_("Due"), choices=[("yes", _("Overdue"))], method="overdue_only")

    def overdue_only(self, queryset: Any, name: str, value: str) -> QuerySet[Objection]:
        return queryset.overdue(clock.today())

    class Meta:
        model = Objection
        fields = ["status", "channel"]


def _objection(request: HttpRequest, pk: int) -> Objection:
    found = Objection.objects.visible_to(request.user).for_list()
    return get_object_or_404(
        found.select_related(
            "notice__document", "notice__decision", "notice__round__edition", "document__office"
        ),
        pk=pk,
    )


def _open_notice(request: HttpRequest, pk: int) -> Notice:
    return get_object_or_404(Notice.objects.visible_to(request.user).for_list(), pk=pk)


@page("judging.view_objections")
def objections(request: HttpRequest) -> HttpResponse:
    """Every objection with what is owed next; nobody's name."""
    listing = Listing(
        request,
        Objection.objects.visible_to(request.user).for_list(),
        filterset_class=ObjectionFilter,
        search=["receipt_code", "project__code", "project__title", "notice__document__title"],
        order={"filed_at": "filed_at", "due": "due"},
    )
    context = {"listing": listing, "docket": with_lights(listing.rows)}
    context["may_export"] = request.user.has_perm("judging.export_objections")
    return render(request, "judging/objections.html", context)


def with_lights(objections: Iterable[Any]) -> list[Objection]:
    """The objections with ``light`` set on each."""
    rows, today = list(objections), clock.today()
    for row in rows:
        row.light = light(row.due_on, today)
    return rows


@page("judging.view_objections", obj=_objection)
def objection_detail(request: HttpRequest, objection: Objection) -> HttpResponse:
    """One objection; who raised it is masked until somebody who may asks to see it."""
    return render(request, "judging/objection_detail.html", _context(request, objection))


def _context(request: HttpRequest, objection: Objection, seen: Objector | None = None) -> dict[str, Any]:
    """What the pages of one objection show; ``seen`` is the objector in full, once that is on record."""
    user = request.user
    today = clock.today()
    is_open = objection.status == ObjectionStatus.ACCEPTED
    handles = user.has_perm("judging.handle_objection", objection)
    may_decide = user.has_perm("judging.decide_objection", objection)
    may_see = user.has_perm("judging.view_objector", objection)
    return {
        "objection": objection,
        # A family name and four digits tell colleagues enough: the others of the docket see neither.
        "objector": seen or (masked_objector(objection) if may_see else None),
        "text": objection.text if seen else masked_text(objection, leaves_nothing=not may_see),
        "files": list(objection.files.select_related("file")),
        "rereviews": list(objection.rereviews.select_related("expert")),
        "steps": _steps(objection, today),
        "light": light(objection.due_on, today),
        "may_see": may_see,
        "may_accept": handles and objection.status == ObjectionStatus.FILED,
        "may_extend": handles and is_open and objection.extended_at is None,
        "may_note": handles and objection.status in (ObjectionStatus.ACCEPTED, ObjectionStatus.CLUE),
        "may_ask": handles and is_open and disputed_entry(objection) is not None,
        "may_decide": is_open and may_decide,
        "may_publish": handles and objection.status == ObjectionStatus.DECIDED,
        "is_involved": is_open and not may_decide,
    }


def _steps(objection: Objection, today: date) -> list[dict[str, Any]]:
    """Filed, accepted, decided: when it was done or is due, and whether that is late."""

    def late(due: date | None, done: Any) -> bool:
        return due is not None and (clock.local(done).date() if done else today) > due

    return [
        {"label": _("Received"), "at": objection.filed_at, "due": None, "is_late": False},
        {
            "label": _("Taken up"),
            "at": objection.accepted_at,
            "due": objection.accept_due_on,
            "is_late": late(objection.accept_due_on, objection.accepted_at),
        },
        {
            "label": _("Concluded"),
            "at": objection.decided_at,
            "due": objection.conclude_by,
            "first_due": objection.decide_due_on if objection.extended_at else None,
            "is_late": late(objection.conclude_by, objection.decided_at),
        },
    ]


@page("judging.handle_objection", obj=_objection, methods=("POST",))
def objection_accept(request: HttpRequest, objection: Objection) -> HttpResponse:
    """Take an objection up."""
    accept_objection(actor=request.user, objection=objection)
    return redirect(objection)


@page("judging.decide_objection", obj=_objection, methods=("GET", "POST"))
def objection_decide(request: HttpRequest, objection: Objection) -> HttpResponse:
    """Conclude an objection with a written reply."""
    owed = objection.rereviews.open().count()
    form = DecideObjectionForm(posted(request), opinions_owed=owed)
    if form.submit(decide_objection, actor=request.user, objection=objection):
        return redirect(objection)
    context = _context(request, objection) | {
        "form": form,
        "opinions_owed": owed,
        "is_confirmed": is_confirmed(objection.notice.round),
    }
    return render(request, "judging/objection_decide.html", context, status=form.status)


@page("judging.view_objector", obj=_objection, methods=("POST",))
def objection_objector(request: HttpRequest, objection: Objection) -> HttpResponse:
    """The same page with the person in full; that it was looked at is kept."""
    seen = actions.reveal_objector(actor=request.user, objection=objection)
    return render(request, "judging/objection_detail.html", _context(request, objection, seen))


def _file(request: HttpRequest, pk: int) -> ObjectionFile:
    mine = Objection.objects.visible_to(request.user)
    found = ObjectionFile.objects.filter(objection__in=mine)
    return get_object_or_404(found.select_related("file", "objection__notice__edition"), pk=pk)


@page("judging.view_objector", obj=_file, methods=("POST",))
def objection_file(request: HttpRequest, file: ObjectionFile) -> HttpResponseBase:
    """Hand out what came with an objection. Asked for by a button and not by a link: a look is an act."""
    return files.serve(actions.open_objection_file(actor=request.user, file=file).file)


def _step(
    request: HttpRequest, objection: Objection, form: ActionForm, action: Callable[..., Any], **words: Any
) -> HttpResponse:
    """A form about one objection, under the objection itself; ``words``: what the page is called."""
    if form.submit(action, actor=request.user, objection=objection):
        messages.success(request, words["done"])
        return redirect(objection)
    context = _context(request, objection) | {"form": form, **words}
    return render(request, "judging/objection_step.html", context, status=form.status)


@page("judging.handle_objection", obj=_objection, methods=("GET", "POST"))
def objection_extend(request: HttpRequest, objection: Objection) -> HttpResponse:
    """More time for the check, once."""
    return _step(
        request,
        objection,
        ExtendObjectionForm(posted(request)),
        actions.extend_objection,
        title=_now("More time for the check"),
        note=_now("Once, and before the day is over. The first date stays on file."),
        submit=_now("Extend"),
        done=_now("The time for the check has been extended."),
    )


@page("judging.handle_objection", obj=_objection, methods=("GET", "POST"))
def objection_findings(request: HttpRequest, objection: Objection) -> HttpResponse:
    """What the check brought to light."""
    return _step(
        request,
        objection,
        FindingsForm(posted(request), initial={"findings": objection.findings}),
        actions.note_findings,
        title=_now("Findings"),
        submit=_now("Keep the findings"),
        done=_now("The findings have been kept."),
    )


@page("judging.handle_objection", obj=_objection, methods=("GET", "POST"))
def objection_digest(request: HttpRequest, objection: Objection) -> HttpResponse:
    """What the public reads of a concluded objection."""
    return _step(
        request,
        objection,
        DigestForm(posted(request), initial={"digest": objection.digest}),
        actions.publish_digest,
        title=_now("Public digest"),
        note=_now("Shown beside the notice and in the public list of objections. Read it again afterwards."),
        submit=_now("Publish the digest"),
        done=_now("The digest has been published."),
    )


@page("judging.handle_objection", obj=_objection, methods=("GET", "POST"))
def objection_rereview(request: HttpRequest, objection: Objection) -> HttpResponse:
    """Ask an expert who was not on the first panel."""
    return _step(
        request,
        objection,
        AskRereviewForm(posted(request), experts=candidates(objection)),
        actions.ask_rereview,
        title=_now("Ask an expert"),
        note=_now(
            "Offered are experts who were not on the first panel and have no known conflict. They read the "
            "application and the objection without names, and no scores. No sealed number changes."
        ),
        submit=_now("Ask for an opinion"),
        done=_now("The expert has been asked."),
    )


@page("judging.handle_objection", obj=_open_notice, methods=("GET", "POST"))
def objection_register(request: HttpRequest, notice: Notice) -> HttpResponse:
    """Enter what came by phone or letter."""
    form = RegisterObjectionForm(posted(request), request.FILES or None, notice=notice)
    if objection := form.submit(file_objection, actor=request.user, notice=notice):
        return redirect(objection)
    context = {"form": form, "notice": notice, "limits": PROOFS}
    return render(request, "judging/objection_register.html", context, status=form.status)
