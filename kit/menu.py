"""Which workplaces and pages a person is offered in the menus.

The table itself lives with the settings (``settings.MENU`` names it), because it speaks of every
app. An entry is offered when its address exists and the person holds the permission its view asks
for: the menu repeats no rule, it reads the one on the page.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.urls import NoReverseMatch, Resolver404, resolve, reverse
from django.utils.functional import Promise
from django.utils.module_loading import import_string

Text = str | Promise


@dataclass(frozen=True)
class Item:
    """One entry of a menu: what it says and the URL name it leads to."""

    label: Text
    url_name: str


@dataclass(frozen=True)
class Group:
    """Entries under one small heading of the side menu."""

    label: Text
    items: Sequence[Item]


@dataclass(frozen=True)
class Area:
    """A workplace: the desk, the audit room, the applicant's room, the expert's room."""

    key: str
    label: Text
    home: str
    groups: Sequence[Group] = ()


@dataclass(frozen=True)
class Offered:
    """An entry as one person sees it."""

    label: Text
    url: str
    active: bool = False


@dataclass(frozen=True)
class OfferedGroup:
    label: Text
    items: tuple[Offered, ...]


def areas() -> Sequence[Area]:
    """The whole table, from the dotted path in ``settings.MENU``."""
    path = getattr(settings, "MENU", "")
    table: Sequence[Area] = import_string(path) if path else ()
    return table


@lru_cache(maxsize=256)
def _page(url_name: str) -> tuple[str, Any] | None:
    """Address and page spec behind a URL name; None when there is no such page."""
    try:
        url = reverse(url_name)
        view = resolve(url).func
    except (NoReverseMatch, Resolver404):
        return None
    return url, getattr(view, "page", None)


def _may_open(user: Any, spec: Any) -> bool:
    permission = getattr(spec, "permission", None)
    if spec is None or getattr(spec, "public", False) or not permission:
        return True
    if "." not in str(permission):
        return bool(user.is_authenticated)
    return bool(user.has_perm(permission))


def _offered(user: Any, item: Item, path: str) -> Offered | None:
    page = _page(item.url_name)
    if page is None or not _may_open(user, page[1]):
        return None
    return Offered(item.label, page[0], path.startswith(page[0]))


def offered_groups(user: Any, key: str, path: str) -> list[OfferedGroup]:
    """The side menu of one area for this person; of nested addresses only the longest is active."""
    area = next((a for a in areas() if a.key == key), None)
    if area is None:
        return []
    groups = [
        (group.label, [o for item in group.items if (o := _offered(user, item, path))])
        for group in area.groups
    ]
    longest = max((len(o.url) for _, items in groups for o in items if o.active), default=0)
    return [
        OfferedGroup(
            label,
            tuple(Offered(o.label, o.url, o.active and len(o.url) == longest) for o in items),
        )
        for label, items in groups
        if items
    ]


def offered_areas(user: Any) -> Iterator[Offered]:
    """The workplaces whose front page this person may open."""
    for area in areas():
        if offered := _offered(user, Item(area.label, area.home), ""):
            yield offered
