"""A hall full of simulated phones, and what they saw compared with what is stored.

They keep the rule of ``static/js/jury.js``: a tap has its nonce and a rising number before it is sent
first, taps leave in the order they were made, and each is sent again, the same, until the portal itself
has answered for it.
"""

from __future__ import annotations

import json
import random
import threading
import time
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from itertools import pairwise
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

#: As jury.js waits for an answer; between two tries it waits two seconds, a drill has less time.
PATIENCE_S = 6
RETRY_S = 0.2
#: A phone whose portal is not back by then has not gone on by itself.
GIVE_UP_S = 90
#: How long a juror thinks before the next tap.
THINKS_S = (0.01, 0.06)
#: Every node believes itself to be this site, whatever port it listens on.
HOST = "localhost"


@dataclass
class Answer:
    """What came back, by status and text; ``status`` 0: nothing did."""

    status: int = 0
    text: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_there(self) -> bool:
        return self.status in (200, 304)


class Line:
    """A client that knows several addresses of the same portal and takes the next when one is silent."""

    def __init__(self, ports: Sequence[int], cookie: str = "") -> None:
        self.ports = deque(ports)
        self.headers = {"Host": HOST, "Origin": f"http://{HOST}", "Cookie": cookie}
        self.connection: HTTPConnection | None = None

    def ask(self, method: str, path: str, fields: Any = None, **headers: str) -> Answer:
        """One try at one address."""
        body = urlencode(fields) if fields else None
        sent = self.headers | headers
        if body:
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            self.connection = self.connection or HTTPConnection(
                "127.0.0.1", self.ports[0], timeout=PATIENCE_S
            )
            self.connection.request(method, path, body=body, headers=sent)
            response = self.connection.getresponse()
            answer = Answer(response.status, response.read().decode(), dict(response.getheaders()))
        except (OSError, HTTPException):
            answer = Answer()
        if answer.status == 0 or answer.status >= 500:
            self.hang_up()
            self.ports.rotate(1)
        return answer

    def __enter__(self) -> Line:
        return self

    def __exit__(self, *error: object) -> None:
        self.hang_up()

    def hang_up(self) -> None:
        if self.connection:
            self.connection.close()
        self.connection = None


@dataclass
class Tap:
    """One score a juror has tapped, and what the phone was told about it."""

    card: int
    score: int
    seq: int
    nonce: str = field(default_factory=lambda: uuid4().hex)
    made_at: float = field(default_factory=time.monotonic)
    tries: int = 0
    travel_s: float | None = None
    answered_at: float = 0
    answer: dict[str, Any] = field(default_factory=dict)

    @property
    def is_taken(self) -> bool:
        return "code" in self.answer

    @property
    def is_refused(self) -> bool:
        return "error" in self.answer


class Phone(threading.Thread):
    """Taps scores for one project until told to stop, then sends what is left in its queue."""

    def __init__(self, cookie: str, entry: int, ports: Sequence[int], enough: threading.Event) -> None:
        super().__init__(daemon=True)
        self.card = int(cookie.partition(".")[0])
        self.entry = entry
        self.enough = enough
        self.line = Line(ports, f"jury={cookie}")
        self.line.headers["Accept"] = "application/json"
        self.taps: list[Tap] = []
        self.queue: deque[Tap] = deque()
        self.etag = ""
        self.followed = 0

    def run(self) -> None:
        while not self.enough.is_set():
            for _change_of_mind in range(random.choice((1, 1, 1, 2))):
                self.tap()
            self.flush()
            self.follow()
            time.sleep(random.uniform(*THINKS_S))
        self.line.hang_up()

    def tap(self) -> None:
        last = self.taps[-1].seq if self.taps else 0
        tap = Tap(self.card, random.randint(0, 100), max(int(time.time() * 1000), last + 1))
        self.taps.append(tap)
        self.queue.append(tap)

    def flush(self) -> None:
        while self.queue:
            tap = self.queue[0]
            if self.send(tap):
                self.queue.popleft()
            elif time.monotonic() - tap.made_at > GIVE_UP_S:
                self.queue.clear()
            elif not tap.travel_s:
                time.sleep(RETRY_S)

    def send(self, tap: Tap) -> bool:
        """Whether the portal has answered for the tap."""
        sent_at = time.monotonic()
        fields = {"entry": self.entry, "score": tap.score, "nonce": tap.nonce, "seq": tap.seq}
        if tap.tries:
            fields["waited"] = int(1000 * (sent_at - tap.made_at + (tap.travel_s or 0)))
        tap.tries += 1
        answer = self.line.ask("POST", "/jury/vote/", fields)
        found = answer_of_the_portal(answer)
        if not found:
            return False
        was_slow = tap.travel_s is not None
        tap.travel_s = (time.monotonic() - sent_at) / 2
        # Perhaps it came too late only because it was long on its way.
        if found.get("error") == "voting_closed" and not was_slow:
            return False
        tap.answer, tap.answered_at = found, time.monotonic()
        return True

    def follow(self) -> None:
        answer = self.line.ask("GET", "/jury/state/", **({"If-None-Match": self.etag} if self.etag else {}))
        self.etag = answer.headers.get("ETag", self.etag)
        self.followed += answer.is_there


def answer_of_the_portal(answer: Answer) -> dict[str, Any]:
    """What a phone believes: JSON that is a receipt or a refusal; anything else is a bad network."""
    if answer.status in (0, 429) or answer.status >= 500:
        return {}
    try:
        found = json.loads(answer.text)
    except ValueError:
        return {}
    is_whole = isinstance(found, dict) and ("code" if answer.status == 200 else "error") in found
    return found if is_whole else {}


class Crowd:
    """All phones of a hall, tapping for as long as the block runs; at its end every queue is empty."""

    def __init__(self, cookies: Iterable[str], entry: int, ports: Sequence[int]) -> None:
        self.enough = threading.Event()
        # Half of them begin with the other node.
        self.phones = [
            Phone(cookie, entry, ports if number % 2 else ports[::-1], self.enough)
            for number, cookie in enumerate(cookies)
        ]

    def __enter__(self) -> Crowd:
        for phone in self.phones:
            phone.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.enough.set()
        for phone in self.phones:
            phone.join(GIVE_UP_S + 2 * PATIENCE_S)

    @property
    def taps(self) -> list[Tap]:
        return [tap for phone in self.phones for tap in list(phone.taps)]

    def taken_since(self, moment: float) -> int:
        return sum(tap.is_taken and tap.made_at > moment for tap in self.taps)

    def all_taken_since(self, moment: float) -> bool:
        """Whether every phone has had a tap made after ``moment`` acknowledged."""
        return all(
            any(tap.is_taken and tap.made_at > moment for tap in reversed(phone.taps))
            for phone in self.phones
        )


@dataclass(frozen=True)
class Stored:
    """What the database holds: every tap by nonce, and the row that counts by card."""

    #: nonce → (card, score, seq)
    trail: Mapping[str, tuple[int, int, int]]
    #: (card, nonce, score, seq), one per card if all is well
    rows: Sequence[tuple[int, str, int, int]]


@dataclass(frozen=True)
class Compared:
    """What phones were told against what is stored. Only the first two and ``retries`` may be positive."""

    taken: int
    refused: int
    retries: int
    #: longest time in which no phone had anything acknowledged
    gap_s: float
    stored: int
    #: acknowledged, and not stored as it was sent
    lost: int
    #: stored, and never sent
    ghosts: int
    #: refused, and stored all the same
    smuggled: int
    #: cards whose row is not their latest tap, or that have none or several
    wrong: int
    #: taps no answer ever came for
    untold: int

    @property
    def faults(self) -> dict[str, int]:
        named = ("lost", "ghosts", "smuggled", "wrong", "untold")
        return {name: getattr(self, name) for name in named if getattr(self, name)}

    def __str__(self) -> str:
        return (
            f"{self.taken} acknowledged, {self.refused} refused, {self.stored} stored, {self.lost} lost, "
            f"{self.retries} sent again, longest gap {self.gap_s:.1f} s"
        )


def compare(taps: Sequence[Tap], stored: Stored) -> Compared:
    """Hold what the phones remember against the database."""
    sent = {tap.nonce: (tap.card, tap.score, tap.seq) for tap in taps}
    taken = [tap for tap in taps if tap.is_taken]
    moments = sorted(tap.answered_at for tap in taken)
    return Compared(
        taken=len(taken),
        refused=sum(tap.is_refused for tap in taps),
        retries=sum(max(tap.tries - 1, 0) for tap in taps if not tap.is_refused),
        gap_s=max((b - a for a, b in pairwise(moments)), default=0),
        stored=len(stored.trail),
        lost=sum(stored.trail.get(tap.nonce) != sent[tap.nonce] for tap in taken),
        ghosts=sum(sent.get(nonce) != what for nonce, what in stored.trail.items()),
        smuggled=sum(tap.is_refused and tap.nonce in stored.trail for tap in taps),
        wrong=_wrong_rows(taken, stored),
        untold=sum(not tap.answer for tap in taps),
    )


def _wrong_rows(taken: Sequence[Tap], stored: Stored) -> int:
    """A card's row must be the tap with the highest number that was acknowledged or stored."""
    latest: dict[int, tuple[int, str, int]] = {}
    known = [(card, (seq, nonce, score)) for nonce, (card, score, seq) in stored.trail.items()]
    known += [(tap.card, (tap.seq, tap.nonce, tap.score)) for tap in taken]
    for card, tap in known:
        latest[card] = max(latest.get(card, tap), tap)
    should = sorted((card, nonce, score, seq) for card, (seq, nonce, score) in latest.items())
    return len(set(should) ^ set(stored.rows)) + len(stored.rows) - len(set(stored.rows))
