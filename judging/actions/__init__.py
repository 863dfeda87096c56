"""The only writers of this app's tables, one module per noun."""

from judging.actions.confirmation import confirm_round
from judging.actions.decisions import approve_decision, propose_decision, reopen_decision, return_decision
from judging.actions.draws import answer_pick, commit_draw, end_draw, run_draw, seat_draw
from judging.actions.jury import (
    bind_card,
    card_token,
    cast_ballot,
    check_in_card,
    close_voting,
    issue_cards,
    open_voting,
    print_cards,
    reissue_card,
    void_card,
)
from judging.actions.notices import publish_intake_notice, publish_notice
from judging.actions.objections import accept_objection, decide_objection, file_objection
from judging.actions.openings import LARGE_SHEETS, request_opening
from judging.actions.panels import replace_assignment, set_panel
from judging.actions.pledges import make_pledge
from judging.actions.rounds import create_round, extend_scoring, lock_round, move_round, open_round
from judging.actions.sharing import give_assignment, share_again, take_assignment
from judging.actions.sheets import declare, save_sheet, submit_sheet
from judging.actions.tallies import seal_tally

__all__ = [
    "LARGE_SHEETS",
    "accept_objection",
    "answer_pick",
    "approve_decision",
    "bind_card",
    "card_token",
    "cast_ballot",
    "check_in_card",
    "close_voting",
    "commit_draw",
    "confirm_round",
    "create_round",
    "decide_objection",
    "declare",
    "end_draw",
    "extend_scoring",
    "file_objection",
    "give_assignment",
    "issue_cards",
    "lock_round",
    "make_pledge",
    "move_round",
    "open_round",
    "open_voting",
    "print_cards",
    "propose_decision",
    "publish_intake_notice",
    "publish_notice",
    "reissue_card",
    "reopen_decision",
    "replace_assignment",
    "request_opening",
    "return_decision",
    "run_draw",
    "save_sheet",
    "seal_tally",
    "seat_draw",
    "set_panel",
    "share_again",
    "submit_sheet",
    "take_assignment",
    "void_card",
]
