"""What stands in front of the portal lets through what the portal takes, and no more."""

import re
from pathlib import Path

import pytest
from django.urls import reverse

from kit.logs import OPENING
from projects.attachments import LIMITS, MEGABYTE
from projects.enums import AttachmentKind

CONF = (Path(__file__).resolve().parents[2] / "deploy/nginx/nginx.conf").read_text()


#: Addresses that open something to whoever has them.
OPENERS = {
    "judging:jury_card": ["12.1.sEcReT"],
    "accounts:invitation_accept": ["sEcReT"],
    "account_confirm_email": ["sEcReT"],
    "account_reset_password_from_key": ["1", "sEcReT"],
}


def location_of(path: str) -> str:
    """The block that answers an address: the first regular expression that fits, else ``/``."""
    blocks = re.findall(r"location ~ (\S+) \{(.*?)\n        \}", CONF, re.S)
    assert len(blocks) > 2
    return next((body for pattern, body in blocks if re.search(pattern, path)), "")


def most_bytes(path: str) -> int:
    found = re.search(r"client_max_body_size (\d+)m;", location_of(path))
    return int(found[1]) * MEGABYTE if found else 2 * MEGABYTE


@pytest.mark.parametrize(
    "page",
    [
        reverse("projects:project_section", args=["2026-0001", "attachments"]),
        reverse("judging:live_recordings", args=[2026]),
    ],
)
def test_the_pages_of_films_take_the_largest_film_and_little_more(page):
    largest = LIMITS[AttachmentKind.VIDEO].max_bytes
    assert largest < most_bytes(page) <= largest + 16 * MEGABYTE
    assert "proxy_request_buffering on" in location_of(page)


@pytest.mark.parametrize(
    "path",
    [
        reverse("projects:project_section", args=["2026-0001", "basic"]),
        reverse("projects:project_submit", args=["2026-0001"]),
        reverse("projects:organisation_edit"),
        "/apply/projects/2026-0001/attachments/5/remove/",
        reverse("judging:live_recording_withdraw", args=[1]),
        "/me/",
        "/",
    ],
)
def test_no_other_page_takes_a_film(path):
    assert most_bytes(path) <= 64 * MEGABYTE


def test_pages_that_take_papers_take_a_paper():
    largest = LIMITS[AttachmentKind.STAMPED].max_bytes
    assert largest < most_bytes(reverse("projects:project_submit", args=["2026-0001"]))
    assert largest < most_bytes(reverse("projects:organisation_edit"))


def test_the_state_of_the_wall_is_asked_for_once_a_second_however_many_ask():
    block = re.search(r"location = (\S+) \{(.*?)\n        \}", CONF.split("listen 443")[1], re.S)
    assert block is not None
    assert block[1] == reverse("publicity:live_state")
    assert "proxy_cache live;" in block[2]
    assert "proxy_cache_valid 200 1s;" in block[2]
    # Neither a cookie nor another word in the address gets past what is kept.
    assert 'proxy_cache_key "$host/live/state/$arg_year";' in block[2]
    assert "bypass" not in block[2]
    assert "proxy_set_header" not in block[2], "it would drop all that are set above"


def test_a_picture_of_the_wall_is_kept_under_a_key_that_nobody_can_forge():
    block = location_of(reverse("publicity:live", args=[2026]))
    key = re.search(r'proxy_cache_key "(.*)";', block)
    assert key is not None
    # One of three words, then what holds no blank, then the only part that is anybody's to choose.
    assert key[1] == "$asks_for $host$request_uri $http_accept_language"
    # Nor is anything kept for long, or for whoever asks with a cookie or in another way than a wall.
    assert "updating" not in block
    assert "proxy_cache_bypass $is_personal $is_write $is_odd;" in block
    assert "proxy_no_cache $is_personal $is_write $is_odd $upstream_http_set_cookie;" in block


def test_no_log_holds_a_word_that_opens_something():
    told = re.search(r"map \$uri \$told \{(.*?)\n    \}", CONF, re.S)
    assert told is not None
    pattern = re.search(r'"~(.*)" (\S+);', told[1])
    assert pattern is not None
    cut = re.compile(pattern[1].replace("?<", "?P<"))
    assert "$request_method $told" in CONF
    assert '$uri"' not in CONF.split("log_format")[1].split(";")[0]
    for name, words in OPENERS.items():
        address = reverse(name, args=words)
        found = cut.match(address)
        assert found is not None, address
        assert "sEcReT" not in found["before"]
        assert "sEcReT" not in OPENING.sub(r"\1…", f"Forbidden: {address}")
    assert cut.match(reverse("accounts:invitation")) is None
