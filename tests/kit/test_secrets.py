"""What lies encrypted is read with the right key, at the right place, and nowhere else."""

import re

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured

from kit import secrets

NUMBER = "6222000011112222333"


def test_a_value_comes_back_and_never_looks_the_same_twice():
    one, two = (secrets.encrypt(NUMBER, place="here") for _ in range(2))
    assert one != two
    assert NUMBER not in one
    assert re.match(secrets.ENCRYPTED, one)
    assert secrets.decrypt(one, place="here") == secrets.decrypt(two, place="here") == NUMBER


@pytest.mark.parametrize(
    "change", [lambda t: t[:-2], lambda t: t[:30] + "A" + t[31:], lambda t: "", str.lower]
)
def test_what_was_tampered_with_is_unreadable(change):
    with pytest.raises(secrets.Unreadable):
        secrets.decrypt(change(secrets.encrypt(NUMBER, place="here")), place="here")


def test_a_value_moved_to_another_place_is_unreadable():
    with pytest.raises(secrets.Unreadable):
        secrets.decrypt(secrets.encrypt(NUMBER, place="grant:1"), place="grant:2")


def test_a_new_key_reads_the_old_values_and_takes_them_over(settings):
    old = settings.FIELD_KEYS
    token = secrets.encrypt(NUMBER, place="here")
    new = [Fernet.generate_key().decode()]
    settings.FIELD_KEYS = new + old
    carried = secrets.rotated(token)
    settings.FIELD_KEYS = new
    assert secrets.decrypt(carried, place="here") == NUMBER
    for lost in (secrets.rotated, lambda value: secrets.decrypt(value, place="here")):
        with pytest.raises(secrets.Unreadable):
            lost(token)


def test_without_a_key_nothing_is_kept(settings):
    settings.FIELD_KEYS = []
    with pytest.raises(ImproperlyConfigured):
        secrets.encrypt(NUMBER, place="here")
