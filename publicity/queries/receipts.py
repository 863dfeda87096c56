"""The receipts of the public jury, from the sealed tally and nothing else."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from judging.enums import BallotChannel
from judging.snapshots import sealed_receipts


@dataclass(frozen=True)
class Ballots:
    """The ballots of one project by receipt code; how many by which channel, never which."""

    number: int
    project: str
    title: str
    receipts: list[tuple[str, int]]
    by_phone: int
    on_paper: int
    score: str | None

    def under(self, code: str) -> list[tuple[str, int]]:
        """Those with a code, however it was typed: small letters, no hyphen, blanks."""
        wanted = re.sub("[^0-9A-Z]", "", code.upper())
        return [(receipt, score) for receipt, score in self.receipts if receipt.replace("-", "") == wanted]


def receipt_board(sealed: dict[str, Any]) -> list[Ballots]:
    """The projects of a sealed final with their ballots; empty where the format has no receipts."""
    return [
        Ballots(
            number=line["number"],
            project=line["project"],
            title=line["title"],
            receipts=receipts,
            by_phone=line["public"]["channels"][BallotChannel.PHONE],
            on_paper=line["public"]["channels"][BallotChannel.PAPER],
            score=line["public"].get("score"),
        )
        for line in sealed.get("entries", ())
        if (receipts := sealed_receipts(line))
    ]
