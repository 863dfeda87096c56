"""Columns for which Django has no word."""

from __future__ import annotations

from typing import Any

from django.db import models


class SealedJSONField(models.JSONField):
    """JSON that stays the very text it was written as: PostgreSQL's ``json``, not ``jsonb``.

    For what is written once beside its hash and always read as a whole. The text can be hashed as it
    stands in the column, and a megabyte of it is neither taken apart nor put together again.
    """

    def db_type(self, connection: Any) -> str:
        return "json"

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        """As the driver has read it."""
        return value
