"""What the machine can say about a formal check, beside the clerk's own eyes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kit import clock
from projects import eligibility
from projects.enums import Check, Occasion
from projects.models import EligibilityCheck, Project

#: Key of a formal check of the default rulebook -> the questions of eligibility that speak to it.
#: For the others, and for a city's own checks, the machine has nothing to say.
SPEAKS_TO = {
    "subject": (Check.REGISTERED,),
    "complete": (Check.COMPLETE,),
    "stamped": (Check.STAMPED,),
    "public_benefit": (Check.FOR_PROFIT,),
    "not_barred": (Check.NOT_BARRED, Check.PARTNERS),
    "no_duplicate": (Check.DUPLICATE, Check.ENTRY_LIMIT, Check.PARTNER_LIMIT),
    "no_other_fund": (Check.OTHER_FUNDING,),
    "budget": (Check.BUDGET, Check.CEILING, Check.SHARE, Check.CAPS, Check.SPENDING),
    "place": (Check.PLACE,),
    "period": (Check.PERIOD,),
}


@dataclass(frozen=True)
class Found:
    """In order as far as the machine can tell, or what it noticed."""

    is_good: bool
    notes: tuple[str | Promise, ...] = ()


def last_checks(project: Project) -> list[EligibilityCheck]:
    """The answers of the last submission, in the order asked."""
    if not project.submitted_at:
        return []
    return list(project.eligibility_checks.filter(occasion=Occasion.SUBMIT, at=project.submitted_at))


def findings(project: Project, checks: Iterable[EligibilityCheck], *, similar: int) -> dict[str, Found]:
    """What was found for each formal check that was asked about; ``similar`` counts the open
    likenesses to other applications."""
    by_rule = {check.rule: check for check in checks}
    found: dict[str, Found] = {}
    for key, rules in SPEAKS_TO.items():
        asked = [by_rule[rule] for rule in rules if rule in by_rule]
        notes: list[Any] = [check.reason for check in asked if not check.passed]
        notes += _more(key, project, similar)
        if asked or notes:
            found[key] = Found(is_good=not notes, notes=tuple(notes))
    return found


def _more(key: str, project: Project, similar: int) -> list[str | Promise]:
    """What no question of eligibility asks, because it refuses nobody."""
    if key == "subject" and not project.organisation.is_verified:
        return [_("The organisation is not verified yet.")]
    if key == "no_duplicate" and similar:
        return [_("Reads much like another application: see below.")]
    return _namesakes(project) if key == "not_barred" else []


def _namesakes(project: Project) -> list[str | Promise]:
    text = _("“%(name)s” has the name of a barred body with another code, %(code)s: please compare.")
    case = eligibility.case_of(project, clock.now())
    return [text % {"name": name, "code": bar.organisation_code} for name, bar in eligibility.namesakes(case)]
