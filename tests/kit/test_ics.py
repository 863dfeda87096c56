"""Calendar files: whole days, folded lines, nothing that could end a line early."""

from __future__ import annotations

from datetime import UTC, date, datetime

from kit.ics import LINE, Days, calendar


def made(**fields) -> bytes:
    given = {
        "uid": "notice-1@example",
        "title": "公示",
        "first": date(2026, 2, 12),
        "last": date(2026, 2, 25),
        "text": "五个工作日",
        "url": "https://example/1/",
        "stamped_at": datetime(2026, 2, 12, 2, tzinfo=UTC),
    }
    return calendar([Days(**(given | fields))])


def test_the_last_day_belongs_to_the_entry():
    lines = made().decode().split("\r\n")
    assert "DTSTART;VALUE=DATE:20260212" in lines
    assert "DTEND;VALUE=DATE:20260226" in lines
    assert "DTSTAMP:20260212T020000Z" in lines
    assert (lines[0], lines[-2], lines[-1]) == ("BEGIN:VCALENDAR", "END:VCALENDAR", "")


def test_long_lines_are_folded_between_characters_and_read_back_whole():
    title = "关于社会治理创新项目" * 12
    data = made(title=title)
    assert all(len(line) <= LINE for line in data.split(b"\r\n"))
    assert f"SUMMARY:{title}\r\n" in data.decode().replace("\r\n ", "")


def test_signs_of_the_format_are_escaped_and_lines_stay_lines():
    text = made(title="a;b,c\\d", text="x\r\nBEGIN:VEVENT\ny").decode().replace("\r\n ", "")
    assert "SUMMARY:a\\;b\\,c\\\\d\r\n" in text
    assert "DESCRIPTION:x\\nBEGIN:VEVENT\\ny\r\n" in text
    assert text.count("\r\nBEGIN:VEVENT\r\n") == 1
