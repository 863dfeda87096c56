"""Migration operations for what Django has no word for."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.migrations.operations.base import Operation

GUARD_FUNCTION = """
CREATE OR REPLACE FUNCTION kit_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'insufficient_privilege';
END $$;
"""


class AppendOnly(Operation):
    """Make a table append-only for everybody but a superuser who takes the triggers away.

    Row and statement triggers refuse UPDATE, DELETE and TRUNCATE, also to the owner; the
    application's role loses the privileges as well, because an owner could disable triggers.
    """

    reversible = True
    reduces_to_sql = True
    atomic = True

    def __init__(self, table: str) -> None:
        self.table = table

    def state_forwards(self, app_label: str, state: Any) -> None:
        """The model's state does not change."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        quoted = schema_editor.quote_name(self.table)
        schema_editor.execute(GUARD_FUNCTION, params=None)
        schema_editor.execute(
            f"CREATE TRIGGER {self.table}_rows_stay BEFORE UPDATE OR DELETE ON {quoted} "
            "FOR EACH ROW EXECUTE FUNCTION kit_refuse_change()"
        )
        schema_editor.execute(
            f"CREATE TRIGGER {self.table}_table_stays BEFORE TRUNCATE ON {quoted} "
            "FOR EACH STATEMENT EXECUTE FUNCTION kit_refuse_change()"
        )
        role = schema_editor.quote_name(settings.DB_APP_ROLE)
        schema_editor.execute(f"REVOKE UPDATE, DELETE, TRUNCATE ON {quoted} FROM {role}")

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        quoted = schema_editor.quote_name(self.table)
        role = schema_editor.quote_name(settings.DB_APP_ROLE)
        schema_editor.execute(f"DROP TRIGGER {self.table}_rows_stay ON {quoted}")
        schema_editor.execute(f"DROP TRIGGER {self.table}_table_stays ON {quoted}")
        schema_editor.execute(f"GRANT UPDATE, DELETE ON {quoted} TO {role}")

    def describe(self) -> str:
        return f"Make {self.table} append-only"

    @property
    def migration_name_fragment(self) -> str:
        return f"{self.table}_append_only"


class FrozenColumns(Operation):
    """Refuse any change of some columns, always or once ``when`` (SQL over OLD) holds, and DELETE.

    The rest of the row stays writable, for states that move on after a part is fixed. A table may
    carry several of these, told apart by ``name``. One that stands beside a guard which keeps the
    rows already is given ``keeps_rows=False``; its ``when`` may then ask for NEW as well, so that a
    column can be fixed for all changes but the one that is allowed.
    """

    reversible = True
    reduces_to_sql = True
    atomic = True

    def __init__(
        self,
        table: str,
        columns: tuple[str, ...],
        when: str = "true",
        name: str = "",
        keeps_rows: bool = True,
    ) -> None:
        self.table = table
        self.columns = columns
        self.when = when
        self.name = name
        self.keeps_rows = keeps_rows

    @property
    def prefix(self) -> str:
        """What the names of the triggers begin with."""
        return f"{self.table}_{self.name}" if self.name else self.table

    def state_forwards(self, app_label: str, state: Any) -> None:
        """The model's state does not change."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        quoted = schema_editor.quote_name(self.table)
        old = ", ".join(f"OLD.{column}" for column in self.columns)
        new = ", ".join(f"NEW.{column}" for column in self.columns)
        schema_editor.execute(GUARD_FUNCTION, params=None)
        schema_editor.execute(
            f"CREATE TRIGGER {self.prefix}_frozen BEFORE UPDATE ON {quoted} FOR EACH ROW "
            f"WHEN (({self.when}) AND ROW({old}) IS DISTINCT FROM ROW({new})) "
            "EXECUTE FUNCTION kit_refuse_change()"
        )
        if self.keeps_rows:
            schema_editor.execute(
                f"CREATE TRIGGER {self.prefix}_kept BEFORE DELETE ON {quoted} FOR EACH ROW "
                f"WHEN ({self.when}) EXECUTE FUNCTION kit_refuse_change()"
            )

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        quoted = schema_editor.quote_name(self.table)
        schema_editor.execute(f"DROP TRIGGER {self.prefix}_frozen ON {quoted}")
        if self.keeps_rows:
            schema_editor.execute(f"DROP TRIGGER {self.prefix}_kept ON {quoted}")

    def describe(self) -> str:
        return f"Freeze columns of {self.table}: {', '.join(self.columns)}"

    @property
    def migration_name_fragment(self) -> str:
        return f"{self.prefix}_frozen"
