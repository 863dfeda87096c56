"""Confirming a round whose notice is over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.rights import require
from contest.actions import issue_document, lock_edition
from contest.enums import DocumentKind
from contest.record import record
from judging import papers
from judging.actions.rounds import move_round
from judging.enums import RoundStatus
from judging.models import Award, DecisionLine, Round
from judging.queries.decisions import decided_lines
from judging.queries.notices import round_notice_reasons
from kit import clock
from kit.errors import RuleBroken, refuse_unless

if TYPE_CHECKING:
    from accounts.models import User


@transaction.atomic
def confirm_round(*, actor: User, round: Round) -> Round:
    """Make the published list final: the next stage may open and, after the final, awards exist.

    Refuses while the window is open or an objection is undecided. The awards are those of the
    approved list, with names and amounts of the rulebook's table; held and excluded entries are not
    on it. One event carries them all.
    """
    require(actor, "judging.confirm_round", round)
    edition = lock_edition(round.edition)
    round = move_round(actor=actor, round=round, target=RoundStatus.CONFIRMED)
    _refuse_if_contested(round)
    lines = list(decided_lines(round))
    awards = _make_awards(round, lines) if round.is_final else []
    document = issue_document(
        actor=actor,
        kind=DocumentKind.RESULT,
        title=papers.result_title(round),
        content=papers.round_result(round, lines, awards),
        obj=round,
        edition=edition,
        is_public=True,
    )
    record(
        "round.confirmed",
        actor=actor,
        obj=round,
        edition=edition,
        before={"status": RoundStatus.NOTICED},
        after={
            "status": RoundStatus.CONFIRMED,
            "round": round.key,
            "document": document.pk,
            "advancing": [line.entry.project.code for line in lines if line.advances],
            "awards": [_printed(award) for award in awards],
        },
    )
    return round


def _refuse_if_contested(round: Round) -> None:
    # An objection on its way holds its notice until it is written: it is seen here, or comes too late.
    list(round.notices.select_for_update(of=("self",)).order_by("pk").values_list("pk"))
    if found := round_notice_reasons(round):
        raise RuleBroken(
            found[0].code, _("Not yet: %(reasons)s"), reasons="；".join(str(reason.text) for reason in found)
        )


def _make_awards(round: Round, lines: Sequence[DecisionLine]) -> list[Award]:
    table = {award.key: award for award in round.rulebook_doc.awards}
    won = [line for line in lines if line.award_key]
    given = Counter(line.award_key for line in won)
    refuse_unless(
        all(key in table and count <= table[key].places for key, count in given.items()),
        "award_places",
        _("The list gives more awards of a class than the rules have places."),
    )
    moment = clock.now()
    return [
        Award.objects.create(
            edition=round.edition,
            project=line.entry.project,
            result=line.result,
            key=line.award_key,
            name=table[line.award_key].name,
            amount_fen=table[line.award_key].amount_fen,
            top_ten=table[line.award_key].top_ten,
            confirmed_at=moment,
        )
        for line in won
    ]


def _printed(award: Award) -> dict[str, Any]:
    return {
        "id": award.pk,
        "project": award.project.code,
        "key": award.key,
        "amount_fen": award.amount_fen,
    }
