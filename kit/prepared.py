"""Statements that run all day long: composed once by the ORM, then only given their values.

Composing a small statement takes Django several times as long as PostgreSQL takes to carry it out.
What runs with every click, or with every pause in somebody's typing, is therefore composed once in a
process. The ORM remains the one who composes; a ``Slot`` stands for each value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, cached_property
from typing import Any, Generic, TypeVar

from django.db import DatabaseError, connection
from django.db.models import Expression, Model, QuerySet
from django.db.models.constants import OnConflict
from django.db.models.query import get_related_populators
from django.db.models.sql import InsertQuery, UpdateQuery

M = TypeVar("M", bound=Model)


class Slot(Expression):
    """Stands for a value that is given when the statement is run."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        return "%s", [self]


class Prepared(Generic[M]):
    """A query for rows of a model with their annotations and the related rows they select.

    ``make`` returns the queryset. Values reach the database as they are given.
    """

    def __init__(self, make: Callable[[], QuerySet[M]]) -> None:
        self._make = make

    @cached_property
    def _composed(self) -> tuple[str, Sequence[Any], dict[int, Any], Callable[[Sequence[Any]], M]]:
        compiler: Any = self._make().query.get_compiler(connection=connection)
        sql, parameters = compiler.as_sql()
        columns = [column for column, _sql, _alias in compiler.select]
        return sql, parameters, compiler.get_converters(columns), _maker(compiler)

    def first(self, **values: Any) -> M | None:
        """The first row for these values, if there is one."""
        sql, parameters, converters, made = self._composed
        with connection.cursor() as cursor:
            cursor.execute(sql, _filled(parameters, values))
            found = cursor.fetchone()
        return made(_converted(found, converters)) if found else None

    def all(self, **values: Any) -> list[M]:
        """Every row for these values."""
        sql, parameters, converters, made = self._composed
        with connection.cursor() as cursor:
            cursor.execute(sql, _filled(parameters, values))
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

    @cached_property
    def _composed(self) -> tuple[str, Sequence[Any]]:
        query: Any = self._make().query.chain(UpdateQuery)
        query.add_update_values(self._changes)
        return query.get_compiler(connection=connection).as_sql()

    def run(self, **values: Any) -> int:
        """Write for these values; how many rows there were."""
        sql, parameters = self._composed
        with connection.cursor() as cursor:
            cursor.execute(sql, _filled(parameters, values))
            return int(cursor.rowcount)


def insert(instance: Model, names: Iterable[str]) -> None:
    """Write a new row with these columns and read what the database says of the others that it fills.
    Sends no signals."""
    names = tuple(names)
    sql, parameters, returned, converters = _insert_of(type(instance), names)
    with connection.cursor() as cursor:
        cursor.execute(sql, _filled(parameters, _columns(instance, names)))
        row = _converted(cursor.fetchone(), converters)
    for name, value in zip(returned, row, strict=True):
        setattr(instance, name, value)
    instance._state.adding, instance._state.db = False, connection.alias


def upsert(instances: Sequence[Model], unique: Iterable[str], names: Iterable[str]) -> None:
    """Write these columns of rows of one model, known by their ``unique`` columns and new or not.
    Sends no signals; the instances are not told their keys."""
    if not instances:
        return
    unique, names = tuple(unique), tuple(names)
    sql, parameters = _upsert_of(type(instances[0]), unique, names, len(instances))
    values = {
        f"{name} {number}": value
        for number, instance in enumerate(instances)
        for name, value in _columns(instance, (*unique, *names)).items()
    }
    with connection.cursor() as cursor:
        cursor.execute(sql, _filled(parameters, values))


def update(instance: Model, names: Iterable[str]) -> None:
    """Write these columns of a row; ``DatabaseError`` if there is none. Sends no signals."""
    names = tuple(sorted(names))
    sql, parameters = _update_of(type(instance), names)
    with connection.cursor() as cursor:
        cursor.execute(sql, _filled(parameters, {"pk": instance.pk, **_columns(instance, names)}))
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
def _insert_of(
    model: type[Model], names: tuple[str, ...]
) -> tuple[str, Sequence[Any], list[str], dict[int, Any]]:
    query: Any = InsertQuery(model)
    fields: list[Any] = [model._meta.get_field(name) for name in names]
    query.insert_values(fields, [model(**{field.attname: Slot(field.name) for field in fields})])
    compiler = query.get_compiler(connection=connection)
    compiler.returning_fields = returned = model._meta.db_returning_fields
    ((sql, parameters),) = compiler.as_sql()
    converters = compiler.get_converters([field.get_col(model._meta.db_table) for field in returned])
    return sql, parameters, [field.attname for field in returned], converters


@cache
def _upsert_of(
    model: type[Model], unique: tuple[str, ...], names: tuple[str, ...], rows: int
) -> tuple[str, Sequence[Any]]:
    known: list[Any] = [model._meta.get_field(name) for name in unique]
    changed: list[Any] = [model._meta.get_field(name) for name in names]
    query: Any = InsertQuery(model, on_conflict=OnConflict.UPDATE, update_fields=changed, unique_fields=known)
    fields = [*known, *changed]
    instances = [
        model(**{field.attname: Slot(f"{field.name} {number}") for field in fields}) for number in range(rows)
    ]
    query.insert_values(fields, instances)
    ((sql, parameters),) = query.get_compiler(connection=connection).as_sql()
    return sql, parameters


@cache
def _update_of(model: type[Model], names: tuple[str, ...]) -> tuple[str, Sequence[Any]]:
    query: Any = model._base_manager.filter(pk=Slot("pk")).query.chain(UpdateQuery)
    query.add_update_fields([(model._meta.get_field(name), None, Slot(name)) for name in names])
    return query.get_compiler(connection=connection).as_sql()
