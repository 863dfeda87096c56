"""The menus show what a person may open, and nothing else."""

from types import SimpleNamespace

import pytest

from kit import menu
from kit.menu import Area, Group, Item
from kit.page import SIGNED_IN, page

AREAS = (
    Area(
        "desk",
        "Desk",
        "account_login",
        (
            Group("Funds", (Item("Payments", "account_login"), Item("Nowhere", "no:such"))),
            Group("Empty", (Item("Nowhere", "no:such"),)),
        ),
    ),
    Area("lost", "Lost", "no:such"),
)


class Person(SimpleNamespace):
    def has_perm(self, permission, obj=None):
        return permission in self.permissions


@pytest.fixture(autouse=True)
def table(settings, monkeypatch):
    menu._page.cache_clear()
    settings.MENU = f"{__name__}.AREAS"
    monkeypatch.setattr(menu, "import_string", lambda path: AREAS)
    yield
    menu._page.cache_clear()


def person(*permissions: str) -> Person:
    return Person(permissions=permissions, is_authenticated=True)


def guard(monkeypatch, permission: str | None) -> None:
    """Give the page behind every address one permission."""

    def view(request):
        raise AssertionError("the menu never calls a view")

    guarded = page(permission)(view) if permission else page(public=True)(view)
    monkeypatch.setattr(menu, "resolve", lambda url: SimpleNamespace(func=guarded))


@pytest.mark.parametrize(
    ("permission", "has", "seen"),
    [
        ("funding.pay", ("funding.pay",), True),
        ("funding.pay", ("funding.read",), False),
        (SIGNED_IN, (), True),
        (None, (), True),
    ],
)
def test_an_item_is_offered_to_those_who_may_open_its_page(monkeypatch, permission, has, seen):
    guard(monkeypatch, permission)
    groups = menu.offered_groups(person(*has), "desk", "/")
    assert [item.label for group in groups for item in group.items] == (["Payments"] if seen else [])


def test_addresses_that_do_not_exist_and_groups_without_items_vanish():
    groups = menu.offered_groups(person(), "desk", "/")
    assert [group.label for group in groups] == ["Funds"]
    assert [item.label for item in groups[0].items] == ["Payments"]
    assert menu.offered_groups(person(), "no-such-area", "/") == []


def test_the_page_one_is_on_is_marked():
    (group,) = menu.offered_groups(person(), "desk", "/accounts/login/")
    assert group.items[0].active
    (group,) = menu.offered_groups(person(), "desk", "/elsewhere/")
    assert not group.items[0].active


def test_areas_whose_front_page_does_not_exist_are_not_offered():
    assert [area.label for area in menu.offered_areas(person())] == ["Desk"]


def test_the_whole_table_of_the_portal_can_be_read(settings):
    from config.menu import AREAS as ours

    keys = [area.key for area in ours]
    assert len(keys) == len(set(keys))
    names = [item.url_name for area in ours for group in area.groups for item in group.items]
    assert all(":" in name for name in names)
