"""People and roles for the security administrator; invitations; one's own details."""

from __future__ import annotations

import re
from smtplib import SMTPException
from typing import Any

import django_filters
from django.contrib import messages as flash
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters

from accounts import actions, mails, queries
from accounts.enums import Role
from accounts.forms import AcceptForm, GrantForm, InviteForm, PersonReasonForm, ProfileForm
from accounts.models import Invitation, RoleGrant, User
from kit import clock
from kit.forms import ActionForm
from kit.hashing import sha256_hex
from kit.listing import Listing
from kit.page import SIGNED_IN, page

#: What ``secrets.token_urlsafe(32)`` makes; nothing else is worth a session.
TOKEN_SHAPE = re.compile(r"[\w-]{43}", re.ASCII)
INVITATION_KEY = "invitation"


class PeopleFilter(django_filters.FilterSet):
    """By role, and by whether they may sign in."""

    role = django_filters.ChoiceFilter(label=gettext_lazy("Role"), choices=Role.choices, method="by_role")
    is_active = django_filters.ChoiceFilter(
        label=gettext_lazy("Sign-in"),
        choices=[("1", gettext_lazy("active")), ("0", gettext_lazy("locked out"))],
        method="by_state",
    )

    class Meta:
        model = User
        fields = ("role", "is_active")

    def by_role(self, queryset: QuerySet[User], name: str, value: str) -> QuerySet[User]:
        holders = RoleGrant.objects.current().filter(role=value).values("user_id")
        return queryset.filter(pk__in=holders)

    def by_state(self, queryset: QuerySet[User], name: str, value: str) -> QuerySet[User]:
        return queryset.filter(is_active=value == "1")


@page("accounts.view_people")
def people(request: HttpRequest) -> HttpResponse:
    listing = Listing(
        request,
        queries.people(),
        search=("name", "email"),
        order={"name": "name", "email": "email", "joined": "joined_at"},
        filterset_class=PeopleFilter,
    )
    districts = queries.district_names()
    rows = [(person, _roles_of(person.grants, districts)) for person in listing.rows]
    return render(request, "accounts/people.html", {"listing": listing, "people": rows})


def _roles_of(grants: list[RoleGrant], districts: dict[int, str]) -> list[tuple[RoleGrant, str]]:
    return [(grant, queries.scope_text(grant, districts)) for grant in grants]


def any_person(request: HttpRequest, pk: int) -> User:
    return get_object_or_404(queries.people(), pk=pk)


@page("accounts.view_people", obj=any_person)
def person(request: HttpRequest, person: User) -> HttpResponse:
    return _person_page(request, person, GrantForm())


def _person_page(request: HttpRequest, person: User, form: GrantForm) -> HttpResponse:
    context = {
        "person": person,
        "roles": _roles_of(person.grants, queries.district_names()),
        "form": form,
        "may_manage": request.user.has_perm("accounts.manage_roles", person),
    }
    return render(request, "accounts/person.html", context, status=form.status)


@page("accounts.manage_roles", obj=any_person, methods=("POST",))
def role_grant(request: HttpRequest, person: User) -> HttpResponse:
    form = GrantForm(request.POST)
    if form.submit(actions.grant_role, actor=request.user, user=person):
        flash.success(request, _("The role is given; it counts from the person's next click."))
        return redirect("accounts:person", pk=person.pk)
    return _person_page(request, person, form)


def current_grant(request: HttpRequest, pk: int) -> RoleGrant:
    return get_object_or_404(RoleGrant.objects.current().select_related("user"), pk=pk)


@page("accounts.manage_roles", obj=current_grant, methods=("GET", "POST"))
def role_revoke(request: HttpRequest, grant: RoleGrant) -> HttpResponse:
    form = PersonReasonForm(request.POST or None)
    if form.submit(actions.revoke_role, actor=request.user, grant=grant):
        flash.success(request, _("The role is withdrawn; it counts from the person's next click."))
        return redirect("accounts:person", pk=grant.user_id)
    facts = [
        {"label": _("Person"), "value": grant.user.name},
        {"label": _("Role"), "value": grant.get_role_display()},
        {"label": _("Scope"), "value": queries.scope_text(grant, queries.district_names())},
    ]
    context = {
        "form": form,
        "person": grant.user,
        "facts": facts,
        "title": _("Withdraw this role?"),
        "submit": _("Withdraw role"),
        "text": _("It ends at once. What the person did with it stays in the record."),
    }
    return render(request, "accounts/person_confirm.html", context, status=form.status)


@page("accounts.manage_roles", obj=any_person, methods=("GET", "POST"))
def person_deactivate(request: HttpRequest, person: User) -> HttpResponse:
    form = PersonReasonForm(request.POST or None)
    if form.submit(actions.deactivate_person, actor=request.user, user=person):
        flash.success(request, _("The person is locked out."))
        return redirect("accounts:person", pk=person.pk)
    context = {
        "title": _("Lock this person out?"),
        "submit": _("Lock out"),
        "text": _("All sessions end with the next click. Account, roles and traces stay; it can be undone."),
    }
    return _person_confirm(request, person, form, context)


@page("accounts.manage_roles", obj=any_person, methods=("GET", "POST"))
def person_reactivate(request: HttpRequest, person: User) -> HttpResponse:
    form = PersonReasonForm(request.POST or None)
    if form.submit(actions.reactivate_person, actor=request.user, user=person):
        flash.success(request, _("The person can sign in again."))
        return redirect("accounts:person", pk=person.pk)
    context = {
        "title": _("Let this person in again?"),
        "submit": _("Let in again"),
        "text": _("The person has the roles they had before."),
    }
    return _person_confirm(request, person, form, context)


def _person_confirm(
    request: HttpRequest, person: User, form: PersonReasonForm, context: dict[str, Any]
) -> HttpResponse:
    facts = [{"label": _("Person"), "value": person.name}, {"label": _("E-mail"), "value": person.email}]
    context |= {"person": person, "form": form, "facts": facts}
    return render(request, "accounts/person_confirm.html", context, status=form.status)


@page("accounts.invite_person")
def invitation_list(request: HttpRequest) -> HttpResponse:
    listing = Listing(
        request,
        Invitation.objects.for_list(),
        search=("email", "name"),
        order={"email": "email", "time": "invited_at"},
    )
    context = {"listing": listing, "now": clock.now()}
    return render(request, "accounts/invitations.html", context)


@page("accounts.invite_person", methods=("GET", "POST"))
def invitation_new(request: HttpRequest) -> HttpResponse:
    """Invite somebody; if the mail cannot be sent the invitation is withdrawn at once."""
    form = InviteForm(request.POST or None)
    if made := form.submit(actions.invite_person, actor=request.user):
        invitation, token = made
        try:
            mails.send_invitation(invitation, token)
        except (SMTPException, OSError):
            actions.revoke_invitation(actor=request.user, invitation=invitation)
            form.add_error(
                None, _("The mail could not be sent, so the invitation was withdrawn. Please try again.")
            )
        else:
            flash.success(
                request, _("The invitation is on its way to %(email)s.") % {"email": invitation.email}
            )
            return redirect("accounts:invitation_list")
    return render(request, "accounts/invitation_new.html", {"form": form}, status=form.status)


def any_invitation(request: HttpRequest, pk: int) -> Invitation:
    return get_object_or_404(Invitation.objects.for_list(), pk=pk)


@page("accounts.invite_person", obj=any_invitation, methods=("POST",))
def invitation_revoke(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    actions.revoke_invitation(actor=request.user, invitation=invitation)
    flash.success(request, _("The invitation is withdrawn; its link is dead."))
    return redirect("accounts:invitation_list")


@page(public=True)
def invitation_link(request: HttpRequest, token: str) -> HttpResponse:
    """The link in the mail: it leaves the address bar at once, so that it stays out of histories."""
    if TOKEN_SHAPE.fullmatch(token):
        request.session[INVITATION_KEY] = token
    return redirect("accounts:invitation")


@sensitive_post_parameters("password", "again")
@page(public=True, methods=("GET", "POST"))
def invitation(request: HttpRequest) -> HttpResponse:
    """Accept an invitation: with name and password, or, if one has an account, by signing in."""
    token = request.session.get(INVITATION_KEY, "")
    found = Invitation.objects.open(clock.now()).filter(token_sha256=sha256_hex(token.encode())).first()
    if found is None:
        return render(request, "accounts/invitation_dead.html", status=410)
    if request.user.is_authenticated:
        return _accept_signed_in(request, found, token)
    known = User.objects.filter(email__iexact=found.email).first()
    if known is not None and not actions.is_unclaimed(known):
        return render(request, "accounts/invitation_known.html", {"invitation": found})
    form = AcceptForm(request.POST or None, invitation=found)
    if form.submit(actions.accept_invitation, token=token):
        del request.session[INVITATION_KEY]
        flash.success(request, _("Your account is ready. Please sign in."))
        return redirect("account_login")
    return render(
        request, "accounts/invitation.html", {"form": form, "invitation": found}, status=form.status
    )


def _accept_signed_in(request: HttpRequest, found: Invitation, token: str) -> HttpResponse:
    """The role goes to the account of the same address, never to another that happens to be signed in."""
    if request.user.email.lower() != found.email.lower():
        return render(request, "accounts/invitation_other.html", {"invitation": found}, status=409)
    form = ActionForm(request.POST if request.method == "POST" else None)
    if form.submit(actions.accept_invitation_signed_in, actor=request.user, token=token):
        del request.session[INVITATION_KEY]
        flash.success(request, _("The role is yours from now on."))
        return redirect("/me/")
    facts = [{"label": _("Role"), "value": found.get_role_display()}]
    context = {"form": form, "invitation": found, "facts": facts}
    return render(request, "accounts/invitation_add.html", context, status=form.status)


@page(SIGNED_IN, methods=("GET", "POST"))
def profile(request: HttpRequest) -> HttpResponse:
    initial = {"name": request.user.name, "phone": request.user.phone}
    form = ProfileForm(request.POST or None, initial=initial)
    if form.submit(actions.update_profile, actor=request.user):
        flash.success(request, _("Saved."))
        return redirect("accounts:profile")
    return render(request, "accounts/profile.html", {"form": form}, status=form.status)
