"""Stages and states of the contest, as plain data."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Stage(TextChoices):
    PREPARATION = "preparation", _("Preparation")
    APPLICATION = "application", _("Application")
    PRELIMINARY = "preliminary", _("Preliminary review")
    SECOND = "second", _("Second review")
    FINAL = "final", _("Final review")
    IMPLEMENTATION = "implementation", _("Implementation")
    CLOSING = "closing", _("Closing")
    ARCHIVED = "archived", _("Archived")


class Ability(TextChoices):
    """What a stage opens. Rules ask for these, never for a stage by name."""

    EDIT_RULES = "edit_rules", _("Edit the rulebook")
    EDIT_APPLICATION = "edit_application", _("Fill in and submit applications")
    CHECK_INTAKE = "check_intake", _("Check submitted applications")
    REVIEW_PRELIMINARY = "review_preliminary", _("Preliminary review")
    REVIEW_SECOND = "review_second", _("Second review")
    REVIEW_FINAL = "review_final", _("Final review")
    RUN_GRANTS = "run_grants", _("Run grants")


class CallStatus(TextChoices):
    DRAFTING = "drafting", _("Being drafted")
    PROPOSED = "proposed", _("Awaiting signature")
    PUBLISHED = "published", pgettext_lazy("call", "Published")
    #: No call was ever made here: the edition was held before the portal and is recorded afterwards.
    PAST = "past", pgettext_lazy("call", "Held before the portal")


class Period(TextChoices):
    """Rows of the timetable."""

    APPLICATION = "application", _("Application")
    PRELIMINARY = "preliminary", _("Preliminary review")
    SECOND = "second", _("Second review")
    FINAL = "final", _("Final review")
    IMPLEMENTATION = "implementation", _("Implementation")
    CLOSING = "closing", _("Closing")


class DeliveryStatus(TextChoices):
    PENDING = "pending", _("Pending")
    DONE = "done", pgettext_lazy("delivery", "Done")
    FAILED = "failed", _("Given up")


class Queue(TextChoices):
    DEFAULT = "default"
    LIVE = "live"
    PDF = "pdf"
    EXPORT = "export"
    MAIL = "mail"


class DocumentKind(TextChoices):
    CALL = "call", _("Call for entries")
    AMENDMENT = "amendment", _("Amendment of the rulebook")
    APPLICATION = "application", _("Application as submitted")
    RECEIPT = "receipt", _("Receipt")
    INTAKE_LETTER = "intake_letter", _("Letter on the formal check")
    INTAKE_LIST = "intake_list", _("List of accepted entries")
    NOTICE = "notice", _("Public notice")
    RESULT = "result", _("Confirmation of results")
    OBJECTION_REPLY = "objection_reply", _("Reply to an objection")
    PLEDGE = "pledge", _("Expert's pledge")
    DRAW = "draw", _("Transcript of a draw")
    SHEETS = "sheets", _("Expert's signed sheets")
    MINUTES = "minutes", _("Minutes of the final")
    FEEDBACK = "feedback", _("Result and comments for an applicant")
    AGREEMENT = "agreement", _("Grant agreement")
    PAYMENT_FORM = "payment_form", _("Payment approval form")
    ANNOUNCEMENT = "announcement", _("Announcement")
    RECTIFICATION = "rectification", _("Rectification order")
    BAR = "bar", _("Decision to bar")


class DocumentStatus(TextChoices):
    PENDING = "pending", _("Being prepared")
    BUILT = "built", _("Ready")


class Channel(TextChoices):
    IN_APP = "in_app", _("In the portal")
    MAIL = "mail", _("E-mail")
    SMS = "sms", _("Text message")


class MessageStatus(TextChoices):
    PENDING = "pending", _("Waiting to be sent")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Not delivered")


class JobStatus(TextChoices):
    QUEUED = "queued", _("Waiting")
    RUNNING = "running", _("Running")
    DONE = "done", pgettext_lazy("job", "Done")
    CANCELLED = "cancelled", _("Cancelled")
    FAILED = "failed", _("Failed")
