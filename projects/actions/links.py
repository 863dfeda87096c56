"""Saying that two credit codes are one body, so that a bar follows a renaming or a merger."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.rights import require
from contest.record import record
from kit import clock, uscc
from kit.errors import RuleBroken, refuse_unless
from kit.text import clean_text
from projects.actions.common import person, refuse_invalid
from projects.models import BodyLink

if TYPE_CHECKING:
    from accounts.actors import Actor


@transaction.atomic
def link_bodies(*, actor: Actor, code: str, other_code: str, kind: str, evidence: str) -> BodyLink:
    """Link two codes on the strength of some evidence; the same two again is the link in force.

    Neither code has to be registered here. Refuses a wrong code and a code with itself.
    """
    require(actor, "projects.link_bodies")
    # A link holds both ways: kept in one order, the database knows the same two again.
    first, second = sorted([_checked(code), _checked(other_code)])
    refuse_unless(
        first != second, "same_code", _("This is the code of the same organisation."), field="other_code"
    )
    evidence = clean_text(evidence)
    refuse_unless(evidence, "evidence_missing", _("Please say what the link rests on."), field="evidence")
    refuse_invalid(
        BodyLink(code=first, other_code=second, kind=kind, evidence=evidence), ["kind", "evidence"]
    )
    link, is_new = BodyLink.objects.in_force().get_or_create(
        code=first,
        other_code=second,
        defaults={
            "kind": kind,
            "evidence": evidence,
            "linked_by": person(actor),
            "linked_at": clock.now(),
        },
    )
    if is_new:
        record(
            "bodies.linked",
            actor=actor,
            obj=link,
            after={"code": first, "other_code": second, "kind": kind},
            reason=evidence,
        )
    return link


def _checked(code: str) -> str:
    checked = uscc.check(code)
    if not checked.ok:
        raise RuleBroken(f"code_{checked.error}", checked.message, field="other_code")
    return checked.code


@transaction.atomic
def end_link(*, actor: Actor, link: BodyLink, reason: str) -> BodyLink:
    """End a link from now on, with a reason; it stays on file. Ending it twice changes nothing."""
    require(actor, "projects.link_bodies")
    reason = clean_text(reason)
    refuse_unless(reason, "reason_missing", _("Please say why the link is ended."), field="reason")
    link = BodyLink.objects.select_for_update(of=("self",)).get(pk=link.pk)
    if link.ended_at is None:
        link.ended_at, link.ended_by, link.end_reason = clock.now(), person(actor), reason
        refuse_invalid(link, ["end_reason"])
        link.save(update_fields=["ended_at", "ended_by", "end_reason"])
        record("bodies.unlinked", actor=actor, obj=link, reason=reason)
    return link
