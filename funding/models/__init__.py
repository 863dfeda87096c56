"""The app's tables, split by noun."""

from funding.models.grants import Fund, Grant, Instalment
from funding.models.ledger import Account, Entry, Voucher, VoucherCounter

__all__ = ["Account", "Entry", "Fund", "Grant", "Instalment", "Voucher", "VoucherCounter"]
