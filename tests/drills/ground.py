"""Servers of a drill's own, to be killed at will: PostgreSQL, Redis, web nodes.

Everything stands in one temporary folder, so that the servers of the test session live on. One migrated
database with a live final in it is made once; every drill works on a copy.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import psutil
import psycopg2

from bench._nginx import nginx
from config import demo, embedded
from config.embedded import Folder
from tests.drills.phones import Answer, Crowd, Line, Stored
from tests.portal import eventually, free_port

PORTAL = "config.wsgi:application"
SETTINGS = "config.settings.demo"
ANY_TOKEN = "d" * 32
READY = "/jury/state/"


def kill_processes(processes: Sequence[psutil.Process]) -> None:
    """All at once and without warning; back when they are gone."""
    for process in processes:
        process.kill()
    psutil.wait_procs(processes, timeout=20)


class Ground:
    """PostgreSQL and Redis of a drill's own, and the database with the final that is copied."""

    def __init__(self, base: Path) -> None:
        self.folder = Folder(base)
        self.folder.prepare()
        self.start_postgres()
        self.start_redis()
        # What a crash takes along without durable commits is then more than the last blink.
        self.sql("postgres", "ALTER SYSTEM SET wal_writer_delay = '10s'")
        self.sql("postgres", "SELECT pg_reload_conf()")
        environment = self.environment(embedded.DATABASE)
        demo.manage(environment, "migrate", "--database", "owner", "--verbosity", "0")
        demo.collect_static(environment)
        self.hall: dict[str, Any] = self._make_hall(environment)

    def environment(self, database: str) -> dict[str, str]:
        mine = self.folder.environment()
        return {
            **os.environ,
            **mine,
            "DATABASE_URL": self.folder.database_url("gongzhi_app", database),
            "DATABASE_OWNER_URL": self.folder.database_url("gongzhi_owner", database),
            "DJANGO_SETTINGS_MODULE": SETTINGS,
            "LOG_LEVEL": "WARNING",
        }

    @staticmethod
    def _make_hall(environment: dict[str, str]) -> dict[str, Any]:
        done = subprocess.run(
            [sys.executable, "-m", "tests.drills.live_hall"],
            cwd=embedded.ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    def sql(self, database: str, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """One statement as the superuser, by a connection of its own."""
        with closing(psycopg2.connect(self.folder.database_url("postgres", database))) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(statement, values or None)
                return cursor.fetchall() if cursor.description else []

    def start_postgres(self) -> None:
        embedded.start_postgres(self.folder)

    def kill_postgres(self) -> None:
        """The postmaster and all its children, as when the power goes."""
        postmaster = psutil.Process(embedded.postmaster_pid(self.folder))
        children = postmaster.children(recursive=True)
        kill_processes([postmaster, *children])

    def start_redis(self) -> None:
        embedded.start_redis(self.folder)

    def kill_redis(self) -> None:
        kill_processes([self._redis()])

    def freeze_redis(self) -> None:
        """It takes connections and says nothing any more, as a machine does that has lost its network."""
        self._redis().suspend()

    def thaw_redis(self) -> None:
        self._redis().resume()

    def _redis(self) -> psutil.Process:
        return psutil.Process(int((self.folder.sockets / "redis.pid").read_text()))

    def stop(self) -> None:
        embedded.stop_redis(self.folder)
        embedded.stop_postgres(self.folder)
        shutil.rmtree(self.folder.sockets, ignore_errors=True)


@dataclass
class Node:
    """One web node on a port of its own, as ``deploy`` starts it, with one worker."""

    name: str
    environment: dict[str, str]
    logs: Path
    application: str = PORTAL
    port: int = field(default_factory=free_port)
    part: demo.Part | None = None

    def start(self) -> None:
        command = (
            demo.program("granian"), "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(self.port),
            "--workers", "1", "--blocking-threads", "4", "--respawn-failed-workers",
            "--no-access-log", "--log-level", "warning", self.application,
        )  # fmt: skip
        self.part = demo.launch(self.name, command, self.environment, self.logs)

    def wait(self) -> None:
        """Back when it answers."""
        assert eventually(self.answers, 60), self.part and self.part.last_lines()

    def answers(self) -> bool:
        with Line([self.port]) as line:
            return line.ask("GET", READY).is_there

    def family(self) -> list[psutil.Process]:
        assert self.part is not None
        main = psutil.Process(self.part.process.pid)
        return [main, *main.children(recursive=True)]

    def kill(self) -> None:
        """The whole node."""
        assert self.part is not None
        kill_processes(self.family())
        self.part.process.wait()
        self.part = None

    def kill_worker(self) -> None:
        """What serves, but not what watches over it."""
        kill_processes(self.family()[1:])


class Final:
    """A live final on a database of its own, served by two nodes."""

    def __init__(self, ground: Ground, database: str) -> None:
        self.ground = ground
        self.database = database
        self.hall = ground.hall
        self.nodes: list[Node] = []

    # Nodes

    def serve(self, *applications: str, clocks: Sequence[int] = (0, 0), **settings: str) -> None:
        """Start two nodes, with the portal or what is to stand in its place; ``clocks`` says how many
        seconds each is fast."""
        environment = self.ground.environment(self.database) | settings
        environment = {name: value for name, value in environment.items() if name not in demo.NOT_FOR_SERVING}
        targets = applications or (PORTAL, PORTAL)
        for number, (target, fast_s) in enumerate(zip(targets, clocks, strict=True)):
            own = environment | {"CLOCK_FAST_S": str(fast_s)}
            self.nodes.append(Node(f"web-{number}", own, self.ground.folder.logs, target))
            self.nodes[-1].start()
        for node in self.nodes:
            node.wait()

    @property
    def ports(self) -> list[int]:
        return [node.port for node in self.nodes]

    def stop(self) -> None:
        demo.stop_all([node.part for node in self.nodes if node.part])

    # What happens in it

    def crowd(self, ports: Sequence[int] = ()) -> Crowd:
        """The jury, at both nodes or at what stands in front of them."""
        return Crowd(self.hall["phones"], self.hall["entry"], ports or self.ports)

    def press(self, act: str) -> int:
        """A button of the director's console; the status of the answer."""
        return self.at_the_desk(f"/desk/live/{self.hall['year']}/", act=act).status

    def at_the_desk(self, path: str, **fields: Any) -> Answer:
        """Send a form as the clerk whose page showed the stage as it stands now."""
        ((seen,),) = self.sql("SELECT version FROM judging_show")
        headers = {"X-CSRFToken": ANY_TOKEN, "HX-Request": "true"}
        with Line(self.ports, f"{self.hall['desk']}; csrftoken={ANY_TOKEN}") as line:
            return line.ask("POST", path, fields | {"seen": seen}, **headers)

    # What is stored

    def sql(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        return self.ground.sql(self.database, statement, *values)

    def stored(self) -> Stored:
        trail = self.sql("SELECT nonce::text, card_id, score, seq FROM judging_ballotevent")
        rows = self.sql("SELECT card_id, nonce::text, score, seq FROM judging_ballot")
        return Stored(
            {nonce.replace("-", ""): (card, score, seq) for nonce, card, score, seq in trail},
            [(card, nonce.replace("-", ""), score, seq) for card, nonce, score, seq in rows],
        )

    def window(self) -> tuple[datetime, datetime | None]:
        """When the scoring of the project was opened last, and when it closes."""
        ((opens, closes),) = self.sql(
            "SELECT voting_opens_at, voting_closes_at FROM judging_roundentry WHERE id = %s",
            self.hall["entry"],
        )
        return opens, closes

    def close_in(self, seconds: float, *, open_for_s: float) -> None:
        """Let the window run out by itself, and be open for so long already."""
        self.sql(
            "UPDATE judging_roundentry SET voting_opens_at = clock_timestamp() - %s * interval '1 second',"
            " voting_closes_at = clock_timestamp() + %s * interval '1 second' WHERE id = %s",
            open_for_s,
            seconds,
            self.hall["entry"],
        )

    def is_open(self) -> bool:
        """By the database's clock."""
        opens_closes_now = "voting_opens_at <= clock_timestamp() AND clock_timestamp() < voting_closes_at"
        ((found,),) = self.sql(
            f"SELECT {opens_closes_now} FROM judging_roundentry WHERE id = %s", self.hall["entry"]
        )
        return bool(found)

    def stored_from(self, moment: datetime | None) -> int:
        """Ballots with this stamp or a later one."""
        ((found,),) = self.sql("SELECT count(*) FROM judging_ballotevent WHERE received_at >= %s", moment)
        return int(found)


@contextmanager
def in_front_of(nodes: Sequence[Node]) -> Iterator[list[int]]:
    """The port of nginx by ``deploy/nginx/nginx.conf``; on a machine without it phones know every node."""
    ports = [node.port for node in nodes]
    if shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin") is None:
        yield ports
        return
    with nginx(ports, READY) as port:
        yield [port]


@contextmanager
def a_final(ground: Ground, number: int) -> Iterator[Final]:
    """A fresh copy of the final; what a drill has killed is brought up again afterwards."""
    database = f"drill_{number}"
    ground.sql("postgres", f"CREATE DATABASE {database} TEMPLATE {embedded.DATABASE} OWNER gongzhi_owner")
    # A crash must not bring back numbers the copy has given out since: sequences copied in mid-count
    # write down what they give out only from the next checkpoint on.
    ground.sql(database, "CHECKPOINT")
    final = Final(ground, database)
    try:
        yield final
    finally:
        final.stop()
        ground.start_redis()
        ground.start_postgres()
        ground.sql("postgres", f"DROP DATABASE {database} WITH (FORCE)")
