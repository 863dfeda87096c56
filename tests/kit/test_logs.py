"""What opens something does not stand in a log."""

import io
import logging

import pytest
from django.test import Client

from kit.logs import HideTokens

SECRET = "12.1.sEcReT"


@pytest.mark.parametrize(
    ("path", "told"),
    [
        (f"/jury/c/{SECRET}/", "/jury/c/…/"),
        ("/accounts/invitation/sEcReT/", "/accounts/invitation/…/"),
        ("/jury/", "/jury/"),
    ],
)
def test_an_address_is_cut_short(path, told):
    record = logging.LogRecord("django", logging.WARNING, "", 0, "Forbidden (%s): %s", ("why", path), None)
    assert HideTokens().filter(record)
    assert record.getMessage() == f"Forbidden (why): {told}"


@pytest.mark.django_db
def test_the_refused_post_of_a_card_says_nothing_of_its_token():
    (console,) = (each for each in logging.getLogger().handlers if type(each) is logging.StreamHandler)
    said = io.StringIO()
    before = console.setStream(said)
    Client(enforce_csrf_checks=True).post(f"/jury/c/{SECRET}/")
    console.setStream(before)
    assert "/jury/c/…/" in said.getvalue()
    assert "sEcReT" not in said.getvalue()
