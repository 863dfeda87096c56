"""A file is there whole, or not at all."""

import errno
import threading
from pathlib import Path

import pytest
from django.core.exceptions import SuspiciousFileOperation
from django.core.files import File
from django.core.files.base import ContentFile

from kit.storage import AtomicFileSystemStorage


@pytest.fixture
def storage(tmp_path):
    return AtomicFileSystemStorage(location=tmp_path / "media", file_permissions_mode=0o640)


class FullDisk(File):
    """Some bytes arrive, then there is no more room."""

    def __init__(self):
        super().__init__(None, name="full")

    def chunks(self, chunk_size=None):
        yield b"x" * 100_000
        raise OSError(errno.ENOSPC, "No space left on device")


def files_in(storage) -> list[str]:
    return sorted(
        str(path.relative_to(storage.location))
        for path in Path(storage.location).rglob("*")
        if path.is_file()
    )


def test_a_file_is_kept_under_its_name(storage):
    assert storage.save("2026/03/abc", ContentFile(b"content")) == "2026/03/abc"
    with storage.open("2026/03/abc") as stream:
        assert stream.read() == b"content"
    assert files_in(storage) == ["2026/03/abc"]


def test_only_the_portal_and_its_group_read_a_file(storage, tmp_path):
    storage.save("a", ContentFile(b"content"))
    assert (tmp_path / "media" / "a").stat().st_mode & 0o777 == 0o640


def test_a_full_disk_leaves_no_torso(storage):
    with pytest.raises(OSError, match="No space"):
        storage.save("2026/03/abc", FullDisk())
    assert files_in(storage) == []


def test_a_process_told_to_stop_leaves_no_torso(storage):
    class Stopped(File):
        def chunks(self, chunk_size=None):
            yield b"x"
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        storage.save("abc", Stopped(None, name="x"))
    assert files_in(storage) == []


def test_while_it_is_written_nobody_sees_half_a_file(storage):
    seen = []

    class Watched(File):
        def chunks(self, chunk_size=None):
            yield b"half"
            seen.append(storage.exists("abc"))
            yield b"whole"

    storage.save("abc", Watched(None, name="x"))
    assert seen == [False]
    with storage.open("abc") as stream:
        assert stream.read() == b"halfwhole"


def test_twenty_at_once_into_a_new_folder(storage):
    barrier = threading.Barrier(20)

    def save(number):
        barrier.wait()
        storage.save(f"2026/12/{number}", ContentFile(b"%d" % number))

    threads = [threading.Thread(target=save, args=[number]) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(files_in(storage)) == 20


def test_a_name_outside_the_folder_is_refused(storage):
    with pytest.raises(SuspiciousFileOperation):
        storage.save("../outside", ContentFile(b"x"))
