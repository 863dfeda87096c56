"""Public notices: what is printed, how long the window is, who may publish."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, ProgrammingError, connection, transaction

from contest.enums import DocumentKind, Stage
from contest.models import Edition, Event, Holiday
from judging import actions
from judging.actions.notices import window_of
from judging.enums import RoundKey, RoundStatus
from judging.models import Notice
from judging.queries.notices import intake_notice_reasons, round_notice_reasons
from kit import clock
from kit.errors import RuleBroken
from projects.models import Project
from tests.factories.accounts import UserFactory
from tests.factories.judging import accepted_project
from tests.judging.hall import a_hall, approve_list

pytestmark = pytest.mark.django_db


def refused(code: str):
    return pytest.raises(RuleBroken, check=lambda broken: broken.code == code)


def at(year: int, month: int, day: int, hour: int = 10, minute: int = 0, second: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, second, tzinfo=clock.CITY_ZONE)


def published(moment: datetime | None = None, *, key: RoundKey = RoundKey.SECOND, **options):
    """A hall whose approved list is under public notice since ``moment``."""
    hall = a_hall(entries=3, jurors=0, key=key)
    approve_list(hall, advance=2, award_keys=options.pop("award_keys", ()))
    with clock.frozen(moment or clock.now()):
        notice = actions.publish_notice(
            actor=options.pop("publisher", hall.clerk), round=hall.round, **options
        )
    return hall, notice


# Windows


@pytest.mark.parametrize(
    ("publication", "working_days", "first", "last"),
    [
        # Spring Festival 2026: off 02-15 to 02-23, and Saturday 02-14 is worked.
        (at(2026, 2, 12), 5, date(2026, 2, 12), date(2026, 2, 25)),
        # Five working days only because Sunday 2023-04-23 was worked.
        (at(2023, 4, 20), 5, date(2023, 4, 20), date(2023, 4, 25)),
        (at(2026, 9, 29), 5, date(2026, 9, 29), date(2026, 10, 10)),
        (at(2021, 8, 18), 5, date(2021, 8, 18), date(2021, 8, 24)),
        # The last minute of a day is still that day.
        (at(2026, 2, 12, 23, 59, 59), 5, date(2026, 2, 12), date(2026, 2, 25)),
        # Published on a Saturday: begins on Monday.
        (at(2026, 6, 6), 5, date(2026, 6, 8), date(2026, 6, 12)),
        # Published in a holiday: begins on the first worked day, which is a Saturday.
        (at(2026, 10, 2), 1, date(2026, 10, 8), date(2026, 10, 8)),
    ],
)
def test_window_counts_working_days_from_its_first_day(publication, working_days, first, last):
    with clock.frozen(publication):
        assert window_of(working_days) == (first, last, working_days)


def test_window_may_be_longer_but_never_shorter():
    with clock.frozen(at(2026, 2, 12)):
        assert window_of(5, date(2026, 2, 26)) == (date(2026, 2, 12), date(2026, 2, 26), 6)
        with refused("window_too_short"):
            window_of(5, date(2026, 2, 24))
        with refused("window_too_long"):
            window_of(5, date(2027, 2, 24))


def test_unknown_calendar_is_never_guessed():
    with clock.frozen(at(2060, 3, 1)):
        with refused("calendar_unknown"):
            window_of(5)
        with refused("window_too_short"):
            window_of(5, date(2060, 3, 4))
        assert window_of(5, date(2060, 3, 8)) == (date(2060, 3, 1), date(2060, 3, 8), 5)


def test_city_holiday_lengthens_the_window():
    with clock.frozen(at(2026, 6, 8)):
        assert window_of(5)[1] == date(2026, 6, 12)
        Holiday.objects.create(day=date(2026, 6, 10), is_workday=False, name="台风停课停工")
        assert window_of(5)[1] == date(2026, 6, 15)


# A round's notice


def test_notice_prints_the_list_and_its_proof():
    hall, notice = published(at(2026, 2, 12))
    paper = notice.document
    printed = str(paper.content["paragraphs"])
    assert (paper.kind, paper.number, paper.is_public) == (DocumentKind.NOTICE, paper.number, True)
    assert "复审结果的公示" in paper.title
    assert hall.round.current_tally.sha256 in printed
    assert "2026年2月12日至2026年2月25日" in printed
    assert hall.entries[0].project.code in printed
    assert hall.entries[2].project.code not in printed  # not on the list
    assert (notice.starts_on, notice.ends_on, notice.working_days) == (
        date(2026, 2, 12),
        date(2026, 2, 25),
        5,
    )


def test_notice_of_a_final_prints_the_awards():
    hall = a_hall(entries=2, jurors=0)
    award = hall.edition.rules.awards[0]
    approve_list(hall, advance=2, award_keys=[award.key])
    notice = actions.publish_notice(actor=hall.clerk, round=hall.round)
    assert award.name in str(notice.document.content["paragraphs"])


def test_publishing_moves_the_round_and_leaves_one_event():
    hall, notice = published()
    hall.round.refresh_from_db()
    assert hall.round.status == RoundStatus.NOTICED
    event = Event.objects.get(verb="notice.published")
    assert (event.object_id, event.after["tally"]) == (str(notice.pk), "a" * 64)


def test_only_an_approved_list_can_be_published():
    hall = a_hall(entries=2, jurors=0, key=RoundKey.SECOND)
    with refused("no_such_move"):
        actions.publish_notice(actor=hall.clerk, round=hall.round)
    approve_list(hall, advance=1)
    notice = actions.publish_notice(actor=hall.clerk, round=hall.round)
    with refused("no_such_move"):
        actions.publish_notice(actor=hall.clerk, round=hall.round)
    assert Notice.objects.get() == notice


def test_only_staff_publish():
    hall = a_hall(entries=2, jurors=0, key=RoundKey.SECOND)
    approve_list(hall, advance=1)
    for person in (hall.supervisor, UserFactory()):
        with pytest.raises(PermissionDenied):
            actions.publish_notice(actor=person, round=hall.round)
    actions.publish_notice(actor=hall.clerk, round=hall.round)


def test_window_holds_the_round_to_the_last_second():
    hall, notice = published(at(2026, 2, 12))
    with clock.frozen(at(2026, 2, 25, 23, 59, 59)):
        assert [reason.code for reason in round_notice_reasons(hall.round)] == ["notice_running"]
        assert notice.is_open(clock.now())
    with clock.frozen(at(2026, 2, 26, 0, 0, 0)):
        assert round_notice_reasons(hall.round) == []
        assert not notice.is_open(clock.now())


def test_round_without_notice_is_held():
    hall = a_hall(entries=2, jurors=0, key=RoundKey.SECOND)
    approve_list(hall, advance=1)
    assert [reason.code for reason in round_notice_reasons(hall.round)] == ["notice_missing"]


# The notice of accepted entries


def intake(stage: Stage = Stage.PRELIMINARY):
    hall = a_hall(entries=2, jurors=0, key=RoundKey.PRELIMINARY)
    Edition.objects.filter(pk=hall.edition.pk).update(stage=stage)
    return hall


def test_intake_notice_lists_accepted_entries():
    hall = intake()
    Project.objects.filter(pk=hall.entries[1].project_id).update(status="refused")
    with clock.frozen(at(2026, 6, 8)):
        notice = actions.publish_intake_notice(actor=hall.clerk, edition=hall.edition)
    printed = str(notice.document.content["paragraphs"])
    assert "予以受理的项目1项，不予受理的项目1项" in printed
    assert hall.entries[0].project.code in printed
    assert hall.entries[1].project.code not in printed
    assert (notice.round, notice.ends_on) == (None, date(2026, 6, 12))
    with clock.frozen(at(2026, 6, 12, 23, 59, 59)):
        assert [reason.code for reason in intake_notice_reasons(hall.edition)] == ["notice_running"]
    with clock.frozen(at(2026, 6, 13, 0)):
        assert intake_notice_reasons(hall.edition) == []


def test_intake_notice_waits_for_the_last_decision():
    hall = intake()
    project = hall.entries[1].project
    Project.objects.filter(pk=project.pk).update(status="submitted", decided_at=None)
    with refused("intake_undecided"):
        actions.publish_intake_notice(actor=hall.clerk, edition=hall.edition)
    Project.objects.filter(pk=project.pk).update(status="accepted", decided_at=clock.now())
    assert actions.publish_intake_notice(actor=hall.clerk, edition=hall.edition).pk


@pytest.mark.parametrize("stage", [Stage.APPLICATION, Stage.SECOND])
def test_intake_notice_has_its_time(stage):
    hall = intake(stage)
    with refused("intake_not_over"):
        actions.publish_intake_notice(actor=hall.clerk, edition=hall.edition)
    Edition.objects.filter(pk=hall.edition.pk).update(stage=Stage.PRELIMINARY)
    assert actions.publish_intake_notice(actor=hall.clerk, edition=hall.edition).pk


def test_intake_notice_is_published_once():
    hall = intake()
    actions.publish_intake_notice(actor=hall.clerk, edition=hall.edition)
    with refused("notice_exists"):
        actions.publish_intake_notice(actor=hall.clerk, edition=hall.edition)


def test_entries_accepted_elsewhere_do_not_matter():
    hall = intake()
    other = a_hall(entries=1, jurors=0, key=RoundKey.PRELIMINARY)
    stranger = accepted_project(other.edition)
    notice = actions.publish_intake_notice(actor=hall.clerk, edition=hall.edition)
    assert stranger.code not in str(notice.document.content["paragraphs"])


# Around Python


@pytest.mark.parametrize("change", ["ends_on = ends_on + 1", "starts_on = starts_on - 1", "working_days = 1"])
def test_printed_window_cannot_be_moved(change):
    published()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE judging_notice SET closed_at = now()")  # what may change, does
        with pytest.raises(ProgrammingError), transaction.atomic():
            cursor.execute(f"UPDATE judging_notice SET {change}")
        with pytest.raises(ProgrammingError), transaction.atomic():
            cursor.execute("DELETE FROM judging_notice")


def test_database_keeps_one_notice_in_force_per_round():
    hall, notice = published()
    fields = {
        "edition": hall.edition, "round": hall.round, "kind": "round", "working_days": 1,
        "starts_on": notice.starts_on, "ends_on": notice.ends_on, "published_by": hall.clerk,
        "decision": notice.decision, "document": notice.document,
    }  # fmt: skip
    with pytest.raises(IntegrityError, match="notice_"), transaction.atomic():
        Notice.objects.create(**fields)
