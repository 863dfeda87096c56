"""Many clients at once, each on an open connection of its own, in one thread that costs little.

A client is a generator: it yields the bytes of a request and is sent the whole answer, or it yields so
many seconds to wait.
"""

import selectors
import socket
import time
from collections.abc import Generator, Iterable
from heapq import heappop, heappush
from typing import cast

from bench._asking import whole_answer

Client = Generator[bytes | float, bytes, None]


def crowd(port: int, clients: Iterable[Client]) -> float:
    """Seconds from the first request to the last answer; everybody is connected before the first."""
    selector = selectors.DefaultSelector()
    waiting: list[tuple[float, int, socket.socket, Client]] = []
    try:
        for client in clients:
            connection = socket.create_connection(("127.0.0.1", port))
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            selector.register(connection, selectors.EVENT_READ, client)
        started = time.perf_counter()
        for key in list(selector.get_map().values()):
            go_on(selector, waiting, cast(socket.socket, key.fileobj), key.data)
        while selector.get_map():
            pause = waiting[0][0] - time.perf_counter() if waiting else None
            for key, _events in selector.select(pause if pause is None else max(pause, 0)):
                connection = cast(socket.socket, key.fileobj)
                go_on(selector, waiting, connection, key.data, whole_answer(connection))
            while waiting and waiting[0][0] <= time.perf_counter():
                _moment, _number, connection, client = heappop(waiting)
                go_on(selector, waiting, connection, client)
        return time.perf_counter() - started
    finally:
        for key in list(selector.get_map().values()):
            cast(socket.socket, key.fileobj).close()
        selector.close()


def go_on(
    selector: selectors.BaseSelector,
    waiting: list[tuple[float, int, socket.socket, Client]],
    connection: socket.socket,
    client: Client,
    answer: bytes | None = None,
) -> None:
    """Do what the client wants next; it leaves when it wants nothing more."""
    try:
        wish = next(client) if answer is None else client.send(answer)
    except StopIteration:
        selector.unregister(connection)
        connection.close()
        return
    if isinstance(wish, bytes):
        connection.sendall(wish)
    else:
        heappush(waiting, (time.perf_counter() + wish, connection.fileno(), connection, client))
