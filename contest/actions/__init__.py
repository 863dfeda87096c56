"""The only writers of this app's tables."""

from contest.actions.calendar import confirm_calendar_year, set_calendar_day
from contest.actions.documents import build_document, issue_document
from contest.actions.editions import (
    create_edition,
    fingerprint_of_draft,
    hold_edition,
    lock_edition,
    propose_amendment,
    propose_call,
    record_past_edition,
    return_call,
    save_rulebook,
    set_timetable,
    sign_amendment,
    sign_call,
    update_edition,
)
from contest.actions.files import save_file, take_file
from contest.actions.jobs import cancel_job, end_job, finish_job, request_job
from contest.actions.messages import mark_all_read, mark_read, notify
from contest.actions.rehearsals import create_rehearsal
from contest.actions.stages import advance

__all__ = [
    "advance",
    "build_document",
    "cancel_job",
    "confirm_calendar_year",
    "create_edition",
    "create_rehearsal",
    "end_job",
    "fingerprint_of_draft",
    "finish_job",
    "hold_edition",
    "issue_document",
    "lock_edition",
    "mark_all_read",
    "mark_read",
    "notify",
    "propose_amendment",
    "propose_call",
    "record_past_edition",
    "request_job",
    "return_call",
    "save_file",
    "save_rulebook",
    "set_calendar_day",
    "set_timetable",
    "sign_amendment",
    "sign_call",
    "take_file",
    "update_edition",
]
