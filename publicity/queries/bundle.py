"""What the public can check a result with: one file that holds all that ``verify_tally.py`` recomputes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from judging.models import DecisionLine
from kit import clock
from kit.hashing import fingerprint

if TYPE_CHECKING:
    from judging.models import Decision, Tally
    from publicity.queries.results import PublishedResult

FORMAT = "gongzhi.bundle/1"


def result_bundle(result: PublishedResult) -> dict[str, Any]:
    """The sealed tally, the rulebook it follows, the decided list and the notice; three queries.

    It names no expert, no juror and nobody at the desk. ``sha256`` is over everything else in it. Of
    a list that was taken back only the sealed tally is told: ``decision`` is ``None``.
    """
    rulebook, tally, notice = result.round.rulebook, result.tally, result.notice
    decision = notice.decision
    if rulebook is None or decision is None:
        raise ValueError("a published result has a rulebook and a decision")
    content: dict[str, Any] = {
        "format": FORMAT,
        "edition": result.round.edition.year,
        "round": result.round.key,
        "rulebook": {
            "version": rulebook.version,
            "sha256": rulebook.sha256,
            "document": rulebook.document,
        },
        "tally": tally.snapshot,
        "tally_sha256": tally.sha256,
        "decision": None if result.is_taken_back else _decision(decision, tally),
        "notice": {
            "number": notice.document.number_text,
            "starts_on": notice.starts_on.isoformat(),
            "ends_on": notice.ends_on.isoformat(),
            "working_days": notice.working_days,
            "tally_sha256": decision.tally.sha256,
            "content_sha256": notice.document.content_sha256,
        },
    }
    return {**content, "sha256": fingerprint(content)}


def _decision(decision: Decision, tally: Tally) -> dict[str, Any]:
    lines = DecisionLine.objects.filter(decision=decision).order_by("place")
    printed = [
        {
            "place": place,
            "number": number,
            "project": project,
            "advances": advances,
            "award": award,
            "chosen": chosen,
            "override": override,
        }
        for place, number, project, advances, award, chosen, override in lines.values_list(
            "place",
            "entry__number",
            "entry__project__code",
            "advances",
            "award_key",
            "is_chosen",
            "override_reason",
        )
    ]
    listed = {line["number"] for line in printed}
    ranked = tally.results.filter(rank__isnull=False).order_by("entry__number")
    return {
        "drafted_on": clock.local(decision.drafted_at).date().isoformat(),
        "approved_on": clock.local(decision.decided_at).date().isoformat() if decision.decided_at else None,
        "reason": decision.reason,
        "lines": printed,
        # Ranked, but withdrawn between the seal and the list.
        "left_out": [n for n in ranked.values_list("entry__number", flat=True) if n not in listed],
    }
