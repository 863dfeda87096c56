"""The only writers of this app's tables."""

from projects.actions.applications import save_section, start_project
from projects.actions.attachments import add_attachment, remove_attachment
from projects.actions.intake import decide_intake
from projects.actions.organisations import (
    impose_bar,
    register_organisation,
    update_organisation,
    verify_organisation,
)
from projects.actions.submissions import submit_project, withdraw_project

__all__ = [
    "add_attachment",
    "decide_intake",
    "impose_bar",
    "register_organisation",
    "remove_attachment",
    "save_section",
    "start_project",
    "submit_project",
    "update_organisation",
    "verify_organisation",
    "withdraw_project",
]
