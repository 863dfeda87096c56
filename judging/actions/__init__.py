"""The only writers of this app's tables, one module per noun."""

from judging.actions.cards import issue_cards, print_cards
from judging.actions.checking import extend_objection, note_findings, publish_digest
from judging.actions.confirmation import confirm_round
from judging.actions.decisions import (
    approve_decision,
    propose_decision,
    reopen_decision,
    return_decision,
    take_back_decision,
)
from judging.actions.draws import answer_pick, commit_draw, end_draw, run_draw, seat_draw
from judging.actions.entering import enter_card
from judging.actions.entries import withdraw_entry
from judging.actions.integrity import dispose_flag, scan_sheets
from judging.actions.jury import (
    bind_card,
    card_code,
    card_token,
    cast_ballot,
    check_in_card,
    reissue_card,
    void_card,
)
from judging.actions.jury_draws import (
    accept_jurors,
    answer_juror,
    commit_jury_draw,
    end_jury_draw,
    run_jury_draw,
    seat_jury,
)
from judging.actions.letters import issue_letters, request_letters
from judging.actions.notes import keep_note, skip_assignment
from judging.actions.notices import publish_intake_notice, publish_notice
from judging.actions.objections import accept_objection, decide_objection, file_objection
from judging.actions.objectors import open_objection_file, reveal_objector
from judging.actions.openings import LARGE_SHEETS, request_opening
from judging.actions.order_draws import commit_order, draw_order
from judging.actions.panels import set_panel
from judging.actions.pledges import make_pledge
from judging.actions.reminders import remind_experts
from judging.actions.rereviews import ask_rereview, declare_for_rereview, give_opinion
from judging.actions.roster import add_juror, change_juror, import_jurors, strike_juror
from judging.actions.rounds import create_round, extend_scoring, lock_round, move_round, open_round
from judging.actions.seats import Ended, add_seat, end_seat, open_scores
from judging.actions.sharing import give_assignment, replace_assignment, share_again, take_assignment
from judging.actions.sheets import declare, save_sheet, submit_sheet
from judging.actions.signing import sign_sheets
from judging.actions.slips import key_slip, rule_on_slip
from judging.actions.tallies import seal_tally
from judging.actions.unlocking import unlock_sheet
from judging.actions.windows import close_voting, extend_voting, open_voting

__all__ = [
    "LARGE_SHEETS",
    "Ended",
    "accept_jurors",
    "accept_objection",
    "add_juror",
    "add_seat",
    "answer_juror",
    "answer_pick",
    "approve_decision",
    "ask_rereview",
    "bind_card",
    "card_code",
    "card_token",
    "cast_ballot",
    "change_juror",
    "check_in_card",
    "close_voting",
    "commit_draw",
    "commit_jury_draw",
    "commit_order",
    "confirm_round",
    "create_round",
    "decide_objection",
    "declare",
    "declare_for_rereview",
    "dispose_flag",
    "draw_order",
    "end_draw",
    "end_jury_draw",
    "end_seat",
    "enter_card",
    "extend_objection",
    "extend_scoring",
    "extend_voting",
    "file_objection",
    "give_assignment",
    "give_opinion",
    "import_jurors",
    "issue_cards",
    "issue_letters",
    "keep_note",
    "key_slip",
    "lock_round",
    "make_pledge",
    "move_round",
    "note_findings",
    "open_objection_file",
    "open_round",
    "open_scores",
    "open_voting",
    "print_cards",
    "propose_decision",
    "publish_digest",
    "publish_intake_notice",
    "publish_notice",
    "reissue_card",
    "remind_experts",
    "reopen_decision",
    "replace_assignment",
    "request_letters",
    "request_opening",
    "return_decision",
    "reveal_objector",
    "rule_on_slip",
    "run_draw",
    "run_jury_draw",
    "save_sheet",
    "scan_sheets",
    "seal_tally",
    "seat_draw",
    "seat_jury",
    "set_panel",
    "share_again",
    "sign_sheets",
    "skip_assignment",
    "strike_juror",
    "submit_sheet",
    "take_assignment",
    "take_back_decision",
    "unlock_sheet",
    "void_card",
    "withdraw_entry",
]
