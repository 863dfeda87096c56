"""The people of an organisation, and those who ask to be let in."""

from __future__ import annotations

from smtplib import SMTPException

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from accounts import mails
from accounts.actions import open_applicant_invitations, revoke_invitation
from accounts.models import User
from kit import uscc
from kit.forms import ActionForm
from kit.page import page
from projects import actions, organisation_looks
from projects.forms import AnswerForm, InviteMemberForm, JoinForm, MemberRoleForm
from projects.models import MembershipRequest, Organisation
from projects.views.fetch import own_organisation


@page("projects.view_own_organisation", obj=own_organisation, methods=("GET", "POST"))
def organisation_people(request: HttpRequest, organisation: Organisation) -> HttpResponse:
    """Who belongs to the organisation; its owners invite, admit, change and remove here."""
    form = InviteMemberForm(request.POST or None)
    if made := form.submit(actions.invite_member, actor=request.user, organisation=organisation):
        invitation, token = made
        try:
            mails.send_invitation(invitation, token, organisation.name)
        except (SMTPException, OSError):
            revoke_invitation(actor=request.user, invitation=invitation)
            form.add_error(
                None, _("The mail could not be sent, so the invitation was withdrawn. Please try again.")
            )
        else:
            told = _("The invitation is on its way to %(email)s.") % {"email": invitation.email}
            messages.success(request, told)
            return redirect("projects:organisation_people", pk=organisation.pk)
    return _people_page(request, organisation, form)


def _people_page(request: HttpRequest, organisation: Organisation, form: ActionForm) -> HttpResponse:
    may_manage = request.user.has_perm("projects.manage_members", organisation)
    grants = organisation.grants().select_related("user").order_by("granted_at", "pk")
    context = {
        "organisation": organisation,
        "tabs": organisation_looks.tabs(request.user, organisation, "organisation_people"),
        "may_manage": may_manage,
        "members": [
            {"grant": grant, "form": MemberRoleForm(initial={"role": grant.role})} for grant in grants
        ],
        "form": form,
    }
    if may_manage:
        context["invitations"] = open_applicant_invitations(organisation.pk).order_by("-invited_at")
        context["requests"] = organisation.membership_requests.open().for_list()
        context["answer_form"] = AnswerForm(initial={"role": "applicant_editor"})
    return render(request, "projects/organisation_people.html", context, status=form.status)


@page("projects.manage_members", obj=own_organisation, methods=("POST",))
def member_role(request: HttpRequest, organisation: Organisation) -> HttpResponse:
    user, form = _member(request, organisation), MemberRoleForm(request.POST)
    if form.submit(actions.change_member_role, actor=request.user, organisation=organisation, user=user):
        told = _("%(name)s has another role now; it counts from the next click.") % {"name": user.name}
        messages.success(request, told)
    return _back(request, organisation, form)


@page("projects.manage_members", obj=own_organisation, methods=("GET", "POST"))
def member_remove(request: HttpRequest, organisation: Organisation) -> HttpResponse:
    user = _member(request, organisation)
    form = ActionForm(request.POST if request.method == "POST" else None)
    if form.is_bound:
        form.submit(actions.remove_member, actor=request.user, organisation=organisation, user=user)
        if form.status == 200:
            messages.success(request, _("%(name)s is removed.") % {"name": user.name})
            gone = user.pk == request.user.pk
            return redirect("projects:apply_home") if gone else _to_people(organisation)
    context = {
        "organisation": organisation,
        "person": user,
        "form": form,
        "facts": [{"label": _("Person"), "value": user.name}, {"label": _("E-mail"), "value": user.email}],
    }
    return render(request, "projects/member_remove.html", context, status=form.status)


@page("projects.manage_members", obj=own_organisation, methods=("POST",))
def invitation_withdraw(request: HttpRequest, organisation: Organisation) -> HttpResponse:
    invitation = get_object_or_404(
        open_applicant_invitations(organisation.pk), pk=_number(request, "invitation")
    )
    revoke_invitation(actor=request.user, invitation=invitation)
    messages.success(request, _("The invitation is withdrawn; its link is dead."))
    return _to_people(organisation)


@page("projects.manage_members", obj=own_organisation, methods=("POST",))
def membership_answer(request: HttpRequest, organisation: Organisation) -> HttpResponse:
    """Admit or decline somebody who asked."""
    requests = organisation.membership_requests.for_list()
    asked, form = get_object_or_404(requests, pk=_number(request, "asked")), AnswerForm(request.POST)
    if answered := form.submit(_answer, actor=request.user, asked=asked):
        messages.success(request, f"{asked.person.name}：{answered.get_status_display()}")
    return _back(request, organisation, form)


def _answer(*, actor: User, asked: MembershipRequest, answer: str, role: str) -> MembershipRequest:
    if answer == "admit":
        return actions.admit_member(actor=actor, asked=asked, role=role)
    return actions.decline_member(actor=actor, asked=asked)


def _back(request: HttpRequest, organisation: Organisation, form: ActionForm) -> HttpResponse:
    for problems in form.errors.values():
        messages.error(request, " ".join(problems))
    return _to_people(organisation)


def _to_people(organisation: Organisation) -> HttpResponse:
    return redirect("projects:organisation_people", pk=organisation.pk)


def _member(request: HttpRequest, organisation: Organisation) -> User:
    people = User.objects.filter(pk__in=organisation.grants().values("user_id"))
    return get_object_or_404(people, pk=_number(request, "person"))


def _number(request: HttpRequest, name: str) -> int:
    return request.resolver_match.kwargs[name]  # type: ignore[union-attr]


def registered_body(request: HttpRequest, code: str) -> Organisation:
    """A registered body by its code; whoever asks learns its name and nothing else."""
    return get_object_or_404(Organisation, code=uscc.normalise(code))


@page("projects.register_organisation", obj=registered_body, methods=("GET", "POST"))
def organisation_join(request: HttpRequest, organisation: Organisation) -> HttpResponse:
    """Ask the owners of an organisation to be let in."""
    form = JoinForm(request.POST or None)
    if form.submit(actions.ask_to_join, actor=request.user, code=organisation.code):
        messages.success(request, _("Your request is with the owners; you will be told their answer."))
        return redirect("projects:apply_home")
    context = {"form": form, "name": organisation.name}
    return render(request, "projects/organisation_join.html", context, status=form.status)
