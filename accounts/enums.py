"""Roles, and how far each reaches."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Role(TextChoices):
    APPLICANT_OWNER = "applicant_owner", _("Applicant owner")
    APPLICANT_EDITOR = "applicant_editor", _("Applicant editor")
    APPLICANT_CERTIFIER = "applicant_certifier", _("Applicant certifier")
    EXPERT = "expert", _("Expert")
    CLERK = "clerk", _("Clerk")
    APPROVER = "approver", _("Approver")
    SUPERVISOR = "supervisor", _("Supervisor")
    FINANCE = "finance", _("Finance officer")
    AUDITOR = "auditor", _("Auditor")
    DISTRICT_OFFICER = "district_officer", _("District officer")
    COACH = "coach", _("Coach")
    EDITOR = "editor", _("Publicity editor")
    LEADER = "leader", _("Leader")
    SYSTEM_ADMIN = "system_admin", _("System administrator")
    SECURITY_ADMIN = "security_admin", _("Security administrator")
    AUDIT_ADMIN = "audit_admin", _("Audit administrator")


#: 三员: one person never holds two of these, nor one of these beside a business role.
THREE_OFFICERS = (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN)

#: The people of an applicant organisation; granted by its owner, not by the commission.
APPLICANT_ROLES = (Role.APPLICANT_OWNER, Role.APPLICANT_EDITOR, Role.APPLICANT_CERTIFIER)

#: Those who work at the commission's desk.
DESK_ROLES = (
    Role.CLERK,
    Role.APPROVER,
    Role.SUPERVISOR,
    Role.FINANCE,
    Role.AUDITOR,
    Role.DISTRICT_OFFICER,
    Role.EDITOR,
    Role.LEADER,
    *THREE_OFFICERS,
)


class ScopeKind(TextChoices):
    CITY = "city", _("Whole city")
    DISTRICT = "district", _("One district")
    EDITION = "edition", _("One edition")
    ORGANISATION = "organisation", _("One organisation")


class ActorKind(TextChoices):
    PERSON = "person", _("Person")
    SYSTEM = "system", _("System")
    CARD = "card", _("Juror card")
    CITIZEN = "citizen", _("Citizen")
