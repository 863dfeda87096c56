"""The only writers of this app's tables.

Money actions are durable: when they return, the database has committed. They cannot run inside
somebody else's transaction.
"""

from funding.actions.bank import enter_bank_account, reencrypt_bank_accounts, reveal_bank_account
from funding.actions.funds import create_fund
from funding.actions.grants import close_grant, draw_up_grants, sign_agreement
from funding.actions.instalments import (
    approve_instalment,
    pay_instalment,
    prepare_instalment,
    return_instalment,
    review_instalment,
)
from funding.actions.ledger import Line, post_voucher, reverse_voucher

__all__ = [
    "Line",
    "approve_instalment",
    "close_grant",
    "create_fund",
    "draw_up_grants",
    "enter_bank_account",
    "pay_instalment",
    "post_voucher",
    "prepare_instalment",
    "reencrypt_bank_accounts",
    "return_instalment",
    "reveal_bank_account",
    "reverse_voucher",
    "review_instalment",
    "sign_agreement",
]
