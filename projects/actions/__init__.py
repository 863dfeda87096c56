"""The only writers of this app's tables."""

from projects.actions.applications import save_section, start_project
from projects.actions.attachments import add_attachment, remove_attachment
from projects.actions.desk import (
    accept_clean,
    assign_checkers,
    merge_project,
    remind_drafts,
    share_out_cases,
)
from projects.actions.extensions import extend_correction, extend_deadline
from projects.actions.ideas import change_idea, drop_idea, keep_idea, nurture_idea, turn_idea
from projects.actions.imports import check_import, confirm_import, receive_import
from projects.actions.intake import decide_intake
from projects.actions.links import end_link, link_bodies
from projects.actions.members import (
    admit_member,
    appoint_owner,
    ask_to_join,
    change_member_role,
    decline_member,
    invite_member,
    remove_member,
)
from projects.actions.organisation_files import add_organisation_file, remove_organisation_file
from projects.actions.organisations import (
    impose_bar,
    register_organisation,
    update_organisation,
    verify_organisation,
)
from projects.actions.printing import print_application, sign_off
from projects.actions.recommendations import rank_recommendations, recommend_project
from projects.actions.similarity import clear_similarity, find_similar
from projects.actions.submissions import submit_project, withdraw_project

__all__ = [
    "accept_clean",
    "add_attachment",
    "add_organisation_file",
    "admit_member",
    "appoint_owner",
    "ask_to_join",
    "assign_checkers",
    "change_idea",
    "change_member_role",
    "check_import",
    "clear_similarity",
    "confirm_import",
    "decide_intake",
    "decline_member",
    "drop_idea",
    "end_link",
    "extend_correction",
    "extend_deadline",
    "find_similar",
    "impose_bar",
    "invite_member",
    "keep_idea",
    "link_bodies",
    "merge_project",
    "nurture_idea",
    "print_application",
    "rank_recommendations",
    "receive_import",
    "recommend_project",
    "register_organisation",
    "remind_drafts",
    "remove_attachment",
    "remove_member",
    "remove_organisation_file",
    "save_section",
    "share_out_cases",
    "sign_off",
    "start_project",
    "submit_project",
    "turn_idea",
    "update_organisation",
    "verify_organisation",
    "withdraw_project",
]
