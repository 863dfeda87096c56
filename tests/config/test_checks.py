"""The portal's own system checks, and the production settings under Django's."""

import os
import subprocess
import sys

import pytest
from django.core.files.storage import FileSystemStorage

from config import checks
from config.embedded import ROOT

PRODUCTION = {
    "DJANGO_SETTINGS_MODULE": "config.settings.production",
    "SECRET_KEY": "0f3c9a7d52e14b86" * 4,
    "FIELD_KEYS": "b25seS1mb3ItdGVzdHMtb25seS1mb3ItdGVzdHMtMzI=",
    "ALLOWED_HOSTS": "gongzhi.example",
    "SITE_URL": "https://gongzhi.example",
    "TRUSTED_PROXY_COUNT": "1",
    "EMAIL_URL": "smtp+tls://user:word@mail.example:587",
    "DEFAULT_FROM_EMAIL": "gongzhi@gongzhi.example",
}


# The variable that lets tests ask the database beside a browser is none of production's.
OUTSIDE = {name: value for name, value in os.environ.items() if name != "DJANGO_ALLOW_ASYNC_UNSAFE"}


def check_deploy(environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            sys.executable,
            "manage.py",
            "check",
            "--deploy",
            "--fail-level",
            "WARNING",
            "--database",
            "default",
        ],
        env=OUTSIDE | environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_production_settings_pass_the_deployment_check(tmp_path):
    done = check_deploy(PRODUCTION | {"MEDIA_ROOT": str(tmp_path)})
    assert done.returncode == 0, done.stderr


def test_deployment_check_fails_when_the_portal_connects_as_the_owner(tmp_path):
    as_owner = {"DATABASE_URL": os.environ["DATABASE_OWNER_URL"], "MEDIA_ROOT": str(tmp_path)}
    done = check_deploy(PRODUCTION | as_owner)
    assert done.returncode == 1
    assert "gongzhi.E007" in done.stderr


@pytest.mark.parametrize(
    "name", ["SECRET_KEY", "FIELD_KEYS", "ALLOWED_HOSTS", "SITE_URL", "EMAIL_URL", "TRUSTED_PROXY_COUNT"]
)
def test_production_has_no_default_for(name):
    environment = OUTSIDE | PRODUCTION
    del environment[name]
    done = subprocess.run(
        [sys.executable, "-c", "import config.settings.production"],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert f"Set the {name} environment variable" in done.stderr


def test_missing_library_and_font_name_their_packages(monkeypatch):
    assert checks.libraries_and_fonts() == []
    monkeypatch.setitem(checks.LIBRARIES, "not-there-at-all", "libnotthere0")
    monkeypatch.setitem(checks.FONTS, "No Such Face", "fonts-no-such-face")
    (found,) = checks.libraries_and_fonts()
    assert (found.id, "fonts-no-such-face libnotthere0" in found.msg) == ("gongzhi.E001", True)


def test_storage_that_cannot_write_is_told(monkeypatch, tmp_path):
    monkeypatch.setattr(checks, "default_storage", FileSystemStorage(location=tmp_path))
    assert checks.storage() == []
    blocked = tmp_path / "a-file"
    blocked.write_text("")
    monkeypatch.setattr(checks, "default_storage", FileSystemStorage(location=blocked))
    (found,) = checks.storage()
    assert found.id == "gongzhi.E002"


@pytest.mark.parametrize(
    ("backend", "host", "ids"),
    [
        ("smtp", "mail.example", []),
        ("smtp", "", ["gongzhi.E003"]),
        ("console", "", ["gongzhi.W003"]),
    ],
)
def test_mail_that_reaches_nobody_is_told(settings, backend, host, ids):
    settings.EMAIL_BACKEND = f"django.core.mail.backends.{backend}.EmailBackend"
    settings.EMAIL_HOST = host
    assert [found.id for found in checks.mail()] == ids


def test_unreachable_redis_is_told(settings):
    assert checks.redis() == []
    settings.REDIS_URL = "unix:///nowhere.sock"
    (found,) = checks.redis()
    assert found.id == "gongzhi.E004"
