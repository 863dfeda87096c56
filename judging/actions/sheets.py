"""What an expert does: declare, score, save, submit."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef
from django.db.models.functions import Coalesce, Now
from django.utils.translation import gettext_lazy as _

from accounts.rights import require
from contest.record import record
from contest.rulebook import Criterion
from judging.actions.conflicts import recuse, refuse_unless_open, stop_if_conflicted
from judging.actions.rounds import lock_round
from judging.enums import AssignmentStatus, ConflictMoment, RoundStatus, SheetStatus
from judging.models import Assignment, Declaration, Sheet, SheetScore
from judging.queries.calibration import calibration_owed
from judging.queries.pledges import has_pledged
from kit import clock
from kit.errors import RuleBroken, refuse_unless
from kit.hashing import fingerprint
from kit.prepared import PreparedSave, Slot

if TYPE_CHECKING:
    from accounts.actors import Actor

#: Points are given in halves.
STEP = Decimal("0.5")


class ClockTimestamp(Now):
    """The database's clock, which moves on inside a transaction."""

    template = "clock_timestamp()"

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return self.as_sql(compiler, connection, template=self.template, **extra)


def declare(*, actor: Actor, assignment: Assignment, has_conflict: bool, reason: str = "") -> Declaration:
    """Declare to be free of conflicts, which opens the entry, or to have one, which ends the task.

    A conflict can also be declared later, while reading, until the sheet is submitted. The entry
    then goes to the least loaded other seat; if there is none, it stays with fewer sheets. The
    recused assignment stays on file.

    Refuses before the pledge of this edition. Before it opens the machine compares expert and entry
    once more; what it finds ends the task in the same way and is raised ("conflict_found"). Where
    there is a calibration entry, the others open once its sheet is complete.
    """
    with transaction.atomic():
        outcome = _declare(actor, assignment, has_conflict, reason)
    # Raised only now, so that the recusal is kept.
    if isinstance(outcome, RuleBroken):
        raise outcome
    return outcome


def _declare(
    actor: Actor, assignment: Assignment, has_conflict: bool, reason: str
) -> Declaration | RuleBroken:
    require(actor, "judging.view_assignment", assignment)
    refuse_unless(
        has_pledged(assignment.seat.expert, assignment.entry.project.edition_id),
        "pledge_missing",
        _("Please make your pledge for this edition first."),
    )
    round = lock_round(assignment.entry.round)
    refuse_unless_open(round)
    assignment = (
        Assignment.objects.select_for_update(of=("self",))
        .select_related(
            "entry__project", "entry__round__rulebook", "entry__round__edition__current_rulebook", "seat"
        )
        .get(pk=assignment.pk)
    )
    refuse_unless(
        assignment.status == AssignmentStatus.OFFERED
        or (has_conflict and assignment.status == AssignmentStatus.CLEAR),
        "already_declared",
        _("You have already declared yourself on this entry."),
    )
    refuse_unless(
        not has_conflict or reason.strip(),
        "conflict_without_reason",
        _("Say what the conflict is."),
        field="reason",
    )
    if not has_conflict:
        refuse_before_calibration(assignment)
        if found := stop_if_conflicted(actor=actor, assignment=assignment, moment=ConflictMoment.FIRST_OPEN):
            return found
    declaration = Declaration.objects.create(
        assignment=assignment, has_conflict=has_conflict, reason=reason.strip() if has_conflict else ""
    )
    successor = None
    if has_conflict:
        successor = recuse(assignment)
    else:
        _begin(assignment)
    record(
        "conflict.declared" if has_conflict else "conflict.denied",
        actor=actor,
        obj=assignment,
        edition=round.edition,
        after={"status": assignment.status, "replacement": successor.pk if successor else None},
    )
    return declaration


def refuse_before_calibration(assignment: Assignment) -> None:
    """Refuse to open an entry while the calibration entry of the same expert is not scored in full."""
    owed = calibration_owed(assignment)
    refuse_unless(
        owed is None,
        "calibration_first",
        _("Please score entry no. %(number)s first: everybody on the panel begins with it."),
        number=owed.entry.number if owed else 0,
    )


def _begin(assignment: Assignment) -> None:
    assignment.status = AssignmentStatus.CLEAR
    assignment.save(update_fields=["status"])
    Sheet.objects.create(assignment=assignment)


def save_sheet(
    *,
    actor: Actor,
    assignment: Assignment,
    version: int,
    scores: Mapping[str, Decimal | None],
    comment: str = "",
    is_autosave: bool = False,
) -> Sheet:
    """Keep points and comment; ``None`` marks a criterion as not scored, which is not zero.

    One statement writes them all; it decides by the database's clock whether the sheet may still be written
    and whether ``version`` is the one last read, and refuses a stale save ("stale_sheet") without touching
    what was saved elsewhere. ``assignment`` comes with round and rulebook selected. What the page saves by
    itself while somebody types is no act of theirs and leaves no event.
    """
    require(actor, "judging.score_sheet", assignment)
    points = _checked(assignment, scores)
    if is_autosave:
        return _write(assignment, version, points, comment=comment)
    with transaction.atomic():
        sheet = _write(assignment, version, points, comment=comment)
        scored = sum(value is not None for value in points.values())
        record(
            "sheet.saved",
            actor=actor,
            obj=sheet,
            edition=assignment.entry.round.edition,
            after={"version": sheet.version, "scored": scored},
        )
    return sheet


def criteria_of(assignment: Assignment) -> dict[str, Criterion]:
    """The criteria of the assignment's round, by key."""
    return {criterion.key: criterion for criterion in assignment.entry.round.rules.criteria}


def _checked(assignment: Assignment, scores: Mapping[str, Decimal | None]) -> dict[str, Decimal | None]:
    criteria = criteria_of(assignment)
    for key, points in scores.items():
        refuse_unless(
            key in criteria,
            "unknown_criterion",
            _("The rulebook has no criterion “%(key)s” in this round."),
            key=key[:40],
        )
        refuse_unless(
            points is None or _is_in_range(points, criteria[key].points),
            "points_out_of_range",
            _("%(name)s: give 0 to %(points)s points in steps of 0.5."),
            field=key,
            name=criteria[key].name,
            points=criteria[key].points,
        )
    return dict(scores)


def _is_in_range(points: Decimal, highest: int) -> bool:
    return points.is_finite() and 0 <= points <= highest and points % STEP == 0


def _write(
    assignment: Assignment, version: int, points: Mapping[str, Decimal | None], **changes: Any
) -> Sheet:
    """Change the sheet and these points if it is still open and unchanged since ``version``; say why if not.

    Status and version are conditions on the sheet's own row, so they are checked again after
    waiting for a seal or another save that holds it.
    """
    changes = {"saved_at": clock.now(), **changes}
    rehearsed = clock.now() if clock.is_frozen() else None
    criteria = criteria_of(assignment)
    rows = [(key, value, criteria[key].points) for key, value in points.items()]
    written = _writing(tuple(sorted(changes)))
    if not written.run(rows, assignment=assignment.pk, seen=version, rehearsed=rehearsed, **changes):
        raise _why_not(assignment, version)
    sheet = assignment.sheet
    sheet.version = version + 1
    for name, value in changes.items():
        setattr(sheet, name, value)
    return sheet


@cache
def _writing(names: tuple[str, ...]) -> PreparedSave:
    """The statement that writes points and these columns of a sheet that is open and as it was ``seen``."""
    moment = Coalesce(Slot("rehearsed"), ClockTimestamp())
    writable = Assignment.objects.filter(
        pk=OuterRef("assignment_id"),
        status=AssignmentStatus.CLEAR,
        entry__withdrawn_at__isnull=True,
        entry__round__status=RoundStatus.SCORING,
        entry__round__scoring_ends_at__gt=moment,
    )
    seen = Sheet.objects.filter(assignment=Slot("assignment"), status=SheetStatus.DRAFT, version=Slot("seen"))
    return PreparedSave(
        lambda: seen.filter(Exists(writable)),
        model=SheetScore,
        link="sheet",
        key="criterion",
        names=("points", "full_points"),
        version=F("version") + 1,
        **{name: Slot(name) for name in names},
    )


def _why_not(assignment: Assignment, version: int) -> RuleBroken:
    sheet = (
        Sheet.objects.select_related("assignment__entry__round")
        .prefetch_related("scores")
        .get(assignment=assignment)
    )
    entry = sheet.assignment.entry
    if sheet.status == SheetStatus.SUBMITTED:
        return RuleBroken(
            "sheet_submitted", _("The sheet has been submitted and locked; it stays in the tally.")
        )
    if entry.withdrawn_at:
        return RuleBroken("entry_withdrawn", _("This project has left the round."))
    if sheet.status == SheetStatus.LAPSED or entry.round.status != RoundStatus.SCORING:
        return RuleBroken("round_not_scoring", _("The round is not being scored."))
    if sheet.version != version:
        return RuleBroken(
            "stale_sheet",
            _("This sheet was saved elsewhere in the meantime. Nothing was overwritten: compare both."),
            current=sheet,
        )
    return RuleBroken("scoring_over", _("Scoring has ended."))


def submit_sheet(
    *,
    actor: Actor,
    assignment: Assignment,
    version: int,
    scores: Mapping[str, Decimal | None] | None = None,
    comment: str | None = None,
) -> Sheet:
    """Lock the sheet with its hash; from here on nothing changes it, whoever asks.

    ``scores`` and ``comment`` are saved first when given. Refuses while a criterion is not scored,
    after the deadline, on a stale version and a second time. A conflict that the machine finds now ends
    the assignment without a sheet ("conflict_found").
    """
    with transaction.atomic():
        require(actor, "judging.score_sheet", assignment)
        outcome = stop_if_conflicted(
            actor=actor, assignment=assignment, moment=ConflictMoment.SUBMIT
        ) or _submit(actor, assignment, version, scores, comment)
    # Raised only now, so that the recusal is kept.
    if isinstance(outcome, RuleBroken):
        raise outcome
    return outcome


def _submit(
    actor: Actor,
    assignment: Assignment,
    version: int,
    scores: Mapping[str, Decimal | None] | None,
    comment: str | None,
) -> Sheet:
    if scores is not None:
        points = _checked(assignment, scores)
        version = _write(assignment, version, points, comment=comment or "").version
    return lock_sheet(actor=actor, assignment=assignment, version=version)


def lock_sheet(*, actor: Actor, assignment: Assignment, version: int) -> Sheet:
    """Lock what is saved, with its hash: the last step of submitting one sheet and of signing all.

    Right and conflicts of interest have been looked at. Refuses while a criterion is not scored, after
    the deadline and on a stale version.
    """
    given = dict(SheetScore.objects.filter(sheet=assignment.sheet).values_list("criterion", "points"))
    total = _complete_total(assignment, given)
    submitted_at = clock.db_now()
    salt = secrets.token_hex(16)
    content = sheet_content(assignment, given, assignment.sheet.comment, total, submitted_at, salt)
    sheet = _write(
        assignment,
        version,
        {},
        status=SheetStatus.SUBMITTED,
        total=total,
        # Locking is no work on the points: when that was stays known.
        saved_at=assignment.sheet.saved_at or submitted_at,
        submitted_at=submitted_at,
        sha256=fingerprint(content),
        salt=salt,
    )
    record(
        "sheet.submitted",
        actor=actor,
        obj=sheet,
        edition=assignment.entry.round.edition,
        after={"version": sheet.version, "sha256": sheet.sha256},
    )
    return sheet


def _complete_total(assignment: Assignment, given: Mapping[str, Decimal | None]) -> Decimal:
    total = Decimal(0)
    for key, criterion in criteria_of(assignment).items():
        points = given.get(key)
        if points is None:
            raise RuleBroken(
                "criterion_missing",
                _("“%(name)s” has not been scored yet."),
                field=key,
                name=criterion.name,
            )
        total += points
    return total


def sheet_content(
    assignment: Assignment,
    given: Mapping[str, Decimal | None],
    comment: str,
    total: Decimal,
    moment: Any,
    salt: str,
) -> dict[str, Any]:
    """What a submitted sheet's hash is taken over. Sheets locked before there were salts have none in it."""
    entry = assignment.entry
    return {
        **({"salt": salt} if salt else {}),
        "round": entry.round_id,
        "entry": entry.number,
        "project": entry.project.code,
        "seat": assignment.seat.code,
        "points": {key: given[key] for key in criteria_of(assignment)},
        "total": total,
        "comment": comment,
        "submitted_at": moment,
    }
