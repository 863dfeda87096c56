"""Requests as bytes and their answers, over a fixed number of connections that stay open."""

import re
import selectors
import socket
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

CONNECTIONS = 16
LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)


def post(port: int, path: str, fields: dict[str, Any], headers: str = "") -> bytes:
    body = urlencode(fields)
    return (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{headers}"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    ).encode()


def get(port: int, path: str, headers: str = "") -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{headers}\r\n".encode()


def status(answer: bytes) -> int:
    return int(answer[9:12])


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
                raise SystemExit(f"bench: unexpected answer {answer[:300]!r}")
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
            raise SystemExit(f"bench: the server hung up after {data[:300]!r}")
        data += more
    return data


def is_whole(data: bytes) -> bool:
    head, gap, body = data.partition(b"\r\n\r\n")
    if not gap:
        return False
    if head.startswith(b"HTTP/1.1 304"):
        return True
    announced = LENGTH.search(head)
    if announced:
        return len(body) >= int(announced[1])
    return body.endswith(b"0\r\n\r\n")
