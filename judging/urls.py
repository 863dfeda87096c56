"""Addresses of the review: rounds, sheets, notices, objections, the live final."""

from django.urls import path

from judging.views import (
    draws,
    experts,
    jury,
    live,
    notices,
    objections,
    pledges,
    review,
    rounds,
    rules_preview,
    sharing,
)

app_name = "judging"

urlpatterns = [
    # The public jury; ballots first, as addresses are tried in order
    path("jury/vote/", jury.jury_vote, name="jury_vote"),
    path("jury/", jury.jury_home, name="jury_home"),
    path("jury/state/", jury.jury_state, name="jury_state"),
    path("jury/c/<str:token>/", jury.jury_card, name="jury_card"),
    # The expert's room
    path("review/", review.review_home, name="review_home"),
    path("review/pledge/<int:year>/", pledges.review_pledge, name="review_pledge"),
    path("review/<int:pk>/", review.review_assignment, name="review_assignment"),
    path("review/<int:pk>/declare/", review.review_declare, name="review_declare"),
    path("review/<int:pk>/recuse/", review.review_recuse, name="review_recuse"),
    path("desk/editions/<int:year>/rulebook/preview/", rules_preview.rules_preview, name="rules_preview"),
    # The round desk
    path("desk/rounds/", rounds.rounds, name="rounds"),
    path("desk/rounds/new/", rounds.round_create, name="round_create"),
    path("desk/rounds/<int:pk>/", rounds.round_detail, name="round_detail"),
    path("desk/rounds/<int:pk>/panel/", rounds.round_panel, name="round_panel"),
    path("desk/rounds/<int:pk>/open/", rounds.round_open, name="round_open"),
    path("desk/rounds/<int:pk>/extend/", rounds.round_extend, name="round_extend"),
    path("desk/rounds/<int:pk>/assignments/", rounds.round_assignments, name="round_assignments"),
    path("desk/rounds/assignments/<int:pk>/", rounds.assignment_replace, name="assignment_replace"),
    path("desk/rounds/assignments/<int:pk>/take/", sharing.assignment_take, name="assignment_take"),
    path("desk/rounds/<int:pk>/sharing/", sharing.round_sharing, name="round_sharing"),
    path(
        "desk/rounds/<int:pk>/sharing/<int:number>/", sharing.round_sharing_entry, name="round_sharing_entry"
    ),
    path("desk/rounds/<int:pk>/sharing/again/", sharing.round_share_again, name="round_share_again"),
    path("desk/rounds/<int:pk>/seal/", rounds.round_seal, name="round_seal"),
    path("desk/rounds/<int:pk>/entries/<int:number>/", rounds.round_entry, name="round_entry"),
    path("desk/rounds/<int:pk>/propose/", rounds.decision_propose, name="decision_propose"),
    path("desk/rounds/<int:pk>/approve/", rounds.decision_approve, name="decision_approve"),
    path("desk/rounds/<int:pk>/return/", rounds.decision_return, name="decision_return"),
    # The pool of experts
    path("desk/experts/", experts.experts, name="experts"),
    path("desk/experts/new/", experts.expert_new, name="expert_new"),
    path("desk/experts/invite/", experts.experts_invite, name="experts_invite"),
    path("desk/experts/import/", experts.experts_import, name="experts_import"),
    path("desk/experts/import/template.xlsx", experts.experts_template, name="experts_template"),
    path("desk/experts/ties/<int:pk>/end/", experts.expert_unlink, name="expert_unlink"),
    path("desk/experts/<int:pk>/", experts.expert, name="expert"),
    path("desk/experts/<int:pk>/edit/", experts.expert_edit, name="expert_edit"),
    path("desk/experts/<int:pk>/ties/new/", experts.expert_link, name="expert_link"),
    path("desk/experts/<int:pk>/leave/", experts.expert_leave, name="expert_leave"),
    path("desk/experts/<int:pk>/return/", experts.expert_return, name="expert_return"),
    path("desk/experts/<int:pk>/invite/", experts.expert_invite, name="expert_invite"),
    # The witnessed draw
    path("desk/rounds/<int:pk>/draw/", draws.round_draws, name="round_draws"),
    path("desk/rounds/<int:pk>/draw/new/", draws.draw_commit, name="draw_commit"),
    path("desk/rounds/draws/<int:pk>/", draws.draw, name="draw"),
    path("desk/rounds/draws/<int:pk>/run/", draws.draw_run, name="draw_run"),
    path("desk/rounds/draws/<int:pk>/picks/<int:number>/", draws.draw_answer, name="draw_answer"),
    path("desk/rounds/draws/<int:pk>/seat/", draws.draw_seat, name="draw_seat"),
    path("desk/rounds/draws/<int:pk>/end/", draws.draw_end, name="draw_end"),
    path("desk/rounds/draws/<int:pk>/transcript.json", draws.draw_transcript, name="draw_transcript"),
    # Notices and objections
    path("desk/notices/", notices.notices, name="notices"),
    path("desk/notices/intake/<int:year>/", notices.intake_notice, name="intake_notice"),
    path("desk/notices/<int:pk>/", notices.notice_detail, name="notice_detail"),
    path("desk/notices/<int:pk>/register/", objections.objection_register, name="objection_register"),
    path("desk/rounds/<int:pk>/notice/", notices.round_notice, name="round_notice"),
    path("desk/rounds/<int:pk>/confirm/", notices.round_confirm, name="round_confirm"),
    path("desk/objections/", objections.objections, name="objections"),
    path("desk/objections/<int:pk>/", objections.objection_detail, name="objection_detail"),
    path("desk/objections/<int:pk>/accept/", objections.objection_accept, name="objection_accept"),
    path("desk/objections/<int:pk>/decide/", objections.objection_decide, name="objection_decide"),
    # The live final
    path("desk/live/<int:year>/", live.live_console, name="live_console"),
    path("desk/live/<int:year>/cards/", live.live_cards, name="live_cards"),
    path("desk/live/<int:year>/cards.pdf", live.live_cards_pdf, name="live_cards_pdf"),
    path("desk/live/cards/<int:pk>/", live.live_card, name="live_card"),
    path("desk/live/entries/<int:pk>/open/", live.live_open, name="live_open"),
    path("desk/live/entries/<int:pk>/close/", live.live_close, name="live_close"),
]
