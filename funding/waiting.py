"""What waits on the money side, for each of the people it passes through."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.enums import Role, ScopeKind
from accounts.models import User
from contest.enums import Ability
from contest.stages import stages_opening
from contest.waiting import Waiting, waits
from funding.enums import GrantStatus, InstalmentStatus
from funding.models import Grant, Instalment
from funding.reach import Reach, reach_of
from funding.rules import CLERKS
from judging.models import Award


@waits
def accounts_to_name(user: User) -> Iterable[Waiting]:
    """Grants of one's own organisation that cannot be paid because nobody has said to where."""
    owned = user.scope_ids(ScopeKind.ORGANISATION, [Role.APPLICANT_OWNER])
    if not owned:
        return
    grants = Grant.objects.without_account().filter(award__project__organisation_id__in=owned)
    yield Waiting(_("Bank accounts to name"), reverse("funding:grants"), grants.count(), "amber")


@waits
def money_to_move(user: User) -> Iterable[Waiting]:
    """The next step of every grant and instalment that is this person's to take; at most five counts."""
    clerk, finance = reach_of(user, *CLERKS), reach_of(user, Role.FINANCE)
    approver, payer = reach_of(user, Role.APPROVER), reach_of(user, Role.FINANCE, *CLERKS)
    if clerk:
        yield Waiting(_("Awards without a grant"), reverse("funding:desk_funding"), _awards(clerk), "amber")
        ready = Instalment.objects.within(clerk).not_of(user).ready_to_prepare().count()
        yield Waiting(_("Instalments to prepare"), _list(InstalmentStatus.PLANNED), ready, "blue")
    if approver:
        unsigned = Grant.objects.visible_to(user).not_of(user).filter(status=GrantStatus.DRAWN_UP)
        drafts = unsigned.exclude(drawn_up_by=user)
        url = f"{reverse('funding:desk_grant_list')}?status={GrantStatus.DRAWN_UP}"
        yield Waiting(_("Agreements to sign"), url, drafts.count(), "amber")
        yield _step(_("Instalments to approve"), user, approver, InstalmentStatus.REVIEWED)
    if finance:
        yield _step(_("Instalments to review"), user, finance, InstalmentStatus.PREPARED)
    if payer:
        yield _step(_("Instalments to pay"), user, payer, InstalmentStatus.APPROVED)


def _awards(reach: Reach) -> int:
    awards = Award.objects.filter(
        edition__stage__in=stages_opening(Ability.RUN_GRANTS),
        edition__is_rehearsal=False,
        amount_fen__gt=0,
        grant__isnull=True,
    )
    if not reach.everywhere:
        awards = awards.filter(project__district_id__in=reach.districts)
    return awards.count()


def _list(status: InstalmentStatus) -> str:
    return f"{reverse('funding:desk_payment_list')}?status={status}"


def _step(title: object, user: User, reach: Reach, status: InstalmentStatus) -> Waiting:
    mine = Instalment.objects.within(reach).not_of(user).not_touched_by(user).filter(status=status)
    return Waiting(str(title), _list(status), mine.count(), "amber")
