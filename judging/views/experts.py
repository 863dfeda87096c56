"""The pool of experts: list, entries, ties, invitations, import."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from smtplib import SMTPException
from tempfile import TemporaryDirectory
from typing import Any

import django_filters
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import mails
from accounts.actions import revoke_invitation
from judging import pool_tables
from judging.actions import experts as actions
from judging.forms.experts import ExpertForm, LeaveForm, LinkForm, NewExpertForm, PoolTableForm
from judging.forms.pool import ImportTableForm, handed_out
from judging.models import Draw, Expert, ExpertLink, Pledge
from judging.pool_tables import Row
from judging.queries.experts import experts_for_list, seats_of, to_invite, topics
from judging.views.rounds import posted
from kit.forms import ActionForm, ActionModelForm
from kit.listing import Listing
from kit.page import page
from kit.uploads import content_disposition
from projects import importing

#: So many invitations go out at one press: each waits for the mail server.
AT_ONCE = 20


class PoolFilter(django_filters.FilterSet):
    """By kind, field and whether they can be drawn."""

    kind = django_filters.ChoiceFilter(
        label=gettext_lazy("Theory or practice"),
        choices=[("theory", gettext_lazy("theory")), ("practice", gettext_lazy("practice"))],
        method="by_kind",
    )
    topic = django_filters.ChoiceFilter(label=gettext_lazy("Field"), choices=[], method="by_topic")
    state = django_filters.ChoiceFilter(
        label=gettext_lazy("Status"),
        choices=[
            ("ready", gettext_lazy("can be drawn")),
            ("away", gettext_lazy("away")),
            ("invite", gettext_lazy("cannot sign in yet")),
            ("left", gettext_lazy("left the pool")),
        ],
        method="by_state",
    )

    class Meta:
        model = Expert
        fields = ("kind", "topic", "state")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.filters["topic"].extra["choices"] = list(topics().items())

    def by_kind(self, queryset: QuerySet[Expert], name: str, value: str) -> QuerySet[Expert]:
        return queryset.filter(**{"is_theorist" if value == "theory" else "is_practitioner": True})

    def by_topic(self, queryset: QuerySet[Expert], name: str, value: str) -> QuerySet[Expert]:
        return queryset.filter(fields__contains=[value])

    def by_state(self, queryset: QuerySet[Expert], name: str, value: str) -> QuerySet[Expert]:
        if value == "left":
            return queryset.filter(left_at__isnull=False)
        there = queryset.filter(left_at__isnull=True)
        if value == "ready":
            return there.filter(can_sign_in=True, is_away=False)
        return there.filter(is_away=True) if value == "away" else there.filter(can_sign_in=False)


def state_of(expert: Any) -> tuple[str, str]:
    """Where an annotated expert stands, and its tone."""
    if expert.left_at:
        return _("left the pool"), "neutral"
    if not expert.can_sign_in:
        return (_("invited"), "info") if expert.is_invited else (_("not invited yet"), "warn")
    return (_("away"), "warn") if expert.is_away else (_("can be drawn"), "good")


def one_expert(request: HttpRequest, pk: int) -> Expert:
    return get_object_or_404(experts_for_list(request.user), pk=pk)


def one_link(request: HttpRequest, pk: int) -> ExpertLink:
    experts = Expert.objects.visible_to(request.user)
    return get_object_or_404(
        ExpertLink.objects.select_related("expert__person").filter(expert__in=experts), pk=pk
    )


@page("judging.view_experts")
def experts(request: HttpRequest) -> HttpResponse:
    listing = Listing(
        request,
        experts_for_list(request.user),
        search=["person__name", "unit", "position"],
        order={"name": "person__name", "unit": "unit", "sat": "sat"},
        filterset_class=PoolFilter,
    )
    names = topics()
    for row in listing.rows:
        row.label, row.tone = state_of(row)
        row.topics = "、".join(names.get(key, key) for key in row.fields)
    may_keep = request.user.has_perm("judging.keep_experts")
    context = {
        "listing": listing,
        "may_keep": may_keep,
        "uninvited": to_invite(request.user).count() if may_keep else 0,
    }
    return render(request, "judging/expert_list.html", context)


@page("judging.view_experts", obj=one_expert)
def expert(request: HttpRequest, expert: Any) -> HttpResponse:
    """One expert: who it is, ties, and the history of panels, draws and pledges."""
    label, tone = state_of(expert)
    context = {
        "expert": expert,
        "label": label,
        "tone": tone,
        "facts": _facts(expert),
        "links": expert.links.select_related("project").all(),
        "seats": seats_of(expert),
        "draws": Draw.objects.filter(picks__expert=expert).for_list(),
        "pledges": Pledge.objects.filter(person=expert.person).select_related("edition", "document"),
        "may_keep": request.user.has_perm("judging.keep_experts", expert),
    }
    return render(request, "judging/expert.html", context)


def _facts(expert: Expert) -> list[dict[str, Any]]:
    names = topics()
    kinds = ((_("theory"), expert.is_theorist), (_("practice"), expert.is_practitioner))
    away = f"{expert.away_from} – {expert.away_until or '…'}" if expert.away_from else "—"
    return [
        {"label": _("Theory or practice"), "value": "、".join(name for name, is_so in kinds if is_so)},
        {"label": _("Fields"), "value": "、".join(names.get(key, key) for key in expert.fields) or "—"},
        {"label": _("Unit"), "value": expert.unit},
        {"label": _("Unified credit code"), "value": expert.unit_code or "—"},
        {"label": _("Position or title"), "value": expert.position or "—"},
        {"label": _("District"), "value": expert.district or "—"},
        {"label": _("Away"), "value": away},
        {"label": _("E-mail"), "value": expert.person.email},
        {"label": _("Phone"), "value": expert.person.phone or "—"},
        {"label": _("Note"), "value": expert.note or "—"},
    ]


@page("judging.keep_experts", methods=("GET", "POST"))
def expert_new(request: HttpRequest) -> HttpResponse:
    return _one_form(
        request,
        NewExpertForm(posted(request)),
        actions.add_expert,
        said=_("The expert is in the pool. Send the invitation next."),
        heading=_("New expert"),
        body="judging/_expert_fields.html",
        submit=_("Enter into the pool"),
    )


@page("judging.keep_experts", obj=one_expert, methods=("GET", "POST"))
def expert_edit(request: HttpRequest, expert: Expert) -> HttpResponse:
    return _one_form(
        request,
        ExpertForm(posted(request), instance=expert),
        partial(actions.change_expert, expert=expert),
        expert,
        said=_("Saved."),
        heading=_("Change"),
        body="judging/_expert_fields.html",
        submit=_("Save"),
    )


@page("judging.keep_experts", obj=one_expert, methods=("GET", "POST"))
def expert_link(request: HttpRequest, expert: Expert) -> HttpResponse:
    return _one_form(
        request,
        LinkForm(posted(request)),
        partial(actions.add_link, expert=expert),
        expert,
        said=_("The tie is entered."),
        heading=_("New tie"),
        submit=_("Enter the tie"),
    )


@page("judging.keep_experts", obj=one_link, methods=("GET", "POST"))
def expert_unlink(request: HttpRequest, link: ExpertLink) -> HttpResponse:
    return _one_form(
        request,
        LeaveForm(posted(request)),
        partial(actions.end_link, link=link),
        link.expert,
        said=_("The tie has ended; it stays on file."),
        heading=_("End the tie with %(body)s") % {"body": link.body_name},
        submit=_("End the tie"),
    )


@page("judging.keep_experts", obj=one_expert, methods=("GET", "POST"))
def expert_leave(request: HttpRequest, expert: Expert) -> HttpResponse:
    return _one_form(
        request,
        LeaveForm(posted(request)),
        partial(actions.leave_pool, expert=expert),
        expert,
        said=_("The expert has left the pool; the history stays."),
        heading=_("Leave the pool"),
        submit=_("Take out"),
    )


def _one_form(
    request: HttpRequest,
    form: ActionForm | ActionModelForm,
    action: Callable[..., Any],
    expert: Expert | None = None,
    *,
    said: str,
    heading: str,
    submit: str,
    body: str = "",
) -> HttpResponse:
    """A form of the pool; once it is done, the page of its expert says so."""
    if done := form.submit(action, actor=request.user):
        messages.success(request, said)
        return redirect(expert or done)
    context = {"form": form, "expert": expert, "heading": heading, "submit": submit, "body": body}
    return render(request, "judging/expert_form.html", context, status=form.status)


@page("judging.keep_experts", obj=one_expert, methods=("POST",))
def expert_return(request: HttpRequest, expert: Expert) -> HttpResponse:
    actions.return_to_pool(actor=request.user, expert=expert)
    messages.success(request, _("The expert is back in the pool."))
    return redirect(expert)


# Invitations


@page("judging.keep_experts", obj=one_expert, methods=("POST",))
def expert_invite(request: HttpRequest, expert: Expert) -> HttpResponse:
    """Send the one-time link; an earlier one dies."""
    if _invite(request, expert):
        told = _("The invitation is on its way to %(email)s.") % {"email": expert.person.email}
        messages.success(request, told)
    else:
        messages.error(
            request, _("The mail could not be sent, so the invitation was withdrawn. Please try again.")
        )
    return redirect(expert)


@page("judging.keep_experts", methods=("POST",))
def experts_invite(request: HttpRequest) -> HttpResponse:
    """Invite those who were never invited, as many as go at once; the first mail that fails ends it."""
    waiting = to_invite(request.user).select_related("person")
    sent = 0
    for expert in waiting[:AT_ONCE]:
        if not _invite(request, expert):
            messages.error(
                request, _("The mail could not be sent, so the invitation was withdrawn. Please try again.")
            )
            break
        sent += 1
    messages.success(request, _("Invitations sent: %(count)s") % {"count": sent})
    return redirect("judging:experts")


def _invite(request: HttpRequest, expert: Expert) -> bool:
    """Whether the mail went out; an invitation nobody gets is withdrawn."""
    invitation, token = actions.invite_expert(actor=request.user, expert=expert)
    try:
        mails.send_invitation(invitation, token)
    except (SMTPException, OSError):
        revoke_invitation(actor=request.user, invitation=invitation)
        return False
    return True


# Import


@page("judging.keep_experts", methods=("GET", "POST"))
def experts_import(request: HttpRequest) -> HttpResponse:
    """Send a filled table in: it is looked through, and only a second word imports it."""
    if request.method == "POST" and "table" in request.POST:
        return _import(request)
    form = PoolTableForm(posted(request), request.FILES or None)
    rows: list[Row] | None = form.submit(_look_through)
    found: dict[str, Any] = {"rows": rows}
    if rows is not None:
        wrong, there = [row for row in rows if row.errors], [row for row in rows if row.is_there]
        found |= {
            "wrong": wrong,
            "there": there,
            "fresh": [row for row in rows if not row.errors and not row.is_there],
            "table": handed_out(rows, request.user) if not wrong else "",
        }
    return _import_page(request, form, form.status, **found)


def _import_page(request: HttpRequest, form: PoolTableForm, status: int, **found: Any) -> HttpResponse:
    context = {
        "form": form,
        "list_url": reverse("judging:experts"),
        "template_url": reverse("judging:experts_template"),
        **found,
    }
    return render(request, "judging/expert_import.html", context, status=status)


def _look_through(*, file: Any) -> list[Row]:
    return pool_tables.read(file, file.name)


def _import(request: HttpRequest) -> HttpResponse:
    word = ImportTableForm(request.POST, person=request.user)
    made = word.submit(actions.add_experts, actor=request.user)
    if made is None:
        return _import_page(request, PoolTableForm(), word.status, rows=None, word=word)
    messages.success(request, _("Experts imported: %(count)s. Invite them next.") % {"count": len(made)})
    return redirect("judging:experts")


@page("judging.keep_experts")
def experts_template(request: HttpRequest) -> HttpResponse:
    """The empty table."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "template.xlsx"
        pool_tables.write_template(str(path))
        response = HttpResponse(path.read_bytes(), content_type=importing.MIME)
    response["Content-Disposition"] = content_disposition(pool_tables.TEMPLATE_NAME)
    return response
