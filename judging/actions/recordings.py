"""Recordings of the final: entered once those filmed have agreed, withdrawn with a reason."""

from __future__ import annotations

from datetime import date
from typing import IO, TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.rights import require
from contest.actions.files import take_file
from contest.record import record
from judging.actions.rounds import lock_round
from judging.models import Recording
from kit import clock
from kit.errors import refuse_unless
from projects.attachments import LIMITS
from projects.enums import AttachmentKind

if TYPE_CHECKING:
    from accounts.models import User
    from judging.models import Round

#: What a film may be: as in applications. Whatever is longer stands with its station.
FILM = LIMITS[AttachmentKind.VIDEO]


@transaction.atomic
def add_recording(
    *,
    actor: User,
    round: Round,
    title: str,
    station: str,
    aired_on: date,
    consent: str,
    url: str = "",
    file: tuple[IO[bytes], str] | None = None,
) -> Recording:
    """Enter a recording by its link or as a file with its name; the result page lists it from then on.

    Refuses any other round than the final, both or neither of link and file, a missing word on the
    consent of those filmed, a date before the final began, and a file that is no film.
    """
    require(actor, "judging.keep_recordings", round)
    round = lock_round(round)
    refuse_unless(round.is_final, "not_the_final", _("Only the final is recorded."))
    refuse_unless(
        bool(url) != (file is not None), "link_or_file", _("Give either a link or a file."), field="url"
    )
    refuse_unless(
        consent.strip(),
        "consent_missing",
        _("Say who agreed to be shown, and where that is kept."),
        field="consent",
    )
    refuse_unless(
        round.opened_at is not None and aired_on >= clock.local(round.opened_at).date(),
        "aired_too_early",
        _("The recording cannot have been aired before the final began."),
        field="aired_on",
    )
    stored = None
    if file is not None:
        stream, name = file
        stored = take_file(
            actor=actor, stream=stream, name=name, kinds=FILM.formats, max_bytes=FILM.max_bytes
        )
    recording = Recording.objects.create(
        round=round,
        title=title.strip(),
        station=station.strip(),
        aired_on=aired_on,
        url=url,
        file=stored,
        consent=consent.strip(),
        entered_by=actor,
        entered_at=clock.now(),
    )
    record(
        "recording.entered",
        actor=actor,
        obj=recording,
        edition=round.edition,
        after={
            "round": round.pk,
            "station": recording.station,
            "aired_on": aired_on.isoformat(),
            "sha256": stored.sha256 if stored else None,
        },
    )
    return recording


@transaction.atomic
def withdraw_recording(*, actor: User, recording: Recording, reason: str) -> Recording:
    """Take a recording off the public page, such as when somebody filmed no longer agrees.

    The row stays, and so does the file, which nobody can download any more. Refuses a second time.
    """
    require(actor, "judging.keep_recordings", recording)
    refuse_unless(reason.strip(), "reason_missing", _("Please give a reason."), field="reason")
    recording = (
        Recording.objects.select_for_update(of=("self",))
        .select_related("round__edition", "file")
        .get(pk=recording.pk)
    )
    refuse_unless(
        recording.withdrawn_at is None, "recording_withdrawn", _("This recording is withdrawn already.")
    )
    recording.withdrawn_at, recording.withdrawn_reason = clock.now(), reason.strip()
    recording.save(update_fields=["withdrawn_at", "withdrawn_reason"])
    record(
        "recording.withdrawn",
        actor=actor,
        obj=recording,
        edition=recording.round.edition,
        after={"round": recording.round_id},
        reason=recording.withdrawn_reason,
    )
    return recording
