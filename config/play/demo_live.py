"""A final that is under way: a rehearsal with one project open to the jury, and cards to take a seat with.

It is a rehearsal, so that the public sees nothing of it; whoever signs in at the desk sees all.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from random import Random
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from config.play.demo_data import PROJECTS
from config.play.demo_review import OFFICE, morning
from config.play.demo_world import DOMAIN, SEED, World, demo_rules, edition_texts
from config.play.edition import PLAN, Play, begin
from config.play.hall import Hall, open_phones, tap
from contest.enums import Period, Stage
from contest.models import REHEARSALS_AFTER, Office
from contest.rulebook import default_rulebook
from judging import actions
from judging.actions import show as stage
from judging.enums import RoundKey, ShowPhase
from judging.models import JurorCard, Show
from judging.voting import is_open
from kit import clock

YEAR = REHEARSALS_AFTER + 8
#: So long ago its call came out.
LEAD = timedelta(days=85)
DAYS = {
    **PLAN,
    Period.APPLICATION: (1, 8),
    Period.PRELIMINARY: (8, 45),
    Period.SECOND: (45, 80),
    Period.FINAL: (80, 200),
    Period.IMPLEMENTATION: (200, 460),
}
#: What the bodies of the rehearsals enter, as (body, place in the list).
ENTRIES = ((91, 0), (92, 6), (93, 11), (94, 17), (91, 21), (92, 14))
#: The experts on its panel; the first so many still owe the sheet of the project that is open.
PANEL, OWING = slice(5, 12), 2
#: Every so many seats one card has not been opened: with these a visitor can take a seat.
FREE_SEAT = 6
#: So many projects are scored; the one that is open has so many ballots.
SCORED, BALLOTS = 2, 29
#: As long as the scoring of a project can last at most.
OPEN_S = 3600


def final_on_stage(world: World) -> None:
    """Two projects are scored and shown, the third is open to the jury now."""
    play = _at_the_final(world)
    play.moment = morning(timedelta(days=1))
    round = play.open_review(RoundKey.FINAL)
    with play.now():
        cards = actions.issue_cards(actor=play.cast.clerk, round=round)
    play.moment = clock.now() - timedelta(minutes=50)
    phones = open_phones(play, [card for card in cards if card[0].seat % FREE_SEAT])
    hall = Hall(play, round, phones)
    entries = hall.order()
    for entry in entries[:SCORED]:
        hall.score(entry)
        hall.do(stage.show_score, entry=entry)
        play.pass_time(minutes=1)
    play.moment = clock.now() - timedelta(minutes=14)
    hall.open(entries[SCORED], seconds=OPEN_S)
    tap(play, entries[SCORED], phones[:BALLOTS])
    hall.panel_scores(entries[SCORED], but=play.cast.experts[:OWING])


def _at_the_final(world: World) -> Play:
    """A small edition whose earlier rounds took one sheet an entry; all go on."""
    start = morning(LEAD)
    play = begin(
        cast=replace(world.cast, experts=world.cast.experts[PANEL]),
        office=Office.objects.get(mark=OFFICE[0]),
        year=YEAR,
        name="终审现场演练",
        start=start,
        rng=Random(SEED + 30),  # noqa: S311
        rules=demo_rules(
            stamp_required=False,
            preliminary=_quick(RoundKey.PRELIMINARY),
            second=_quick(RoundKey.SECOND),
            final={**default_rulebook().final.model_dump(mode="json"), "advance": len(ENTRIES)},
        ),
        plan=DAYS,
        is_rehearsal=True,
        **{**edition_texts(), "short_name": "终审演练"},
    )
    play.open_applications()
    demos = [
        replace(PROJECTS[place], title=f"演练·{PROJECTS[place].title}", organisation=body)
        for body, place in ENTRIES
    ]
    world.enter(play, demos, date(start.year + 1, 3, 1))
    play.accept_all()
    play.close_applications()
    play.outlast(play.publish_intake())
    play.review(RoundKey.PRELIMINARY)
    play.advance(Stage.SECOND)
    play.review(RoundKey.SECOND)
    play.advance(Stage.FINAL)
    return play


def _quick(key: RoundKey) -> dict[str, Any]:
    rules = default_rulebook().round(key).model_dump(mode="json")
    return {
        **rules,
        "sheets_per_entry": 1,
        "quorum_sheets": 1,
        "advance": len(ENTRIES),
        "notice_working_days": 3,
    }


def keep_open() -> None:
    """Open the scoring again whose time ran out while nobody looked; any other stage is left alone."""
    show = Show.objects.filter(round__edition__year=YEAR, phase=ShowPhase.SCORING).first()
    if show is None or show.entry is None or is_open(show.entry, clock.db_now()):
        return
    clerk = User.objects.get(email=f"clerk@{DOMAIN}")
    show = stage.stop_scoring(actor=clerk, show=show, seen=show.version)
    stage.reopen_scoring(
        actor=clerk,
        show=show,
        seen=show.version,
        entry=show.entry,
        reason="评分时间已到，演练继续。",
        seconds=OPEN_S,
    )


def places() -> list[tuple[str, str]]:
    """Where the final under way is looked at, as (address, what for)."""
    free = JurorCard.objects.usable().filter(round__edition__year=YEAR, bound_at__isnull=True)
    seats = [
        (
            reverse("judging:jury_card", args=[actions.card_token(card)]),
            _("Juror card of seat %(seat)s, for any phone") % {"seat": card.seat},
        )
        for card in free.order_by("seat")[:3]
    ]
    found = [
        (
            reverse("judging:live_console", args=[YEAR]),
            _("Director's console of a final under way (as clerk; seal and reveal: supervisor or approver)"),
        ),
        (reverse("publicity:live", args=[YEAR]), _("Its wall (whoever is signed in at the desk)")),
        (
            reverse("judging:live_cards", args=[YEAR]),
            _("Its juror cards, to look at and to print (as clerk)"),
        ),
        *seats,
        (reverse("judging:review_home"), _("The project on the stage as an expert sees it (as expert06)")),
        (reverse("publicity:live", args=[2025]), _("The wall of a final that is over, for everybody")),
    ]
    return [(f"{settings.SITE_URL}{path}", text) for path, text in found]
