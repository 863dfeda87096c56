"""What waits for applicants and for the clerk of the formal check."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Count, F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.enums import Role, ScopeKind
from accounts.models import District, User
from contest.enums import Ability
from contest.models import Edition
from contest.waiting import Waiting, waits
from kit import clock
from projects.enums import OrganisationStatus, Origin, ProjectStatus
from projects.models import MembershipRequest, Organisation, Project


@waits
def submissions_to_check(user: User) -> Iterable[Waiting]:
    """For the clerk: own cases, cases nobody has taken, own returns that were not corrected in time."""
    if not user.has_perm("projects.decide_intake"):
        return []
    submitted, mine = Q(status=ProjectStatus.SUBMITTED), Q(checker=user)
    counts = Project.objects.filter(edition__is_rehearsal=False).aggregate(
        mine=Count("pk", filter=submitted & mine),
        free=Count("pk", filter=submitted & Q(checker__isnull=True)),
        overdue=Count(
            "pk", filter=mine & Q(status=ProjectStatus.CORRECTING, correction_due_on__lt=clock.today())
        ),
    )
    unverified = Organisation.objects.filter(
        status=OrganisationStatus.UNVERIFIED,
        projects__current_submission__isnull=False,
        projects__edition__is_rehearsal=False,
        projects__origin__in=[Origin.PORTAL, Origin.PAPER],
    )
    queue = reverse("projects:intake_list")
    return [
        Waiting(_("Your applications to check"), f"{queue}?clerk={user.pk}&status=submitted", counts["mine"]),
        Waiting(_("Applications nobody has taken"), f"{queue}?clerk=nobody&status=submitted", counts["free"]),
        Waiting(
            _("Corrections overdue"), f"{queue}?clerk={user.pk}&returned=overdue", counts["overdue"], "red"
        ),
        Waiting(
            _("Organisations to verify"),
            f"{reverse('projects:organisation_list')}?status=unverified",
            unverified.distinct().count(),
        ),
    ]


@waits
def recommendations_to_give(user: User) -> Iterable[Waiting]:
    """For the district officer: applications of the own district without its word."""
    if not user.has_perm("projects.recommend_project"):
        return []
    editions = Edition.objects.filter(is_rehearsal=False, current_rulebook__isnull=False).for_list()
    asking = [
        edition.pk
        for edition in editions
        if edition.opens(Ability.CHECK_INTAKE) and edition.rules.district_recommendation
    ]
    districts = user.scope_ids(ScopeKind.DISTRICT, [Role.DISTRICT_OFFICER])
    unsaid = (
        Project.objects.undecided()
        .as_handed_in()
        .filter(
            edition__in=asking,
            shown_district__in=District.objects.filter(pk__in=districts).values("code"),
            recommendation__isnull=True,
        )
    )
    return [
        Waiting(_("Applications to recommend or not"), reverse("projects:recommend_list"), unsaid.count())
    ]


@waits
def own_applications(user: User) -> Iterable[Waiting]:
    """For applicants: corrections due, drafts that are not handed in yet."""
    if not user.has_perm("projects.start_project"):
        return []
    counts = (
        Project.objects.of_organisations(user)
        .order_by()
        .aggregate(
            correcting=Count("pk", distinct=True, filter=Q(status=ProjectStatus.CORRECTING)),
            drafts=Count(
                "pk",
                distinct=True,
                filter=Q(status__in=[ProjectStatus.DRAFT, ProjectStatus.WITHDRAWN])
                & (
                    Q(edition__timetable__period="application", edition__timetable__ends_at__gt=clock.now())
                    | Q(
                        edition__extensions__organisation=F("organisation"),
                        edition__extensions__until__gt=clock.now(),
                    )
                ),
            ),
        )
    )
    home = reverse("projects:apply_home")
    return [
        Waiting(_("Applications to correct"), home, counts["correcting"], "red"),
        Waiting(_("Drafts to hand in before the deadline"), home, counts["drafts"], "amber"),
    ]


@waits
def claims_to_answer(user: User) -> Iterable[Waiting]:
    """For the approver: people who say that a body is theirs to which nobody belongs, such as one that
    came by a table."""
    if not user.has_perm("projects.appoint_owner"):
        return []
    claimed = list(
        MembershipRequest.objects.open().of_nobodys().values_list("organisation", flat=True).distinct()
    )
    url = reverse("projects:organisation_detail", args=[claimed[0]]) if claimed else ""
    return [Waiting(_("Claims to organisations nobody belongs to"), url, len(claimed))]


@waits
def membership_requests(user: User) -> Iterable[Waiting]:
    """For owners: people who ask to be let into their organisation."""
    if not user.has_perm("projects.manage_members"):
        return []
    owned = user.scope_ids(ScopeKind.ORGANISATION, [Role.APPLICANT_OWNER])
    asked = list(
        MembershipRequest.objects.open()
        .filter(organisation_id__in=owned)
        .values_list("organisation", flat=True)
    )
    url = reverse("projects:organisation_people", args=[asked[0]]) if asked else ""
    return [Waiting(_("People who ask to join your organisation"), url, len(asked))]
