"""What the public pages show, each page gathered in a constant number of queries."""

from publicity.queries.announcements import Standing, board, objection_summary, standing_of
from publicity.queries.bundle import result_bundle
from publicity.queries.editions import (
    StagePoint,
    call_announcement,
    latest_edition,
    open_deadline,
    rulebook_versions,
    stage_timeline,
)
from publicity.queries.figures import Figure, headline_figures, history_rows
from publicity.queries.projects import (
    ENTRIES,
    Catalogue,
    ProjectStep,
    by_district,
    catalogue,
    describe,
    filter_choices,
    for_rows,
    honoured_projects,
    participants,
    project_steps,
    public_projects,
    top_ten_of_latest,
    winners_by_edition,
)
from publicity.queries.results import (
    PUBLISHED,
    PublishedResult,
    RoundState,
    live_round,
    published_result,
    round_states,
)

__all__ = [
    "ENTRIES",
    "PUBLISHED",
    "Catalogue",
    "Figure",
    "ProjectStep",
    "PublishedResult",
    "RoundState",
    "StagePoint",
    "Standing",
    "board",
    "by_district",
    "call_announcement",
    "catalogue",
    "describe",
    "filter_choices",
    "for_rows",
    "headline_figures",
    "history_rows",
    "honoured_projects",
    "latest_edition",
    "live_round",
    "objection_summary",
    "open_deadline",
    "participants",
    "project_steps",
    "public_projects",
    "published_result",
    "result_bundle",
    "round_states",
    "rulebook_versions",
    "stage_timeline",
    "standing_of",
    "top_ten_of_latest",
    "winners_by_edition",
]
