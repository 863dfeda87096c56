"""What waits for applicants and for the clerk of the formal check."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Count, F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from contest.waiting import Waiting, waits
from kit import clock
from projects.enums import OrganisationStatus, ProjectStatus
from projects.models import Organisation, Project


@waits
def submissions_to_check(user: User) -> Iterable[Waiting]:
    """For the clerk: what has been handed in, and corrections that were not made in time."""
    if not user.has_perm("projects.decide_intake"):
        return []
    counts = Project.objects.filter(edition__is_rehearsal=False).aggregate(
        submitted=Count("pk", filter=Q(status=ProjectStatus.SUBMITTED)),
        overdue=Count("pk", filter=Q(status=ProjectStatus.CORRECTING, correction_due_on__lt=clock.today())),
    )
    unverified = Organisation.objects.filter(
        status=OrganisationStatus.UNVERIFIED,
        projects__current_submission__isnull=False,
        projects__edition__is_rehearsal=False,
    )
    queue = reverse("projects:intake_list")
    return [
        Waiting(_("Applications to check"), f"{queue}?status=submitted", counts["submitted"]),
        Waiting(_("Corrections overdue"), f"{queue}?status=correcting", counts["overdue"], "red"),
        Waiting(
            _("Organisations to verify"),
            f"{reverse('projects:organisation_list')}?status=unverified",
            unverified.distinct().count(),
        ),
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
