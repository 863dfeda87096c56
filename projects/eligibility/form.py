"""Questions about what the form says: whether it is all there, and fits the contest."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from projects import organisation_file
from projects.corrections import ORGANISATION, attachment_place, label_of
from projects.eligibility.case import Case
from projects.eligibility.findings import Finding, Missing
from projects.enums import AttachmentKind, Check, Fees, OtherFunding, Section
from projects.sections import PARTS, SECTION_OF, Part


def missing(case: Case) -> list[Missing]:
    """What is still empty or half typed, in the order of the form; the organisation's file first."""
    organisation = case.project.organisation
    found = [
        Missing(None, organisation_file.label_of(name), ORGANISATION)
        for name in organisation_file.MANDATORY
        if not getattr(organisation, name)
    ]
    found += [gap for part in PARTS for gap in _missing_in(case, part)]
    found += [
        Missing(Section.ATTACHMENTS, AttachmentKind(kind).label, attachment_place(kind))
        for kind in case.rules.required_attachments
        if kind not in case.attachment_kinds
    ]
    return found


def _missing_in(case: Case, part: Part) -> list[Missing]:
    half_typed = [name for name in part.names if name in case.project.unfinished]
    empty = [name for name in part.required if not getattr(case.project, name)]
    empty += [table.name for table in part.tables if len(case.rows(table.name)) < table.least]
    return [
        Missing(part.section, label_of(name), name)
        for name in part.names
        if name in empty or name in half_typed
    ]


def is_complete(case: Case) -> Finding | None:
    gaps = missing(case)
    if not gaps:
        return None
    return Finding(
        Check.COMPLETE,
        _("Still missing: %(gaps)s"),
        {"gaps": "、".join(str(gap.label) for gap in gaps)},
        gaps[0].section,
    )


def lies_in_its_district(case: Case) -> Finding | None:
    """Every district is one of the city's, so that a project in its district is one in the city."""
    district, places = case.project.district, case.rows("places")
    if district is None or not places or any(place.district_id == district.pk for place in places):
        return None
    return Finding(
        Check.PLACE,
        _("None of the places of implementation lies in %(district)s, the district of the project."),
        {"district": district.name},
        SECTION_OF["places"],
    )


def has_no_other_fiscal_funding(case: Case) -> Finding | None:
    is_refused = case.rules.refuse_other_fiscal_funding
    if not is_refused or case.project.other_funding != OtherFunding.FISCAL:
        return None
    return Finding(
        Check.OTHER_FUNDING,
        _("A project that another public fund pays for cannot be entered."),
        section=SECTION_OF["other_funding"],
    )


def serves_the_public(case: Case) -> Finding | None:
    if case.project.fees != Fees.FOR_PROFIT:
        return None
    return Finding(
        Check.FOR_PROFIT,
        _("A project that charges its beneficiaries for profit cannot be entered."),
        section=SECTION_OF["fees"],
    )
