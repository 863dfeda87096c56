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


class AssessmentLevel(TextChoices):
    """社会组织评估等级."""

    FIVE_A = "5A", "5A"
    FOUR_A = "4A", "4A"
    THREE_A = "3A", "3A"
    TWO_A = "2A", "2A"
    ONE_A = "1A", "1A"
    NONE = "none", pgettext_lazy("assessment", "Not assessed")


class AnnualConclusion(TextChoices):
    PASSED = "passed", pgettext_lazy("annual check", "Passed")
    BASIC = "basic", pgettext_lazy("annual check", "Basically passed")
    FAILED = "failed", pgettext_lazy("annual check", "Not passed")
    EXEMPT = "exempt", pgettext_lazy("annual check", "Not due")


class OrganisationFileKind(TextChoices):
    CERTIFICATE = "certificate", _("Registration certificate")
    ANNUAL = "annual", _("Annual check or audit report")
    QUALIFICATION = "qualification", _("Awards and qualifications")
    OTHER = "other", pgettext_lazy("attachment", "Other")


class MembershipStatus(TextChoices):
    ASKED = "asked", pgettext_lazy("membership", "Waits for an answer")
    ADMITTED = "admitted", pgettext_lazy("membership", "Admitted")
    DECLINED = "declined", pgettext_lazy("membership", "Declined")


class LinkKind(TextChoices):
    RENAMED = "renamed", _("Renamed")
    MERGED = "merged", pgettext_lazy("bodies", "Merged")
    CONTROLLED = "controlled", _("Under the same control")


class IdeaStatus(TextChoices):
    KEPT = "kept", pgettext_lazy("idea", "Kept")
    NURTURED = "nurtured", pgettext_lazy("idea", "Being nurtured")
    TURNED = "turned", pgettext_lazy("idea", "Became an application")
    DROPPED = "dropped", pgettext_lazy("idea", "Dropped")


#: Ideas that may still become an application.
OPEN_IDEAS = (IdeaStatus.KEPT, IdeaStatus.NURTURED)


class ImportStatus(TextChoices):
    CHECKING = "checking", pgettext_lazy("import", "Being looked through")
    CHECKED = "checked", pgettext_lazy("import", "Looked through")
    IMPORTING = "importing", pgettext_lazy("import", "Being imported")
    DONE = "done", pgettext_lazy("import", "Imported")
    FAILED = "failed", pgettext_lazy("import", "Could not be read")


class Origin(TextChoices):
    PORTAL = "portal", pgettext_lazy("origin", "Applied here")
    PAPER = "paper", pgettext_lazy("origin", "Collected on paper")
    HISTORY = "history", pgettext_lazy("origin", "Of an earlier edition")


class Fees(TextChoices):
    NONE = "none", pgettext_lazy("fees", "None")
    AT_COST = "at_cost", pgettext_lazy("fees", "Cost price only")
    FOR_PROFIT = "for_profit", pgettext_lazy("fees", "For profit")


class OtherFunding(TextChoices):
    NONE = "none", pgettext_lazy("funding", "None")
    SOCIAL = "social", _("From society (donations, enterprises)")
    FISCAL = "fiscal", _("From another public fund")


class Contribution(TextChoices):
    """What a partner gives."""

    MONEY = "money", pgettext_lazy("contribution", "Money")
    GOODS = "goods", _("Goods")
    VENUE = "venue", _("Venue")
    PEOPLE = "people", pgettext_lazy("contribution", "People")


class Stance(TextChoices):
    """What a district says about an application."""

    RECOMMENDED = "recommend", pgettext_lazy("district", "Recommended")
    NOT_RECOMMENDED = "decline", pgettext_lazy("district", "Not recommended")


class ProjectStatus(TextChoices):
    DRAFT = "draft", pgettext_lazy("project", "Draft")
    SUBMITTED = "submitted", pgettext_lazy("project", "Awaiting check")
    CORRECTING = "correcting", pgettext_lazy("project", "To be corrected")
    ACCEPTED = "accepted", pgettext_lazy("project", "Accepted")
    REFUSED = "refused", pgettext_lazy("project", "Refused")
    WITHDRAWN = "withdrawn", pgettext_lazy("project", "Withdrawn")
    MERGED = "merged", pgettext_lazy("project", "Merged into another")


#: In these states the applicant may change the application.
EDITABLE = (ProjectStatus.DRAFT, ProjectStatus.WITHDRAWN, ProjectStatus.CORRECTING)
#: Waiting for the formal check, or for the applicant to correct something.
UNDECIDED = (ProjectStatus.SUBMITTED, ProjectStatus.CORRECTING)
#: The formal check has ended.
DECIDED = (ProjectStatus.ACCEPTED, ProjectStatus.REFUSED, ProjectStatus.MERGED)
#: These count towards the number of entries an organisation may make.
ENTERED = (ProjectStatus.SUBMITTED, ProjectStatus.CORRECTING, ProjectStatus.ACCEPTED)


class Section(TextChoices):
    """The parts of an application, in the order in which they are filled in."""

    BASIC = "basic", _("Basic information")
    BENEFICIARIES = "beneficiaries", _("Beneficiaries and public benefit")
    DESCRIPTION = "description", _("Project description")
    NEEDS = "needs", _("Needs and goals")
    PLAN = "plan", _("Implementation plan")
    QUALITIES = "qualities", _("Four qualities")
    TEAM = "team", _("Team and lead")
    PARTNERS = "partners", _("Partners and other funding")
    BUDGET = "budget", _("Budget")
    ATTACHMENTS = "attachments", _("Attachments")


class AttachmentKind(TextChoices):
    #: The printed application, signed and stamped; belongs to one print-out.
    STAMPED = "stamped", _("Stamped application (scan)")
    COMMITMENT = "commitment", _("Letter of commitment (stamped scan)")
    CERTIFICATE = "certificate", _("Registration certificate")
    FINANCE = "finance", _("Annual check or audit report")
    AWARD = "award", _("Awards and qualifications")
    MATCHING = "matching", _("Proof of matching funds")
    CONSENT = "consent", _("Consent of beneficiaries")
    IDENTITY = "identity", _("Identity document of the legal representative")
    PHOTO = "photo", _("Photos")
    VIDEO = "video", _("Video")
    OTHER = "other", pgettext_lazy("attachment", "Other")


class Outcome(TextChoices):
    """What the formal check can end in."""

    ACCEPT = "accept", pgettext_lazy("intake", "Accept")
    CORRECT = "correct", pgettext_lazy("intake", "Return for correction")
    REFUSE = "refuse", pgettext_lazy("intake", "Refuse")
    MERGE = "merge", pgettext_lazy("intake", "Merge into another")


class Occasion(TextChoices):
    """When eligibility was asked."""

    SAVE = "save", pgettext_lazy("occasion", "While filling in")
    SUBMIT = "submit", pgettext_lazy("occasion", "At submission")
    PROMOTION = "promotion", pgettext_lazy("occasion", "At promotion to a round")


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
    REGISTERED = "registered_long", _("Registered long enough")
    PARTNERS = "partner_barred", _("No barred partner")
    PARTNER_LIMIT = "partner_limit", _("Number of entries as partner")
    PLACE = "place_outside", _("Place of implementation")
    DUPLICATE = "duplicate", _("Not entered twice")
    OTHER_FUNDING = "other_funding", _("No forbidden mix of funding")
    FOR_PROFIT = "for_profit", _("Serves the public")
    STAMPED = "not_stamped", _("Stamped and signed off")
