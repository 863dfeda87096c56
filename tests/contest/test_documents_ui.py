"""Verifying a paper, downloading it, and who may."""

import pytest
from django.db import transaction
from django.urls import reverse

from accounts.actors import SYSTEM
from accounts.enums import Role
from contest import documents_access
from contest.actions import build_document, issue_document
from contest.enums import DocumentKind
from contest.models import Document
from tests.factories.accounts import UserFactory
from tests.factories.contest import EditionFactory
from tests.pages import queries_of

pytestmark = pytest.mark.django_db


def issue(is_public=True, title="关于示范事项的公告") -> Document:
    edition = EditionFactory(published=False)
    with transaction.atomic():
        return issue_document(
            actor=SYSTEM,
            kind=DocumentKind.ANNOUNCEMENT,
            title=title,
            content={"paragraphs": [{"level": 0, "text": "现予公告。"}]},
            obj=edition,
            edition=edition,
            is_public=is_public,
        )


def test_code_confirms_number_title_office_date_and_fingerprints(client):
    document = build_document(document=issue())
    page = client.get(document.get_absolute_url())
    text = page.content.decode()
    for part in (
        document.number_text,
        document.title,
        document.office.name,
        document.content_sha256,
        document.file.sha256,
    ):
        assert part in text


@pytest.mark.parametrize("change", [str.lower, lambda code: f" {code[:4]} {code[4:8]}-{code[8:]} "])
def test_code_is_read_as_people_type_it(client, change):
    document = issue()
    response = client.get(reverse("contest:verify_form"), {"code": change(document.code)}, follow=True)
    assert response.status_code == 200
    assert document.title in response.content.decode()
    assert client.get(reverse("contest:verify", args=[document.code.lower()]))["Location"] == (
        document.get_absolute_url()
    )


@pytest.mark.parametrize("code", ["ABCDEFGHJKMN", "0", "'; DROP TABLE", "x" * 500, "ＡＢＣ", "../../etc"])
def test_unknown_code_is_a_clear_404(client, code):
    issue()
    response = client.get(reverse("contest:verify_form"), {"code": code}, follow=True)
    assert response.status_code == 404
    assert "verify_form.html" in str([template.name for template in response.templates])


def test_empty_code_shows_the_form(client):
    assert client.get(reverse("contest:verify_form"), {"code": " "}).status_code == 200


def test_public_pdf_is_for_everyone(client):
    document = build_document(document=issue())
    response = client.get(document.pdf_url)
    assert response.status_code == 200
    assert response["Content-Type"] == "application/pdf"
    assert b"".join(response.streaming_content).startswith(b"%PDF")


def test_pdf_that_is_being_made_says_so_and_asks_again(client):
    document = issue()
    response = client.get(document.pdf_url)
    assert (response.status_code, response["Refresh"]) == (202, "3")
    build_document(document=document)
    response = client.get(document.pdf_url)
    assert response.status_code == 200
    b"".join(response.streaming_content)


def test_private_pdf_is_closed_unless_a_reader_is_registered(client, monkeypatch):
    document = build_document(document=issue(is_public=False, title="关于某单位的函"))
    outsider, reader = UserFactory(), UserFactory()
    assert client.get(document.pdf_url).status_code == 404
    client.force_login(outsider)
    assert client.get(document.pdf_url).status_code == 404
    assert "关于某单位的函" not in client.get(document.get_absolute_url()).content.decode()
    monkeypatch.setattr(documents_access, "_readers", {})
    documents_access.readers("contest.Edition", lambda user, paper: user == reader)
    assert client.get(document.pdf_url).status_code == 404
    client.force_login(reader)
    response = client.get(document.pdf_url)
    assert response.status_code == 200
    b"".join(response.streaming_content)


def test_auditor_reads_every_paper(client):
    document = build_document(document=issue(is_public=False))
    client.force_login(UserFactory(roles=[Role.CLERK]))
    assert client.get(document.pdf_url).status_code == 404
    client.force_login(UserFactory(roles=[Role.AUDITOR]))
    response = client.get(document.pdf_url)
    assert response.status_code == 200
    b"".join(response.streaming_content)


def test_paper_list_costs_the_same_for_one_and_thirty(client, clerk):
    client.force_login(clerk)
    address = reverse("contest:desk_document_list")
    document = issue()
    few = queries_of(client, address)
    for _number in range(29):
        with transaction.atomic():
            issue_document(
                actor=SYSTEM,
                kind=DocumentKind.ANNOUNCEMENT,
                title="关于示范事项的公告",
                content={},
                obj=document.edition,
                edition=document.edition,
            )
    assert queries_of(client, address) == few
