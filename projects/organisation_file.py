"""The file of an organisation as plain data: how a version is frozen, and what differs between two.

A version keeps codes, not words, and the name of the district beside its code; it is shown in the
reader's language.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple

from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import District
from kit.text import mask_email, mask_phone
from projects.enums import AnnualConclusion, AssessmentLevel, OrganisationFileKind, OrganisationKind
from projects.models import Organisation, OrganisationFile, OrganisationVersion

Content = dict[str, Any]

#: What is written into the file, in the order in which it is read.
FILE_FIELDS = (
    "name",
    "kind",
    "district",
    "registry",
    "registered_on",
    "legal_representative",
    "representative_title",
    "assessment_level",
    "staff_count",
    "social_worker_count",
    "pays_insurance",
    "won_before",
    "contact_name",
    "contact_phone",
    "contact_email",
    "address",
    "postcode",
    "introduction",
)
#: Without these a body neither registers nor hands anything in. The day of its registration is asked
#: for beside them, and by a question of its own (``eligibility.bodies.registered_long``).
MANDATORY = ("legal_representative", "contact_name", "contact_phone")
#: What staff looked at when they verified; a change has to be looked at again.
VERIFIED_FIELDS = frozenset({"name", "kind", "district", "registry", "registered_on", "legal_representative"})
#: So are the papers that prove it.
VERIFIED_PAPERS = frozenset({OrganisationFileKind.CERTIFICATE})
ANNUAL = "annual_"
CHOICES: dict[str, Any] = {"kind": OrganisationKind, "assessment_level": AssessmentLevel}


class Difference(NamedTuple):
    """One entry of the file that is not what it was, in words."""

    name: str
    label: str | Promise
    before: str
    after: str

    @property
    def was_verified(self) -> bool:
        """Whether staff have to look at it again."""
        return self.name in VERIFIED_FIELDS or self.name in {f"files:{kind}" for kind in VERIFIED_PAPERS}


def freeze(organisation: Organisation) -> Content:
    """The file as it stands, as plain data; reads annual checks and papers."""
    papers = organisation.files.current().for_list()
    return {
        "code": organisation.code,
        **{name: plain(getattr(organisation, name)) for name in FILE_FIELDS},
        "district_name": organisation.district.name,
        "annual_checks": [[check.year, check.conclusion] for check in organisation.annual_checks.all()],
        "files": [_paper(row) for row in papers],
    }


def plain(value: Any) -> Any:
    """A value of the file as a version keeps it."""
    if isinstance(value, District):
        return value.code
    return value.isoformat() if isinstance(value, date) else value


def entries(content: Content) -> Content:
    """What of a version is typed into the form, by the names its fields have there."""
    typed = {name: content.get(name) for name in FILE_FIELDS}
    return typed | {annual_field(year): conclusion for year, conclusion in content["annual_checks"]}


def annual_field(year: int) -> str:
    """The name of the field for one year's annual check."""
    return f"{ANNUAL}{year}"


def _paper(row: OrganisationFile) -> Content:
    return {"id": row.pk, "kind": row.kind, "name": row.file.name, "sha256": row.file.sha256}


def with_changes(content: Content, typed: Content) -> Content:
    """A version as it would be with some entries changed as the form has them."""
    checks = dict(content["annual_checks"])
    checks |= {
        int(name.removeprefix(ANNUAL)): said for name, said in typed.items() if name.startswith(ANNUAL)
    }
    changed = {name: value for name, value in typed.items() if not name.startswith(ANNUAL)}
    if "district" in changed:
        changed["district_name"] = District.objects.get(code=changed["district"]).name
    kept = [[year, said] for year, said in sorted(checks.items(), reverse=True) if said]
    return content | changed | {"annual_checks": kept}


def differences(before: Content, after: Content, *, with_contacts: bool) -> list[Difference]:
    """What is not the same in two versions; without contacts, phones and addresses are masked."""
    return [
        Difference(name, label_of(name), said(before, name, with_contacts), said(after, name, with_contacts))
        for name in _names()
        if _value(before, name) != _value(after, name)
    ]


def _names() -> Iterable[str]:
    yield from FILE_FIELDS
    yield "annual_checks"
    yield from (f"files:{kind}" for kind in OrganisationFileKind.values)


def _value(content: Content, name: str) -> Any:
    section, _colon, kind = name.partition(":")
    if kind:
        return [paper["sha256"] for paper in content.get(section, []) if paper["kind"] == kind]
    return content.get(name)


def label_of(name: str) -> str | Promise:
    """What an entry of the file is called on screen."""
    section, _colon, kind = name.partition(":")
    if kind:
        return OrganisationFileKind(kind).label
    if section == "annual_checks":
        return gettext_lazy("Annual checks")
    return capfirst(Organisation._meta.get_field(name).verbose_name)  # type: ignore[union-attr]


def said(content: Content, name: str, with_contacts: bool = True) -> str:
    """One entry of a frozen file in words."""
    section, _colon, kind = name.partition(":")
    if kind:
        return "、".join(paper["name"] for paper in content.get(section, []) if paper["kind"] == kind)
    value = content.get(name)
    if value in (None, "", []):
        return ""
    if name == "annual_checks":
        return "；".join(f"{year} {AnnualConclusion(conclusion).label}" for year, conclusion in value)
    if name == "district":
        return str(content["district_name"])
    if name in CHOICES:
        return str(CHOICES[name](value).label)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if not with_contacts and name == "contact_phone":
        return mask_phone(value)
    if not with_contacts and name == "contact_email":
        return mask_email(value)
    return str(value)


def changed_since_verified(organisations: Iterable[Organisation]) -> dict[int, list[Difference]]:
    """For each organisation that was verified once and changed since, what staff have to look at
    again; one query."""
    wanted = {body.pk: body for body in organisations if body.verified_version and not body.is_verified}
    contents: dict[tuple[int, int], Content] = {
        (row.organisation_id, row.version): row.content
        for row in OrganisationVersion.objects.compared(wanted)
    }
    found = {}
    for pk, body in wanted.items():
        old, new = contents.get((pk, body.verified_version)), contents.get((pk, body.version))  # type: ignore[arg-type]
        if old is not None and new is not None:
            changes = differences(old, new, with_contacts=False)
            found[pk] = [change for change in changes if change.was_verified]
    return found
