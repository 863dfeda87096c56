"""The demonstration can be made on any day, also in a year whose calendar nobody ships yet."""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import urlsplit

import pytest
from django.db.models import Count

from accounts.enums import Role
from accounts.models import Invitation, User
from config.play import demo, demo_bodies, demo_live
from contest.enums import Stage
from contest.models import CalendarYear, Edition, Event
from funding.models import BankAccount, Grant
from judging import actions, drawing, waiting
from judging.enums import (
    AssignmentStatus,
    BallotChannel,
    DrawKind,
    DrawStatus,
    FlagKind,
    FlagOutcome,
    ObjectionStatus,
    PickStatus,
    RoundKey,
    RoundStatus,
    SheetStatus,
    ShowPhase,
)
from judging.models import (
    Assignment,
    Ballot,
    DecisionLine,
    Draw,
    Expert,
    ExpertLink,
    Flag,
    Objection,
    ReleasedScore,
    Round,
    Sheet,
    SheetVersion,
    Show,
    SignedSheets,
    SlipRuling,
)
from judging.queries.draws import out_of
from judging.queries.minutes import minutes_of
from judging.queries.pledges import editions_of
from judging.queries.show import running_order
from judging.voting import is_open
from kit import clock
from projects import queue
from projects.bars import bars_in_force
from projects.enums import IdeaStatus, ImportStatus, Origin, Outcome, Stance
from projects.models import (
    Bar,
    BodyLink,
    Extension,
    Idea,
    ImportBatch,
    IntakeDecision,
    MembershipRequest,
    Organisation,
    Project,
    Recommendation,
    Similarity,
)
from projects.stamping import stamping_of

pytestmark = pytest.mark.django_db
NOW = datetime(2031, 2, 17, 10, tzinfo=clock.CITY_ZONE)


def test_demonstration_is_made_in_a_year_beyond_the_shipped_calendar():
    with clock.frozen(NOW):
        demo.seed()
        made = Event.objects.count()
        demo.seed()

        assert Event.objects.count() == made
        stages = dict(Edition.objects.filter(is_rehearsal=False).values_list("year", "stage"))
        assert stages == {
            2019: Stage.ARCHIVED,
            2024: Stage.ARCHIVED,
            2025: Stage.IMPLEMENTATION,
            2031: Stage.APPLICATION,
        }
        assert CalendarYear.objects.filter(year=2031).exists()
        edition = Edition.objects.for_list().get(year=2031)
        assert_every_state(edition)
        assert_the_desk_has_work(edition)
        assert_drafts_at_every_step(edition)
        assert_districts_have_spoken(edition)
        assert_tables_were_sent_in(edition)
        assert_rounds_in_every_state()
        assert_sheets_in_every_state()
        assert_objection_is_checked()
        assert_people_have_work()
        assert_a_final_is_under_way()
    assert_draws()
    assert_finals_were_held()
    assert_pool()
    assert_bodies()
    assert_the_barred()


def assert_every_state(edition: Edition) -> None:
    states = set(Project.objects.in_edition(edition).values_list("status", flat=True))
    assert states == {"draft", "submitted", "correcting", "accepted", "refused", "withdrawn", "merged"}
    outcomes = IntakeDecision.objects.filter(submission__project__edition=edition)
    assert set(outcomes.values_list("outcome", flat=True)) == set(Outcome)
    returned = outcomes.filter(outcome=Outcome.CORRECT)
    assert all(decision.items.exists() for decision in returned)
    extension = Extension.objects.get(edition=edition)
    assert extension.reason
    assert extension.until > edition.application_deadline


def assert_the_desk_has_work(edition: Edition) -> None:
    clerk = User.objects.get(email=f"clerk@{demo.DOMAIN}")
    waiting = Project.objects.in_edition(edition).filter(status="submitted")
    assert waiting.filter(checker=clerk).exists()
    assert waiting.exclude(checker=clerk).filter(checker__isnull=False).exists()
    assert waiting.filter(checker__isnull=True).count() >= 5
    in_edition = Project.objects.in_edition(edition)
    assert 0 < queue.waiting_longer(in_edition, queue.LATE_AFTER).count() < waiting.count() / 2
    assert queue.handed_in_again(in_edition).count() == 1
    assert queue.correction_overdue(in_edition).count() == 1
    in_time = in_edition.filter(status="correcting", correction_due_on__gte=clock.today())
    assert in_time.count() == 1
    assert queue.clean(edition, clerk).count() >= 3
    alike = Similarity.objects.filter(project__edition=edition, other__edition__year__lt=edition.year)
    assert alike.exists()
    assert queue.similar(in_edition).count() <= 2


def assert_drafts_at_every_step(edition: Edition) -> None:
    drafts = list(Project.objects.for_list().filter(edition=edition, status="draft"))
    assert any(draft.unfinished for draft in drafts)
    assert any(not draft.summary for draft in drafts)
    whole = [draft for draft in drafts if draft.attachments.current().exists()]
    steps = {(stamping.is_printed, stamping.sign_off is not None) for stamping in map(stamping_of, whole)}
    assert steps == {(False, False), (True, False), (True, True)}


def assert_districts_have_spoken(edition: Edition) -> None:
    own = Project.objects.in_edition(edition).filter(district__code="dayawan", status="submitted")
    said = dict(Recommendation.objects.filter(project__in=own).values_list("project", "stance"))
    ranked = Recommendation.objects.filter(project__in=own, stance=Stance.RECOMMENDED).order_by("rank")
    assert [row.rank for row in ranked] == [1, 2]
    assert Recommendation.objects.exclude(comment="").filter(stance=Stance.NOT_RECOMMENDED).exists()
    assert own.exclude(pk__in=said).count() == 1


def assert_tables_were_sent_in(edition: Edition) -> None:
    past = Project.objects.filter(edition__year=2019, origin=Origin.HISTORY)
    assert (past.count(), past.exclude(honour="").count()) == (12, 9)
    assert Project.objects.get(origin=Origin.PAPER).edition_id == edition.pk
    waiting = ImportBatch.objects.get(status=ImportStatus.CHECKED)
    assert (waiting.row_count, waiting.error_count) == (4, 3)


def assert_rounds_in_every_state() -> None:
    """Beyond the confirmed ones each stands in a rehearsal, which the public never sees."""
    shown = Round.objects.filter(edition__is_rehearsal=True).exclude(edition__year=demo_live.YEAR)
    shown = shown.order_by("edition__year")
    assert list(shown.values_list("status", flat=True)) == [
        RoundStatus.PREPARING,
        RoundStatus.PREPARING,
        RoundStatus.SCORING,
        RoundStatus.SEALED,
        RoundStatus.PROPOSED,
        RoundStatus.APPROVED,
        RoundStatus.NOTICED,
    ]
    confirmed = Round.objects.filter(edition__is_rehearsal=False)
    assert set(confirmed.values_list("status", flat=True)) == {RoundStatus.CONFIRMED}
    assert all(round.letters.count() == round.entries.count() for round in confirmed)
    sealed = shown.get(status=RoundStatus.SEALED)
    together = [(signed.seat.number, len(signed.sheets)) for signed in SignedSheets.objects.order_by("pk")]
    assert together == [(seat.number, seat.assignments.count()) for seat in sealed.seats.order_by("number")]
    departing = DecisionLine.objects.exclude(override_reason="").get()
    assert departing.decision.round == shown.get(status=RoundStatus.PROPOSED)
    assert not departing.advances
    assert Objection.objects.exclude(digest="").filter(notice__edition__is_rehearsal=False).exists()


def assert_sheets_in_every_state() -> None:
    round = Round.objects.get(status=RoundStatus.SCORING, key=RoundKey.PRELIMINARY)
    assert round.scoring_ends_at > clock.now()
    given = Assignment.objects.filter(entry__round=round)
    sheets = Sheet.objects.filter(assignment__in=given)
    begun = sheets.filter(status=SheetStatus.DRAFT, scores__points__isnull=True).distinct()
    assert begun.filter(scores__points__isnull=False).count() == 2
    assert given.filter(skipped_at__isnull=False).count() == 1
    recused = given.get(status=AssignmentStatus.RECUSED)
    assert recused.replacement.seat != recused.seat
    unlocked = SheetVersion.objects.get()
    assert unlocked.sheet.status == SheetStatus.SUBMITTED
    assert unlocked.sheet.version > unlocked.version
    assert unlocked.sheet.sha256 != unlocked.sha256
    flags = set(Flag.objects.filter(round=round).values_list("kind", "outcome"))
    assert flags == {(FlagKind.OUTLIER, ""), (FlagKind.ALL_EQUAL, FlagOutcome.EXPLAINED)}


def assert_objection_is_checked() -> None:
    objection = Objection.objects.get(notice__edition__is_rehearsal=True)
    assert objection.status == ObjectionStatus.ACCEPTED
    assert objection.findings
    assert objection.notice.is_open(clock.now())
    asked = objection.rereviews.get()
    assert asked.given_at is None
    assert not objection.notice.round.seats.filter(expert=asked.expert).exists()


def assert_people_have_work() -> None:
    """Whom the README sends to sign in finds something to do."""
    for name, kind in (
        ("expert01", waiting.sheets_to_do),
        ("expert15", waiting.rereviews_to_give),
        ("supervisor", waiting.flags_to_look_into),
    ):
        person = User.objects.get(email=f"{name}@{demo.DOMAIN}")
        assert any(item.count for item in kind(person)), name
    scorer = User.objects.get(email=f"expert01@{demo.DOMAIN}")
    assert not editions_of(scorer).exclude(pledges__person=scorer).exists()


def assert_draws() -> None:
    """One is announced and keeps its seed; one is drawn, and drawing again gives the same people."""
    committed = Draw.objects.panels().get(status=DrawStatus.COMMITTED)
    assert (committed.public_number, committed.picks.count()) == ("", 0)
    drawn = Draw.objects.panels().get(status=DrawStatus.DRAWN)
    picks = list(drawn.picks.all())
    again = drawing.draw(
        drawn.pool, drawn.conditions, drawn.size, drawn.seed, drawn.public_number, out_of(picks)
    )
    assert [pick.who for pick in again] == [pick.expert_id for pick in picks]
    assert {pick.status for pick in picks} == {PickStatus.ASKED, PickStatus.ACCEPTED, PickStatus.DECLINED}
    assert len(picks) == drawn.size + 1


def assert_finals_were_held() -> None:
    """From the roster to the recording, each with slips, a lost card and minutes."""
    for final in Round.objects.filter(key=RoundKey.FINAL, edition__is_rehearsal=False):
        drawn = Draw.objects.filter(round=final, status=DrawStatus.CLOSED)
        assert set(drawn.values_list("kind", flat=True)) == {DrawKind.JURY, DrawKind.ORDER}
        seats = final.cards.usable()
        assert dict(seats.values_list("trade").annotate(Count("pk"))) == dict(
            final.rulebook_doc.public_vote.seats
        )
        assert all(card.juror.trade == card.trade for card in seats.select_related("juror"))
        assert seats.filter(version=2).count() == 1
        assert (final.show.phase, final.show.asked) == (ShowPhase.WINNERS, "")
        assert [entry.stage_order for entry in running_order(final)] == list(
            range(1, final.entries.count() + 1)
        )
        ballots = Ballot.objects.counted().filter(entry__round=final)
        assert ballots.count() == seats.count() * final.entries.count()
        assert ballots.filter(channel=BallotChannel.PAPER).count() == 3
        assert SlipRuling.objects.filter(entry__round=final).count() == 1
        released = ReleasedScore.objects.filter(entry__round=final).count()
        assert 0 < released < final.entries.count()
        assert minutes_of(final) is not None
        assert final.recordings.get().consent


def assert_a_final_is_under_way() -> None:
    """One project is open; a card that is free takes a seat; when its time is up it is opened again."""
    show = Show.objects.get(round__edition__year=demo_live.YEAR)
    assert (show.phase, is_open(show.entry, NOW)) == (ShowPhase.SCORING, True)
    in_now = Ballot.objects.counted().filter(entry=show.entry).count()
    assert 0 < in_now < show.round.cards.filter(bound_at__isnull=False).count()
    addresses = [urlsplit(address).path for address, _what in demo_live.places()]
    [token] = [path.split("/")[3] for path in addresses if path.startswith("/jury/c/")][:1]
    assert actions.bind_card(token=token, device="visitor").round_id == show.round_id
    with clock.frozen(NOW + timedelta(days=3)):
        assert not is_open(show.entry, clock.now())
        demo_live.keep_open()
        show.refresh_from_db()
        assert (show.phase, is_open(show.entry, clock.now())) == (ShowPhase.SCORING, True)
        version = show.version
        demo_live.keep_open()
        show.refresh_from_db()
        assert show.version == version


def assert_pool() -> None:
    experts = list(Expert.objects.for_list())
    assert [expert.person.name for expert in experts] == [f"专家{number:02}" for number in range(1, 18)]
    assert all(expert.fields and expert.unit for expert in experts)
    assert Expert.objects.filter(left_at__isnull=False).count() == 1
    assert Expert.objects.filter(away_until__gt=NOW.date()).count() == 1
    assert Invitation.objects.open(NOW).filter(role=Role.EXPERT).count() == 1
    assert ExpertLink.objects.filter(ended_at__isnull=True).count() == 3
    assert ExpertLink.objects.filter(ended_at__isnull=False).count() == 1


def assert_bodies() -> None:
    model = Organisation.objects.get(code="52441300DEM000014U")
    assert sorted(model.grants().values_list("role", flat=True)) == [
        "applicant_certifier",
        "applicant_editor",
        "applicant_owner",
    ]
    assert set(model.people().values_list("email", flat=True)) >= {
        demo_bodies.EDITOR,
        demo_bodies.CERTIFIER,
    }
    assert model.is_verified
    assert model.files.current().count() == 2
    assert model.annual_checks.count() == 3
    statuses = Idea.objects.filter(organisation=model).values_list("status", flat=True)
    assert sorted(statuses) == [IdeaStatus.KEPT, IdeaStatus.NURTURED]
    assert MembershipRequest.objects.open().count() == 1
    changed = Organisation.objects.filter(status="unverified", verified_version__isnull=False)
    assert changed.count() == 1
    running = Grant.objects.filter(award__project__edition__year=2025)
    assert BankAccount.objects.filter(grant__in=running).count() == running.count() == 20


def assert_the_barred() -> None:
    bar = Bar.objects.get()
    assert bar.ends_on.year == 2027
    successor = BodyLink.objects.in_force().get().other_than(bar.organisation_code)
    assert bars_in_force([successor], bar.ends_on)[successor] == bar
    assert Project.objects.filter(organisation__code=successor, status="draft").exists()
    assert Project.objects.filter(organisation=bar.organisation, status="draft").exists()
