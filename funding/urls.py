from django.urls import path, register_converter

from funding.converters import ProjectCode
from funding.views import funds, grants, instalments, ledger, own

register_converter(ProjectCode, "project_code")

app_name = "funding"
urlpatterns = [
    path("desk/funding/", funds.overview, name="desk_funding"),
    path("desk/funding/funds/new/", funds.fund_create, name="fund_create"),
    path("desk/funding/funds/<int:pk>/", funds.fund_detail, name="fund_detail"),
    path("desk/funding/funds/<int:pk>/ledger/", ledger.fund_ledger, name="fund_ledger"),
    path("desk/funding/funds/<int:pk>/draw-up/", funds.draw_up, name="draw_up"),
    path("desk/funding/grants/", grants.grant_list, name="desk_grant_list"),
    path("desk/funding/grants/<project_code:code>/", grants.grant_detail, name="grant_desk"),
    path("desk/funding/grants/<project_code:code>/sign/", grants.grant_sign, name="grant_sign"),
    path("desk/funding/grants/<project_code:code>/close/", grants.grant_close, name="grant_close"),
    path("desk/funding/grants/<project_code:code>/ledger/", ledger.grant_ledger, name="grant_ledger"),
    path("desk/funding/payments/", instalments.payment_list, name="desk_payment_list"),
    path("desk/funding/payments/<int:pk>/prepare/", instalments.prepare, name="instalment_prepare"),
    path("desk/funding/payments/<int:pk>/review/", instalments.review, name="instalment_review"),
    path("desk/funding/payments/<int:pk>/approve/", instalments.approve, name="instalment_approve"),
    path("desk/funding/payments/<int:pk>/return/", instalments.give_back, name="instalment_return"),
    path("desk/funding/payments/<int:pk>/pay/", instalments.pay, name="instalment_pay"),
    path("desk/funding/payments/<int:pk>/account/", instalments.account, name="instalment_account"),
    path("desk/funding/vouchers/", ledger.voucher_list, name="desk_voucher_list"),
    path("desk/funding/vouchers/<int:pk>/", ledger.voucher_detail, name="voucher_detail"),
    path("desk/funding/vouchers/<int:pk>/reverse/", ledger.voucher_reverse, name="voucher_reverse"),
    path("grants/", own.grant_list, name="grants"),
    path("grants/<project_code:code>/", own.grant_home, name="grant_home"),
    path("grants/<project_code:code>/bank/", own.bank_account, name="bank_account"),
    path("grants/<project_code:code>/ledger/", own.ledger, name="ledger"),
]
