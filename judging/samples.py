"""What a round's rules would make of twelve example sheets: shown while the rules are drafted."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from contest.rulebook import PublicVote, RoundRules, RulebookDoc
from judging.tally import EntryIn, EntryOut, SheetIn, TallyIn, TallyRefused, compute

#: Of the full points in percent, sheet by sheet. Two sheets are far off, two agree.
SHARES = (86, 92, 78, 81, 81, 64, 90, 73, 88, 97, 70, 84)
BALLOTS = ((90, 85, 80, 95, 70), (75, 80, 85, 90, 65), (60, 70, 80, 75, 95), (88, 82, 79, 91, 66))


@dataclass(frozen=True)
class Sample:
    """The example of one round; ``refused`` is the code of the rule that stands in the way."""

    key: str
    rules: RoundRules
    lines: list[EntryOut]
    refused: str = ""

    @property
    def vote_counts(self) -> bool:
        return any(line.public for line in self.lines)


def sample_of(document: RulebookDoc, key: str) -> Sample:
    """Twelve sheets dealt out as the round deals them; what is left over shows an entry with too few."""
    rules = document.round(key)
    vote = document.public_vote if key == "final" else None
    given = TallyIn(
        rules,
        tuple(_entries(document, rules, vote)),
        vote=vote,
        checked_in=len(BALLOTS[0]),
        awards=document.awards if key == "final" else (),
    )
    try:
        return Sample(key, rules, compute(given))
    except TallyRefused as refusal:
        return Sample(key, rules, [], refusal.code)


def _entries(document: RulebookDoc, rules: RoundRules, vote: PublicVote | None) -> list[EntryIn]:
    sheets = [_sheet(rules, number, share) for number, share in enumerate(SHARES)]
    dealt = [sheets[n : n + rules.sheets_per_entry] for n in range(0, len(sheets), rules.sheets_per_entry)]
    quotas = [quota.key for quota in rules.quotas]
    return [
        EntryIn(
            number,
            f"示例{number:02d}",
            "",
            tuple(own),
            ballots=_ballots(number, vote) if vote else (),
            # The last ones come from where there are places for sure.
            group=quotas[-number] if len(dealt) - number < len(quotas) and number <= len(quotas) else "",
        )
        for number, own in enumerate(dealt, start=1)
    ]


def _ballots(number: int, vote: PublicVote) -> tuple[int, ...]:
    return tuple(share * vote.scale_max // 100 for share in BALLOTS[number % len(BALLOTS)])


def _sheet(rules: RoundRules, number: int, share: int) -> SheetIn:
    """Points in halves; each criterion a little differently, so that ties can be broken by one."""
    points = {}
    for place, criterion in enumerate(rules.criteria):
        percent = min(share + (number + place) % 3 * 2 - 2, 100)
        points[criterion.key] = Decimal(criterion.points * percent * 2 // 100) / 2
    return SheetIn(f"专家{number % rules.sheets_per_entry + 1:02d}", points)
