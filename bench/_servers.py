"""A database of a measurement's own, and servers on free ports of the loopback; both are gone afterwards."""

import atexit
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg2

ROOT = Path(__file__).resolve().parent.parent
WORKERS = 2
START_TIMEOUT_S = 40
STOP_TIMEOUT_S = 20
MIGRATED = "gongzhi_bench_migrated"


@contextmanager
def own_database(database: str) -> Iterator[dict[str, str]]:
    """An environment that points at a fresh, migrated database; it is dropped at the end."""
    if "DATABASE_ADMIN_URL" not in os.environ:
        sys.exit("bench: run it with `python -m config.embedded python -m bench`")
    drop(database)
    try:
        with admin("postgres") as run:
            run(f"CREATE DATABASE {database} OWNER gongzhi_owner TEMPLATE {migrated()}")
        yield at(database)
    finally:
        drop(database)


@cache
def migrated() -> str:
    """A database with every table and no row, from which the others are copied; made once a run."""
    drop(MIGRATED)
    atexit.register(drop, MIGRATED)
    with admin("postgres") as run:
        run(f"CREATE DATABASE {MIGRATED} OWNER gongzhi_owner")
    with admin(MIGRATED) as run:
        run("ALTER SCHEMA public OWNER TO gongzhi_owner")
    in_python(at(MIGRATED), "manage.py", "migrate", "--database", "owner", "--verbosity", "0")
    return MIGRATED


def drop(database: str) -> None:
    with admin("postgres") as run:
        run(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")


def at(database: str) -> dict[str, str]:
    """The environment of a process that works on this database."""
    addresses = {
        name: urlunsplit(urlsplit(os.environ[name])._replace(path=f"/{database}"))
        for name in ("DATABASE_URL", "DATABASE_OWNER_URL")
    }
    return os.environ | addresses | {"DJANGO_SETTINGS_MODULE": "config.settings.demo"}


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
        raise SystemExit(f"bench: {' '.join(arguments)} failed\n{done.stderr[-2000:]}")
    return done.stdout


@contextmanager
def server(environment: dict[str, str], target: str, ready_path: str) -> Iterator[int]:
    """The portal's own server on a free port of the loopback, stopped at the end."""
    port = free_port()
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
        ended(process)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def ended(process: subprocess.Popen) -> None:
    """Asked to stop, and made to if it does not."""
    process.terminate()
    try:
        process.wait(STOP_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


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
    raise SystemExit("bench: the server did not start")
