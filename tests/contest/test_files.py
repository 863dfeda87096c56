"""Files taken in and handed out: complete, measured, harmless; and the sweep behind them."""

import errno
import hashlib
import io
import os
import time
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import transaction
from PIL import Image

from accounts.actors import SYSTEM
from contest import actions, files, sweep, tasks
from contest.models import StoredFile
from kit.errors import RuleBroken
from kit.uploads import Kind
from tests.factories.accounts import UserFactory
from tests.factories.projects import PDF

pytestmark = pytest.mark.django_db


def save(content: bytes = b"content", name: str = "a.csv") -> StoredFile:
    return actions.save_file(actor=SYSTEM, stream=io.BytesIO(content), name=name, mime="text/csv")


def take(content: bytes, name: str, kinds=tuple(Kind), max_bytes=1_000_000) -> StoredFile:
    return actions.take_file(
        actor=UserFactory(), stream=io.BytesIO(content), name=name, kinds=kinds, max_bytes=max_bytes
    )


def content_of(stored: StoredFile) -> bytes:
    with default_storage.open(stored.key) as stream:
        return stream.read()


def shut(response) -> None:
    """Close the file alone: closing a whole answer would hang up on the database."""
    if response.streaming:
        response.file_to_stream.close()


def files_on_disk(media: Path) -> set[str]:
    return {str(path.relative_to(media)) for path in media.rglob("*") if path.is_file()}


def grow_old(media: Path, *keys: str) -> None:
    two_days_ago = time.time() - 2 * 86_400
    for key in keys:
        os.utime(media / key, (two_days_ago, two_days_ago))


# Taking in


def test_a_file_is_measured_while_it_is_written(media):
    stored = save(b"x" * 700_000)
    assert (stored.size, stored.sha256) == (700_000, hashlib.sha256(b"x" * 700_000).hexdigest())
    assert content_of(stored) == b"x" * 700_000
    assert files_on_disk(media) == {stored.key}


def test_an_empty_file_gets_no_row():
    with pytest.raises(RuleBroken) as refused:
        take(b"", "a.pdf")
    assert (refused.value.code, refused.value.field) == ("upload_empty", "file")
    assert not StoredFile.objects.exists()


def test_a_paper_is_kept_as_it_came():
    stored = take(PDF, "年检报告.pdf")
    assert content_of(stored) == PDF
    assert (stored.mime, stored.name) == ("application/pdf", "年检报告.pdf")


@pytest.mark.parametrize("form", ["JPEG", "PNG"])
def test_a_picture_is_drawn_anew(form):
    exif = Image.Exif()
    exif[0x010E] = "secret-place"
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(out, form, exif=exif)
    assert b"secret-place" in out.getvalue()
    stored = take(out.getvalue(), f"a.{'jpg' if form == 'JPEG' else 'png'}")
    kept = content_of(stored)
    assert b"secret-place" not in kept
    assert (stored.size, stored.sha256) == (len(kept), hashlib.sha256(kept).hexdigest())
    assert Image.open(io.BytesIO(kept)).size == (40, 30)


@pytest.mark.parametrize(
    ("content", "name", "options", "code"),
    [
        (PDF, "a.pdf", {"max_bytes": len(PDF) - 1}, "upload_too_large"),
        (PDF, "a.pdf", {"kinds": (Kind.JPG,)}, "upload_not_allowed"),
        (PDF, "a.jpg", {}, "upload_mismatch"),
        (b"<html>", "a.pdf", {}, "upload_unknown"),
    ],
)
def test_what_is_refused_leaves_neither_row_nor_file(media, content, name, options, code):
    with pytest.raises(RuleBroken) as refused:
        take(content, name, **options)
    assert (refused.value.code, refused.value.field) == (code, "file")
    assert str(refused.value)
    assert not StoredFile.objects.exists()
    assert files_on_disk(media) == set()


def test_a_file_of_just_the_limit_is_taken():
    assert take(PDF, "a.pdf", max_bytes=len(PDF)).size == len(PDF)


def test_a_full_disk_leaves_neither_row_nor_torso_and_is_told(media):
    class FullDisk(io.BytesIO):
        def read(self, size=-1):
            if self.tell():
                raise OSError(errno.ENOSPC, "No space left on device")
            return super().read(100)

    with pytest.raises(RuleBroken) as refused:
        actions.save_file(actor=SYSTEM, stream=FullDisk(b"x" * 1000), name="a", mime="text/csv")
    assert refused.value.code == "storage_full"
    assert not StoredFile.objects.exists()
    assert files_on_disk(media) == set()


@pytest.mark.parametrize(
    "name", ["../../x", "/abs", "a\0.pdf", "CON", "a\u202efdp.exe", "x" * 300, ".htaccess", "..\\..\\x"]
)
def test_no_name_decides_where_a_file_lies(media, name):
    stored = save(name=name)
    assert sweep.OURS.fullmatch(stored.key)
    assert files_on_disk(media) == {stored.key}
    assert not set(stored.name) & set("/\\\0\u202e")


# Handing out


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("报告.pdf", "attachment; filename*=utf-8''%E6%8A%A5%E5%91%8A.pdf"),
        (
            'a"; filename=b.exe\r\nSet-Cookie: x=1.pdf',
            'attachment; filename="a_ filename=b.exe_Set-Cookie_ x=1.pdf"',
        ),
        ("a\u202efdp.exe", 'attachment; filename="afdp.exe"'),
    ],
)
def test_a_download_is_named_safely_and_runs_nowhere(settings, name, header):
    for settings.FILES_BY_NGINX in (False, True):
        response = files.serve(save(name=name))
        assert response["Content-Disposition"] == header
        assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["Content-Type"] == "text/csv"
        shut(response)


def test_nginx_is_told_the_key_and_nothing_else(settings):
    settings.FILES_BY_NGINX = True
    stored = save(name="报告.pdf")
    response = files.serve(stored)
    assert response["X-Accel-Redirect"] == f"/protected/{stored.key}"
    assert response.content == b""


def test_only_papers_and_pictures_are_shown_in_the_browser():
    for stored, manner in ((save(), "attachment"), (take(PDF, "a.pdf"), "inline")):
        response = files.serve(stored, inline=True)
        assert response["Content-Disposition"].startswith(manner)
        shut(response)


# The sweep


def test_a_rolled_back_transaction_leaves_a_file_that_the_sweep_removes(media):
    kept = save()
    with transaction.atomic():
        orphan = save()
        transaction.set_rollback(True)
    assert files_on_disk(media) == {kept.key, orphan.key}
    assert sweep.sweep_files() == ([], [], [])
    grow_old(media, kept.key, orphan.key)
    assert sweep.sweep_files() == ([orphan.key], [], [])
    assert files_on_disk(media) == {kept.key}
    assert content_of(kept) == b"content"


def test_a_torso_of_a_killed_process_is_removed(media):
    kept = save()
    torso = f"{kept.key[:-4]}0000.unfinished"
    (media / torso).write_bytes(b"half")
    assert sweep.sweep_files().removed == []
    grow_old(media, torso)
    assert tasks.sweep_files() == 1
    assert files_on_disk(media) == {kept.key}


def test_what_is_not_ours_is_left_alone(media):
    save()
    for name in ("README.txt", "2026/other.pdf", "backup.tar"):
        (media / name).parent.mkdir(exist_ok=True)
        (media / name).write_bytes(b"x")
        grow_old(media, name)
    assert sweep.sweep_files() == ([], [], [])
    assert (media / "README.txt").exists()


def test_a_suspicious_number_of_orphans_is_left_for_somebody_to_look(media, caplog):
    with transaction.atomic():
        keys = [save().key for _ in range(3)]
        transaction.set_rollback(True)
    grow_old(media, *keys)
    swept = sweep.sweep_files(most=2)
    assert (swept.removed, sorted(swept.left)) == ([], sorted(keys))
    assert "3 files have no row" in caplog.text
    assert files_on_disk(media) == set(keys)
    assert sorted(sweep.sweep_files(most=3).removed) == sorted(keys)


def test_a_row_without_a_file_is_reported(media, capsys, caplog):
    stored = save()
    call_command("sweep_files")
    (media / stored.key).unlink()
    assert sweep.sweep_files().missing == [stored.key]
    assert stored.key in caplog.text
    with pytest.raises(CommandError, match=stored.key):
        call_command("sweep_files")


def test_the_sweep_asks_as_little_for_many_files_as_for_one(media, django_assert_num_queries):
    save()
    with django_assert_num_queries(2):
        sweep.sweep_files()
    for _ in range(20):
        save()
    with django_assert_num_queries(2):
        sweep.sweep_files()
