"""How the site shows itself: switches, footer, frame of the pages, error pages."""

import re
import time
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.contrib.auth import get_user_model
from django.test import Client, RequestFactory
from django.urls import reverse

from kit.context import site

TEMPLATES = Path(django_settings.ROOT) / "templates"


def portal(settings, cookies=None, **facts):
    settings.SITE = facts
    request = RequestFactory().get("/")
    request.COOKIES.update(cookies or {})
    return site(request)["portal"]


def test_footer_shows_what_is_set_and_hides_what_is_empty(settings):
    footer = portal(settings, organiser="市委社会工作部", icp="", police="粤公网安备 1号")["footer"]
    assert [item["value"] for item in footer["about"]] == ["市委社会工作部"]
    assert [item["value"] for item in footer["registrations"]] == ["粤公网安备 1号"]


def test_footer_of_nothing_is_empty(settings):
    footer = portal(settings)["footer"]
    assert (footer["about"], footer["registrations"], footer["report_url"]) == ([], [], "")


@pytest.mark.django_db
def test_large_type_is_switched_on_and_off_by_a_form():
    browser = Client(enforce_csrf_checks=True)
    answer = browser.post(reverse("kit:care_mode"), {"care": "1", "next": "/accounts/login/"})
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/login/")
    assert b'class="is-care"' in browser.get("/accounts/login/").content
    browser.post(reverse("kit:care_mode"), {"care": "0", "next": "/accounts/login/"})
    assert b'class="is-care"' not in browser.get("/accounts/login/").content


def test_the_switch_is_kept_from_plain_http_where_the_site_has_tls(client, settings):
    plain = client.post(reverse("kit:care_mode"), {"care": "1"}).cookies["care"]
    assert (plain.value, plain["secure"]) == ("1", "")
    settings.LANGUAGE_COOKIE_SECURE = True
    answer = client.post(reverse("kit:care_mode"), {"care": "1"})
    assert answer.cookies["care"]["secure"]


@pytest.mark.parametrize(
    "target", ["https://elsewhere.example/", "//elsewhere.example", "javascript:alert(1)", ""]
)
def test_switches_never_lead_to_another_site(client, target):
    answer = client.post(reverse("kit:care_mode"), {"care": "1", "next": target})
    assert answer["Location"] == "/"


def test_a_get_switches_nothing(client):
    answer = client.get(reverse("kit:care_mode"))
    assert answer.status_code == 405
    assert not answer.cookies


@pytest.mark.django_db
def test_the_language_is_switched_and_said_in_the_page():
    browser = Client(enforce_csrf_checks=True)
    assert b'<html lang="zh-CN"' in browser.get("/accounts/login/").content
    browser.post(reverse("kit:language"), {"language": "en", "next": "/accounts/login/"})
    assert b'<html lang="en"' in browser.get("/accounts/login/").content


@pytest.mark.django_db
def test_the_style_guide_draws_every_part_and_only_in_the_demonstration(client, settings):
    settings.DEMO = False
    assert client.get(reverse("styleguide")).status_code == 404
    settings.DEMO = True
    page = client.get(reverse("styleguide"))
    assert page.status_code == 200
    assert page.content.count(b"<h1") == 1


@pytest.mark.django_db
def test_a_page_without_forms_gives_a_visitor_no_cookie(client, settings):
    settings.DEMO = True
    page = client.get("/no-such-page/")
    assert page.status_code == 404
    assert b"data-error" in page.content
    assert not page.cookies


SOURCES = sorted(path for path in TEMPLATES.rglob("*.html") if "documents" not in path.parts)


def test_the_frame_is_among_the_templates_examined():
    assert TEMPLATES / "base.html" in SOURCES
    assert len(SOURCES) > 40


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_templates_hold_no_inline_style_or_script(path):
    """The content security policy forbids both; a browser would drop them in silence."""
    source = path.read_text()
    assert not re.search(r"""\sstyle\s*=\s*["']""", source)
    assert not re.search(r"""\son[a-z]+\s*=\s*["']""", source)
    assert "<style" not in source
    assert "hx-on" not in source
    for attributes in re.findall(r"<script\b([^>]*)>", source):
        assert "src=" in attributes or "application/json" in attributes
    assert not re.search(r"""(src|href)\s*=\s*["']https?:""", source)


def test_style_sheets_fetch_nothing_from_outside():
    sheets = sorted((Path(django_settings.ROOT) / "static" / "css").rglob("*.css"))
    assert sheets
    for sheet in sheets:
        assert not re.search(r"url\(\s*[\"']?(https?:)?//", sheet.read_text()), sheet


@pytest.mark.django_db
@pytest.mark.parametrize(
    "name",
    ["account_email", "account_change_password", "mfa_index", "account_reset_password", "account_logout"],
)
def test_account_pages_obey_the_content_security_policy(client, name):
    """Pages of the sign-in library that no template of ours replaces are looked at as they are sent."""
    user = get_user_model().objects.create_user(email="someone@example.org", password="correct horse 12")
    client.force_login(user)
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": time.time()}]
    session.save()
    page = client.get(reverse(name))
    assert page.status_code == 200
    html = page.content.decode()
    assert html.count("<h1") == 1
    assert not re.search(r"""\sstyle\s*=\s*["']""", html)
