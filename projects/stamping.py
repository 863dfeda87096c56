"""Where an application stands between its print-out and the organisation's word on the stamped scan."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from projects.content import core_fingerprint
from projects.corrections import attachment_place, items_of
from projects.enums import AttachmentKind
from projects.models import Attachment, PrintOut, Project, SignOff


class Standing(Enum):
    """Whether the latest print-out may still be stamped, or handed in stamped."""

    NEVER_PRINTED = "never_printed"
    CHANGED = "changed"
    SCAN_GONE = "scan_gone"
    SENT_BACK = "sent_back"
    GOOD = "good"


@dataclass(frozen=True)
class Stamping:
    """The latest print-out, the scans added since, and the organisation's word on them."""

    standing: Standing
    print_out: PrintOut | None
    scans: list[Attachment]
    sign_off: SignOff | None

    @property
    def is_printed(self) -> bool:
        """The latest print-out shows what stands there now."""
        return self.standing is Standing.GOOD

    @property
    def is_signed(self) -> bool:
        return self.is_printed and self.sign_off is not None


def stamping_of(project: Project) -> Stamping:
    """Compare the latest print-out with what stands there now.

    A stamp holds for exactly the text above it: any change makes a new print-out necessary. So does
    taking the signed scan out again, or a formal check that found fault with the stamped pages.
    """
    print_out = (
        PrintOut.objects.filter(project=project)
        .select_related("sign_off__scan", "document")
        .order_by("-number")
        .first()
    )
    if print_out is None:
        return Stamping(Standing.NEVER_PRINTED, None, [], None)
    sign_off: SignOff | None = getattr(print_out, "sign_off", None)
    return Stamping(_standing(project, print_out, sign_off), print_out, scans_of(print_out), sign_off)


def scans_of(print_out: PrintOut) -> list[Attachment]:
    """The stamped scans that came in since it was printed, latest first."""
    scans = print_out.project.attachments.current().filter(
        kind=AttachmentKind.STAMPED, added_at__gte=print_out.printed_at
    )
    return list(scans.select_related("file").order_by("-pk"))


def _standing(project: Project, print_out: PrintOut, sign_off: SignOff | None) -> Standing:
    if print_out.sha256 != core_fingerprint(project):
        return Standing.CHANGED
    if sign_off is not None and sign_off.scan.removed_at is not None:
        return Standing.SCAN_GONE
    if _was_sent_back(project, print_out):
        return Standing.SENT_BACK
    return Standing.GOOD


def _was_sent_back(project: Project, print_out: PrintOut) -> bool:
    stamped = attachment_place(AttachmentKind.STAMPED)
    return any(
        item.place == stamped and print_out.printed_at <= item.decision.decided_at
        for item in items_of(project)
    )
