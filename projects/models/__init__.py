"""What this app keeps: organisations, applications, and what was decided about them."""

from projects.models.applications import (
    Attachment,
    BudgetLine,
    Project,
    ProjectCounter,
    ProjectQuerySet,
    Submission,
    TeamMember,
)
from projects.models.intake import EligibilityCheck, IntakeDecision
from projects.models.organisations import Bar, Organisation

__all__ = [
    "Attachment",
    "Bar",
    "BudgetLine",
    "EligibilityCheck",
    "IntakeDecision",
    "Organisation",
    "Project",
    "ProjectCounter",
    "ProjectQuerySet",
    "Submission",
    "TeamMember",
]
