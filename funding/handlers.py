"""Who is told when money moves, and who may open the papers about it."""

from __future__ import annotations

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.enums import APPLICANT_ROLES, ScopeKind
from accounts.models import RoleGrant, User
from contest.actions import notify
from contest.documents_access import readers
from contest.models import Document, Event
from contest.record import on
from funding.models import Grant, Instalment
from kit.money import yuan


def people_of_grantee(grant: Grant) -> QuerySet[User]:
    """The people of the organisation that carries the project out."""
    held = RoleGrant.objects.current().filter(
        role__in=APPLICANT_ROLES,
        scope_kind=ScopeKind.ORGANISATION,
        scope_id=grant.award.project.organisation_id,
    )
    return User.objects.filter(is_active=True, pk__in=held.values("user_id"))


@on("grant.agreed")
def tell_of_agreement(event: Event) -> None:
    """The grantee hears that its agreement has been signed."""
    grant = Grant.objects.with_subject().get(pk=event.object_id)
    notify(
        event=event,
        people=people_of_grantee(grant),
        subject=_("The grant agreement of %(project)s has been signed") % {"project": grant.project.title},
        body=_(
            "The grant is %(amount)s yuan. You find the agreement and the instalments on its page. "
            "If you have not done so yet, name the bank account there to which it is to be paid."
        )
        % {"amount": yuan(grant.amount_fen)},
        url=reverse("funding:grant_home", args=[grant.code]),
    )


@on("instalment.paid")
def tell_of_payment(event: Event) -> None:
    """The grantee hears what has been paid and where it is booked."""
    instalment = Instalment.objects.with_subject().get(pk=event.object_id)
    grant = instalment.grant
    notify(
        event=event,
        people=people_of_grantee(grant),
        subject=_("%(instalment)s of %(project)s has been paid")
        % {"instalment": instalment.name, "project": grant.project.title},
        body=_("%(amount)s yuan have been paid and booked in the project's special account.")
        % {"amount": yuan(instalment.amount_fen)},
        url=reverse("funding:ledger", args=[grant.code]),
    )


@on("instalment.returned")
def tell_of_return(event: Event) -> None:
    """Whoever prepared an instalment hears why it came back."""
    instalment = Instalment.objects.with_subject().get(pk=event.object_id)
    notify(
        event=event,
        people=User.objects.filter(pk=event.before.get("prepared_by"), is_active=True),
        subject=_("%(instalment)s of %(project)s has been returned to you")
        % {"instalment": instalment.name, "project": instalment.grant.project.title},
        body=event.reason,
        url=reverse("funding:grant_desk", args=[instalment.grant.code]),
    )


def may_read_agreement(user: User, document: Document) -> bool:
    """The desk within its reach, and the grantee's own people."""
    grants = Grant.objects.filter(pk=document.object_id)
    return grants.visible_to(user).exists() or grants.own(user).exists()


def may_read_form(user: User, document: Document) -> bool:
    """Payment forms stay at the desk."""
    return Instalment.objects.filter(pk=document.object_id).visible_to(user).exists()


readers("funding.grant", may_read_agreement)
readers("funding.instalment", may_read_form)
