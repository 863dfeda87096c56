"""The app's tables, split by noun."""

from funding.models.bank import BankAccount
from funding.models.grants import Fund, Grant, Instalment
from funding.models.ledger import Account, Entry, Voucher, VoucherCounter

__all__ = ["Account", "BankAccount", "Entry", "Fund", "Grant", "Instalment", "Voucher", "VoucherCounter"]
