"""Ballots per second through the whole portal, against a bare view doing one upsert.

Both run under the same server with the same workers in a database of their own, which is dropped
afterwards; they are driven by turns over the same number of open connections on the loopback.
"""

import json
import os
import re
import selectors
import socket
import statistics
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import count, cycle
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

import psycopg2

ROOT = Path(__file__).resolve().parent.parent
TARGET = 0.6
CONNECTIONS = 16
SECONDS = 0.6
PAIRS_PER_ROUND = 4
WARM_UP_S = 0.7
WORKERS = 2
START_TIMEOUT_S = 40
DATABASE = "gongzhi_bench_ballot"
LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)


def measure(rounds: int) -> dict[str, Any]:
    """Median ballots per second of ours and bare, taken by turns; every answer must be a 200."""
    with ExitStack() as stack:
        environment = stack.enter_context(own_database())
        # Made with the settings of the tests: tasks run at once, mail stays in memory.
        made_up = environment | {"DJANGO_SETTINGS_MODULE": "config.settings.test"}
        hall = json.loads(in_python(made_up, "-m", "bench._ballot_hall"))
        ours = stack.enter_context(server(environment, "config.wsgi:application", "/healthz/"))
        bare = stack.enter_context(server(environment, "bench._bare_ballot:application", "/"))
        sides = {"ours": (ours, ballots(hall, ours)), "baseline": (bare, upserts(bare))}
        for port, requests in sides.values():
            drive(port, requests, WARM_UP_S)
        rates: dict[str, list[float]] = {side: [] for side in sides}
        # Many short turns: what else the machine does then falls on both sides alike.
        for _pair in range(rounds * PAIRS_PER_ROUND):
            for side, (port, requests) in sides.items():
                rates[side].append(drive(port, requests, SECONDS))
        check_kept()
    medians = {side: statistics.median(found) for side, found in rates.items()}
    ratio = statistics.median(a / b for a, b in zip(rates["ours"], rates["baseline"], strict=True))
    return {
        "name": "ballot_post",
        "ours": round(medians["ours"]),
        "baseline": round(medians["baseline"]),
        "unit": "requests/s",
        "ratio": round(ratio, 3),
        "target": f"≥ {TARGET}",
        "ok": ratio >= TARGET,
    }


# What is sent


def post(port: int, path: str, fields: dict[str, Any], headers: str = "") -> bytes:
    body = urlencode(fields)
    return (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{headers}"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    ).encode()


def ballots(hall: dict[str, Any], port: int) -> Iterator[bytes]:
    """What phones send, as a browser does: cookie, origin, a fresh nonce, a rising seq."""
    browser = (
        f"Origin: http://127.0.0.1:{port}\r\nAccept: application/json\r\n"
        "Accept-Language: zh-CN,zh;q=0.9\r\nUser-Agent: Mozilla/5.0 (Linux; Android 10)\r\n"
    )
    for seq, phone in zip(count(1), cycle(hall["phones"])):
        fields = {"entry": hall["entry"], "score": seq % 101, "nonce": uuid.uuid4().hex, "seq": seq}
        yield post(port, "/jury/vote/", fields, f"{browser}Cookie: jury={phone}\r\n")


def upserts(port: int) -> Iterator[bytes]:
    for number in count(1):
        yield post(port, "/vote/", {"juror": number % 300, "entry": 1, "score": number % 101})


def drive(port: int, requests: Iterator[bytes], seconds: float) -> float:
    """Answers per second over a fixed number of open connections; any answer but 200 ends it."""
    selector = selectors.DefaultSelector()
    for _number in range(CONNECTIONS):
        connection = socket.create_connection(("127.0.0.1", port))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        selector.register(connection, selectors.EVENT_READ)
        connection.sendall(next(requests))
    answered = 0
    started = time.perf_counter()
    deadline = started + seconds
    while time.perf_counter() < deadline:
        for key, _events in selector.select(1):
            connection = key.fileobj
            answer = whole_answer(connection)
            if not answer.startswith(b"HTTP/1.1 200"):
                raise SystemExit(f"ballot_post: unexpected answer {answer[:300]!r}")
            answered += 1
            connection.sendall(next(requests))
    elapsed = time.perf_counter() - started
    for key in list(selector.get_map().values()):
        whole_answer(key.fileobj)
        key.fileobj.close()
    selector.close()
    return answered / elapsed


def whole_answer(connection: socket.socket) -> bytes:
    """One answer, whether its length is announced or it comes in chunks."""
    data = connection.recv(65536)
    while not is_whole(data):
        more = connection.recv(65536)
        if not more:
            raise SystemExit(f"ballot_post: the server hung up after {data[:300]!r}")
        data += more
    return data


def is_whole(data: bytes) -> bool:
    head, gap, body = data.partition(b"\r\n\r\n")
    if not gap:
        return False
    announced = LENGTH.search(head)
    if announced:
        return len(body) >= int(announced[1])
    return body.endswith(b"0\r\n\r\n")


# What runs


@contextmanager
def own_database() -> Iterator[dict[str, str]]:
    """An environment that points at a fresh, migrated database; it is dropped at the end."""
    if "DATABASE_ADMIN_URL" not in os.environ:
        raise SystemExit("ballot_post: run it with `python -m config.embedded python -m bench`")
    with admin("postgres") as run:
        run(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
        run(f"CREATE DATABASE {DATABASE} OWNER gongzhi_owner")
    try:
        with admin(DATABASE) as run:
            run("ALTER SCHEMA public OWNER TO gongzhi_owner")
        environment = os.environ | {
            name: urlunsplit(urlsplit(os.environ[name])._replace(path=f"/{DATABASE}"))
            for name in ("DATABASE_URL", "DATABASE_OWNER_URL")
        }
        environment["DJANGO_SETTINGS_MODULE"] = "config.settings.demo"
        in_python(environment, "manage.py", "migrate", "--database", "owner", "--verbosity", "0")
        with admin(DATABASE) as run:
            run(
                "CREATE TABLE bench_bare_ballot (juror int, entry int, score int, PRIMARY KEY (juror, entry))"
            )
            run("GRANT SELECT, INSERT, UPDATE ON bench_bare_ballot TO gongzhi_app")
        yield environment
    finally:
        with admin("postgres") as run:
            run(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")


@contextmanager
def admin(database: str) -> Iterator[Callable[[str], list[tuple]]]:
    connection = psycopg2.connect(os.environ["DATABASE_ADMIN_URL"], dbname=database)
    connection.autocommit = True

    def run(statement: str) -> list[tuple]:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []

    try:
        yield run
    finally:
        connection.close()


def in_python(environment: dict[str, str], *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"ballot_post: {' '.join(arguments)} failed\n{done.stderr[-2000:]}")
    return done.stdout


@contextmanager
def server(environment: dict[str, str], target: str, ready_path: str) -> Iterator[int]:
    """The portal's own server on a free port of the loopback, stopped at the end."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    # A web process has no business with the owner's role.
    environment = {name: value for name, value in environment.items() if name != "DATABASE_OWNER_URL"}
    process = subprocess.Popen(
        [
            sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1",
            "--port", str(port), "--workers", str(WORKERS), "--blocking-threads", "4",
            "--no-access-log", "--log-level", "warning", target,
        ],
        cwd=ROOT,
        env=environment,
    )  # fmt: skip
    try:
        wait_until_ready(process, port, ready_path)
        yield port
    finally:
        process.terminate()
        process.wait(20)


def wait_until_ready(process: subprocess.Popen, port: int, path: str) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=5) as probe:
                probe.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
                if probe.recv(100).startswith(b"HTTP/1.1"):
                    return
        except OSError:
            time.sleep(0.2)
    raise SystemExit("ballot_post: the server did not start")


def check_kept() -> None:
    """Fast and lost would be no use: the current row of each card is the highest seq it sent."""
    with admin(DATABASE) as run:
        ((wrong, kept),) = run(
            "SELECT count(*) FILTER (WHERE b.seq <> last.seq), count(*) FROM judging_ballot b"
            " JOIN (SELECT card_id, entry_id, max(seq) AS seq FROM judging_ballotevent GROUP BY 1, 2) last"
            " USING (card_id, entry_id)"
        )
    if wrong or not kept:
        raise SystemExit(f"ballot_post: {wrong} of {kept} ballots are not the latest")
