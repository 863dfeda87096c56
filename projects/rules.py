"""Who may register, apply, check and decide."""

from __future__ import annotations

from typing import Any

import rules

from accounts.enums import Role, ScopeKind
from accounts.rules import (
    is_approver,
    is_auditor,
    is_clerk,
    is_district_officer,
    is_signed_in,
    may_apply,
    reads_contest,
    runs_contest,
)
from contest import documents_access
from contest.models import Document
from projects.models import Idea, Organisation, PrintOut, Project, Submission

WRITERS = (Role.APPLICANT_OWNER, Role.APPLICANT_EDITOR)
SIGNERS = (Role.APPLICANT_OWNER, Role.APPLICANT_CERTIFIER)
MEMBERS = (*WRITERS, Role.APPLICANT_CERTIFIER)


def _organisation_id(subject: Organisation | Project | Idea | None) -> int | None:
    if isinstance(subject, Project | Idea):
        return subject.organisation_id
    return getattr(subject, "pk", None)


def in_organisation(*roles: Role) -> rules.Predicate:
    """A predicate: one of the roles is held in the organisation, or the project's organisation;
    asked without an object, in any organisation."""

    @rules.predicate(f"in_organisation:{'|'.join(roles)}")
    def predicate(user: Any, subject: Organisation | Project | None) -> bool:
        if not is_signed_in(user):
            return False
        held = user.scope_ids(ScopeKind.ORGANISATION, roles)
        return bool(held) if subject is None else _organisation_id(subject) in held

    return predicate


@rules.predicate
def was_handed_in(user: Any, project: Project | None) -> bool:
    """A draft is its organisation's own business."""
    return project is None or project.current_submission_id is not None


@rules.predicate
def stands_apart(user: Any, subject: Organisation | Project | None) -> bool:
    """Nobody checks an application or a file of a body they belong to."""
    held = user.scope_ids(ScopeKind.ORGANISATION, MEMBERS)
    return subject is None or _organisation_id(subject) not in held


@rules.predicate
def is_officer_of_district(user: Any, subject: Organisation | Project | None) -> bool:
    districts = user.scope_ids(ScopeKind.DISTRICT, [Role.DISTRICT_OFFICER])
    if subject is None or not districts:
        return bool(districts)
    district = subject.shown_district_id if isinstance(subject, Project) else subject.district_id
    return district in districts


@rules.predicate
def is_not_anothers_case(user: Any, project: Project | None) -> bool:
    """A case nobody has taken yet is open to every clerk; a taken one to its clerk alone."""
    return project is None or project.checker_id in (None, user.pk)


@rules.predicate
def is_on_the_case(user: Any, subject: Organisation | Project | None) -> bool:
    """The clerk who checks the application; for a body, a clerk who checks one of its applications."""
    if isinstance(subject, Project):
        return bool(subject.checker_id == user.pk)
    return subject is not None and Project.objects.filter(organisation=subject, checker=user).exists()


reads_intake = reads_contest | (is_district_officer & is_officer_of_district)

rules.add_perm("projects.use_apply", may_apply)
rules.add_perm("projects.register_organisation", may_apply)
rules.add_perm("projects.view_organisation", in_organisation(*MEMBERS) | reads_intake)
rules.add_perm("projects.view_own_organisation", in_organisation(*MEMBERS))
rules.add_perm("projects.edit_organisation", in_organisation(*WRITERS))
rules.add_perm("projects.manage_members", in_organisation(Role.APPLICANT_OWNER))
rules.add_perm("projects.verify_organisation", is_clerk & stands_apart)
rules.add_perm("projects.start_project", in_organisation(*WRITERS))
rules.add_perm("projects.edit_project", in_organisation(*WRITERS))
rules.add_perm("projects.print_project", in_organisation(*MEMBERS))
rules.add_perm("projects.submit_project", in_organisation(*SIGNERS))
rules.add_perm("projects.extend_deadline", is_clerk & stands_apart)
rules.add_perm("projects.view_own_project", in_organisation(*MEMBERS))
rules.add_perm("projects.view_project", in_organisation(*MEMBERS) | (was_handed_in & reads_intake))
rules.add_perm("projects.view_all_intake", reads_contest)
rules.add_perm("projects.view_intake", was_handed_in & reads_intake)
#: Any clerk may take a case, hand it over, or look into what it resembles.
rules.add_perm("projects.check_intake", is_clerk & was_handed_in & stands_apart)
rules.add_perm("projects.decide_intake", is_clerk & was_handed_in & stands_apart & is_not_anothers_case)
rules.add_perm("projects.compare_similar", was_handed_in & reads_contest)
rules.add_perm(
    "projects.recommend_project",
    is_district_officer & is_officer_of_district & was_handed_in & stands_apart,
)
rules.add_perm("projects.view_drafts_count", runs_contest)
rules.add_perm("projects.remind_drafts", is_clerk)
rules.add_perm("projects.view_contacts", in_organisation(*MEMBERS) | (is_clerk & is_on_the_case))
#: The identity document of a legal representative: who hands it in, and who checks or approves.
rules.add_perm(
    "projects.view_identity",
    in_organisation(*WRITERS) | (was_handed_in & stands_apart & (is_clerk | is_approver)),
)
rules.add_perm("projects.view_organisations", reads_intake)
rules.add_perm("projects.view_bars", reads_contest)
rules.add_perm("projects.impose_bar", is_approver)
rules.add_perm("projects.link_bodies", is_approver)
rules.add_perm("projects.appoint_owner", is_approver & stands_apart)
rules.add_perm("projects.import_entries", is_clerk)
rules.add_perm("projects.keep_idea", in_organisation(*WRITERS))
rules.add_perm("projects.view_ideas", in_organisation(*MEMBERS))
rules.add_perm("projects.count_ideas", reads_contest)
rules.add_perm("projects.export_entries", is_auditor | is_clerk | is_approver)


def may_read_paper(user: Any, document: Document) -> bool:
    """A paper about an application is read by whoever may see the application; a print-out that was
    not handed in is a draft, and nobody's business but the organisation's."""
    project = Project.objects.visible_to(user).filter(pk=document.object_id).first()
    if project is None or not user.has_perm("projects.view_project", project):
        return False
    return user.has_perm("projects.view_own_project", project) or not _is_draft(document)


def _is_draft(document: Document) -> bool:
    printed = PrintOut.objects.filter(document=document).exists()
    return printed and not Submission.objects.filter(document=document).exists()


documents_access.readers("projects.project", may_read_paper)
documents_access.drafts("projects.project", _is_draft)
