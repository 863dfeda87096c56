"""Statements that run all day long: composed once by the ORM, planned once by the server, then only given
their values.

Composing a small statement takes Django several times as long as PostgreSQL takes to carry it out, and so
does planning it. What runs with every click, or with every pause in somebody's typing, is therefore composed
once in a process and prepared once in a connection. The ORM remains the one who composes; a ``Slot`` stands
for each value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache, cached_property
from itertools import count
from typing import Any, Generic, TypeVar

from django.db import DatabaseError, connection
from django.db.models import Expression, Model, QuerySet
from django.db.models.query import get_related_populators
from django.db.models.sql import InsertQuery, UpdateQuery
from psycopg2.extensions import AsIs
from psycopg2.sql import SQL, Identifier

M = TypeVar("M", bound=Model)


class Slot(Expression):
    """Stands for a value that is given when the statement is run; ``cast`` says its type where its place
    does not."""

    def __init__(self, name: str, cast: str = "") -> None:
        super().__init__()
        self.name = name
        self.sql = f"%s::{cast}" if cast else "%s"

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        return self.sql, [self]


class Statement:
    """Composed SQL with its parameters, some of them slots. A rolled back transaction leaves it prepared."""

    def __init__(self, verb: str, model: type[Model], sql: str, parameters: Sequence[Any]) -> None:
        self.name = f"{verb}_{next(_numbers)}_{model._meta.db_table}"[:LONGEST_NAME]
        self._sql, self._parameters = sql, parameters
        slots = [item for item in parameters if isinstance(item, Slot)]
        self._slots = [slot.name for slot in slots]
        given = ", ".join(slot.sql for slot in slots)
        self._call = f"EXECUTE {self.name} ({given})" if given else f"EXECUTE {self.name}"

    @contextmanager
    def run(self, values: Mapping[str, Any]) -> Iterator[Any]:
        """A cursor at the answer to these values."""
        here: Any = connection
        with here.cursor() as cursor:
            if here.keeps_statements:
                if self.name not in here.statements:
                    self._prepare()
                    here.statements.add(self.name)
                cursor.execute(self._call, [values[name] for name in self._slots])
            else:
                cursor.execute(self._sql, _filled(self._parameters, values))
            yield cursor

    def _prepare(self) -> None:
        """Hand the statement over. No query of a page: the next one in this connection finds it there."""
        numbers = count(1)
        filled = [AsIs(f"${next(numbers)}") if isinstance(item, Slot) else item for item in self._parameters]
        with connection.wrap_database_errors, connection.connection.cursor() as cursor:
            begin = SQL("PREPARE {} AS ").format(Identifier(self.name)).as_string(cursor)
            whole = begin.encode() + cursor.mogrify(self._sql, filled)
            cursor.execute(whole)


_numbers = count(1)
#: PostgreSQL cuts off what is longer.
LONGEST_NAME = 63


class Prepared(Generic[M]):
    """A query for rows of a model with their annotations and the related rows they select.

    ``make`` returns the queryset. Values reach the database as they are given.
    """

    def __init__(self, make: Callable[[], QuerySet[M]]) -> None:
        self._make = make

    @cached_property
    def _composed(self) -> tuple[Statement, dict[int, Any], Callable[[Sequence[Any]], M]]:
        query: Any = self._make().query
        compiler: Any = query.get_compiler(connection=connection)
        statement = Statement("select", query.model, *compiler.as_sql())
        columns = [column for column, _sql, _alias in compiler.select]
        return statement, compiler.get_converters(columns), _maker(compiler)

    def first(self, **values: Any) -> M | None:
        """The first row for these values, if there is one."""
        statement, converters, made = self._composed
        with statement.run(values) as cursor:
            found = cursor.fetchone()
        return made(_converted(found, converters)) if found else None

    def all(self, **values: Any) -> list[M]:
        """Every row for these values."""
        statement, converters, made = self._composed
        with statement.run(values) as cursor:
            found = cursor.fetchall()
        return [made(_converted(row, converters)) for row in found]


def _maker(compiler: Any) -> Callable[[Sequence[Any]], Any]:
    """What makes a row of a composed query an instance, as a queryset does."""
    info = compiler.klass_info
    begin, end = info["select_fields"][0], info["select_fields"][-1] + 1
    names = [column.target.attname for column, _sql, _alias in compiler.select[begin:end]]
    populators: Any = get_related_populators
    related = populators(info, compiler.select, connection.alias)
    annotations = dict(compiler.annotation_col_map)

    def made(row: Sequence[Any]) -> Any:
        instance = info["model"].from_db(connection.alias, names, row[begin:end])
        for one in related:
            one.populate(row, instance)
        for name, place in annotations.items():
            setattr(instance, name, row[place])
        return instance

    return made


class PreparedUpdate:
    """An UPDATE of the rows that ``make`` returns; ``changes`` are expressions or slots by column.

    Values reach the database as they are given. Sends no signals.
    """

    def __init__(self, make: Callable[[], QuerySet[Any]], **changes: Any) -> None:
        self._make = make
        self._changes = changes

    @property
    def composed(self) -> tuple[str, Sequence[Any]]:
        """The statement and its parameters, slots among them."""
        query: Any = self._make().query.chain(UpdateQuery)
        query.add_update_values(self._changes)
        return query.get_compiler(connection=connection).as_sql()

    @cached_property
    def _statement(self) -> Statement:
        return Statement("update", self._make().model, *self.composed)

    def run(self, **values: Any) -> int:
        """Write for these values; how many rows there were."""
        with self._statement.run(values) as cursor:
            return int(cursor.rowcount)


class PreparedSave:
    """A ``PreparedUpdate`` of one row and, in the same statement, rows of ``model`` that hang on it by
    ``link``: written if they are new, else changed. Where nothing is updated none of them is touched.

    A row that hangs on it is known by its column ``key``; ``names`` are its other columns.
    """

    def __init__(
        self,
        make: Callable[[], QuerySet[Any]],
        *,
        model: type[Model],
        link: str,
        key: str,
        names: Sequence[str],
        **changes: Any,
    ) -> None:
        self._update = PreparedUpdate(make, **changes)
        self._model, self._link = model, link
        self._given = (key, *names)

    @cached_property
    def _composed(self) -> Statement:
        update, parameters = self._update.composed
        options, name = self._model._meta, connection.ops.quote_name
        fields: list[Any] = [options.get_field(one) for one in self._given]
        link: Any = options.get_field(self._link)
        own, key, *others = (name(field.column) for field in (link, *fields))
        columns = [
            Slot(column, cast=f"{field.db_type(connection)}[]")
            for column, field in zip(self._columns, fields, strict=True)
        ]
        given = ", ".join(column.sql for column in columns)
        sql = (
            f"WITH updated AS ({update} RETURNING {name(link.target_field.column)} AS {own}),"  # noqa: S608 - names of columns
            f" written AS (INSERT INTO {name(options.db_table)} ({', '.join([own, key, *others])})"
            f" SELECT updated.{own}, given.* FROM updated, unnest({given}) AS given"
            f" ON CONFLICT ({own}, {key}) DO UPDATE SET"
            f" {', '.join(f'{other} = EXCLUDED.{other}' for other in others)})"
            " SELECT count(*) FROM updated"
        )
        return Statement("save", self._model, sql, [*parameters, *columns])

    @property
    def _columns(self) -> list[str]:
        return [f"all {name}" for name in self._given]

    def run(self, rows: Iterable[Sequence[Any]], **values: Any) -> int:
        """Write for these values and rows, each its key and its other columns; how many rows were updated."""
        columns = [list(column) for column in zip(*rows, strict=True)] or [[] for _name in self._given]
        with self._composed.run(values | dict(zip(self._columns, columns, strict=True))) as cursor:
            return int(cursor.fetchone()[0])


def insert(instance: Model, names: Iterable[str]) -> None:
    """Write a new row with these columns and read what the database says of the others that it fills.
    Sends no signals."""
    names = tuple(names)
    statement, returned, converters = _insert_of(type(instance), names)
    with statement.run(_columns(instance, names)) as cursor:
        row = _converted(cursor.fetchone(), converters)
    for name, value in zip(returned, row, strict=True):
        setattr(instance, name, value)
    instance._state.adding, instance._state.db = False, connection.alias


def update(instance: Model, names: Iterable[str]) -> None:
    """Write these columns of a row; ``DatabaseError`` if there is none. Sends no signals."""
    names = tuple(sorted(names))
    with _update_of(type(instance), names).run({"pk": instance.pk, **_columns(instance, names)}) as cursor:
        if not cursor.rowcount:
            raise DatabaseError("the row to be updated is gone")


def _filled(parameters: Sequence[Any], values: Mapping[str, Any]) -> list[Any]:
    return [values[item.name] if isinstance(item, Slot) else item for item in parameters]


def _columns(instance: Model, names: Iterable[str]) -> dict[str, Any]:
    fields: dict[str, Any] = {name: instance._meta.get_field(name) for name in names}
    return {
        name: field.get_db_prep_save(getattr(instance, field.attname), connection)
        for name, field in fields.items()
    }


def _converted(row: Sequence[Any], converters: Mapping[int, Any]) -> list[Any]:
    converted = list(row)
    for place, (steps, column) in converters.items():
        for step in steps:
            converted[place] = step(converted[place], column, connection)
    return converted


@cache
def _insert_of(model: type[Model], names: tuple[str, ...]) -> tuple[Statement, list[str], dict[int, Any]]:
    query: Any = InsertQuery(model)
    fields: list[Any] = [model._meta.get_field(name) for name in names]
    query.insert_values(fields, [model(**{field.attname: Slot(field.name) for field in fields})])
    compiler = query.get_compiler(connection=connection)
    compiler.returning_fields = returned = model._meta.db_returning_fields
    ((sql, parameters),) = compiler.as_sql()
    converters = compiler.get_converters([field.get_col(model._meta.db_table) for field in returned])
    statement = Statement("insert", model, sql, parameters)
    return statement, [field.attname for field in returned], converters


@cache
def _update_of(model: type[Model], names: tuple[str, ...]) -> Statement:
    query: Any = model._base_manager.filter(pk=Slot("pk")).query.chain(UpdateQuery)
    query.add_update_fields([(model._meta.get_field(name), None, Slot(name)) for name in names])
    return Statement("update", model, *query.get_compiler(connection=connection).as_sql())
