"""Django's sessions in the database, read with a prepared query: every click of somebody signed in
begins with one."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.contrib.sessions.backends import db
from django.db.models.functions import Now

from kit.prepared import Prepared, Slot


class SessionStore(db.SessionStore):
    def _get_session_from_db(self) -> Any:
        found = _sessions().first(key=self.session_key)
        if found is None:
            self._session_key = None
        return found


@cache
def _sessions() -> Prepared[Any]:
    model = SessionStore.get_model_class()
    return Prepared(lambda: model.objects.filter(session_key=Slot("key"), expire_date__gt=Now()))
