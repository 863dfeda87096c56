"""Papers: gap-free numbers, frozen content, built once."""

from __future__ import annotations

import threading

import pytest
from django.db import connection, transaction

from accounts.actors import SYSTEM
from contest.actions import build_document, issue_document
from contest.enums import DocumentKind
from contest.models import Document, Event, StoredFile
from kit import clock
from kit.hashing import fingerprint
from tests.factories.contest import EditionFactory

CONTENT = {"paragraphs": [{"level": 0, "text": "经研究，现予公示。"}], "note": "（此件公开发布）"}


def issue(edition, **options) -> Document:
    with transaction.atomic():
        return issue_document(
            actor=SYSTEM,
            kind=DocumentKind.ANNOUNCEMENT,
            title="关于示范事项的公示",
            content=CONTENT,
            obj=edition,
            edition=edition,
            **options,
        )


@pytest.mark.django_db
def test_numbers_follow_each_other_per_office_and_year():
    edition = EditionFactory(published=False)

    texts = [issue(edition).number_text for _ in range(3)]

    mark, year = edition.office.mark, clock.today().year
    assert texts == [f"{mark}〔{year}〕{n}号" for n in (1, 2, 3)]
    assert issue(edition, numbered=False).number_text == ""


@pytest.mark.django_db
def test_number_of_a_refused_act_is_not_used_up():
    edition = EditionFactory(published=False)
    issue(edition)

    with transaction.atomic():
        issue(edition)
        transaction.set_rollback(True)

    assert issue(edition).number == 2


@pytest.mark.django_db(transaction=True)
def test_numbers_have_no_gap_and_no_twin_when_four_hands_write_at_once():
    edition = EditionFactory(published=False)
    barrier = threading.Barrier(4)

    def hand() -> None:
        barrier.wait()
        for _ in range(5):
            issue(edition)
        connection.close()

    hands = [threading.Thread(target=hand) for _ in range(4)]
    for thread in hands:
        thread.start()
    for thread in hands:
        thread.join()

    numbers = Document.objects.filter(number__isnull=False, object_id=str(edition.pk))
    assert sorted(numbers.values_list("number", flat=True)) == list(range(1, 21))


@pytest.mark.django_db
def test_content_is_frozen_with_everything_printed_beside_it():
    document = issue(EditionFactory(published=False))

    assert document.content["number"] == document.number_text
    assert document.content["verify"]["code"] == document.code
    assert document.content_sha256 == fingerprint(document.content)


@pytest.mark.django_db
def test_worker_builds_the_pdf_once(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        document = issue(EditionFactory(published=False))

    document.refresh_from_db()
    assert document.is_built
    assert document.file.size > 1000
    build_document(document=document)
    assert StoredFile.objects.count() == 1
    assert Event.objects.about(document).filter(verb="document.built").count() == 1


@pytest.mark.django_db
def test_codes_are_long_and_readable():
    document = issue(EditionFactory(published=False))

    assert len(document.code) == 12
    assert not set(document.code) & set("0O1IL")
