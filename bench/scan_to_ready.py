"""300 jurors who scan their cards in the same instant: the seconds until the last has the pad on the phone.

All come from one address through nginx and two web nodes. A phone asks for the page of the card, its style
sheet and script, takes the seat, is led to the pad and asks for the state of the stage for the first time.
Nobody may be refused; the median of the turns counts, each with fresh cards.
"""

import json
import re
import statistics
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

from bench._asking import get, post, status
from bench._ballots import PORTAL
from bench._crowd import Client, crowd
from bench._lines import within
from bench._nginx import installed, two_nodes
from bench._servers import in_python, own_database

JURORS, WARM_UP = 300, 16
MOST_S = 10
MOST_TURNS = 3
DATABASE = "gongzhi_bench_scan"
BROWSER = "Accept-Language: zh-CN,zh;q=0.9\r\nUser-Agent: Mozilla/5.0 (Linux; Android 10)\r\n"
#: As on port 80: nginx tells the nodes the host without a port.
ORIGIN = "Origin: http://127.0.0.1\r\n"
COOKIE = re.compile(rb"^set-cookie: *([^=;]+=[^;]*)", re.IGNORECASE | re.MULTILINE)
#: Of the page of a card: its style sheet, its script, and what its form sends along.
CARD = re.compile(
    rb'href="(/static/\S+\.css)".*src="(/static/\S+\.js)".*name="csrfmiddlewaretoken" value="(\w+)"',
    re.DOTALL,
)


def measure(rounds: int) -> dict[str, Any]:
    """Not ok either when somebody was refused."""
    installed()
    turns = min(rounds, MOST_TURNS)
    with ExitStack() as stack:
        environment = stack.enter_context(own_database(DATABASE))
        environment["STATIC_ROOT"] = stack.enter_context(tempfile.TemporaryDirectory())
        in_python(environment, "manage.py", "collectstatic", "--no-input", "--verbosity", "0")
        made_up = environment | {"DJANGO_SETTINGS_MODULE": "config.settings.test"}
        in_python(made_up, "-m", "bench._ballot_hall", "cards", str(WARM_UP + turns * JURORS))
        tokens = iter(json.loads(in_python(environment, "-m", "bench._ballot_hall", "tokens")))
        port = stack.enter_context(two_nodes(environment, *PORTAL))
        refusals: Counter[str] = Counter()
        crowd(port, jurors(WARM_UP, port, tokens, refusals))
        found = [crowd(port, jurors(JURORS, port, tokens, refusals)) for _turn in range(turns)]
    wrong = ", ".join(f"{times} × {refusal}" for refusal, times in refusals.items() if times)
    return within("scan_to_ready", round(statistics.median(found), 2), MOST_S, "s", wrong=wrong)


def jurors(number: int, port: int, tokens: Iterator[str], refusals: Counter[str]) -> list[Client]:
    return [juror(port, next(tokens), refusals) for _juror in range(number)]


def juror(port: int, token: str, refusals: Counter[str]) -> Client:
    """From the scan to the pad; whoever is refused stays behind and is counted."""

    def is_refused(answer: bytes, wanted: int, step: str, part: bytes = b"") -> bool:
        is_wrong = status(answer) != wanted or part not in answer
        refusals[f"{step} {status(answer)}"] += is_wrong
        return is_wrong

    page = yield get(port, f"/jury/c/{token}/", BROWSER)
    card = CARD.search(page)
    if card is None:
        refusals[f"card {status(page)}"] += 1
        return
    for path in card[1], card[2]:
        if is_refused((yield get(port, path.decode(), BROWSER)), 200, "file"):
            return
    cookies = COOKIE.findall(page)
    fields = {"csrfmiddlewaretoken": card[3].decode()}
    seat = yield post(port, f"/jury/c/{token}/", fields, f"{BROWSER}{ORIGIN}{sent_back(cookies)}")
    if is_refused(seat, 302, "seat", b"jury="):
        return
    own = BROWSER + sent_back(cookies + COOKIE.findall(seat))
    if is_refused((yield get(port, "/jury/", own)), 200, "pad", b"data-pad"):
        return
    is_refused((yield get(port, "/jury/state/", own)), 200, "state", b'"open"')


def sent_back(cookies: list[bytes]) -> str:
    return f"Cookie: {b'; '.join(cookies).decode()}\r\n"
