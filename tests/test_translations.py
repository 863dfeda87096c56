"""Chinese is complete: nothing untranslated, fuzzy, mismatched or out of step with the code."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.utils import translation

from contest.call import sections
from tests.world import begin_small

CATALOGUE = Path(settings.LOCALE_PATHS[0]) / "zh_Hans" / "LC_MESSAGES" / "django.po"


def test_every_message_is_translated_and_its_placeholders_match():
    checked = subprocess.run(
        ["msgfmt", "--check-format", "--statistics", "--output-file=/dev/null", CATALOGUE],
        capture_output=True,
        text=True,
        env={"LC_ALL": "C", "PATH": "/usr/bin:/bin:/usr/local/bin"},
        check=False,
    )

    assert checked.returncode == 0, checked.stderr
    assert re.fullmatch(r"\d+ translated messages\.\n", checked.stderr), checked.stderr


@pytest.mark.xdist_group("catalogue")
def test_catalogue_is_in_step_with_the_code():
    before = CATALOGUE.read_text(encoding="utf-8")
    try:
        call_command(
            "makemessages",
            locale=["zh_Hans"],
            add_location="file",
            no_wrap=True,
            no_obsolete=True,
            ignore_patterns=[".venv/*", ".demo/*", "tests/*", "static_root/*"],
            verbosity=0,
        )
        after = CATALOGUE.read_text(encoding="utf-8")
    finally:
        CATALOGUE.write_text(before, encoding="utf-8")

    assert _messages(after) == _messages(before)


def test_call_is_chinese_whatever_language_its_maker_reads(db):
    edition = begin_small(entries=1).play.edition
    with translation.override("zh-hans"):
        paper = str(sections(edition, edition.rules))

    with translation.override("en"):
        assert str(sections(edition, edition.rules)) == paper


def _messages(text: str) -> list[str]:
    """The catalogue without its header, whose date changes."""
    return text.split("\n\n")[1:]
