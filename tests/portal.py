"""A running portal for journeys and drills: web, worker and beat as processes of their own.

They share the test database, so a test can look at what they did, and kill them to see what
happens. Everything they commit is cleared away after the test.
"""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.conf import settings
from django.db import connections
from redis import Redis

from config import demo
from config.celery import app as celery_app
from config.settings.base import redis_url

CHROMIUM = "/usr/bin/chromium-headless-shell"
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--lang=zh-CN",
]


def eventually(condition: Callable[[], object], seconds: float = 30, step: float = 0.1) -> bool:
    """Whether ``condition`` comes true in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(step)
    return bool(condition())


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclass
class Portal:
    """Processes around one test database; each can be started and killed by itself."""

    folder: Path
    port: int = field(default_factory=free_port)
    parts: dict[str, demo.Part] = field(default_factory=dict)
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def mail_dir(self) -> Path:
        return self.folder / "mail"

    def environment(self) -> dict[str, str]:
        name = connections["default"].settings_dict["NAME"]
        address = urlsplit(os.environ["DATABASE_URL"])
        return os.environ | {
            "DJANGO_SETTINGS_MODULE": "config.settings.test",
            "DATABASE_URL": urlunsplit(address._replace(path=f"/{name}")),
            "REAL_WORKER": "true",
            "SITE_URL": self.url,
            "MEDIA_ROOT": settings.MEDIA_ROOT,
            "MAIL_DIR": str(self.mail_dir),
            **self.settings,
        }

    def launch(self, name: str, *command: str) -> demo.Part:
        part = demo.launch(name, command, self.environment(), self.folder)
        self.parts[name] = part
        return part

    def start_web(self, application: str = "config.wsgi:application") -> demo.Part:
        """A web node; back when it answers."""
        return self._until_it_answers(self._launch_web(application))

    def _launch_web(self, application: str = "config.wsgi:application") -> demo.Part:
        return self.launch(
            "web", demo.program("granian"), "--interface", "wsgi", "--host", "127.0.0.1",
            "--port", str(self.port), "--workers", "1", "--blocking-threads", "4",
            application,
        )  # fmt: skip

    def _until_it_answers(self, web: demo.Part) -> demo.Part:
        assert eventually(lambda: demo.health(self.url).get("database") == "ok"), web.last_lines()
        return web

    def start_worker(self, name: str = "worker", queues: str = demo.QUEUES) -> demo.Part:
        """A worker; back when it would take a task."""
        return self._until_it_is_ready(self._launch_worker(name, queues))

    def _launch_worker(self, name: str = "worker", queues: str = demo.QUEUES) -> demo.Part:
        return self.launch(
            name, demo.program("celery"), "--app", "config.celery", "worker", "--queues", queues,
            "--concurrency", "1", "--hostname", f"{name}-{os.getpid()}@test",
            "--without-gossip", "--without-mingle", "--loglevel", "INFO",
        )  # fmt: skip

    def _until_it_is_ready(self, worker: demo.Part) -> demo.Part:
        assert eventually(lambda: "ready." in worker.log.read_text(errors="replace")), worker.last_lines()
        return worker

    def start_beat(self) -> demo.Part:
        return self.launch(
            "beat", demo.program("celery"), "--app", "config.celery", "beat",
            "--schedule", str(self.folder / "schedule"), "--pidfile", "",
        )  # fmt: skip

    def start(self) -> Portal:
        """Everything a visitor needs; the parts get ready side by side."""
        worker, web = self._launch_worker(), self._launch_web()
        self.start_beat()
        self._until_it_is_ready(worker)
        self._until_it_answers(web)
        return self

    def manage(self, *arguments: str) -> None:
        """A management command against the test database."""
        demo.manage(self.environment(), *arguments)

    def kill(self, name: str) -> None:
        """Without warning, children included, as a power cut would."""
        part = self.parts.pop(name)
        os.killpg(part.process.pid, signal.SIGKILL)
        part.process.wait()

    def kill_children(self, name: str) -> None:
        """Only the children: a Celery worker's pool processes die in the middle of their tasks."""
        import psutil

        for child in psutil.Process(self.parts[name].process.pid).children(recursive=True):
            child.kill()

    def stop(self) -> None:
        demo.stop_all(list(self.parts.values()))
        self.parts.clear()

    def broker(self) -> Redis:
        return Redis.from_url(redis_url(settings.REDIS_URL, settings.REDIS_DB))


@pytest.fixture
def portal(transactional_db: None, tmp_path: Path) -> Iterator[Portal]:
    """A portal whose processes the test starts itself: ``portal.start()`` or one by one."""
    # What the test asks for goes to the real worker as well.
    celery_app.conf.task_always_eager = False
    folder = tmp_path / "portal"
    folder.mkdir()
    running = Portal(folder)
    running.broker().flushdb()
    yield running
    running.stop()
    celery_app.conf.task_always_eager = True


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict) -> dict:
    """Debian's Chromium, which asks nobody outside this machine."""
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": CHROMIUM_FLAGS}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict) -> dict:
    return {
        **browser_context_args,
        "locale": "zh-CN",
        "timezone_id": "Asia/Shanghai",
        "viewport": {"width": 1280, "height": 900},
    }
