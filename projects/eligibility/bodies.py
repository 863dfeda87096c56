"""Questions about who applies, and with whom."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from contest.rulebook import RulebookDoc
from kit import clock
from kit.text import folded
from projects.eligibility.case import Case
from projects.eligibility.findings import Finding
from projects.enums import Check, Section
from projects.models import Bar


def _of_bar(bar: Bar) -> dict[str, Any]:
    return {"start": bar.starts_on.isoformat(), "end": bar.ends_on.isoformat(), "cause": bar.cause}


def not_barred(case: Case) -> Finding | None:
    """By the code or a linked code. By the name of a barred body too, until staff have compared the code
    with the certificate: there are many bodies of one name, such as 社区居民委员会."""
    organisation = case.project.organisation
    if bar := case.around.bars.get(organisation.code):
        return bar_finding(bar, organisation.code)
    if organisation.is_verified:
        return None
    bar = case.around.namesake(organisation.code, organisation.name)
    return namesake_finding(bar) if bar else None


def bar_finding(bar: Bar, code: str) -> Finding:
    """What a bar says to the body of that code, be it barred itself or through another one."""
    if bar.organisation_code == code:
        text = _("This organisation may not apply from %(start)s until %(end)s. Cause: %(cause)s")
        return Finding(Check.NOT_BARRED, text, _of_bar(bar))
    text = _(
        "This organisation counts as one with %(other)s, which may not apply from %(start)s until %(end)s. "
        "Cause: %(cause)s"
    )
    return Finding(Check.NOT_BARRED, text, {"other": bar.organisation_code, **_of_bar(bar)})


def namesake_finding(bar: Bar) -> Finding:
    """What the bar of a body with the same name says to one that nobody has compared yet."""
    text = _(
        "A body of this name, %(other)s, may not apply from %(start)s until %(end)s. If yours is another "
        "one, ask the contest office to verify its file first. Cause: %(cause)s"
    )
    return Finding(Check.NOT_BARRED, text, {"other": bar.organisation_code, **_of_bar(bar)})


def namesakes(case: Case) -> list[tuple[str, Bar]]:
    """The applicant and partners that bear the name of a barred body under a code of their own: nobody
    is refused for that, but staff should look."""
    organisation = case.project.organisation
    bodies = [(organisation.code, organisation.name)]
    bodies += [(partner.code, partner.name) for partner in case.partners if partner.code]
    found = ((name, case.around.namesake(code, name)) for code, name in bodies)
    return [(name, bar) for name, bar in found if bar]


def registered_long(case: Case) -> Finding | None:
    """Counted up to the moment of asking, which at submission is the submission's."""
    months, since = case.rules.registered_months_min, case.project.organisation.registered_on
    if not months:
        return None
    if since is None:
        return Finding(
            Check.REGISTERED, _("The organisation's file does not say yet since when it is registered.")
        )
    if clock.add_months(since, months) <= case.around.day:
        return None
    return Finding(
        Check.REGISTERED,
        _("The organisation is registered since %(day)s; the rules ask for at least %(months)s months."),
        {"day": since.isoformat(), "months": months},
    )


def keeps_entry_limit(case: Case) -> Finding | None:
    return limit_finding(len(case.entries), case.rules)


def limit_finding(entered: int, rules: RulebookDoc) -> Finding | None:
    """What the rulebook says to one entry more."""
    limit = rules.entries_as_lead
    if entered < limit:
        return None
    return Finding(
        Check.ENTRY_LIMIT,
        _("An organisation may enter %(limit)s project(s) in this edition; %(entered)s entered already."),
        {"limit": limit, "entered": entered},
    )


def not_entered_twice(case: Case) -> Finding | None:
    title = folded(case.project.title)
    twin = next((entry for entry in case.entries if folded(entry.title) == title), None)
    if twin is None:
        return None
    return Finding(
        Check.DUPLICATE,
        _("Your organisation has entered “%(title)s” in this edition already, as %(entry)s."),
        {"title": twin.title, "entry": twin.code},
        Section.BASIC,
    )


def partners_not_barred(case: Case) -> Finding | None:
    """By the code where there is one, else by the name."""
    for partner in case.partners:
        text = _("The partner “%(name)s” may not take part from %(start)s until %(end)s. Cause: %(cause)s")
        bar = case.around.bars.get(partner.code)
        if not partner.code and (bar := case.around.namesake("", partner.name)):
            text = _(
                "A body named “%(name)s” may not take part from %(start)s until %(end)s. If your partner is "
                "another one, enter its credit code. Cause: %(cause)s"
            )
        if bar is not None:
            return Finding(Check.PARTNERS, text, {"name": partner.name, **_of_bar(bar)}, Section.PARTNERS)
    return None


def keeps_partner_limit(case: Case) -> Finding | None:
    """A body is known by its code here: names such as 社区居民委员会 are many bodies'."""
    organisation, limit = case.project.organisation, case.rules.entries_as_partner
    for partner in case.partners:
        if partner.code == organisation.code or folded(partner.name) == folded(organisation.name):
            return Finding(
                Check.PARTNER_LIMIT,
                _("An organisation cannot be the partner of its own project: “%(name)s”."),
                {"name": partner.name},
                Section.PARTNERS,
            )
        others = case.around.partnerships.get(partner.code, set()) - {case.project.pk}
        if partner.code and len(others) >= limit:
            return Finding(
                Check.PARTNER_LIMIT,
                _(
                    "“%(name)s” is a partner of %(count)s other project(s) in this edition; "
                    "the rules allow %(limit)s in all."
                ),
                {"name": partner.name, "count": len(others), "limit": limit},
                Section.PARTNERS,
            )
    return None
