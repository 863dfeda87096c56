"""Kinds and states of organisations, applications and what is decided about them."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class OrganisationKind(TextChoices):
    GOVERNMENT = "government", _("Party or government body")
    MASS_ORGANISATION = "mass_organisation", _("People's organisation")
    INSTITUTION = "institution", _("Public institution")
    ASSOCIATION = "association", _("Social association")
    PRIVATE_NONPROFIT = "private_nonprofit", _("Private non-enterprise unit")
    FOUNDATION = "foundation", _("Foundation")
    ENTERPRISE = "enterprise", _("Enterprise")
    COMMUNITY = "community", _("Village or residents' committee")
    COOPERATIVE = "cooperative", _("Farmers' cooperative")


#: The first two signs of the credit code that each kind of body may carry (GB 32100).
PREFIXES: dict[OrganisationKind, frozenset[str]] = {
    OrganisationKind.GOVERNMENT: frozenset({"11", "19"}),
    OrganisationKind.MASS_ORGANISATION: frozenset({"13", "81", "89"}),
    OrganisationKind.INSTITUTION: frozenset({"12"}),
    OrganisationKind.ASSOCIATION: frozenset({"51", "59"}),
    OrganisationKind.PRIVATE_NONPROFIT: frozenset({"52", "59"}),
    OrganisationKind.FOUNDATION: frozenset({"53"}),
    OrganisationKind.ENTERPRISE: frozenset({"91", "92"}),
    OrganisationKind.COMMUNITY: frozenset({"59", "N1", "N2", "N3", "Y1"}),
    OrganisationKind.COOPERATIVE: frozenset({"93"}),
}


class OrganisationStatus(TextChoices):
    UNVERIFIED = "unverified", pgettext_lazy("organisation", "Not verified yet")
    VERIFIED = "verified", pgettext_lazy("organisation", "Verified")


class ProjectStatus(TextChoices):
    DRAFT = "draft", pgettext_lazy("project", "Draft")
    SUBMITTED = "submitted", pgettext_lazy("project", "Awaiting check")
    CORRECTING = "correcting", pgettext_lazy("project", "To be corrected")
    ACCEPTED = "accepted", pgettext_lazy("project", "Accepted")
    REFUSED = "refused", pgettext_lazy("project", "Refused")
    WITHDRAWN = "withdrawn", pgettext_lazy("project", "Withdrawn")


#: In these states the applicant may change the application.
EDITABLE = (ProjectStatus.DRAFT, ProjectStatus.WITHDRAWN, ProjectStatus.CORRECTING)
#: These count towards the number of entries an organisation may make.
ENTERED = (ProjectStatus.SUBMITTED, ProjectStatus.CORRECTING, ProjectStatus.ACCEPTED)


class Section(TextChoices):
    """The parts of an application, in the order in which they are filled in."""

    BASIC = "basic", _("Basic information")
    DESCRIPTION = "description", _("Project description")
    NEEDS = "needs", _("Needs and goals")
    QUALITIES = "qualities", _("Four qualities")
    TEAM = "team", _("Team and lead")
    BUDGET = "budget", _("Budget")
    ATTACHMENTS = "attachments", _("Attachments")


class AttachmentKind(TextChoices):
    COMMITMENT = "commitment", _("Letter of commitment (stamped scan)")
    CERTIFICATE = "certificate", _("Registration certificate")
    FINANCE = "finance", _("Annual check or audit report")
    AWARD = "award", _("Awards and qualifications")
    MATCHING = "matching", _("Proof of matching funds")
    OTHER = "other", pgettext_lazy("attachment", "Other")


REQUIRED_ATTACHMENTS = (AttachmentKind.COMMITMENT, AttachmentKind.CERTIFICATE)


class Outcome(TextChoices):
    """What the formal check can end in."""

    ACCEPT = "accept", pgettext_lazy("intake", "Accept")
    CORRECT = "correct", pgettext_lazy("intake", "Return for correction")
    REFUSE = "refuse", pgettext_lazy("intake", "Refuse")


class Check(TextChoices):
    """Questions of eligibility, asked at every submission."""

    DEADLINE = "deadline_passed", _("Within the application period")
    COMPLETE = "incomplete", _("Application complete")
    NOT_BARRED = "barred", _("Organisation not barred")
    ENTRY_LIMIT = "entry_limit", _("Number of entries")
    PERIOD = "period_backward", _("Implementation period")
    BUDGET = "budget_sum", _("Budget adds up")
    CEILING = "fiscal_ceiling", _("Ceiling of fiscal funds")
    SHARE = "fiscal_share", _("Share of fiscal funds")
    CAPS = "heading_cap", _("Caps of budget headings")
    SPENDING = "forbidden_spending", _("No forbidden spending")
