"""What each entry of the rulebook is called on screen: in the editor and in a comparison."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from contest.rulebook import REQUIRED_KINDS, RulebookDoc
from kit.money import yuan

LABELS: dict[str, str | Promise] = {
    "fields": _("Fields of entries"),
    "governances": _("Forms of governance"),
    "qualities": _("Qualities looked for"),
    "groups": _("Groups served"),
    "formal_checks": _("Points of the formal check"),
    "natures": _("Nature of entries"),
    "team_roles": _("Kinds of people who take part"),
    "intake_reasons": _("Reasons to return or refuse"),
    "required_attachments": _("Attachments everybody has to hand in"),
    "stamp_required": _("The printed application has to come back signed and stamped"),
    "district_recommendation": _("The districts are asked for their word"),
    "registered_months_min": _("Months a body must have been registered"),
    "refuse_other_fiscal_funding": _("Refuse projects paid by another public fund"),
    "similar_from_percent": _("Show entries as similar from this likeness on (%)"),
    "sensitive": _("Sensitive: numbers only"),
    "preliminary": _("Preliminary review"),
    "second": _("Second review"),
    "final": _("Final review"),
    "criteria": _("Criteria"),
    "sheets_per_entry": _("Sheets per entry"),
    "quorum_sheets": _("Sheets needed for a valid score"),
    "drop_extremes_from": _("Drop highest and lowest from this many sheets"),
    "below_drop": _("With fewer sheets"),
    "advance": _("Entries that advance"),
    "advance_by": _("Who advances"),
    "advance_percent": _("Share that advances (%)"),
    "quotas": _("Places for sure"),
    "normalisation": _("Strict and lenient experts"),
    "calibration": _("One entry is scored by all first"),
    "blind": _("Blind review"),
    "chair_sees_scores": _("The chief judge sees the scores of the panel"),
    "comments_to_applicants": _("Applicants get the experts' comments"),
    "experts_named": _("The notice names the experts"),
    "decimals": _("Decimal places of scores"),
    "tie_break": _("Order in which ties are broken"),
    "tie_criterion": _("Criterion that breaks ties"),
    "notice_working_days": _("Working days of the public notice"),
    "public_vote": _("Public jury"),
    "expert_percent": _("Weight of the experts (%)"),
    "public_percent": _("Weight of the public jury (%)"),
    "scale_max": _("Highest score a juror can give"),
    "trim_percent": _("Share of extreme votes left out at each end (%)"),
    "quorum_percent": _("Votes needed, as a share of cards checked in (%)"),
    "seats": _("Seats of the public jury"),
    "stage": _("The day of the final"),
    "talk_minutes": _("Minutes for presenting"),
    "answer_minutes": _("Minutes for questions"),
    "scoring_seconds": _("Seconds for scoring"),
    "late_seconds": _("Seconds after the close in which earlier taps of phones without network are taken"),
    "scores_shown": _("The hall sees each project's score after its scoring"),
    "awards": _("Awards"),
    "places": _("Places"),
    "amount_fen": _("Amount each (yuan)"),
    "top_ten": _("Counts among the top ten"),
    "instalments": _("Instalments"),
    "percent": _("Share (%)"),
    "condition": _("Condition"),
    "headings": _("Budget headings"),
    "cap_percent": _("At most (%)"),
    "note": _("Note"),
    "forbidden_spending": _("Forbidden spending"),
    "fiscal_ceiling_fen": _("Most public money per entry (yuan)"),
    "fiscal_share_min_percent": _("Public money's least share of the budget (%)"),
    "entries_as_lead": _("Entries one organisation may lead"),
    "entries_as_partner": _("Entries one organisation may be a partner of"),
    "correction_working_days": _("Working days for a supplement"),
    "intake_notice_working_days": _("Working days of the intake notice"),
    "report_due_working_day": _("Monthly report due on working day"),
    "mid_term": _("Mid-term evaluation"),
    "closing": _("Final evaluation"),
    "pass_mark": _("Pass mark"),
    "rectification_working_days": _("Working days for rectification"),
    "bar_months": _("Months of a bar"),
    "objection_accept_working_days": _("Working days to take up an objection"),
    "objection_decide_working_days": _("Working days to decide an objection"),
    "name": _("Name"),
    "points": pgettext_lazy("of a criterion", "Points"),
    "help": _("Explanation"),
    "levels": _("Levels"),
}

TIE_BREAKS = {
    "expert_score": _("Higher score of the experts"),
    "public_score": _("Higher score of the public jury"),
    "previous_round": _("Higher score in the round before"),
    "criterion": _("Higher points in one criterion"),
    "chair_vote": _("Decision of the chief judge"),
}

BELOW_DROP = {
    "plain_mean_announced": _("Take the plain mean and announce it"),
    "refuse": _("Do not settle the score"),
}

ADVANCE_BY = {
    "number": _("A fixed number, by rank"),
    "share": _("A share of those ranked, rounded up"),
    "field": _("Places for each field first, then by rank"),
    "district": _("Places for each district first, then by rank"),
}

NORMALISATIONS = {
    "none": _("Totals count as given"),
    "z_score": _("Bring all experts to the same mean and spread"),
}


class Difference(NamedTuple):
    """One entry that two rulebooks do not share; empty text: it is only in the other one."""

    place: str
    before: str
    after: str


def differences(old: RulebookDoc, new: RulebookDoc) -> list[Difference]:
    """Every entry in which two rulebooks differ, in the order of the document."""
    before, after = dict(_entries(old.model_dump())), dict(_entries(new.model_dump()))
    places = list(dict.fromkeys([*before, *after]))
    return [
        Difference(_in_words(place), before.get(place, ""), after.get(place, ""))
        for place in places
        if before.get(place) != after.get(place)
    ]


def _entries(value: Any, place: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """Leaves of the document; rows of a table are known by their key, not by their position."""
    if isinstance(value, dict):
        for key, item in value.items():
            if key != "key":
                yield from _entries(item, (*place, key))
    elif isinstance(value, list | tuple) and value and isinstance(value[0], dict):
        for number, item in enumerate(value):
            name = item.get("name") or (item.get("key") if "places" in item else None) or number + 1
            yield from _entries(item, (*place, f"#{name}"))
    elif isinstance(value, list | tuple):
        yield place, "、".join(_plain(place, item) for item in value)
    else:
        yield place, _plain(place, value)


def _plain(place: tuple[str, ...], value: Any) -> str:
    name = place[-1]
    if value is None:
        return "—"
    if isinstance(value, bool):
        return str(_("Yes")) if value else str(_("No"))
    if isinstance(value, list | tuple):
        return " ".join(str(item) for item in value)
    if name.endswith("_fen"):
        return yuan(value)
    known = {
        "tie_break": TIE_BREAKS,
        "below_drop": BELOW_DROP,
        "advance_by": ADVANCE_BY,
        "normalisation": NORMALISATIONS,
        "required_attachments": REQUIRED_KINDS,
    }.get(name, {})
    return str(known.get(value, value))


def _in_words(place: tuple[str, ...]) -> str:
    return " · ".join(part[1:] if part.startswith("#") else str(LABELS.get(part, part)) for part in place)
