"""The scoring desk: what comes next, entries put aside, private notes and highlights, files in the page."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from io import BytesIO
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from accounts.actors import SYSTEM
from contest.actions import save_file
from judging import actions
from judging.enums import SheetStatus
from judging.models import Assignment, ReviewNote, RoundEntry
from judging.queries.queue import STATES, place_of, queues
from judging.queries.sheets import pieces
from kit import clock
from kit.hashing import fingerprint
from projects.content import snapshot
from projects.models import Attachment, Project, Submission
from tests.factories.judging import Stand, refused
from tests.factories.projects import PDF
from tests.judging.test_review_views import client_of, typed, url
from tests.pages import queries_of

pytestmark = pytest.mark.django_db


def begin(stand: Stand, entry: int, seat: int) -> Assignment:
    """One point given, and no more."""
    assignment = stand.declared(entry, seat)
    actions.save_sheet(
        actor=assignment.seat.expert, assignment=assignment, version=1, scores={"need": Decimal(1)}
    )
    return stand.assignment(entry, seat)


def states(stand: Stand, seat: int = 1) -> dict[int, str]:
    (queue,) = queues(stand.experts[seat - 1])
    return {task.assignment.entry.number: task.state for task in queue.tasks}


def next_of(stand: Stand, seat: int = 1) -> int | None:
    (queue,) = queues(stand.experts[seat - 1])
    return queue.next.entry.number if queue.next else None


# What comes next


def test_the_entry_fewest_have_read_comes_next():
    stand = Stand(entries=3)
    assert next_of(stand) == 1
    begin(stand, 1, 2)
    assert next_of(stand) == 2
    begin(stand, 2, 2)
    begin(stand, 3, 2)
    begin(stand, 3, 3)
    assert next_of(stand) == 1
    assert place_of(stand.assignment(1, 1)).next_open == stand.assignment(2, 1).pk


def test_how_many_have_read_an_entry_is_not_on_the_page():
    stand = Stand(entries=2)
    client, address = client_of(stand.experts[0]), reverse("judging:review_home")
    before = plain(client.get(address))
    begin(stand, 2, 2)
    begin(stand, 2, 3)
    answer = client.get(address)
    assert [task.assignment.readers for task in answer.context["queues"][0].tasks] == [0, 2]
    assert plain(answer) == before


def plain(answer) -> str:
    """A page without what differs each time."""
    return re.sub(r'csrf[^>]*value="[^"]*"|"X-CSRFToken[^}]*', "", answer.content.decode())


def test_an_entry_put_aside_comes_last_and_is_no_zero():
    stand = Stand(entries=3)
    client = client_of(stand.experts[0])
    answer = client.post(reverse("judging:review_skip", args=[stand.declared(1, 1).pk]))
    assert answer["Location"] == url(stand.assignment(2, 1))
    assert states(stand) == {1: "skipped", 2: "undeclared", 3: "undeclared"}
    for entry in (2, 3):
        stand.score(stand.assignment(entry, 1))
    assert next_of(stand) == 1
    assert stand.assignment(1, 1).sheet.scores.count() == 0


def test_saving_takes_up_what_was_put_aside():
    stand = Stand(entries=2)
    assignment = stand.declared(1, 1)
    actions.skip_assignment(actor=assignment.seat.expert, assignment=assignment)
    with clock.frozen(clock.now() + timedelta(minutes=1)):
        client_of(stand.experts[0]).post(url(assignment), typed(stand, points_team=""))
    assert states(stand)[1] == "begun"


def test_undeclared_begun_scored_locked_and_recused_are_told_apart():
    stand = Stand(entries=6)
    stand.declared(2, 1)
    begin(stand, 3, 1)
    client_of(stand.experts[0]).post(url(stand.declared(4, 1)), typed(stand))
    stand.score(stand.assignment(5, 1))
    last = stand.assignment(6, 1)
    actions.declare(actor=last.seat.expert, assignment=last, has_conflict=True, reason="亲属")
    assert states(stand) == {
        1: "undeclared",
        2: "ready",
        3: "begun",
        4: "complete",
        5: "submitted",
        6: "recused",
    }
    (queue,) = queues(stand.experts[0])
    assert (queue.done, queue.locked, queue.total, queue.can_sign) == (2, 1, 5, False)


def test_who_was_replaced_is_not_said_to_be_recused():
    stand = Stand(entries=2, experts=3, sheets_per_entry=2, quorum_sheets=2)
    taken = next(row for row in stand.assignments() if row.seat.expert == stand.experts[0])
    actions.take_assignment(actor=stand.clerk, assignment=taken, reason="调整任务")
    assert states(stand)[taken.entry.number] == "replaced"
    page = client_of(stand.experts[0]).get(url(taken))
    assert (page.status_code, page.context["state"]) == (200, STATES["replaced"])


def test_nothing_is_put_aside_by_others_or_once_locked_or_closed():
    stand = Stand(entries=2)
    assignment = stand.assignment(1, 1)
    with pytest.raises(PermissionDenied):
        actions.skip_assignment(actor=stand.experts[1], assignment=assignment)
    actions.skip_assignment(actor=stand.experts[0], assignment=assignment)
    stand.score(assignment)
    with refused("nothing_to_skip"):
        actions.skip_assignment(actor=stand.experts[0], assignment=stand.assignment(1, 1))
    with clock.frozen(stand.round.scoring_ends_at), refused("scoring_over"):
        actions.skip_assignment(actor=stand.experts[0], assignment=stand.assignment(2, 1))


def test_the_calibration_entry_comes_first_even_when_others_have_read_it():
    stand = Stand(entries=3)
    RoundEntry.objects.filter(round=stand.round, number=2).update(is_calibration=True)
    begin(stand, 2, 2)
    begin(stand, 2, 3)
    assert next_of(stand) == 2
    stand.score(stand.assignment(2, 1))
    assert next_of(stand) == 1


# Private notes and highlights

MARK = {"part": "description-1", "start": 0, "end": 3}


def keep(stand: Stand, assignment: Assignment, version: int = 0, actor=None, **fields) -> ReviewNote:
    return actions.keep_note(
        **{
            "actor": actor or assignment.seat.expert,
            "assignment": assignment,
            "version": version,
            "text": "问预算",
            "highlights": [],
        }
        | fields
    )


def test_notes_are_kept_apart_from_the_sheet_and_after_the_lock():
    stand = Stand()
    assignment = stand.declared()
    assert keep(stand, assignment).version == 1
    stand.score(assignment)
    note = keep(stand, stand.assignment(), 1, text="再看", highlights=[MARK])
    assert (note.version, note.text, note.highlights) == (2, "再看", [MARK])
    assert stand.assignment().sheet.comment == ""


def test_a_stale_note_overwrites_nothing():
    stand = Stand()
    assignment = stand.declared()
    keep(stand, assignment, text="另一台设备")
    for version in (0, 2):
        with refused("stale_note"):
            keep(stand, assignment, version)
    assert ReviewNote.objects.get().text == "另一台设备"


def test_nobody_else_keeps_notes_there_nor_before_the_declaration():
    stand = Stand()
    undeclared = stand.assignment(2, 1)
    for actor, assignment in ((stand.experts[1], stand.declared()), (stand.experts[0], undeclared)):
        with pytest.raises(PermissionDenied):
            keep(stand, assignment, actor=actor)
    assert not ReviewNote.objects.exists()


def test_highlights_that_overlap_become_one():
    stand = Stand()
    marks = [
        {"part": "b-1", "start": 4, "end": 9},
        {"part": "b-1", "start": 0, "end": 5},
        {"part": "a-1", "start": 2, "end": 3},
    ]
    note = keep(stand, stand.declared(), highlights=marks)
    assert note.highlights == [
        {"part": "a-1", "start": 2, "end": 3},
        {"part": "b-1", "start": 0, "end": 9},
    ]


@pytest.mark.parametrize(
    "sent",
    [
        "no json",
        "{}",
        '[{"part": "a-1", "start": 3, "end": 3}]',
        '[{"part": "a-1", "start": -1, "end": 3}]',
        '[{"part": "a-1", "start": true, "end": 3}]',
        '[{"part": "<b>1", "start": 0, "end": 3}]',
        '[{"part": "a-1", "start": 0, "end": 3, "note": "x"}]',
        "[1]",
    ],
)
def test_highlights_that_are_none_are_refused(sent):
    stand = Stand()
    assignment = stand.declared()
    address = reverse("judging:review_note", args=[assignment.pk])
    client = client_of(stand.experts[0])
    answer = client.post(address, {"version": "0", "text": "记下", "highlights": sent})
    assert answer.status_code == 422
    assert "记下" in answer.content.decode()
    assert not ReviewNote.objects.exists()
    assert client.post(address, {"version": "0", "text": "记下", "highlights": "[]"}).status_code == 302


def test_pieces_cut_the_text_at_highlights():
    text = "居民😀一起商量"
    assert pieces(text, [{"start": 5, "end": 99}, {"start": 0, "end": 3}]) == [
        ("居民😀", True),
        ("一起", False),
        ("商量", True),
    ]
    assert pieces(text, []) == [(text, False)]
    assert pieces("", [{"start": 0, "end": 3}]) == []


def test_notes_and_highlights_come_back_on_the_page_and_to_nobody_else():
    stand = Stand()
    assignment = stand.declared()
    page = client_of(stand.experts[0]).get(url(assignment))
    section = next(section for section in page.context["reading"].sections if section["texts"])
    part = section["texts"][0]
    client = client_of(stand.experts[0])
    address = reverse("judging:review_note", args=[assignment.pk])
    sent = f'[{{"part": "{part.key}", "start": 0, "end": 2}}]'
    answer = client.post(
        address, {"version": "0", "text": "问清XYZ", "highlights": sent}, headers={"HX-Request": "true"}
    )
    assert (answer.status_code, 'value="1"' in answer.content.decode()) == (200, True)
    whole = "".join(piece for piece, _is_marked in part.pieces)
    shown = client.get(url(assignment)).content.decode()
    assert f"<mark>{whole[:2]}</mark>{whole[2:]}" in shown
    assert "问清XYZ" in shown
    other = client_of(stand.experts[1]).get(url(stand.declared(1, 2))).content.decode()
    assert ("XYZ" in other, "<mark>" in other) == (False, False)


# Files in the page


def with_files(stand: Stand) -> dict[str, int]:
    """A new version of the first project with a paper of each sort; their keys by name."""
    project = stand.projects[0]
    kinds = {"做法.pdf": "other", "现场.jpg": "photo", "盖章件.pdf": "stamped", "证件.pdf": "identity"}
    found = {}
    for name, kind in kinds.items():
        mime = "image/jpeg" if name.endswith("jpg") else "application/pdf"
        stored = save_file(actor=SYSTEM, stream=BytesIO(PDF), name=name, mime=mime)
        found[name] = Attachment.objects.create(project=project, kind=kind, file=stored).pk
    content = snapshot(project, version=2, submitted_at=clock.now())
    submission = Submission.objects.create(
        project=project,
        version=2,
        content=content,
        sha256=fingerprint(content),
        submitted_at=clock.now(),
        request_key=uuid4(),
    )
    Project.objects.filter(pk=project.pk).update(current_submission=submission)
    stored = save_file(actor=SYSTEM, stream=BytesIO(PDF), name="后来.pdf", mime="application/pdf")
    found["后来.pdf"] = Attachment.objects.create(project=project, kind="other", file=stored).pk
    return found


def status_of(stand: Stand, expert: int, assignment: Assignment, file: int) -> int:
    address = reverse("judging:review_file", args=[assignment.pk, file])
    return fetched(client_of(stand.experts[expert]).get(address)).status_code


def fetched(answer):
    """The answer with its file, if it is one, read to the end."""
    if answer.streaming:
        list(answer.streaming_content)
    return answer


def test_files_of_the_version_under_review_are_read_in_the_page():
    stand = Stand(opened=False)
    files = with_files(stand)
    stand.open()
    assignment = stand.assignment()
    assert status_of(stand, 0, assignment, files["做法.pdf"]) == 403
    assignment = stand.declared()
    client = client_of(stand.experts[0])
    page = client.get(url(assignment))
    assert [paper.name for paper in page.context["reading"].papers] == ["做法.pdf", "现场.jpg"]
    assert "frame-src 'self'" in page["Content-Security-Policy"]
    answer = fetched(client.get(reverse("judging:review_file", args=[assignment.pk, files["做法.pdf"]])))
    assert answer["Content-Disposition"].startswith("inline")
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert "frame-ancestors 'self'" in answer["Content-Security-Policy"]
    assert (answer["X-Frame-Options"], answer["X-Content-Type-Options"]) == ("SAMEORIGIN", "nosniff")
    picture = fetched(client.get(reverse("judging:review_file", args=[assignment.pk, files["现场.jpg"]])))
    assert "sandbox" in picture["Content-Security-Policy"]
    for name in ("盖章件.pdf", "证件.pdf", "后来.pdf"):
        assert status_of(stand, 0, assignment, files[name]) == 404
    assert status_of(stand, 1, assignment, files["做法.pdf"]) == 404


def test_a_blind_round_shows_no_file():
    stand = Stand(opened=False, blind=True)
    files = with_files(stand)
    stand.open()
    assignment = stand.declared()
    page = client_of(stand.experts[0]).get(url(assignment))
    assert page.context["reading"].papers == []
    assert "做法.pdf" not in page.content.decode()
    assert status_of(stand, 0, assignment, files["做法.pdf"]) == 404


# Cost


def test_desk_and_grid_cost_the_same_for_few_and_many():
    few, many = Stand(entries=1, advance=1), Stand(entries=30)
    costs = []
    for stand in (few, many):
        client = client_of(stand.experts[0])
        stand.score(stand.assignment())
        grid = reverse("judging:review_grid", args=[stand.round.pk])
        costs.append((queries_of(client, url(stand.assignment())), queries_of(client, grid)))
    assert costs[0] == costs[1]
    assert Assignment.objects.filter(sheet__status=SheetStatus.SUBMITTED).count() == 2
