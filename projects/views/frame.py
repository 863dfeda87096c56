"""What several pages of an application show alike."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from accounts.models import User
from projects import content, queries
from projects.attachments import ONLY_IF_REQUIRED
from projects.budget import BudgetChecks
from projects.enums import Section
from projects.forms import SectionForm
from projects.forms.rows import typed_lines
from projects.models import Project
from projects.sections import BUDGET, PARTS, neighbours


def section_context(project: Project, section: Section) -> dict[str, Any]:
    """What every section's page shows around its form."""
    before, after = neighbours(section)
    return {
        "project": project,
        "section": section,
        "number": [part.section for part in PARTS].index(section) + 1,
        "count": len(PARTS),
        "before": before,
        "after": after,
        "extra": [{"name": "stay", "value": "1", "label": _("Save and stay")}],
    }


def budget_checks(project: Project, form: SectionForm) -> BudgetChecks | None:
    """How the budget stands against the rules as it is typed; ``None`` on other pages."""
    rows = form.tables.get(BUDGET.name)
    return queries.budget_checks(project, typed_lines(rows)) if rows else None


def content_context(user: User, project: Project, shown: content.Content) -> dict[str, Any]:
    """A version's content as ``projects/_content.html`` draws it; personal papers are named to those
    alone who may open them."""
    files = shown["attachments"]
    if not user.has_perm("projects.view_identity", project):
        files = [file for file in files if file["kind"] not in ONLY_IF_REQUIRED]
    return {"sections": content.sections(shown), "budget": shown["budget"], "content_files": files}
