"""Ballots as phones send them, and for two bare yardsticks; and what must be in the database afterwards."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count, cycle
from typing import Any
from uuid import UUID, uuid4

from bench._asking import post
from bench._servers import admin, in_python

PORTAL = ("config.wsgi:application", "/healthz/")
BARE = ("bench._bare_ballot:application", "/")
#: As wide as what the portal keeps of a ballot, and like it with one index each.
BARE_TABLES = """
CREATE TABLE bench_bare_ballot (juror int, entry int, score int, PRIMARY KEY (juror, entry));
CREATE TABLE bench_bare_event (
    nonce uuid PRIMARY KEY, juror int, entry int, score int, seq bigint, received_at timestamptz
);
CREATE TABLE bench_bare_current (
    juror int, entry int, score int, seq bigint, nonce uuid, received_at timestamptz,
    PRIMARY KEY (juror, entry)
);
GRANT SELECT, INSERT, UPDATE ON bench_bare_ballot, bench_bare_event, bench_bare_current TO gongzhi_app;
"""


@dataclass(frozen=True)
class Tap:
    """One ballot under way."""

    nonce: UUID
    request: bytes


def bare_tables(database: str) -> None:
    with admin(database) as run:
        run(BARE_TABLES)


def a_hall(environment: dict[str, str], jurors: int) -> dict[str, Any]:
    """An open entry and phones with cards; made with the settings of the tests: tasks run at once, mail
    stays in memory."""
    made_up = environment | {"DJANGO_SETTINGS_MODULE": "config.settings.test"}
    return json.loads(in_python(made_up, "-m", "bench._ballot_hall", "phones", str(jurors)))


def ballots(hall: dict[str, Any], port: int, host: str) -> Iterator[Tap]:
    """What phones send, as a browser does: cookie, origin, a fresh nonce, a rising seq."""
    browser = (
        f"Origin: http://{host}\r\nAccept: application/json\r\n"
        "Accept-Language: zh-CN,zh;q=0.9\r\nUser-Agent: Mozilla/5.0 (Linux; Android 10)\r\n"
    )
    for seq, phone in zip(count(1), cycle(hall["phones"])):
        nonce = uuid4()
        fields = {"entry": hall["entry"], "score": seq % 101, "nonce": nonce.hex, "seq": seq}
        yield Tap(nonce, post(port, "/jury/vote/", fields, f"{browser}Cookie: jury={phone}\r\n"))


def upserts(port: int, jurors: int) -> Iterator[Tap]:
    """For the view of one statement."""
    for number in count(1):
        fields = {"juror": number % jurors, "entry": 1, "score": number % 101}
        yield Tap(uuid4(), post(port, "/upsert/", fields))


def pairs(port: int, jurors: int) -> Iterator[Tap]:
    """For the view of two statements."""
    for seq in count(1):
        nonce = uuid4()
        fields = {"juror": seq % jurors, "entry": 1, "score": seq % 101, "nonce": nonce.hex, "seq": seq}
        yield Tap(nonce, post(port, "/pair/", fields))


def check_kept(database: str) -> None:
    """Fast and lost would be no use: the current row of each card is the highest seq it sent."""
    with admin(database) as run:
        ((wrong, kept),) = run(
            "SELECT count(*) FILTER (WHERE b.seq <> last.seq), count(*) FROM judging_ballot b"
            " JOIN (SELECT card_id, entry_id, max(seq) AS seq FROM judging_ballotevent GROUP BY 1, 2) last"
            " USING (card_id, entry_id)"
        )
    if wrong or not kept:
        raise SystemExit(f"bench: {wrong} of {kept} ballots are not the latest")


def stored(database: str) -> set[UUID]:
    """The ballots in the portal's trail."""
    with admin(database) as run:
        return {UUID(nonce) for (nonce,) in run("SELECT nonce::text FROM judging_ballotevent")}
