"""Every answer an expert can get while a round is scored, searched for the numbers of the others.

The other experts give points, comments, notes and fingerprints that occur nowhere else; one is locked, one
signed, one still a draft, one opened again. Then the expert follows every link, asks for every address of
the portal by name with the keys of everything there is, searches for the numbers and tries to take them
away. What could be found is tried out first: the same search finds the expert's own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from django.apps import apps
from django.test import Client
from django.urls import reverse

from accounts.enums import Role
from contest.actions import build_document
from contest.exports import offered_to
from contest.models import Document
from judging import actions
from judging.models import Assignment, ReviewNote, Sheet, SheetVersion
from judging.queries.signing import seen_mark, work_of
from tests.factories.accounts import UserFactory
from tests.factories.judging import Stand
from tests.judging.test_review_views import client_of
from tests.test_access import VIEWS, takes

pytestmark = pytest.mark.django_db

#: Points of the others: no page has these numbers for any other reason.
ODD = {"need": Decimal("13.5"), "innovation": Decimal("17.5")}
LINK = re.compile(r'(?:href|src|action|hx-get|hx-post)="([^"#]+)')
#: Pages that end the visit or change something.
LEFT_OUT = ("/accounts/logout", "/static/", "/i18n/", "/language")


@dataclass
class Secrets:
    """What only somebody else may see, as text that would stand on a page."""

    words: set[str]

    def found_in(self, body: str) -> set[str]:
        return {word for word in self.words if word in body}


def given(stand: Stand, assignment: Assignment, number: int) -> None:
    """A sheet with odd points and a comment of its own, saved."""
    points = stand.points("0.7") | ODD
    actions.save_sheet(
        actor=assignment.seat.expert,
        assignment=assignment,
        version=assignment.sheet.version,
        scores=points,
        comment=f"他人评语{number}号乙见",
    )


@pytest.fixture
def stand() -> Stand:
    """Two entries, four experts; the first has declared both and scored one, the others have gone on."""
    stand = Stand(entries=2, experts=4, sheets_per_entry=4, quorum_sheets=3)
    for assignment in stand.assignments():
        own = stand.declared(assignment.entry.number, assignment.seat.number)
        if own.seat.number > 1:
            given(stand, own, own.pk)
            actions.keep_note(
                actor=own.seat.expert, assignment=own, version=0, text=f"他人笔记{own.pk}乙见", highlights=[]
            )
    second = work_of(seat(stand, 2))[0].seat
    signer = seat(stand, 2)
    actions.sign_sheets(actor=second.expert, seat=signer, seen=seen_mark(work_of(signer)))
    third = stand.assignment(1, 3)
    actions.submit_sheet(actor=third.seat.expert, assignment=third, version=third.sheet.version)
    actions.unlock_sheet(
        actor=UserFactory(roles=[Role.SUPERVISOR]), assignment=stand.assignment(1, 3), reason="录入有误乙见"
    )
    own = stand.assignment(1, 1)
    actions.save_sheet(
        actor=own.seat.expert,
        assignment=own,
        version=own.sheet.version,
        scores=stand.points("0.6"),
        comment="我的评语ZY",
    )
    return stand


def seat(stand: Stand, number: int) -> Any:
    return stand.round.seats.select_related("expert", "round__edition", "round__rulebook").get(number=number)


@pytest.fixture
def secrets(stand) -> Secrets:
    others = Sheet.objects.exclude(assignment__seat__number=1)
    words = {str(points) for points in ODD.values()}
    words |= {str(sum(points.values())) for points in [stand.points("0.7") | ODD]}
    words |= {sheet.sha256 for sheet in others if sheet.sha256}
    words |= set(SheetVersion.objects.values_list("sha256", flat=True))
    words |= {note.text for note in ReviewNote.objects.exclude(assignment__seat__number=1)}
    words |= {"乙见", *(person.name for person in stand.experts[1:])}
    assert len(words) > 15
    return Secrets(words)


def body_of(answer: Any) -> str:
    """Everything that was sent: headers and content, files too."""
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return f"{dict(answer.headers)}\n{content.decode(errors='replace')}"


def crawl(client: Client, *starts: str) -> Iterator[tuple[str, str]]:
    """Every page that links lead to from these, each once, with what was sent."""
    waiting, seen = list(starts), set(starts)
    while waiting:
        address = waiting.pop()
        body = body_of(client.get(address, follow=True))
        yield address, body
        for link in LINK.findall(body):
            found = urljoin(f"http://testserver{address}", link.replace("&amp;", "&"))
            path = found.removeprefix("http://testserver")
            is_ours = urlsplit(found).netloc == "testserver" and not path.startswith(LEFT_OUT)
            if is_ours and path not in seen and len(seen) < 400:
                seen.add(path)
                waiting.append(path)


def named_addresses() -> Iterator[str]:
    """Every address of the review, the house and the public pages, filled in with the keys there are."""
    judging = apps.get_app_config("judging").get_models()
    some = {pk for model in judging for pk in model._default_manager.values_list("pk", flat=True)[:2]}
    keys = sorted(some | set(Sheet.objects.values_list("assignment", flat=True)))
    codes = [document.code for document in Document.objects.all()]
    for name in VIEWS:
        if not name.startswith(("judging:", "contest:", "publicity:")):
            continue
        if takes(name, set()):
            yield reverse(name)
        elif takes(name, {"pk"}):
            yield from (reverse(name, args=[key]) for key in keys)
        elif takes(name, {"pk", "number"}):
            yield from (reverse(name, args=[key, 1]) for key in keys)
        elif takes(name, {"code"}) and name.startswith("contest:"):
            yield from (reverse(name, args=[code]) for code in codes)


def test_no_link_leads_an_expert_to_anothers_numbers(stand, secrets):
    client = client_of(stand.experts[0])
    pages = dict(crawl(client, "/", "/review/", "/me/", "/projects/"))
    leaks = {address: secrets.found_in(body) for address, body in pages.items()}
    assert {address: found for address, found in leaks.items() if found} == {}
    own = "".join(body for address, body in pages.items() if address.startswith("/review/"))
    assert len([address for address in pages if address.startswith("/review/")]) >= 5
    assert "我的评语ZY" in own
    assert all(str(points) in own for points in stand.points("0.6").values())


def test_no_address_gives_an_expert_anothers_numbers(stand, secrets):
    for document in Document.objects.filter(kind="sheets"):
        build_document(document=document)
    client = client_of(stand.experts[0])
    tried, leaks = 0, {}
    for address in named_addresses():
        answer = client.get(address)
        tried += 1
        if found := secrets.found_in(body_of(answer)):
            leaks[address] = found
    assert tried > 200
    assert leaks == {}


def test_searching_sorting_and_taking_away_find_nothing(stand, secrets):
    client = client_of(stand.experts[0])
    pages = ["/review/", "/projects/", "/announcements/", "/desk/rounds/", "/audit/record/"]
    asked = ["13.5", "他人评语", "-total", "乙见"]
    for page in pages:
        for query in asked:
            for parameter in ("q", "order", "sort", "status"):
                body = body_of(client.get(page, {parameter: query}, follow=True))
                # What was asked for stands in the search box and in the links of the list again.
                found = secrets.found_in(body.replace(query, "")) - secrets.found_in(query)
                assert found == set(), (page, parameter)
    assert offered_to(stand.experts[0]) == []
    for kind in ("scores", "results", "record", "entries"):
        address = reverse("contest:export_new", args=[kind])
        assert client.post(address, {"form": "csv"}).status_code in (403, 404), kind


def test_what_is_sent_to_anothers_sheet_changes_and_tells_nothing(stand, secrets):
    client = client_of(stand.experts[0])
    other = stand.assignment(1, 4)
    before = Sheet.objects.get(assignment=other).version
    for name in ("review_assignment", "review_declare", "review_recuse", "review_skip", "review_note"):
        answer = client.post(
            reverse(f"judging:{name}", args=[other.pk]),
            {"version": "2", "act": "save", "has_conflict": "yes", "reason": "试", "text": "试"},
        )
        assert answer.status_code == 404
        assert secrets.found_in(body_of(answer)) == set()
    assert Sheet.objects.get(assignment=other).version == before


def test_the_public_sees_no_number_of_a_round_being_scored(stand, secrets):
    names = {person.name for person in stand.experts}
    pages = dict(crawl(Client(), "/", "/projects/", "/announcements/", "/sitemap.xml"))
    found = Secrets(secrets.words | names)
    assert {address for address, body in pages.items() if found.found_in(body)} == set()
    results = f"/editions/{stand.edition.year}/results/{stand.round.key}/"
    for address in (results, f"{results}bundle.json"):
        assert Client().get(address).status_code == 404


def test_the_search_would_find_them(stand, secrets):
    """The same words stand on the pages of those they belong to."""
    own = client_of(stand.experts[1])
    pages = "".join(body for _address, body in crawl(own, "/review/"))
    assert {"13.5", "17.5", "乙见"} <= secrets.found_in(pages)
    assert Sheet.objects.get(assignment=stand.assignment(1, 2)).sha256 in pages
