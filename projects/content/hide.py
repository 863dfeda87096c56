"""A frozen version for readers who may not see all of it."""

from __future__ import annotations

from kit.text import mask_email, mask_phone
from projects.content.freeze import Content

#: What names the people or the body behind an application.
IDENTITY = ("lead_name", "lead_phone", "recommended_by")
PHONES = ("lead_phone", "contact_phone", "phone")


def without_identity(content: Content) -> Content:
    """The same version without what names a person or a body, for blind reading.

    Texts are as written: what an applicant says about itself in them stays.
    """
    application = {key: value for key, value in content["application"].items() if key not in IDENTITY}
    members = [{**member, "name": "", "phone": "", "education": ""} for member in content["team"]]
    partners = [{**partner, "name": "", "code": ""} for partner in content.get("partners", ())]
    steps = [{**step, "in_charge": ""} for step in content.get("milestones", ())]
    return {
        **content,
        "organisation": {},
        "application": application,
        "milestones": steps,
        "team": members,
        "partners": partners,
        "attachments": [],
    }


def with_masked_phones(content: Content) -> Content:
    """The same version for readers who need not ring anybody up."""

    def masked(part: Content) -> Content:
        return {
            key: mask_phone(value) if key in PHONES and isinstance(value, str) else value
            for key, value in part.items()
        }

    organisation = masked(content["organisation"])
    if organisation.get("contact_email"):
        organisation["contact_email"] = mask_email(organisation["contact_email"])
    return {
        **content,
        "organisation": organisation,
        "application": masked(content["application"]),
        "team": [masked(member) for member in content["team"]],
    }
