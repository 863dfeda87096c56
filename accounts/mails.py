"""Mail to people who have no account yet; everybody else is written to by ``contest.notify``."""

from __future__ import annotations

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.actions import INVITATION_HOURS
from accounts.models import Invitation


def send_invitation(invitation: Invitation, token: str, body: str = "") -> None:
    """Send the one-time link; raises what the mail server raises, so that nobody waits in vain.

    ``body`` is the organisation into which somebody is invited; without it the contest invites.
    """
    with translation.override(settings.LANGUAGE_CODE):
        link = f"{settings.SITE_URL}{reverse('accounts:invitation_accept', args=[token])}"
        context = {"invitation": invitation, "link": link, "hours": INVITATION_HOURS, "body": body}
        EmailMessage(
            subject=_("Invitation to the social governance innovation portal"),
            body=render_to_string("accounts/invitation_mail.txt", context),
            to=[invitation.email],
        ).send()
