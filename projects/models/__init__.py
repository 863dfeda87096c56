"""What this app keeps: organisations, applications, and what was decided about them."""

from projects.models.applications import Project, ProjectCounter, ProjectQuerySet
from projects.models.files import Attachment
from projects.models.ideas import Idea
from projects.models.imports import ImportBatch, ImportRow
from projects.models.intake import (
    CorrectionItem,
    EligibilityCheck,
    IntakeDecision,
    Recommendation,
    Similarity,
)
from projects.models.organisations import (
    AnnualCheck,
    Bar,
    BodyLink,
    MembershipRequest,
    Organisation,
    OrganisationFile,
    OrganisationVersion,
)
from projects.models.rows import BudgetLine, Milestone, Partner, Place, TeamMember
from projects.models.submissions import Extension, PrintOut, SignOff, Submission

__all__ = [
    "AnnualCheck",
    "Attachment",
    "Bar",
    "BodyLink",
    "BudgetLine",
    "CorrectionItem",
    "EligibilityCheck",
    "Extension",
    "Idea",
    "ImportBatch",
    "ImportRow",
    "IntakeDecision",
    "MembershipRequest",
    "Milestone",
    "Organisation",
    "OrganisationFile",
    "OrganisationVersion",
    "Partner",
    "Place",
    "PrintOut",
    "Project",
    "ProjectCounter",
    "ProjectQuerySet",
    "Recommendation",
    "SignOff",
    "Similarity",
    "Submission",
    "TeamMember",
]
