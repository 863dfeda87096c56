"""A film of 500 MB comes in: the web process hardly grows, and the file is stored whole."""

from __future__ import annotations

import hashlib
import struct
import threading
from collections.abc import Iterator
from http.client import HTTPConnection
from urllib.parse import urlsplit

import psutil
import pytest
from django.test import Client

from projects.attachments import LIMITS
from projects.enums import AttachmentKind
from projects.models import Project
from tests.factories.projects import ProjectFactory, owner_of
from tests.portal import Portal

pytestmark = [pytest.mark.drill, pytest.mark.django_db(transaction=True)]

LARGEST = LIMITS[AttachmentKind.VIDEO].max_bytes
MOST_GROWTH = 64 * 1024 * 1024
BOUNDARY = "a-line-between-parts"
PIECE = 1 << 18


def box(name: bytes, content: bytes = b"") -> bytes:
    return struct.pack(">I", 8 + len(content)) + name + content


def film(size: int) -> Iterator[bytes]:
    """An MP4 of exactly so many bytes, made as it goes."""
    head = box(b"ftyp", b"isom\0\0\0\0isommp42") + box(b"moov", box(b"mvhd", bytes(100)))
    left = size - len(head)
    head += struct.pack(">I", left) + b"mdat"
    yield head
    left = size - len(head)
    piece = bytes(range(256)) * (PIECE // 256)
    while left:
        yield piece[: min(left, PIECE)]
        left -= min(left, PIECE)


def form(token: str, size: int) -> tuple[int, Iterator[bytes]]:
    """The page's own form with a film in it: how long it is, and its bytes."""
    fields = "".join(
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in {"csrfmiddlewaretoken": token, "kind": "video"}.items()
    )
    head = (
        f'{fields}--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="film.mp4"\r\n'
        "Content-Type: video/mp4\r\n\r\n"
    ).encode()
    tail = f"\r\n--{BOUNDARY}--\r\n".encode()

    def parts() -> Iterator[bytes]:
        yield head
        yield from film(size)
        yield tail

    return len(head) + size + len(tail), parts()


class Memory(threading.Thread):
    """Watches how much memory a process and its children hold."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.process = psutil.Process(pid)
        self.before = self.peak = self.now()
        self.over = threading.Event()

    def now(self) -> int:
        family = [self.process, *self.process.children(recursive=True)]
        return sum(process.memory_info().rss for process in family)

    def run(self) -> None:
        while not self.over.wait(0.01):
            self.peak = max(self.peak, self.now())

    def __enter__(self) -> Memory:
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.over.set()
        self.join()

    @property
    def growth(self) -> int:
        return self.peak - self.before


def send(portal: Portal, project: Project, size: int) -> int:
    """Send a film as the organisation's owner; the status of the answer."""
    browser = Client()
    browser.force_login(owner_of(project.organisation))
    path = f"/apply/projects/{project.code}/attachments/"
    token = str(browser.get(path).context["csrf_token"])
    cookies = "; ".join(f"{name}={cookie.value}" for name, cookie in browser.cookies.items())
    length, body = form(token, size)
    connection = HTTPConnection(urlsplit(portal.url).netloc, timeout=300)
    headers = {
        "Cookie": cookies,
        "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
        "Content-Length": str(length),
    }
    connection.request("POST", path, body=body, headers=headers)
    status = connection.getresponse().status
    connection.close()
    return status


def growth_while_sending(portal: Portal, project: Project, application: str) -> int:
    part = portal.start_web(application)
    # A small one first: what is loaded once is not the film's.
    assert send(portal, project, 3_000_000) == 302
    with Memory(part.process.pid) as memory:
        assert send(portal, project, LARGEST) == 302
    return memory.growth


def test_the_largest_film_hardly_costs_memory_and_is_stored_whole(portal: Portal):
    project = ProjectFactory(complete=False)
    assert growth_while_sending(portal, project, "config.wsgi:application") < MOST_GROWTH
    stored = project.attachments.latest("pk").file
    digest = hashlib.sha256()
    for piece in film(LARGEST):
        digest.update(piece)
    assert (stored.size, stored.sha256) == (LARGEST, digest.hexdigest())
    assert project.attachments.count() == 2


def test_one_byte_too_much_is_refused_and_leaves_nothing(portal: Portal, media):
    project = ProjectFactory(complete=False)
    portal.start_web()
    assert send(portal, project, LARGEST + 1) == 422
    assert not project.attachments.exists()
    assert not [path for path in media.rglob("*") if path.is_file()]


def test_the_measure_sees_a_body_that_is_read_whole(portal: Portal):
    """The other tests would pass with a blind measure: here it must cry out."""
    project = ProjectFactory(complete=False)
    assert growth_while_sending(portal, project, "tests.drills.reads_whole:application") > 300 * 1024 * 1024
