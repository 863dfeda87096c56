"""The life of an edition: its moves, and what each stage opens. Plain tables, printed into the docs."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from contest.enums import Ability, Period, Stage


@dataclass(frozen=True)
class Move:
    """One step of an edition. ``due`` names the planned date that lets the beat make the move."""

    source: Stage
    target: Stage
    permission: str
    label: str | Promise
    due: tuple[Period, str]


MOVES = (
    Move(Stage.PREPARATION, Stage.APPLICATION, "contest.advance_edition", _("Open applications"),
         (Period.APPLICATION, "starts_at")),
    Move(Stage.APPLICATION, Stage.PRELIMINARY, "contest.advance_edition", _("Start the preliminary review"),
         (Period.APPLICATION, "ends_at")),
    Move(Stage.PRELIMINARY, Stage.SECOND, "contest.advance_edition", _("Start the second review"),
         (Period.SECOND, "starts_at")),
    Move(Stage.SECOND, Stage.FINAL, "contest.advance_edition", _("Start the final review"),
         (Period.FINAL, "starts_at")),
    Move(Stage.FINAL, Stage.IMPLEMENTATION, "contest.advance_edition", _("Start implementation"),
         (Period.IMPLEMENTATION, "starts_at")),
    Move(Stage.IMPLEMENTATION, Stage.CLOSING, "contest.advance_edition", _("Start closing"),
         (Period.CLOSING, "starts_at")),
    Move(Stage.CLOSING, Stage.ARCHIVED, "contest.advance_edition", _("Archive the edition"),
         (Period.CLOSING, "ends_at")),
)  # fmt: skip

OPENS: dict[Stage, frozenset[Ability]] = {
    Stage.PREPARATION: frozenset({Ability.EDIT_RULES}),
    Stage.APPLICATION: frozenset({Ability.EDIT_APPLICATION, Ability.CHECK_INTAKE}),
    Stage.PRELIMINARY: frozenset({Ability.CHECK_INTAKE, Ability.REVIEW_PRELIMINARY}),
    Stage.SECOND: frozenset({Ability.REVIEW_SECOND}),
    Stage.FINAL: frozenset({Ability.REVIEW_FINAL}),
    Stage.IMPLEMENTATION: frozenset({Ability.RUN_GRANTS}),
    Stage.CLOSING: frozenset({Ability.RUN_GRANTS}),
    Stage.ARCHIVED: frozenset(),
}


def stages_opening(ability: Ability, *, without: Ability | None = None) -> list[Stage]:
    """The stages that allow something, and not ``without``."""
    return [stage for stage, opened in OPENS.items() if ability in opened and without not in opened]


def move_from(stage: str) -> Move | None:
    """The one move that leaves ``stage``; ``None`` at the end of an edition's life."""
    return next((move for move in MOVES if move.source == stage), None)
