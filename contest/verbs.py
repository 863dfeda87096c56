"""What each verb of the record says to a reader."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

VERBS: dict[str, str | Promise] = {
    # people
    "person.created": pgettext_lazy("record", "Person added"),
    "person.signed_in": pgettext_lazy("record", "Signed in"),
    "person.sign_in_failed": pgettext_lazy("record", "Sign-in failed"),
    "person.signed_up": pgettext_lazy("record", "Registered"),
    "person.password_changed": pgettext_lazy("record", "Password changed"),
    "person.updated": pgettext_lazy("record", "Own details changed"),
    "person.deactivated": pgettext_lazy("record", "Person locked out"),
    "person.reactivated": pgettext_lazy("record", "Person let in again"),
    "person.invited": pgettext_lazy("record", "Person invited"),
    "invitation.accepted": pgettext_lazy("record", "Invitation accepted"),
    "invitation.revoked": pgettext_lazy("record", "Invitation withdrawn"),
    "role.granted": pgettext_lazy("record", "Role given"),
    "role.revoked": pgettext_lazy("record", "Role withdrawn"),
    "code_table.changed": pgettext_lazy("record", "Code table changed"),
    # editions
    "edition.created": pgettext_lazy("record", "Edition opened"),
    "edition.updated": pgettext_lazy("record", "Texts of the edition changed"),
    "timetable.set": pgettext_lazy("record", "Timetable set"),
    "rulebook.saved": pgettext_lazy("record", "Rulebook changed"),
    "call.proposed": pgettext_lazy("record", "Call put forward for signature"),
    "call.returned": pgettext_lazy("record", "Call returned to its drafter"),
    "call.published": pgettext_lazy("record", "Call signed and published"),
    "amendment.proposed": pgettext_lazy("record", "Amendment of the rules put forward"),
    "amendment.published": pgettext_lazy("record", "Amendment of the rules published"),
    "edition.advanced": pgettext_lazy("record", "Edition moved to its next stage"),
    # papers, calendar, jobs
    "document.issued": pgettext_lazy("record", "Document issued"),
    "document.built": pgettext_lazy("record", "PDF made"),
    "calendar.day_set": pgettext_lazy("record", "Calendar day set"),
    "calendar.year_confirmed": pgettext_lazy("record", "Calendar year confirmed"),
    "job.requested": pgettext_lazy("record", "Background work requested"),
    "job.done": pgettext_lazy("record", "Background work done"),
    "job.ended": pgettext_lazy("record", "Background work ended without result"),
    "job.cancel_requested": pgettext_lazy("record", "Background work called off"),
    # applications
    "organisation.registered": pgettext_lazy("record", "Organisation registered"),
    "organisation.updated": pgettext_lazy("record", "Organisation changed"),
    "organisation.verified": pgettext_lazy("record", "Organisation verified"),
    "project.started": pgettext_lazy("record", "Application begun"),
    "project.saved": pgettext_lazy("record", "Application saved"),
    "project.submission_refused": pgettext_lazy("record", "Submission refused by a rule"),
    "project.submitted": pgettext_lazy("record", "Application submitted"),
    "project.withdrawn": pgettext_lazy("record", "Application withdrawn"),
    "attachment.added": pgettext_lazy("record", "Attachment added"),
    "attachment.removed": pgettext_lazy("record", "Attachment removed"),
    "intake.decided": pgettext_lazy("record", "Formal check decided"),
    "bar.imposed": pgettext_lazy("record", "Organisation barred"),
    # reviews
    "round.created": pgettext_lazy("record", "Round prepared"),
    "round.panel_set": pgettext_lazy("record", "Panel set"),
    "round.opened": pgettext_lazy("record", "Round opened"),
    "round.confirmed": pgettext_lazy("record", "Result of the round confirmed"),
    "conflict.declared": pgettext_lazy("record", "Conflict of interest declared"),
    "conflict.denied": pgettext_lazy("record", "Declared free of conflicts"),
    "round.extended": pgettext_lazy("record", "Scoring extended"),
    "assignment.replaced": pgettext_lazy("record", "Entry given to another expert"),
    "sheet.saved": pgettext_lazy("record", "Scoring sheet saved"),
    "sheet.submitted": pgettext_lazy("record", "Scoring sheet submitted"),
    "tally.sealed": pgettext_lazy("record", "Tally sealed"),
    "decision.proposed": pgettext_lazy("record", "Decision put forward"),
    "decision.approved": pgettext_lazy("record", "Decision approved"),
    "decision.returned": pgettext_lazy("record", "Decision returned"),
    "notice.published": pgettext_lazy("record", "Public notice published"),
    "objection.filed": pgettext_lazy("record", "Objection filed"),
    "objection.accepted": pgettext_lazy("record", "Objection accepted for handling"),
    "objection.decided": pgettext_lazy("record", "Objection decided"),
    "award.made": pgettext_lazy("record", "Award made"),
    "card.issued": pgettext_lazy("record", "Juror card issued"),
    "card.checked_in": pgettext_lazy("record", "Juror card checked in"),
    "card.bound": pgettext_lazy("record", "Juror card bound to a phone"),
    "card.voided": pgettext_lazy("record", "Juror card voided"),
    "voting.opened": pgettext_lazy("record", "Public vote opened"),
    "voting.closed": pgettext_lazy("record", "Public vote closed"),
    # money
    "fund.created": pgettext_lazy("record", "Fund set up"),
    "grant.drawn_up": pgettext_lazy("record", "Grant drawn up"),
    "grant.agreed": pgettext_lazy("record", "Grant agreement signed"),
    "grant.closed": pgettext_lazy("record", "Grant closed"),
    "instalment.prepared": pgettext_lazy("record", "Instalment prepared"),
    "instalment.reviewed": pgettext_lazy("record", "Instalment reviewed"),
    "instalment.approved": pgettext_lazy("record", "Instalment approved"),
    "instalment.returned": pgettext_lazy("record", "Instalment returned"),
    "instalment.paid": pgettext_lazy("record", "Instalment paid"),
    "payment.reversed": pgettext_lazy("record", "Payment taken back"),
    "voucher.posted": pgettext_lazy("record", "Voucher posted"),
    "voucher.reversed": pgettext_lazy("record", "Voucher reversed"),
    # publicity
    "announcement.published": pgettext_lazy("record", "Announcement published"),
    "announcement.withdrawn": pgettext_lazy("record", "Announcement taken down"),
}


def said(verb: str) -> str:
    """The verb in words; a verb nobody has named is shown as it is."""
    return str(VERBS.get(verb, verb))
