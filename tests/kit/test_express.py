"""The express lane changes nothing but the time."""

import pytest
from django.conf import settings as configured
from django.test import Client, override_settings
from django.urls import resolve, reverse

from kit.page import PageSpec

pytestmark = pytest.mark.django_db

SECURITY = (
    "Content-Security-Policy",
    "Cross-Origin-Opener-Policy",
    "Referrer-Policy",
    "X-Content-Type-Options",
    "X-Frame-Options",
)
WITHOUT_LANE = [name for name in configured.MIDDLEWARE if name != "kit.express.ExpressLane"]


def test_every_express_address_is_declared_and_exempt_for_a_reason():
    for name in configured.EXPRESS:
        view = resolve(reverse(name)).func
        assert view.page.public
        assert isinstance(view.page, PageSpec)
        assert view.csrf_exempt
        assert view.login_required is False


def test_lane_sets_the_same_security_headers():
    usual = Client().get("/jury/")
    for response in (Client().get("/jury/state/"), Client().post("/jury/vote/"), Client().get("/jury/vote/")):
        assert {name: response[name] for name in SECURITY} == {name: usual[name] for name in SECURITY}
        assert response["X-Request-Id"]


def test_lane_sends_the_hsts_header_over_tls(settings):
    settings.SECURE_HSTS_SECONDS = 31536000
    assert "max-age=31536000" in Client().get("/jury/state/", secure=True)["Strict-Transport-Security"]


@pytest.mark.parametrize(
    ("method", "path"), [("get", "/jury/state/"), ("post", "/jury/vote/"), ("get", "/jury/vote/")]
)
def test_lane_answers_like_the_usual_way(method, path):
    def ask():
        return getattr(Client(), method)(path, headers={"accept": "application/json"})

    quick = ask()
    with override_settings(MIDDLEWARE=WITHOUT_LANE):
        usual = ask()
    assert (quick.status_code, quick.content) == (usual.status_code, usual.content)


def test_lane_touches_no_session_and_no_cookie(django_assert_num_queries):
    client = Client()
    client.cookies[configured.SESSION_COOKIE_NAME] = "stale"
    with django_assert_num_queries(0):
        response = client.get("/jury/state/")
    assert response.json() == {"key": "none", "state": "none"}
    assert not response.cookies


def test_refusal_speaks_the_language_of_the_phone():
    def said(language):
        headers = {"accept": "application/json", "accept-language": language}
        return Client().post("/jury/vote/", headers=headers).json()["message"]

    assert said("en") == "This ballot did not come from our own page."


def test_unexpected_fault_in_the_lane_is_an_ordinary_500(monkeypatch):
    def broken(*args):
        raise ZeroDivisionError

    assert Client().get("/jury/state/").status_code == 200
    monkeypatch.setattr("judging.views.jury._held", broken)
    response = Client(raise_request_exception=False).get("/jury/state/")
    assert (response.status_code, response["X-Frame-Options"]) == (500, "DENY")
