"""What ``make demo`` says when it cannot start, and what ``make demo-reset`` takes away."""

import socket
import sys

import pytest

from config import demo, embedded


def test_port_in_use_is_one_clear_line():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(demo.DemoError, match=f"make demo PORT={port + 1}"):
            demo.refuse_port_in_use("127.0.0.1", port)
    demo.refuse_port_in_use("127.0.0.1", port)


def test_a_part_that_dies_is_shown_with_its_last_lines(tmp_path):
    script = "print('up'); print('the reason'); raise SystemExit(4)"
    part = demo.launch("web", [sys.executable, "-c", script], {}, tmp_path)
    part.process.wait()
    with pytest.raises(demo.DemoError, match=r"(?s)web ended by itself \(exit code 4\).*the reason"):
        demo.refuse_dead([part])


def test_stop_ends_a_part_that_is_running(tmp_path):
    part = demo.launch("web", [sys.executable, "-c", "import time; time.sleep(60)"], {}, tmp_path)
    demo.refuse_dead([part])
    demo.stop_all([part])
    assert part.process.returncode == -15


def test_reset_clears_what_is_ours_and_nothing_else(tmp_path, monkeypatch):
    monkeypatch.setenv("DEMO_DIR", str(tmp_path))
    (tmp_path / "media").mkdir()
    (tmp_path / "secret_key").write_text("x")
    (tmp_path / "my notes.txt").write_text("mine")
    demo.reset()
    assert [path.name for path in tmp_path.iterdir()] == ["my notes.txt"]


def test_reset_is_refused_while_in_use(tmp_path, monkeypatch):
    monkeypatch.setenv("DEMO_DIR", str(tmp_path))
    folder = embedded.Folder(tmp_path)
    folder.prepare()
    (tmp_path / "media").mkdir()
    ticket = embedded.join_users(folder)
    with pytest.raises(demo.DemoError, match="in use"):
        demo.reset()
    assert (tmp_path / "media").exists()
    embedded.leave(folder, ticket)
    demo.reset()
    assert not (tmp_path / "media").exists()


def test_web_and_worker_never_hold_the_owners_address(monkeypatch, tmp_path):
    launched = {}
    monkeypatch.setattr(
        demo, "launch", lambda name, command, environment, logs: launched.update({name: environment})
    )
    environment = {"DEMO_DIR": str(tmp_path), "DATABASE_URL": "app"}
    secret = {"DATABASE_OWNER_URL": "owner", "DATABASE_ADMIN_URL": "superuser"}

    demo.launch_all(environment | secret, "127.0.0.1", 8000)

    assert set(launched) >= {"web", "worker", "beat"}
    assert all(given == environment for given in launched.values())
