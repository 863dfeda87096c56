"""The print-out that is signed and stamped, and the organisation's word on its scan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.rights import require
from contest.actions import issue_document
from contest.enums import DocumentKind
from contest.record import record
from kit import clock
from kit.errors import RuleBroken
from kit.hashing import fingerprint
from projects import eligibility
from projects.actions.common import lock_project, person, refuse_unless_editable
from projects.content import core
from projects.enums import AttachmentKind, Check
from projects.models import Attachment, PrintOut, Project, SignOff
from projects.papers import print_out_paper
from projects.stamping import Stamping, stamping_of

if TYPE_CHECKING:
    from accounts.actors import Actor


@transaction.atomic
def print_application(*, actor: Actor, project: Project) -> PrintOut:
    """Freeze what stands there now as the next print-out, to be signed and stamped.

    As long as nothing has changed it is the same print-out. Refuses with whatever would stand in the
    way of handing in, so that nothing is stamped in vain.
    """
    require(actor, "projects.print_project", project)
    project = lock_project(project)
    refuse_unless_editable(project)
    stamping = stamping_of(project)
    if stamping.print_out is not None and stamping.is_printed:
        return stamping.print_out
    _refuse_unless_ready(project)
    print_out = _print(actor, project, stamping.print_out.number + 1 if stamping.print_out else 1)
    record(
        "application.printed",
        actor=actor,
        obj=project,
        edition=project.edition,
        after={"print_out": print_out.pk, "number": print_out.number, "sha256": print_out.sha256},
    )
    return print_out


def _print(actor: Actor, project: Project, number: int) -> PrintOut:
    """Freeze the text, and have its paper made."""
    content = core(project)
    print_out = PrintOut(
        project=project,
        number=number,
        content=content,
        sha256=fingerprint(content),
        printed_by=person(actor),
        printed_at=clock.now(),
    )
    print_out.document = issue_document(
        actor=actor,
        kind=DocumentKind.APPLICATION,
        title=f"项目申报书 {project.code}（打印稿第{print_out.number}稿）",
        content=print_out_paper(print_out),
        obj=project,
        edition=project.edition,
        template="documents/application.html",
        numbered=False,
    )
    print_out.save()
    return print_out


def _refuse_unless_ready(project: Project) -> None:
    case = eligibility.case_of(project, clock.db_now())
    for finding in eligibility.failures(case):
        if finding.check != Check.STAMPED:
            raise RuleBroken(finding.check.value, finding.message, **finding.params)


@transaction.atomic
def sign_off(*, actor: Actor, project: Project, print_out: int, scan: int) -> SignOff:
    """Give the organisation's word that the scan shows the stamped print-out of that number.

    Only for the latest print-out, and only while its text is the present one (code
    ``print_out_stale``). Every other scan leaves the application: what is handed in was vouched for.
    """
    require(actor, "projects.submit_project", project)
    project = lock_project(project)
    refuse_unless_editable(project)
    stamping = stamping_of(project)
    latest = _latest(stamping, print_out)
    if stamping.sign_off is not None:
        return stamping.sign_off
    shown = next((row for row in stamping.scans if row.pk == scan), None)
    if shown is None:
        raise RuleBroken("scan_missing", _("Please upload the scan of the stamped print-out first."))
    signed = SignOff.objects.create(
        print_out=latest, scan=shown, signed_by=person(actor), signed_at=clock.now()
    )
    record(
        "application.signed_off",
        actor=actor,
        obj=project,
        edition=project.edition,
        after={
            "print_out": latest.pk,
            "number": latest.number,
            "sha256": latest.sha256,
            "scan": shown.pk,
            "scans_removed": _take_out_others(shown),
        },
    )
    return signed


def _latest(stamping: Stamping, number: int) -> PrintOut:
    latest = stamping.print_out
    if latest is None or latest.number != number or not stamping.is_printed:
        raise RuleBroken(
            "print_out_stale",
            _("The application has changed since it was printed. Please print and stamp it again."),
        )
    return latest


def _take_out_others(scan: Attachment) -> list[int]:
    others = Attachment.objects.current().filter(project=scan.project_id, kind=AttachmentKind.STAMPED)
    others = others.exclude(pk=scan.pk)
    removed = list(others.values_list("pk", flat=True))
    others.update(removed_at=clock.now())
    return removed
