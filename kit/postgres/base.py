"""The database behind every request; see ``DatabaseWrapper.is_usable``."""

from __future__ import annotations

import select

from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    def is_usable(self) -> bool:
        """Whether the connection still stands.

        Before each request Django asks the database. A server that has closed the connection has said
        so on the socket, and between two requests it says nothing else: only when there is something to
        read, or after an error, is it worth the way there and back.
        """
        if self.connection is None or self.errors_occurred or self._has_been_told_something():
            return super().is_usable()
        return True

    def _has_been_told_something(self) -> bool:
        if self.connection.closed:
            return True
        watch = select.poll()
        watch.register(self.connection.fileno(), select.POLLIN)
        return bool(watch.poll(0))
