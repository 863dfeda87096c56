"""What several pages of an application show alike."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from projects import content
from projects.enums import Section
from projects.models import Project
from projects.sections import PARTS, neighbours


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


def content_context(shown: content.Content) -> dict[str, Any]:
    """A version's content as ``projects/_content.html`` draws it."""
    return {
        "sections": content.sections(shown),
        "budget": shown["budget"],
        "content_files": shown["attachments"],
    }
