"""Starting and filling in an application."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any, BinaryIO

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.rights import require
from contest.actions import save_file
from contest.enums import Ability
from contest.models import Edition
from contest.record import record
from contest.rulebook import RulebookDoc
from kit import clock
from kit.errors import RuleBroken, refuse_unless
from kit.money import LARGEST_FEN, yuan
from kit.uploads import Kind, UploadRefused, inspect
from projects.actions.common import (
    assign,
    lock_project,
    person,
    refuse_invalid,
    refuse_stale,
    refuse_unless_editable,
    touch,
)
from projects.enums import AttachmentKind, ProjectStatus, Section
from projects.models import Attachment, BudgetLine, Organisation, Project, ProjectCounter, TeamMember
from projects.sections import CODED, part_of

if TYPE_CHECKING:
    from accounts.actors import Actor

MAX_DRAFTS = 10
MAX_LINES = 100
MAX_TEAM = 50
MAX_ATTACHMENTS = 30
ATTACHMENT_KINDS = (Kind.PDF, Kind.JPG, Kind.PNG, Kind.DOCX)
ATTACHMENT_BYTES = 20 * 1024 * 1024
MAX_QUANTITY = Decimal("9999999.99")
PURSES = ("fiscal_fen", "social_fen", "own_fen")
LINE_FIELDS = ("heading", "item", "basis", "unit", "unit_price_fen", "quantity", *PURSES)
MEMBER_FIELDS = ("name", "education", "qualification", "duty", "commitment", "phone")


@transaction.atomic
def start_project(*, actor: Actor, edition: Edition, organisation: Organisation, title: str) -> Project:
    """Begin an application: it gets its code (受理编号) now and keeps it for life.

    Refuses before and after the application stage and more than ten drafts at a time.
    """
    require(actor, "projects.start_project", organisation)
    organisation = Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
    _refuse_unless_open(edition)
    drafts = Project.objects.filter(
        organisation=organisation, edition=edition, status=ProjectStatus.DRAFT
    ).count()
    refuse_unless(
        drafts < MAX_DRAFTS,
        "too_many_drafts",
        _("Your organisation has %(count)s drafts already. Please go on with one of them."),
        count=drafts,
    )
    project = Project(
        edition=edition,
        organisation=organisation,
        district_id=organisation.district_id,
        drafted_by=person(actor),
        started_at=clock.now(),
        saved_at=clock.now(),
    )
    assign(project, {"title": title}, ["title"])
    project.code = _next_code(edition)
    project.save()
    record(
        "project.started",
        actor=actor,
        obj=project,
        edition=edition,
        after={"code": project.code, "organisation": organisation.pk},
    )
    return project


def _refuse_unless_open(edition: Edition) -> None:
    moment = clock.db_now()
    deadline = edition.application_deadline
    is_open = edition.opens(Ability.EDIT_APPLICATION) and (deadline is None or moment < deadline)
    refuse_unless(is_open, "applications_closed", _("Applications are not open in this edition now."))


def _next_code(edition: Edition) -> str:
    ProjectCounter.objects.get_or_create(edition=edition)
    counter = ProjectCounter.objects.select_for_update().get(edition=edition)
    counter.last += 1
    counter.save(update_fields=["last"])
    return f"{edition.year}-{counter.last:04}"


@transaction.atomic
def save_section(
    *,
    actor: Actor,
    project: Project,
    section: str,
    version: int,
    members: Sequence[dict[str, Any]] | None = None,
    **fields: Any,
) -> Project:
    """Save the fields of one section; empty ones are welcome until the application is handed in.

    ``version`` is the project's version the person began from: if the same section was changed
    after it the save is refused with code ``stale``. ``members`` replaces the team.
    """
    require(actor, "projects.edit_project", project)
    part = part_of(section)
    if part is None:
        raise RuleBroken("section_unknown", _("There is no such section."))
    project = lock_project(project)
    refuse_unless_editable(project)
    refuse_stale(project, part.section, version)
    _refuse_unknown_keys(project, fields)
    changed = assign(project, fields, part.fields)
    _refuse_backward_period(project)
    if members is not None and part.section == Section.TEAM:
        changed += _replace_team(project, members)
    touch(project, part.section, fields)
    record(
        "project.saved",
        actor=actor,
        obj=project,
        edition=project.edition,
        after={"section": part.section, "version": project.version, "fields": sorted(set(changed))},
    )
    return project


def _refuse_unknown_keys(project: Project, fields: dict[str, Any]) -> None:
    """Coded values must be keys of the edition's rulebook."""
    for name, table in CODED.items():
        value = fields.get(name)
        if not value:
            continue
        known = {item.key for item in getattr(project.edition.rules, table)}
        keys = value if isinstance(value, list | tuple) else [value]
        refuse_unless(
            all(key in known for key in keys), "key_unknown", _("Please choose from the list."), field=name
        )


def _refuse_backward_period(project: Project) -> None:
    if project.starts_on and project.ends_on:
        refuse_unless(
            project.starts_on < project.ends_on,
            "period_backward",
            _("The implementation must end after it begins."),
            field="ends_on",
        )


def _replace_team(project: Project, members: Sequence[dict[str, Any]]) -> list[str]:
    refuse_unless(
        len(members) <= MAX_TEAM, "team_too_large", _("Please name at most %(most)s people."), most=MAX_TEAM
    )
    rows = []
    for position, member in enumerate(members, 1):
        row = TeamMember(project=project, position=position)
        _fill_row(row, member, MEMBER_FIELDS, position)
        rows.append(row)
    project.team.all().delete()
    TeamMember.objects.bulk_create(rows)
    return ["team"]


def _fill_row(row: Any, values: dict[str, Any], allowed: Iterable[str], position: int) -> None:
    """Fill a row of a table; what is refused names the row."""
    try:
        assign(row, values, allowed)
        refuse_invalid(row, [name for name in allowed if name in values])
    except RuleBroken as broken:
        raise row_error(broken.code, str(broken), position, broken.field) from broken


def row_error(code: str, message: str, position: int, field: str | None) -> RuleBroken:
    """A broken rule in one row of a table: ``params`` say which row and field."""
    text = _("Line %(line)s: %(what)s")
    return RuleBroken(code, text, line=position, what=message, row_field=field)


@transaction.atomic
def set_budget(*, actor: Actor, project: Project, lines: Sequence[dict[str, Any]], version: int) -> Project:
    """Replace the budget. A line's amount is unit price × quantity, rounded half up to the fen.

    Amounts are integer fen; a line that names no unit price is taken as one piece at the sum of its
    purses. Refuses lines that do not add up, unknown headings, negative or absurd amounts.
    """
    require(actor, "projects.edit_project", project)
    project = lock_project(project)
    refuse_unless_editable(project)
    refuse_stale(project, Section.BUDGET, version)
    refuse_unless(
        len(lines) <= MAX_LINES, "too_many_lines", _("A budget has at most %(most)s lines."), most=MAX_LINES
    )
    rows = [_budget_line(project, line, position) for position, line in enumerate(lines, 1)]
    project.budget_lines.all().delete()
    BudgetLine.objects.bulk_create(rows)
    touch(project, Section.BUDGET)
    record(
        "project.saved",
        actor=actor,
        obj=project,
        edition=project.edition,
        after={
            "section": Section.BUDGET,
            "version": project.version,
            "lines": len(rows),
            "fiscal_fen": sum(row.fiscal_fen for row in rows),
            "amount_fen": sum(row.amount_fen for row in rows),
        },
    )
    return project


def _budget_line(project: Project, values: dict[str, Any], position: int) -> BudgetLine:
    values = {name: value for name, value in values.items() if value is not None}
    split = sum(values.get(purse, 0) for purse in PURSES)
    values = {"quantity": Decimal(1), "unit_price_fen": split, **values}
    values["quantity"] = Decimal(values["quantity"])
    line = BudgetLine(project=project, position=position)
    _refuse_bad_numbers(values, project.edition.rules, position)
    _fill_row(line, values, LINE_FIELDS, position)
    line.amount_fen = amount_of(line.unit_price_fen, line.quantity)
    if line.amount_fen > LARGEST_FEN:
        raise row_error("amount", str(_("The amount is too large.")), position, "unit_price_fen")
    if split != line.amount_fen:
        message = _(
            "price × quantity is %(amount)s, but fiscal, social and own funds add up to %(split)s."
        ) % {
            "amount": yuan(line.amount_fen),
            "split": yuan(split),
        }
        raise row_error("budget_sum", message, position, "fiscal_fen")
    return line


def amount_of(unit_price_fen: int, quantity: Decimal) -> int:
    """Unit price × quantity in fen, half up."""
    return int((unit_price_fen * quantity).quantize(Decimal(1), ROUND_HALF_UP))


def _refuse_bad_numbers(values: dict[str, Any], rules: RulebookDoc, position: int) -> None:
    if rules.heading(values.get("heading", "")) is None:
        raise row_error("key_unknown", str(_("Please choose from the list.")), position, "heading")
    for purse in PURSES:
        if not 0 <= values.get(purse, 0) <= LARGEST_FEN:
            raise row_error("amount", str(_("An amount cannot be negative or that large.")), position, purse)
    if not 0 < values["unit_price_fen"] <= LARGEST_FEN:
        raise row_error("amount", str(_("The price must be greater than zero.")), position, "unit_price_fen")
    if not 0 < values["quantity"] <= MAX_QUANTITY:
        raise row_error("quantity", str(_("The quantity must be greater than zero.")), position, "quantity")


@transaction.atomic
def add_attachment(*, actor: Actor, project: Project, kind: str, stream: BinaryIO, name: str) -> Attachment:
    """Look through a file, keep it and attach it.

    The content decides what a file is. Refuses what is disguised, damaged, encrypted, active, of
    another kind or larger than 20 MB, beside the field ``file``.
    """
    require(actor, "projects.edit_project", project)
    project = lock_project(project)
    refuse_unless_editable(project)
    refuse_unless(
        kind in AttachmentKind.values, "key_unknown", _("Please choose from the list."), field="kind"
    )
    refuse_unless(
        project.attachments.current().count() < MAX_ATTACHMENTS,
        "too_many_attachments",
        _("An application has at most %(most)s attachments."),
        field="file",
        most=MAX_ATTACHMENTS,
    )
    mime = _inspected(stream, name)
    attachment = Attachment.objects.create(
        project=project,
        kind=kind,
        file=save_file(actor=actor, stream=stream, name=name, mime=mime),
        added_by=person(actor),
        added_at=clock.now(),
    )
    touch(project, Section.ATTACHMENTS)
    record(
        "attachment.added",
        actor=actor,
        obj=project,
        edition=project.edition,
        after={"attachment": attachment.pk, "kind": kind, "sha256": attachment.file.sha256},
    )
    return attachment


def _inspected(stream: BinaryIO, name: str) -> str:
    try:
        return inspect(stream, allowed=ATTACHMENT_KINDS, max_bytes=ATTACHMENT_BYTES, name=name).mime
    except UploadRefused as refused:
        raise RuleBroken(f"upload_{refused.code}", refused.message, field="file") from refused


@transaction.atomic
def remove_attachment(*, actor: Actor, attachment: Attachment) -> Attachment:
    """Take an attachment out of the application; versions handed in before keep it."""
    require(actor, "projects.edit_project", attachment.project)
    project = lock_project(attachment.project)
    refuse_unless_editable(project)
    attachment = Attachment.objects.select_for_update().get(pk=attachment.pk)
    if attachment.removed_at is None:
        attachment.removed_at = clock.now()
        attachment.save(update_fields=["removed_at"])
        touch(project, Section.ATTACHMENTS)
        record(
            "attachment.removed",
            actor=actor,
            obj=project,
            edition=project.edition,
            before={"attachment": attachment.pk, "kind": attachment.kind},
        )
    return attachment
