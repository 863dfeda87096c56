"""The database behind every request: how its connection is looked at, and what it has been told."""

from __future__ import annotations

import select
from typing import Any

from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    #: Names of the statements that the present connection has prepared (``kit.prepared``).
    statements: set[str]

    def get_new_connection(self, conn_params: Any) -> Any:
        self.statements = set()
        return super().get_new_connection(conn_params)

    @property
    def keeps_statements(self) -> bool:
        """Behind a transaction pooler the next statement may meet another server process."""
        return not self.settings_dict["DISABLE_SERVER_SIDE_CURSORS"]

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
