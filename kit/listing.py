"""A list page's search, filters, order, count and pages, in one object the template can draw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from operator import or_
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext

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

    ``tab`` names a column and its choices: the list is also divided by it, and one grouped query
    counts every tab and the list itself. A filter set may name in ``tucked_away`` the filters that
    stand behind "more filters".
    """

    def __init__(
        self,
        request: HttpRequest,
        queryset: QuerySet,
        *,
        search: Sequence[str] = (),
        order: Mapping[str, str] | None = None,
        filterset_class: Any = None,
        tab: tuple[str, Sequence[tuple[str, Any]]] | None = None,
        per_page: int = PER_PAGE,
    ) -> None:
        self.params = request.GET
        self.searchable = bool(search)
        self.query = self.params.get("q", "").replace("\x00", "").strip()[:100]
        self.filterset = filterset_class(self.params, queryset) if filterset_class else None
        if self.filterset:
            queryset = self.filterset.qs
        self._order = dict(order or {})
        self.tab_name, self._tabs = tab or ("", ())
        asked = self.params.get(self.tab_name, "") if tab else ""
        self.tab_key = asked if asked in dict(self._tabs) else ""
        self._all_tabs = self._searched(queryset, search)
        self.queryset = self._sorted(self._in_tab(self._all_tabs))
        self._per_page = per_page

    def _searched(self, queryset: QuerySet, fields: Sequence[str]) -> QuerySet:
        if not (self.query and fields):
            return queryset
        return queryset.filter(reduce(or_, (Q(**{f"{field}__icontains": self.query}) for field in fields)))

    def _in_tab(self, queryset: QuerySet) -> QuerySet:
        return queryset.filter(**{self.tab_name: self.tab_key}) if self.tab_key else queryset

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
        paginator = Paginator(self.queryset, self._per_page)
        if self._tabs:
            paginator.count = (
                self._tab_counts.get(self.tab_key, 0) if self.tab_key else sum(self._tab_counts.values())
            )
        return paginator.get_page(self.params.get("page", "").replace("\x00", ""))

    @property
    def count(self) -> int:
        return self.page_obj.paginator.count

    @cached_property
    def _tab_counts(self) -> dict[str, int]:
        grouped = self._all_tabs.order_by().values(self.tab_name).annotate(count=Count("pk"))
        return {row[self.tab_name]: row["count"] for row in grouped}

    @property
    def tabs(self) -> list[dict[str, Any]]:
        """The tabs with their counts as ``parts/tabs.html`` draws them; the filters stay."""
        choices = [("", gettext("All")), *self._tabs]
        return [
            {
                "label": label,
                "url": self.querystring(**{self.tab_name: key or None, "page": None}),
                "active": key == self.tab_key,
                "count": self._tab_counts.get(key, 0) if key else sum(self._tab_counts.values()),
            }
            for key, label in choices
        ]

    @property
    def filters(self) -> list[Any]:
        """The fields of the filters that are always seen."""
        return [field for field in self._filter_fields if field.name not in self._tucked_away]

    @property
    def more_filters(self) -> list[Any]:
        """The fields of the filters behind "more filters"."""
        return [field for field in self._filter_fields if field.name in self._tucked_away]

    @property
    def uses_more_filters(self) -> bool:
        return any(self.params.get(name) for name in self._tucked_away)

    @property
    def _filter_fields(self) -> list[Any]:
        return list(self.filterset.form) if self.filterset else []

    @property
    def _tucked_away(self) -> Sequence[str]:
        return getattr(self.filterset, "tucked_away", ())

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
        return bool(self.query or self.pills or self.tab_key)

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
