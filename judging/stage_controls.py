"""Which buttons the director's console offers in each phase: one that comes next, and the others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from judging.enums import RoundStatus, ShowRequest
from judging.enums import ShowPhase as P
from judging.stage_moves import BETWEEN, acts_from

if TYPE_CHECKING:
    from judging.models import Show
    from judging.queries.console import Console

#: What the buttons offer; any other length is refused by nothing, only nobody asks for it in a hurry.
EXTENSIONS_S = (30, 60)
BREAKS_MIN = (5, 10, 15, 30)


@dataclass(frozen=True)
class Control:
    """A button: the act and its argument as sent, the words on it, its key, and a question before it."""

    act: str
    label: str | Promise
    key: str = ""
    question: str | Promise = ""
    tone: str = "outline-primary"

    @property
    def id(self) -> str:
        """The same from one answer to the next, so that the focus stays."""
        return "act-" + self.act.replace(":", "-")


@dataclass(frozen=True)
class Controls:
    """What can be done now. ``next`` is what an undisturbed final does next."""

    next: Control | None
    others: list[Control]
    wall: list[Control]
    breaks: list[Control]


NOTHING = Controls(None, [], [], [])


def controls_of(console: Console) -> Controls:
    """The buttons of whoever runs the stage, as it stands."""
    show = console.show
    if show is None:
        return NOTHING
    return Controls(
        next=_next(console, show),
        others=list(_others(console, show)),
        wall=list(_wall(console, show)),
        breaks=list(_breaks(show)),
    )


def headline(console: Console) -> str:
    """What is to be read where no project is on the stage: what comes next."""
    show = console.show
    if show is None:
        return ""
    match show.phase:
        case P.REVEAL:
            return _("%(done)s of %(total)s places revealed") % {
                "done": show.revealed,
                "total": console.places,
            }
        case P.WINNERS:
            return _("The final is over")
        case _ if console.following is not None:
            following = console.following
            return _("Next: %(place)s. %(title)s") % {
                "place": following.place,
                "title": following.project.title,
            }
        case _ if console.round.is_sealed:
            return _("Next: the reveal, confirmed by a second person")
    return _("Next: the seal, confirmed by a second person")


def _shows_scores(console: Console, show: Show) -> bool:
    return console.round.rulebook_doc.stage.scores_shown and not show.is_frozen


def _next(console: Console, show: Show) -> Control | None:
    match show.phase:
        case P.WELCOME | P.SCORE | P.STANDINGS:
            return _onwards(console)
        case P.TALK if console.round.rulebook_doc.stage.answer_minutes:
            return _control("take_questions", _("Begin the questions"), "q")
        case P.TALK | P.ANSWERS:
            return _control("start_scoring", _("Open scoring"), "s")
        case P.SCORING if console.is_over_time:
            return _control("stop_scoring", _("Time is up: collect the scores"), "x")
        case P.SCORING:
            return _control("stop_scoring", _("Close scoring"), "x", tone="danger")
        case P.COUNTING:
            return _show_score(console) if _shows_scores(console, show) else _onwards(console)
        case P.BREAK:
            return _control("resume", _("End the break"), "r")
        case P.CLOSED:
            return _request(console, show)
        case P.REVEAL if show.revealed < console.places:
            return _control(
                "reveal_next", _("Reveal place %(place)s") % {"place": console.ranks[show.revealed]}, "→"
            )
        case P.REVEAL:
            return _control("show_winners", _("Show all winners"), "w")
    return None


def _control(act: str, label: str, key: str, tone: str = "primary", question: str = "") -> Control:
    return Control(act, label, key, question, tone)


def _onwards(console: Console) -> Control | None:
    """The next project of the running order; after the last one the end of the scoring."""
    if console.following is not None:
        return _present(console.following, key="n", tone="primary")
    return _control(
        "close_stage",
        _("All projects are scored: end the scoring"),
        "n",
        question=_("End the scoring of all projects? It can still be opened again with a reason."),
    )


def _present(entry: Any, *, key: str, tone: str = "outline-primary") -> Control:
    label = _("Call no. %(place)s to the stage") % {"place": entry.place}
    return Control(f"present:{entry.pk}", label, key, tone=tone)


def _show_score(console: Console) -> Control:
    return _control(f"show_score:{console.current.pk}", _("Show the score in the hall"), "w")


def _request(console: Console, show: Show) -> Control | None:
    if show.asked:
        return None
    if console.round.status == RoundStatus.SCORING:
        return _control(
            f"ask:{ShowRequest.SEAL}",
            _("Ask a second person to seal"),
            "n",
            question=_("Ask a second person to seal the final? From the seal on no score can be changed."),
        )
    return _control(
        f"ask:{ShowRequest.REVEAL}",
        _("Ask a second person to begin the reveal"),
        "n",
        question=_("Ask a second person to begin the reveal? It ends the freeze of the wall."),
    )


def _others(console: Console, show: Show) -> Iterator[Control]:
    if show.asked:
        yield Control("take_back", _("Take the request back"))
    if show.phase == P.TALK and console.round.rulebook_doc.stage.answer_minutes:
        yield Control("start_scoring", _("Open scoring without questions"), "s")
    if show.phase in (P.TALK, P.ANSWERS) and console.current is not None:
        yield Control(
            f"present:{console.current.pk}",
            _("Start this project again"),
            question=_("Let this project start again, with its whole time?"),
        )
    if show.phase == P.SCORING and not console.is_over_time:
        for place, seconds in enumerate(EXTENSIONS_S):
            label = _("Add %(seconds)s s") % {"seconds": seconds}
            yield Control(f"extend_scoring:{seconds}", label, "" if place else "e")
    # While a score can be shown that is what comes next; going on without it stays possible.
    if show.phase == P.COUNTING and _shows_scores(console, show) and (onwards := _onwards(console)):
        yield Control(onwards.act, onwards.label, "n", onwards.question)
    if show.phase == P.BREAK and console.following is not None:
        yield _present(console.following, key="n")
    if show.phase in (P.REVEAL, P.WINNERS) and (show.revealed or show.phase == P.WINNERS):
        yield Control("reveal_back", pgettext("reveal", "One step back"), "←")


def _wall(console: Console, show: Show) -> Iterator[Control]:
    if show.phase in BETWEEN and _shows_scores(console, show):
        if show.phase == P.STANDINGS and console.current is not None:
            yield Control(f"show_score:{console.current.pk}", _("Show the score again"), "w")
        if console.has_released and show.phase != P.STANDINGS:
            yield Control("show_standings", _("Show the standings"), "t")
    if show.frozen_at is None and console.round.status == RoundStatus.SCORING:
        yield Control(
            "freeze",
            _("Freeze the wall"),
            "f",
            _("Show no more scores in the hall and on public pages until the reveal? This cannot be undone."),
            "outline-danger",
        )


def _breaks(show: Show) -> Iterator[Control]:
    if "pause" in acts_from(show.phase):
        for minutes in BREAKS_MIN:
            yield Control(f"pause:{minutes}", _("%(minutes)s min") % {"minutes": minutes})
