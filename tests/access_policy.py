"""Every address of the portal and who may use it: the whole access policy on one page.

A row names the URL and those to whom its page opens. ``EVERYONE`` includes people who have not signed
in. Whoever is not named gets the sign-in page, 403 or 404. A URL without a row fails the test.
"""

from __future__ import annotations

EVERYONE = frozenset({"anonymous"})
#: The people of the table; ``other_org`` applies for another organisation than the objects belong to,
#: ``other_expert`` sits on the panel but has another assignment.
PEOPLE = (
    "nobody",
    "org",
    "other_org",
    "expert",
    "other_expert",
    "clerk",
    "approver",
    "supervisor",
    "finance",
    "auditor",
    "district",
    "editor",
    "leader",
    "coach",
    "system",
    "security",
    "auditadmin",
)
SIGNED_IN = frozenset(PEOPLE)
RUNNERS = frozenset({"clerk", "approver"})
READERS = RUNNERS | {"supervisor", "finance", "auditor", "leader"}
DESK = READERS | {"district", "editor", "system", "security", "auditadmin"}
FOLLOWERS = RUNNERS | {"supervisor", "auditor", "leader"}
DOCKET = RUNNERS | {"supervisor", "auditor"}


MONEY = READERS | {"district"}
MAY_APPLY = frozenset({"nobody", "org", "other_org"})


def who(*names: str) -> frozenset[str]:
    return frozenset(names)


POLICY: dict[str, frozenset[str]] = {
    # The house
    "healthz": EVERYONE,
    "favicon": EVERYONE,
    "styleguide": who(),  # the demo alone has one
    "kit:care_mode": EVERYONE,
    "kit:language": EVERYONE,
    # Everybody's own
    "contest:me": SIGNED_IN,
    "contest:messages": SIGNED_IN,
    "contest:messages_read": SIGNED_IN,
    "contest:message": who("org"),
    "contest:message_open": who("org"),
    "accounts:profile": SIGNED_IN,
    "accounts:invitation": EVERYONE,
    "accounts:invitation_accept": EVERYONE,
    # The desk: people
    "accounts:people": who("security", "auditor"),
    "accounts:person": who("security", "auditor"),
    "accounts:role_grant": who("security"),
    "accounts:role_revoke": who("security"),
    "accounts:person_deactivate": who("security"),
    "accounts:person_reactivate": who("security"),
    "accounts:invitation_list": who("security"),
    "accounts:invitation_new": who("security"),
    "accounts:invitation_revoke": who("security"),
    # The desk: editions
    "contest:desk": DESK,
    "contest:desk_edition_list": READERS,
    "contest:desk_edition_create": who("clerk"),
    "contest:past_edition": who("clerk"),
    "contest:desk_edition": READERS,
    "contest:desk_edition_edit": who("clerk"),
    "contest:desk_timetable": who("clerk"),
    "contest:desk_rulebook": who("clerk"),
    "contest:call_propose": who("clerk"),
    "contest:call_sign": who("approver"),
    "contest:call_return": who("approver"),
    "contest:edition_advance": RUNNERS,
    "contest:amendment": who("clerk"),
    "contest:amendment_sign": who("approver"),
    "contest:desk_document_list": READERS,
    "contest:calendar": who("clerk"),
    "contest:calendar_day": who("clerk"),
    "contest:calendar_year": who("clerk"),
    # Long work and the audit room
    "contest:jobs": RUNNERS | {"auditor", "auditadmin", "finance"},
    "contest:job": who("auditor"),
    "contest:job_download": who("auditor"),
    "contest:job_cancel": who("auditor"),
    "contest:export_new": RUNNERS | {"auditor"},
    "contest:audit_home": who("auditor", "auditadmin"),
    "contest:audit_exports": who("auditor", "auditadmin"),
    "contest:audit_record": who("auditor", "auditadmin"),
    "contest:audit_event": who("auditor", "auditadmin"),
    # People
    # Applying
    "projects:apply_home": MAY_APPLY,
    "projects:organisation_edit": MAY_APPLY,
    "projects:organisation_new": MAY_APPLY,
    "projects:organisation_file": who("org"),
    "projects:project_start": who("org", "other_org"),
    "projects:project_tasks": who("org"),
    "projects:project_submit": who("org"),
    "projects:project_receipt": who("org"),
    "projects:project_withdraw": who("org"),
    "projects:project_version": who("org"),
    "projects:attachment": who("org", "district") | READERS,
    "projects:attachment_remove": who("org"),
    "projects:project_section": who("org"),
    "projects:project_autosave": who("org"),
    # Intake
    "projects:intake_list": READERS | {"district"},
    "projects:intake_detail": READERS | {"district"},
    "projects:intake_decide": who("clerk"),
    "projects:organisation_list": READERS | {"district"},
    "projects:organisation_detail": READERS | {"district"},
    "projects:organisation_verify": who("clerk"),
    "projects:organisation_bar": who("approver"),
    "projects:bar_list": READERS,
    # Money
    "funding:desk_funding": MONEY,
    "funding:fund_create": who("finance", "district"),
    "funding:fund_detail": MONEY - {"district"},
    "funding:fund_ledger": MONEY - {"district"},
    "funding:draw_up": who("clerk"),
    "funding:desk_grant_list": MONEY,
    "funding:grant_desk": MONEY - {"district"},
    "funding:grant_sign": who("approver"),
    "funding:grant_close": who("clerk"),
    "funding:grant_ledger": MONEY - {"district"},
    "funding:desk_payment_list": MONEY,
    "funding:instalment_prepare": who("clerk"),
    "funding:instalment_review": who("finance"),
    "funding:instalment_approve": who("approver"),
    "funding:instalment_return": who("finance", "approver"),
    "funding:instalment_pay": who("clerk", "finance"),
    "funding:desk_voucher_list": MONEY,
    "funding:voucher_detail": MONEY - {"district"},
    "funding:voucher_reverse": who("finance"),
    "funding:grants": who("org", "other_org"),
    "funding:grant_home": who("org"),
    "funding:ledger": who("org"),
    # Papers
    "contest:verify_form": EVERYONE,
    "contest:verify": EVERYONE,
    "contest:document_pdf": EVERYONE,
    # Review
    "judging:review_home": who("expert", "other_expert"),
    "judging:review_assignment": who("expert"),
    "judging:review_declare": who("expert"),
    "judging:review_recuse": who("expert"),
    "judging:rounds": FOLLOWERS,
    "judging:round_create": who("clerk"),
    "judging:round_detail": FOLLOWERS,
    "judging:round_panel": who("clerk"),
    "judging:round_open": who("clerk"),
    "judging:round_extend": who("clerk"),
    "judging:round_assignments": who("clerk"),
    "judging:assignment_replace": who("clerk"),
    "judging:round_seal": who("clerk"),
    "judging:round_entry": DOCKET,
    "judging:decision_propose": who("clerk"),
    "judging:decision_approve": who("approver"),
    "judging:decision_return": who("approver"),
    "judging:notices": DOCKET,
    "judging:intake_notice": RUNNERS,
    "judging:notice_detail": DOCKET,
    "judging:objection_register": who("clerk"),
    "judging:round_notice": RUNNERS,
    "judging:round_confirm": who("approver"),
    "judging:objections": DOCKET,
    "judging:objection_detail": DOCKET,
    "judging:objection_accept": who("clerk"),
    "judging:objection_decide": RUNNERS | {"supervisor"},
    "judging:live_console": RUNNERS | {"supervisor"},
    "judging:live_cards": RUNNERS | {"supervisor"},
    "judging:live_cards_pdf": who("clerk"),
    "judging:live_card": who("clerk"),
    "judging:live_open": who("clerk"),
    "judging:live_close": who("clerk"),
    # The public jury: a card, no account
    "judging:jury_home": EVERYONE,
    "judging:jury_state": EVERYONE,
    "judging:jury_vote": EVERYONE,
    "judging:jury_card": EVERYONE,
    # The public site
    "publicity:home": EVERYONE,
    "publicity:rules_latest": EVERYONE,
    "publicity:edition": EVERYONE,
    "publicity:rules": EVERYONE,
    "publicity:results": EVERYONE,
    "publicity:results_bundle": EVERYONE,
    "publicity:live": EVERYONE,
    "publicity:project_list": EVERYONE,
    "publicity:project_detail": EVERYONE,
    "publicity:announcement_list": EVERYONE,
    "publicity:announcement_detail": EVERYONE,
    "publicity:announcement_pdf": EVERYONE,
    "publicity:announcement_object": EVERYONE,
    "publicity:objection_lookup": EVERYONE,
    "publicity:objection_receipt": EVERYONE,
    "publicity:disclosure": EVERYONE,
    "publicity:disclosure_detail": EVERYONE,
    "publicity:history": EVERYONE,
    "publicity:accessibility": EVERYONE,
    "publicity:sitemap": EVERYONE,
    "publicity:feed": EVERYONE,
    "publicity:robots": EVERYONE,
    "publicity:desk_publicity": who("clerk", "editor"),
    "publicity:desk_news_new": who("clerk", "editor"),
    "publicity:desk_withdraw": who("clerk", "editor"),
}
