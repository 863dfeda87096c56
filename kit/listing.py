"""A list page's search, filters, order, count and pages, in one object the template can draw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from operator import or_
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest

PER_PAGE = 30


@dataclass(frozen=True)
class Column:
    """One sortable heading: where a click leads and which way it sorts now."""

    key: str
    querystring: str
    direction: str


class Listing:
    """``queryset`` narrowed and ordered by what the address asks for.

    Unknown order keys and page numbers are taken as the default, never as an error; a NUL in the
    search text (which PostgreSQL refuses) is dropped.
    """

    def __init__(
        self,
        request: HttpRequest,
        queryset: QuerySet,
        *,
        search: Sequence[str] = (),
        order: Mapping[str, str] | None = None,
        filterset_class: Any = None,
        per_page: int = PER_PAGE,
    ) -> None:
        self.params = request.GET
        self.searchable = bool(search)
        self.query = self.params.get("q", "").replace("\x00", "").strip()[:100]
        self.filterset = filterset_class(self.params, queryset) if filterset_class else None
        if self.filterset:
            queryset = self.filterset.qs
        self._order = dict(order or {})
        self._queryset = self._sorted(self._searched(queryset, search))
        self._per_page = per_page

    def _searched(self, queryset: QuerySet, fields: Sequence[str]) -> QuerySet:
        if not (self.query and fields):
            return queryset
        return queryset.filter(reduce(or_, (Q(**{f"{field}__icontains": self.query}) for field in fields)))

    def _sorted(self, queryset: QuerySet) -> QuerySet:
        field = self._order.get(self.order_key)
        if not field:
            return queryset
        return queryset.order_by(f"-{field}" if self.is_descending else field, "pk")

    @property
    def order_key(self) -> str:
        return self.params.get("order", "").lstrip("-")

    @property
    def is_descending(self) -> bool:
        return self.params.get("order", "").startswith("-")

    @cached_property
    def page_obj(self) -> Page:
        paginator = Paginator(self._queryset, self._per_page)
        return paginator.get_page(self.params.get("page", "").replace("\x00", ""))

    @property
    def count(self) -> int:
        return self.page_obj.paginator.count

    @property
    def rows(self) -> Sequence[Any]:
        return list(self.page_obj)

    @cached_property
    def columns(self) -> dict[str, Column]:
        return {key: self._column(key) for key in self._order}

    def _column(self, key: str) -> Column:
        current = key == self.order_key
        direction = ("descending" if self.is_descending else "ascending") if current else "none"
        target = f"-{key}" if direction == "ascending" else key
        return Column(key, self.querystring(order=target, page=None), direction)

    @cached_property
    def pills(self) -> list[tuple[str, str, str]]:
        """Active filters as (label, shown value, querystring without it)."""
        if not self.filterset:
            return []
        form = self.filterset.form
        found = []
        for name, field in form.fields.items():
            value = self.params.get(name, "")
            if value:
                choices = dict(getattr(field, "choices", ()))
                shown = choices.get(value, value)
                found.append(
                    (str(field.label or name), str(shown), self.querystring(**{name: None, "page": None}))
                )
        return found

    @property
    def is_narrowed(self) -> bool:
        return bool(self.query or self.pills)

    def querystring(self, **changes: str | None) -> str:
        """The address's query with changes applied; ``None`` takes a key away."""
        params = self.params.copy()
        for key, value in changes.items():
            params.pop(key, None)
            if value is not None:
                params[key] = value
        return f"?{params.urlencode()}"

    @property
    def previous_page(self) -> str | None:
        page = self.page_obj
        return self.querystring(page=str(page.previous_page_number())) if page.has_previous() else None

    @property
    def next_page(self) -> str | None:
        page = self.page_obj
        return self.querystring(page=str(page.next_page_number())) if page.has_next() else None
