"""An expert's pledge of confidentiality and integrity."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.rights import require
from contest.actions import issue_document
from contest.enums import DocumentKind
from contest.record import record
from judging import pledge_papers
from judging.models import Pledge
from judging.queries.pledges import editions_of
from kit import clock
from kit.errors import refuse_unless

if TYPE_CHECKING:
    from contest.models import Edition


@transaction.atomic
def make_pledge(*, actor: User, edition: Edition) -> Pledge:
    """Pledge for one edition, once, as a paper of its own; a second time gives the pledge there is.

    Refuses experts who have nothing to review in the edition.
    """
    require(actor, "judging.use_review")
    User.objects.select_for_update(no_key=True).get(pk=actor.pk)
    there = Pledge.objects.filter(person=actor, edition=edition).first()
    if there:
        return there
    refuse_unless(
        editions_of(actor).filter(pk=edition.pk).exists(),
        "nothing_to_review",
        _("You have nothing to review in this edition."),
    )
    moment = clock.db_now()
    document = issue_document(
        actor=actor,
        kind=DocumentKind.PLEDGE,
        title=pledge_papers.title(edition),
        content=pledge_papers.pledge(edition, actor, moment),
        obj=actor,
        edition=edition,
        numbered=False,
    )
    pledge = Pledge.objects.create(person=actor, edition=edition, document=document, pledged_at=moment)
    record(
        "pledge.made",
        actor=actor,
        obj=pledge,
        edition=edition,
        after={"document": document.content_sha256},
    )
    return pledge
