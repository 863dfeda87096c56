"""The receipts of the public jury and the page on which a result is checked."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from django.templatetags.static import static
from django.urls import reverse

from accounts.enums import Role
from judging import actions
from judging.enums import BallotChannel
from judging.models import Ballot
from tests.factories.accounts import UserFactory
from tests.factories.judging import Stand
from tests.judging.hall import Hall
from tests.judging.stage import a_final
from tests.pages import queries_of
from tests.publicity.test_verify_tally import run

pytestmark = pytest.mark.django_db

SCORES = [[90, 80, 70], [60, 75, 75]]


@pytest.fixture
def final(delivered) -> Callable[..., tuple[Stand, Hall, list[list[str]]]]:
    """A final under notice: three jurors by phone, the fourth on paper; with the codes on the phones."""

    def make(scores: list[list[int]] = SCORES) -> tuple[Stand, Hall, list[list[str]]]:
        stand, hall = a_final(entries=len(scores), jurors=4)
        codes = []
        for place, given in enumerate(scores):
            hall.open(place)
            codes.append([hall.cast(juror, score, entry=place).code for juror, score in enumerate(given)])
            hall.close(place)
            for clerk in (hall.clerk, UserFactory(roles=[Role.CLERK])):
                actions.key_slip(actor=clerk, entry=hall.entries[place], seat=hall.cards[3].seat, score=50)
        stand.approved({1: "0.9"})
        with delivered():
            actions.publish_notice(actor=stand.clerk, round=stand.round)
        stand.reload()
        return stand, hall, codes

    return make


def receipts(stand: Stand) -> str:
    return reverse("publicity:results_receipts", args=[stand.edition.year])


def verify(stand: Stand) -> str:
    return reverse("publicity:results_verify", args=[stand.edition.year, stand.round.key])


def test_every_juror_finds_the_own_score_under_the_own_code(client, final):
    stand, _hall, codes = final()
    for place, given in enumerate(SCORES):
        for code, score in zip(codes[place], given, strict=True):
            page = client.post(receipts(stand), {"code": f" {code.lower().replace('-', '')}"})
            [(ballots, found)] = page.context["found"]
            assert (ballots.number, found) == (place + 1, (code, score))
            assert code in page.content.decode()


def test_a_code_nobody_was_given_finds_nothing_and_is_kept_nowhere(client, final):
    stand, _hall, codes = final()
    page = client.post(receipts(stand), {"code": "222-222"})
    assert page.context["found"] == []
    assert "222-222" in page.content.decode()
    # An address is written to logs and remembered by browsers: a code in it does nothing.
    page = client.get(receipts(stand), {"code": codes[0][0]})
    assert page.context["found"] == []
    assert "no-store" in page["Cache-Control"]


def test_a_project_lists_every_ballot_that_counts_in_the_order_of_the_codes(client, final):
    stand, _hall, codes = final()
    page = client.get(receipts(stand), {"project": "1"})
    shown = page.context["shown"]
    assert [code for code, _score in shown.receipts] == sorted(code for code, _score in shown.receipts)
    assert sorted(score for _code, score in shown.receipts) == [50, 70, 80, 90]
    assert {*codes[0]} < {code for code, _score in shown.receipts}
    assert (shown.by_phone, shown.on_paper) == (3, 1)
    assert all(code in page.content.decode() for code in codes[0])
    assert client.get(receipts(stand), {"project": "9"}).status_code == 404


def test_the_sealed_ballots_say_nothing_of_person_seat_time_or_channel(final):
    stand, hall, _codes = final()
    for line in stand.round.current_tally.snapshot["entries"]:
        assert {key for ballot in line["public"]["ballots"] for key in ballot} == {"receipt", "score"}
        assert line["public"]["channels"] == {"phone": 3, "paper": 1}
    text = json.dumps(stand.round.current_tally.snapshot)
    ballots = Ballot.objects.filter(entry__round=stand.round)
    assert ballots.filter(channel=BallotChannel.PAPER).count() == 2
    for ballot in ballots:
        assert ballot.nonce.hex not in text
        assert str(ballot.nonce) not in text
    assert hall.cards[0].trade not in text


def test_codes_of_one_juror_cannot_be_joined_across_projects(final):
    _stand, _hall, codes = final()
    assert len({code for given in codes for code in given}) == 6


def test_receipts_are_there_with_the_notice_and_not_before(client):
    stand, hall = a_final(entries=1, jurors=2)
    hall.open()
    hall.cast(0, 80)
    hall.cast(1, 70)
    hall.close()
    stand.approved()
    assert [client.get(address(stand)).status_code for address in (receipts, verify)] == [404, 404]
    actions.publish_notice(actor=stand.clerk, round=stand.round)
    assert [client.get(address(stand)).status_code for address in (receipts, verify)] == [200, 200]


def test_a_final_sealed_in_an_earlier_format_says_that_it_has_no_codes(client, final, superuser):
    stand, _hall, codes = final()
    snapshot = stand.round.current_tally.snapshot
    for line in snapshot["entries"]:
        line["public"]["ballots"] = sorted(ballot["score"] for ballot in line["public"]["ballots"])
        del line["public"]["channels"]
    superuser.execute(
        "BEGIN; SET LOCAL session_replication_role = replica;"
        " UPDATE judging_tally SET snapshot = %s WHERE id = %s; COMMIT",
        (json.dumps(snapshot), stand.round.current_tally_id),
    )
    page = client.get(receipts(stand))
    assert (page.status_code, page.context["board"]) == (200, [])
    assert not client.get(verify(stand)).context["has_receipts"]


def test_a_published_final_is_verified_with_its_receipts(client, final, tmp_path):
    stand, _hall, codes = final()
    path = tmp_path / "bundle.json"
    path.write_bytes(
        client.get(reverse("publicity:results_bundle", args=[stand.edition.year, stand.round.key])).content
    )
    status, said = run(path, codes[1][0])
    assert (status, stand.round.current_tally.sha256 in said) == (0, True)
    assert f"{codes[1][0]}：{stand.projects[1].code} {stand.projects[1].title}，60 分" in said


def test_the_page_to_check_with_has_fingerprint_file_and_program(client, final):
    stand, _hall, _codes = final()
    page = client.get(verify(stand)).content.decode()
    assert stand.round.current_tally.sha256 in page
    assert reverse("publicity:results_bundle", args=[stand.edition.year, "final"]) in page
    assert static("verify_tally.py") in page
    assert receipts(stand) in page
    results = client.get(reverse("publicity:results", args=[stand.edition.year, "final"])).content.decode()
    assert verify(stand) in results
    assert receipts(stand) in results


def test_the_receipts_cost_the_same_for_one_project_and_for_six(client, final):
    one, six = final([[90, 80, 70]])[0], final([[90 - place, 80, 70] for place in range(6)])[0]
    assert queries_of(client, receipts(one)) == queries_of(client, receipts(six))
