"""Checking an objection: more time, what was found, what the public reads of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.rights import require
from contest.record import record
from contest.workdays import add_working_days
from judging.actions.objections import lock_objection
from judging.enums import ObjectionStatus
from judging.masking import without_persons
from judging.queries.objections import persons_of
from kit import clock
from kit.errors import RuleBroken, refuse_unless
from kit.hashing import sha256_hex

if TYPE_CHECKING:
    from accounts.models import User
    from judging.models import Objection


@transaction.atomic
def extend_objection(*, actor: User, objection: Objection, reason: str) -> Objection:
    """Give the check as many working days again as the rules give it, once, before it is overdue.

    The objector reads the reason with the receipt code; persons in it are hidden. The first due date
    stays on file beside the new one. ``UnknownYear`` while the calendar is not known.
    """
    require(actor, "judging.handle_objection", objection)
    objection = lock_objection(objection)
    refuse_unless_checking(objection)
    refuse_unless(
        objection.extended_at is None, "extended_before", _("The check was given more time already, once.")
    )
    refuse_unless(reason.strip(), "reason_missing", _("Please give the reason."), field="reason")
    due = objection.decide_due_on
    if due is None:
        raise RuleBroken(
            "due_unknown",
            _("The day by which it must be concluded is not known, so nothing can be extended."),
        )
    refuse_unless(
        clock.local(clock.db_now()).date() <= due,
        "extension_too_late",
        _("The time for the check is over: it can be extended only before."),
    )
    objection.extended_at = clock.now()
    objection.extension_reason = without_persons(reason.strip(), persons_of(objection), leaves_nothing=True)
    objection.extended_due_on = add_working_days(
        due, objection.notice.edition.rules.objection_decide_working_days
    )
    objection.save(update_fields=["extended_at", "extension_reason", "extended_due_on"])
    record(
        "objection.extended",
        actor=actor,
        obj=objection,
        edition=objection.notice.edition,
        before={"due_on": due},
        after={"due_on": objection.extended_due_on},
        reason=objection.extension_reason,
    )
    return objection


def refuse_unless_checking(objection: Objection, *, or_clue: bool = False) -> None:
    """Refuse before an objection is taken up and after it is concluded; ``or_clue`` lets clues pass."""
    refuse_unless(
        objection.status == ObjectionStatus.ACCEPTED
        or (or_clue and objection.status == ObjectionStatus.CLUE),
        "objection_not_accepted",
        _("This can be done only while the objection is being checked."),
    )


@transaction.atomic
def note_findings(*, actor: User, objection: Objection, findings: str) -> Objection:
    """Keep what the check brought to light, for the desk alone; also of a clue. The event holds its
    fingerprint."""
    require(actor, "judging.handle_objection", objection)
    objection = lock_objection(objection)
    refuse_unless_checking(objection, or_clue=True)
    refuse_unless(
        findings.strip(), "findings_missing", _("Please write down what was found."), field="findings"
    )
    objection.findings = findings.strip()
    objection.save(update_fields=["findings"])
    record(
        "objection.checked",
        actor=actor,
        obj=objection,
        edition=objection.notice.edition,
        after={"sha256": sha256_hex(objection.findings.encode())},
    )
    return objection


@transaction.atomic
def publish_digest(*, actor: User, objection: Objection, digest: str) -> Objection:
    """Put before the public what a concluded objection was about and what became of it.

    Whatever names a person is hidden before it is kept, the family name as well: names known to the
    portal, phones, addresses, identity numbers. Publishing again replaces the text.
    """
    require(actor, "judging.handle_objection", objection)
    objection = lock_objection(objection)
    refuse_unless(
        objection.status == ObjectionStatus.DECIDED,
        "objection_not_decided",
        _("The public learns of an objection once it is concluded."),
    )
    refuse_unless(
        digest.strip(), "digest_missing", _("Please write what the public is to read."), field="digest"
    )
    before = objection.digest
    objection.digest = without_persons(digest.strip(), persons_of(objection), leaves_nothing=True)
    objection.save(update_fields=["digest"])
    record(
        "objection.digest_published",
        actor=actor,
        obj=objection,
        edition=objection.notice.edition,
        before={"sha256": sha256_hex(before.encode())} if before else {},
        after={"sha256": sha256_hex(objection.digest.encode())},
    )
    return objection
