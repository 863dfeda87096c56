"""The docket of objections: filing, accepting, deciding."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import date, datetime
from typing import IO, TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.enums import ActorKind
from accounts.models import User
from accounts.rights import require
from contest.actions import issue_document, lock_edition, take_file
from contest.enums import DocumentKind
from contest.record import record
from contest.workdays import UnknownYear, WorkCalendar
from judging import papers
from judging.actions.decisions import reopen_decision
from judging.actions.rounds import lock_round
from judging.enums import ObjectionChannel, ObjectionOutcome, ObjectionStatus, RoundStatus
from judging.models import Notice, Objection, ObjectionFile, Round
from judging.models.jury import RECEIPT_LETTERS
from judging.proofs import PROOFS
from judging.queries.notices import projects_of
from kit import clock
from kit.errors import RuleBroken, refuse_unless

if TYPE_CHECKING:
    from accounts.actors import Actor
    from projects.models import Project

RECEIPT_LENGTH = 8


@transaction.atomic
def file_objection(
    *,
    actor: Actor,
    notice: Notice,
    text: str,
    request_key: UUID,
    project: Project | None = None,
    objector_name: str = "",
    objector_contact: str = "",
    is_anonymous: bool = False,
    channel: ObjectionChannel = ObjectionChannel.ONLINE,
    received_at: datetime | None = None,
    files: Sequence[tuple[str, IO[bytes]]] = (),
) -> Objection:
    """Enter an objection in the docket: a citizen's own, or one that staff took by phone or letter.

    The database's clock decides whether the window is open. The same ``request_key`` gives the
    objection it was first used for. Due dates are set now and stay. Without a name it is kept as a
    clue that holds nothing up. ``files`` (name, content) are what proves it, or the scan of a letter:
    see ``judging.proofs``; one that is refused stops the whole. The event names neither person, text
    nor file, nor from where a citizen sent it.
    """
    by_staff = actor.actor_kind == ActorKind.PERSON
    if by_staff:
        require(actor, "judging.handle_objection", notice)
    notice = (
        Notice.objects.select_for_update(of=("self",))
        .select_related("edition__current_rulebook")
        .get(pk=notice.pk)
    )
    if known := Objection.objects.filter(request_key=request_key).first():
        refuse_unless(
            (known.notice_id, known.text) == (notice.pk, text),
            "request_key_reused",
            _("This form was sent before with other content. Please open a new one."),
        )
        return known
    received_at = _received(notice, channel, received_at if by_staff else None)
    _refuse_incomplete(notice, project, is_anonymous, objector_name, objector_contact)
    objection = Objection.objects.create(
        notice=notice,
        project=project,
        channel=channel,
        is_anonymous=is_anonymous,
        objector_name="" if is_anonymous else objector_name.strip(),
        objector_contact="" if is_anonymous else objector_contact.strip(),
        text=text,
        request_key=request_key,
        receipt_code="".join(secrets.choice(RECEIPT_LETTERS) for _place in range(RECEIPT_LENGTH)),
        status=ObjectionStatus.CLUE if is_anonymous else ObjectionStatus.FILED,
        filed_at=received_at,
        registered_by=actor if isinstance(actor, User) else None,
        **_due_dates(notice, clock.local(received_at).date()),
    )
    kept = _keep(actor, objection, files)
    record(
        "objection.filed",
        actor=actor,
        obj=objection,
        edition=notice.edition,
        after={
            "notice": notice.pk,
            "project": project.code if project else "",
            "channel": str(channel),
            "is_anonymous": is_anonymous,
            "accept_due_on": objection.accept_due_on,
            "decide_due_on": objection.decide_due_on,
            "files": kept,
        },
        # Address and request would lead whoever reads the record to the citizen.
        keeps_address=by_staff,
    )
    return objection


def _keep(actor: Actor, objection: Objection, files: Sequence[tuple[str, IO[bytes]]]) -> list[str]:
    """Look through and keep what came with an objection; the fingerprints, in the order sent."""
    refuse_unless(
        len(files) <= PROOFS.most,
        "too_many_files",
        _("At most %(most)s files can be sent with an objection."),
        field="file",
        most=PROOFS.most,
    )
    kept = []
    for name, stream in files:
        try:
            file = take_file(
                actor=actor, stream=stream, name=name, kinds=PROOFS.formats, max_bytes=PROOFS.max_bytes
            )
        except RuleBroken as broken:
            text = _("“%(file)s”: %(problem)s")
            raise RuleBroken(broken.code, text, field="file", file=name, problem=str(broken)) from broken
        ObjectionFile.objects.create(objection=objection, file=file)
        kept.append(file.sha256)
    return kept


def _received(notice: Notice, channel: str, given: datetime | None) -> datetime:
    moment = clock.db_now()
    refuse_unless(
        given is None or (channel != ObjectionChannel.ONLINE and given <= moment),
        "received_in_future",
        _("A letter or call cannot have come in later than now."),
        field="received_at",
    )
    received_at = given or moment
    refuse_unless(
        notice.is_open(received_at), "window_closed", _("The time for objections to this notice is over.")
    )
    return received_at


def _refuse_incomplete(
    notice: Notice, project: Project | None, is_anonymous: bool, name: str, contact: str
) -> None:
    refuse_unless(
        is_anonymous or name.strip(),
        "name_missing",
        _("Please give your name, or choose to stay anonymous."),
        field="objector_name",
    )
    refuse_unless(
        is_anonymous or contact.strip(),
        "contact_missing",
        _("Please say how we can reach you."),
        field="objector_contact",
    )
    refuse_unless(
        project is None or projects_of(notice).filter(pk=project.pk).exists(),
        "project_not_on_list",
        _("This project is not part of the notice."),
        field="project",
    )


def _due_dates(notice: Notice, day: date) -> dict[str, date | None]:
    """By the rules in force at filing; empty while the calendar of that year is unknown."""
    rules = notice.edition.rules
    try:
        calendar = WorkCalendar()
        return {
            "accept_due_on": calendar.add(day, rules.objection_accept_working_days),
            "decide_due_on": calendar.add(day, rules.objection_decide_working_days),
        }
    except UnknownYear:
        return {"accept_due_on": None, "decide_due_on": None}


@transaction.atomic
def accept_objection(*, actor: User, objection: Objection) -> Objection:
    """Take an objection up for checking. From now on a decision with a reply is owed."""
    require(actor, "judging.handle_objection", objection)
    objection = lock_objection(objection)
    refuse_unless(
        objection.status == ObjectionStatus.FILED,
        "objection_not_filed",
        _("This objection has been taken up already, or is a clue."),
    )
    objection.status = ObjectionStatus.ACCEPTED
    objection.accepted_by = actor
    objection.accepted_at = clock.now()
    objection.save(update_fields=["status", "accepted_by", "accepted_at"])
    record(
        "objection.accepted",
        actor=actor,
        obj=objection,
        edition=objection.notice.edition,
        before={"status": ObjectionStatus.FILED},
        after={"status": ObjectionStatus.ACCEPTED},
    )
    return objection


def lock_objection(objection: Objection) -> Objection:
    """The objection, locked, with its notice and what that is about."""
    return (
        Objection.objects.select_for_update(of=("self",))
        .select_related("notice__edition", "notice__document", "notice__decision", "notice__round", "project")
        .get(pk=objection.pk)
    )


@transaction.atomic
def decide_objection(
    *,
    actor: User,
    objection: Objection,
    outcome: ObjectionOutcome,
    reply: str,
    excludes_entry: bool = False,
    without_opinions: bool = False,
) -> Objection:
    """Conclude an objection with a written reply, by somebody who had no hand in the list.

    ``rejected``: the list stands. ``partly``: the list stands, unless the project is excluded.
    ``upheld``, or an exclusion: the notice is closed; a round goes back to its sealed tally, without
    the excluded project, and needs a new decision and a new notice; a list of accepted entries needs
    a new notice. Such a conclusion is refused while the list is being decided anew.

    A confirmed result is not decided anew: there ``excludes_entry`` bars the project from the next round
    and from its grant, and an objection to the whole list is concluded at most in part.

    While an expert who was asked has given no opinion, only ``without_opinions`` concludes; the event
    says how many were not waited for.
    """
    require(actor, "judging.decide_objection", objection)
    edition = lock_edition(objection.notice.edition)
    if objection.notice.round:
        lock_round(objection.notice.round)
    objection = lock_objection(objection)
    require(actor, "judging.decide_objection", objection)
    _refuse_undecidable(objection, outcome, reply, excludes_entry)
    owed = objection.rereviews.open().count()
    refuse_unless(
        without_opinions or not owed,
        "opinions_owed",
        _("%(count)s experts who were asked have not given their opinion: wait, or conclude without it."),
        field="without_opinions",
        count=owed,
    )
    objection.status = ObjectionStatus.DECIDED
    objection.outcome = outcome
    objection.reply = reply.strip()
    objection.excludes_entry = excludes_entry
    objection.decided_by = actor
    objection.decided_at = clock.now()
    objection.document = issue_document(
        actor=actor,
        kind=DocumentKind.OBJECTION_REPLY,
        title=papers.reply_title(objection),
        content=papers.objection_reply(objection),
        obj=objection,
        edition=edition,
    )
    objection.save(
        update_fields=[
            "status", "outcome", "reply", "excludes_entry", "decided_by", "decided_at", "document",
        ]
    )  # fmt: skip
    needs_new_list = takes_list_back(objection, outcome, excludes_entry)
    record(
        "objection.decided",
        actor=actor,
        obj=objection,
        edition=edition,
        before={"status": ObjectionStatus.ACCEPTED},
        after={
            "outcome": str(outcome),
            "project": objection.project.code if objection.project else "",
            "excludes_entry": excludes_entry,
            "needs_new_list": needs_new_list,
            "opinions_owed": owed,
            "notice": objection.notice_id,
            "document": objection.document.pk,
        },
    )
    if needs_new_list:
        _take_back(actor, objection)
    return objection


def _refuse_undecidable(
    objection: Objection, outcome: ObjectionOutcome, reply: str, excludes_entry: bool
) -> None:
    refuse_unless(
        objection.status == ObjectionStatus.ACCEPTED,
        "objection_not_accepted",
        _("Only an objection that has been taken up can be decided, and only once."),
    )
    refuse_unless(reply.strip(), "reply_missing", _("A conclusion needs a written reply."), field="reply")
    refuse_unless(
        not excludes_entry or objection.project_id,
        "exclusion_without_project",
        _("Only an objection about one project can take it off the list."),
        field="excludes_entry",
    )
    refuse_unless(
        not (excludes_entry and outcome == ObjectionOutcome.REJECTED),
        "exclusion_without_ground",
        _("An objection that is not upheld cannot take a project off the list."),
        field="excludes_entry",
    )
    if is_confirmed(objection.notice.round):
        refuse_unless(
            outcome != ObjectionOutcome.UPHELD or excludes_entry,
            "result_confirmed",
            _("The result is confirmed and is not decided anew: take the project off, or conclude in part."),
            field="outcome",
        )
    elif takes_list_back(objection, outcome, excludes_entry):
        _refuse_unless_standing(objection.notice)


def is_confirmed(round: Round | None) -> bool:
    return round is not None and round.status == RoundStatus.CONFIRMED


def takes_list_back(objection: Objection, outcome: str, excludes_entry: bool) -> bool:
    """Whether such a conclusion sends the list back to where it is decided."""
    upheld = outcome == ObjectionOutcome.UPHELD or excludes_entry
    return upheld and not is_confirmed(objection.notice.round)


def _refuse_unless_standing(notice: Notice) -> None:
    """The list can be taken back only while one is before the public."""
    round = notice.round
    standing = Notice.objects.in_force().filter(round=round, edition=notice.edition, kind=notice.kind)
    refuse_unless(
        standing.exists() and (round is None or round.status == RoundStatus.NOTICED),
        "list_not_standing",
        _("The list is being decided anew. Conclude this objection once it is under public notice again."),
    )


def _take_back(actor: User, objection: Objection) -> None:
    """Close the notice that stands and send the list back to where it is decided."""
    notice = objection.notice
    Notice.objects.in_force().filter(round=notice.round, edition=notice.edition, kind=notice.kind).update(
        closed_at=clock.now()
    )
    if notice.round is None:
        return
    excluded = notice.round.entries.running().filter(project=objection.project_id)
    reopen_decision(
        actor=actor,
        round=notice.round,
        reason=str(_("Objection %(code)s was upheld.") % {"code": objection.receipt_code}),
        exclude=list(excluded) if objection.excludes_entry else [],
    )
