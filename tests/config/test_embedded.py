"""The embedded services: shared by commands on one folder, gone with the last, never lossy."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg2
import pytest

from config import embedded

# Starting servers is slow; what only looks at files does not do it.


def environment(folder: Path) -> dict[str, str]:
    outside = {key: value for key, value in os.environ.items() if not key.startswith(("DATABASE_", "REDIS_"))}
    return outside | {"DEMO_DIR": str(folder)}


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "config.embedded", *arguments]


def embed(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*arguments),
        env=environment(folder),
        cwd=embedded.ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def eventually(condition, seconds: float = 30) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.1)
    return False


def scalar(url: str, query: str):
    connection = psycopg2.connect(url)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(query)
            return cursor.fetchone()[0] if cursor.description else None
    finally:
        connection.close()


def test_commands_share_the_servers_and_the_last_one_stops_them(tmp_path):
    folder = embedded.Folder(tmp_path / "data")
    first = subprocess.Popen(command("sleep", "100"), env=environment(folder.base), cwd=embedded.ROOT)
    try:
        assert eventually(lambda: embedded.redis_answers(folder))
        url = folder.database_url("gongzhi_owner")
        scalar(url, "CREATE TABLE kept (n int); INSERT INTO kept VALUES (7)")
        started = scalar(folder.database_url("gongzhi_app"), "SELECT pg_postmaster_start_time()")

        second = embed(folder.base, sys.executable, "-c", "import os; print(os.environ['DATABASE_URL'])")

        assert second.returncode == 0, second.stderr
        assert second.stdout.strip() == folder.database_url("gongzhi_app")
        assert scalar(url, "SELECT pg_postmaster_start_time()") == started
    finally:
        first.send_signal(signal.SIGTERM)
        code = first.wait(60)
    assert code == 128 + signal.SIGTERM
    assert embedded.postmaster_pid(folder) is None
    assert not embedded.redis_answers(folder)

    # A pid file left by a crash names a process that is something else by now.
    (folder.pgdata / "postmaster.pid").write_text(f"{os.getpid()}\n{folder.pgdata}\n1\n5432\n")
    again = embed(
        folder.base,
        sys.executable,
        "-c",
        "import os, psycopg2; c = psycopg2.connect(os.environ['DATABASE_URL']).cursor();"
        " c.execute('SELECT n FROM kept'); print(c.fetchone()[0])",
    )
    assert (again.returncode, again.stdout.strip()) == (0, "7"), again.stderr


def test_data_of_another_postgres_version_is_refused_and_left_alone(tmp_path):
    marker = tmp_path / "postgres" / "PG_VERSION"
    marker.parent.mkdir()
    marker.write_text("9\n")
    done = embed(tmp_path, "true")
    assert done.returncode == 1
    assert len(done.stderr.strip().splitlines()) == 1
    assert "PostgreSQL 9" in done.stderr
    assert marker.read_text() == "9\n"


def test_given_services_are_used_as_they_are(tmp_path):
    given = environment(tmp_path) | {"DATABASE_URL": "postgresql://there/db", "REDIS_URL": "redis://there"}
    show = [sys.executable, "-c", "import os, sys; print(os.environ['DATABASE_URL']); sys.exit(3)"]
    done = subprocess.run(
        command(*show), env=given, cwd=embedded.ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout.strip()) == (3, "postgresql://there/db")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("depth", [1, 40])
def test_socket_paths_stay_short(tmp_path, depth):
    folder = embedded.Folder(tmp_path / ("d" * depth) / ("e" * depth))
    assert len(str(folder.postgres_socket_dir / ".s.PGSQL.5432.lock")) < 108
    assert len(str(folder.redis_socket)) < 108


def test_two_folders_have_their_own_addresses(tmp_path):
    one, two = (embedded.Folder(tmp_path / name).environment() for name in ("one", "two"))
    assert not set(one.values()) & set(two.values())
