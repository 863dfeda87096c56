"""Results: not there before the notice, then complete and checkable."""

from __future__ import annotations

import json

import pytest
from django.templatetags.static import static
from django.urls import reverse

from judging import actions
from judging.enums import RoundKey
from kit.hashing import canonical, fingerprint
from publicity.queries import round_states
from tests.factories.judging import Stand
from tests.judging.test_decisions import final_with_ballots
from tests.publicity.test_board import uphold

pytestmark = pytest.mark.django_db


def addresses(stand: Stand) -> tuple[str, str]:
    arguments = [stand.edition.year, stand.round.key]
    return (
        reverse("publicity:results", args=arguments),
        reverse("publicity:results_bundle", args=arguments),
    )


def test_a_round_has_no_page_before_its_notice(client):
    stand = Stand(entries=2)
    page, bundle = addresses(stand)
    stand.score_all()
    for step in (
        lambda: actions.seal_tally(actor=stand.clerk, round=stand.round),
        lambda: actions.propose_decision(actor=stand.clerk, round=stand.reload()),
        lambda: actions.approve_decision(actor=stand.approver, round=stand.reload()),
    ):
        step()
        assert [client.get(address).status_code for address in (page, bundle)] == [404, 404]
    actions.publish_notice(actor=stand.clerk, round=stand.reload())
    assert [client.get(address).status_code for address in (page, bundle)] == [200, 200]


def test_the_result_page_shows_the_decided_list(client, announced):
    stand, announcement = announced(entries=2, advance=1)
    page = client.get(addresses(stand)[0]).content.decode()
    for line in stand.round.standing_decision.lines.for_list():
        assert line.entry.project.title in page
        assert f"{line.result.score:.2f}" in page
    assert stand.round.current_tally.sha256 in page
    assert announcement.get_absolute_url() in page
    assert reverse("publicity:announcement_object", args=[announcement.pk]) in page


def test_the_bundle_holds_all_that_a_result_can_be_checked_with(client, announced):
    stand, announcement = announced(entries=2)
    tally, rulebook = stand.round.current_tally, stand.round.rulebook
    answer = client.get(addresses(stand)[1])
    assert answer["Content-Type"] == "application/json"
    bundle = json.loads(answer.content)
    assert answer.content == canonical(bundle)
    assert bundle["tally"] == tally.snapshot
    assert bundle["tally_sha256"] == tally.sha256 == fingerprint(bundle["tally"])
    assert bundle["notice"]["tally_sha256"] == tally.sha256
    assert bundle["notice"]["number"] == announcement.notice.document.number_text
    assert bundle["rulebook"] == {
        "version": rulebook.version,
        "sha256": rulebook.sha256,
        "document": rulebook.document,
    }
    lines = stand.round.standing_decision.lines.for_list()
    assert [(line["place"], line["number"], line["advances"]) for line in bundle["decision"]["lines"]] == [
        (line.place, line.entry.number, line.advances) for line in lines
    ]
    assert bundle.pop("sha256") == fingerprint(bundle)


def test_the_bundle_names_nobody(client, announced):
    stand, _announcement = announced(entries=2)
    text = client.get(addresses(stand)[1]).content.decode()
    assert stand.projects[0].title in text
    for person in (*stand.experts, stand.clerk, stand.approver):
        assert person.name not in text


def test_the_page_offers_the_file_and_the_program(client, announced):
    stand, _announcement = announced(entries=1)
    page, bundle = addresses(stand)
    text = client.get(page).content.decode()
    assert f'href="{bundle}"' in text
    assert static("verify_tally.py") in text


def test_a_list_taken_back_is_not_shown_again_but_its_tally_is(client, announced):
    stand, announcement = announced(entries=2)
    page, bundle = addresses(stand)
    title = stand.projects[1].title
    assert title in client.get(page).content.decode()
    uphold(stand, announcement)
    answer = client.get(page)
    assert answer.status_code == 200
    assert title not in answer.content.decode()
    assert client.get(bundle).json()["decision"] is None


@pytest.mark.parametrize("key", ["nonsense", "intake", "FINAL"])
def test_an_unknown_round_is_not_found(client, announced, key):
    stand, _announcement = announced(entries=1)
    assert client.get(f"/editions/{stand.edition.year}/results/{key}/").status_code == 404
    assert client.get(f"/editions/1999/results/{stand.round.key}/").status_code == 404


def test_the_edition_page_links_published_rounds_only(client, announced):
    stand, _announcement = announced(entries=1)
    states = {state.key: state.is_published for state in round_states(stand.edition)}
    assert states == {"preliminary": True, "second": False, "final": False}
    page = client.get(stand.edition.get_absolute_url()).content.decode()
    assert addresses(stand)[0] in page
    assert f"/editions/{stand.edition.year}/results/final/" not in page


def test_the_wall_shows_no_score_before_the_notice(client, delivered):
    stand = final_with_ballots({1: [90] * 5, 2: [50] * 5})
    address = reverse("publicity:live", args=[stand.edition.year])
    title = stand.projects[0].title
    assert client.get(address).status_code == 200
    stand.sealed()
    page = client.get(address).content.decode()
    assert title not in page
    assert stand.reload().current_tally.sha256 in page


def test_the_wall_is_there_only_for_a_final_that_has_been_opened(client):
    stand = Stand(entries=1)
    assert client.get(reverse("publicity:live", args=[stand.edition.year])).status_code == 404
    final = Stand(key=RoundKey.FINAL, entries=1, opened=False)
    assert client.get(reverse("publicity:live", args=[final.edition.year])).status_code == 404


def test_the_wall_answers_a_poll_with_an_etag(client):
    stand = Stand(key=RoundKey.FINAL, entries=1)
    address = reverse("publicity:live", args=[stand.edition.year])
    first = client.get(address, headers={"HX-Request": "true"})
    assert first.status_code == 200
    assert b"<html" not in first.content
    again = client.get(address, headers={"HX-Request": "true", "If-None-Match": first["ETag"]})
    assert again.status_code == 304
