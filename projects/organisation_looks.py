"""How an organisation is shown: its tabs, its file in words, how it stands, what it still lacks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.models import User
from kit import clock, uscc
from projects import looks
from projects.bars import linked_codes
from projects.enums import AnnualConclusion, OrganisationFileKind, OrganisationKind
from projects.models import Bar, BodyLink, Organisation, OrganisationFile, Project
from projects.organisation_file import FILE_FIELDS, freeze, label_of, said

SOCIAL = (OrganisationKind.ASSOCIATION, OrganisationKind.PRIVATE_NONPROFIT, OrganisationKind.FOUNDATION)
CHECK_TONES = {
    AnnualConclusion.PASSED: "good",
    AnnualConclusion.BASIC: "warn",
    AnnualConclusion.FAILED: "bad",
    AnnualConclusion.EXEMPT: "neutral",
}


def tabs(user: User, organisation: Organisation, here: str) -> list[dict[str, Any]]:
    """The neighbouring pages of one organisation, for one of its people."""
    pages = [
        ("organisation", _("How it stands"), True, None),
        (
            "organisation_file",
            pgettext("of an organisation", "File"),
            user.has_perm("projects.edit_organisation", organisation),
            None,
        ),
        (
            "organisation_papers",
            pgettext("of an organisation", "Papers"),
            True,
            organisation.files.current().count(),
        ),
        ("organisation_people", _("People"), True, organisation.people().count()),
    ]
    return [
        {
            "label": label,
            "url": reverse(f"projects:{name}", args=[organisation.pk]),
            "active": name == here,
            "count": count,
        }
        for name, label, is_shown, count in pages
        if is_shown
    ]


def facts(organisation: Organisation, *, with_contacts: bool) -> list[dict[str, Any]]:
    """The whole file in words; without contacts, phones and addresses are masked."""
    content = freeze(organisation)
    names = [*FILE_FIELDS[1:], "annual_checks"]
    return [{"label": label_of(name), "value": said(content, name, with_contacts)} for name in names]


def code_warning(organisation: Organisation) -> str | Promise:
    """What is odd about a code that was taken all the same."""
    return uscc.check(organisation.code).message


def missing(organisation: Organisation) -> list[str | Promise]:
    """What staff will ask for when they verify, and is not there yet."""
    kinds = set(organisation.files.current().values_list("kind", flat=True))
    needed = [
        (OrganisationFileKind.CERTIFICATE.label, OrganisationFileKind.CERTIFICATE in kinds),
        (label_of("registered_on"), organisation.registered_on),
        (label_of("registry"), organisation.registry),
        (label_of("legal_representative"), organisation.legal_representative),
        (label_of("annual_checks"), organisation.kind not in SOCIAL or organisation.annual_checks.exists()),
        (
            label_of("assessment_level"),
            organisation.kind not in SOCIAL or organisation.assessment_level,
        ),
    ]
    return [label for label, there in needed if not there]


def standing(organisation: Organisation) -> dict[str, Any]:
    """Registration, annual checks, assessment and credit at a glance."""
    return {
        "code_warning": code_warning(organisation),
        "annual_checks": [
            {
                "year": check.year,
                "text": check.get_conclusion_display(),
                "tone": CHECK_TONES[AnnualConclusion(check.conclusion)],
            }
            for check in organisation.annual_checks.all()
        ],
        "bars": bar_rows(organisation),
    }


def bar_rows(organisation: Organisation) -> list[dict[str, Any]]:
    """Its bars and those of the bodies it is linked to, the latest end first."""
    today = clock.today()
    bars = Bar.objects.for_list().filter(
        Q(organisation=organisation) | Q(organisation_code__in=linked_codes(organisation.code))
    )
    return [
        {
            "bar": bar,
            "state": _bar_state(bar, today),
            "of": "" if bar.organisation_code == organisation.code else _whose(bar),
        }
        for bar in bars
    ]


def _bar_state(bar: Bar, today: Any) -> tuple[str, str]:
    if bar.ends_on < today:
        return _("Expired"), "neutral"
    if bar.starts_on > today:
        return pgettext("bar", "Not yet in force"), "warn"
    return pgettext("bar", "In force"), "bad"


def _whose(bar: Bar) -> str:
    return f"{bar.organisation.name} {bar.organisation_code}" if bar.organisation else bar.organisation_code


def link_rows(organisation: Organisation) -> list[dict[str, Any]]:
    """The bodies it is linked to, with the name of those that are registered here."""
    links = list(BodyLink.objects.of(organisation.code).order_by("ended_at", "pk"))
    codes = {link.other_than(organisation.code) for link in links}
    names = dict(Organisation.objects.filter(code__in=codes).values_list("code", "name"))
    return [
        {"link": link, "code": code, "name": names.get(code, "")}
        for link in links
        for code in [link.other_than(organisation.code)]
    ]


def paper_rows(
    organisation: Organisation, papers: Iterable[OrganisationFile], *, removable: bool
) -> list[dict[str, Any]]:
    """Papers as ``parts/file_list.html`` draws them."""
    return [
        {
            "name": f"{row.get_kind_display()} · {row.file.name}",
            "size": row.file.size,
            "at": row.added_at,
            "sha256": row.file.sha256,
            "url": reverse("projects:organisation_paper", args=[organisation.pk, row.pk]),
            "remove_url": reverse("projects:organisation_paper_remove", args=[organisation.pk, row.pk])
            if removable
            else "",
        }
        for row in papers
    ]


def project_rows(projects: Iterable[Project]) -> list[dict[str, Any]]:
    return [{"project": project, "tone": looks.tone_of(project)} for project in projects]
