"""``make demo``: the whole portal on one machine, from nothing to a page in the browser."""

from __future__ import annotations

import argparse
import ctypes
import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from config import embedded

QUEUES = "default,live,pdf,export,mail"
READY_TIMEOUT_S = 90
STOP_TIMEOUT_S = 20
LOG_LINES = 15
PR_SET_PDEATHSIG = 1
#: What ``make demo-reset`` takes away; anything else in the folder is somebody else's.
OURS = (
    "postgres", "postgres.new", "postgres.roles", "redis", "media", "test-media", "mail", "static",
    "static.digest", "logs", "run", "secret_key", "sms.log", "beat-schedule",
    "embedded.users", "embedded.lock",
)  # fmt: skip


class DemoError(Exception):
    """The demo cannot go on; the text is for the person at the terminal."""


@dataclass
class Part:
    """One running process of the demo and its log."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    def last_lines(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-LOG_LINES:])


def program(name: str) -> str:
    """A command of this virtual environment."""
    return str(Path(sys.executable).parent / name)


def refuse_port_in_use(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise DemoError(
                f"port {port} on {host}: {error.strerror}; choose another: make demo PORT={port + 1} "
                f"· 端口 {port} 不可用，请换一个"
            ) from error


def manage(environment: dict[str, str], *arguments: str) -> None:
    """Run a management command; its output is shown only when it fails."""
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=embedded.ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        raise DemoError(f"manage.py {' '.join(arguments)} failed:\n{done.stdout.strip()}")


def prepare(environment: dict[str, str]) -> None:
    """Bring database and static files up to date and fill an empty portal."""
    manage(environment, "migrate", "--database", "owner", "--no-input", "--verbosity", "0")
    collect_static(environment)
    if portal_is_empty(environment):
        say("filling the portal with demonstration data · 正在生成演示数据 …")
        run_loud(environment, "seed_demo")


def collect_static(environment: dict[str, str]) -> None:
    """Static files with hashed names; skipped while neither they nor the packages have changed."""
    marker = Path(environment["DEMO_DIR"]) / "static.digest"
    sources = sorted(path for path in (embedded.ROOT / "static").rglob("*") if path.is_file())
    stamps = [f"{path} {path.stat().st_mtime_ns} {path.stat().st_size}" for path in sources]
    locked = (embedded.ROOT / "requirements.txt").read_text()
    digest = hashlib.sha256("\n".join([*stamps, locked]).encode()).hexdigest()
    if marker.exists() and marker.read_text() == digest:
        return
    manage(environment, "collectstatic", "--no-input", "--clear", "--verbosity", "0")
    marker.write_text(digest)


def portal_is_empty(environment: dict[str, str]) -> bool:
    import psycopg2

    connection = psycopg2.connect(environment["DATABASE_URL"])
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT NOT EXISTS (SELECT FROM contest_edition)")
            return bool(cursor.fetchone()[0])
    finally:
        connection.close()


def run_loud(environment: dict[str, str], *arguments: str) -> None:
    """Run a management command that speaks to the person itself."""
    command = [sys.executable, "manage.py", *arguments]
    done = subprocess.run(command, cwd=embedded.ROOT, env=environment, check=False)
    if done.returncode:
        raise DemoError(f"manage.py {' '.join(arguments)} failed (see above)")


def die_with_parent() -> None:
    """In the child: the kernel ends it when the demo itself is killed without a chance to clean up."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def launch(name: str, command: Sequence[str], environment: dict[str, str], logs: Path) -> Part:
    log = logs / f"{name}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=embedded.ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C reaches us alone; we stop the parts in order
            preexec_fn=die_with_parent,
        )
    return Part(name, process, log)


#: Web and worker connect as the role that owns nothing; they never hold another one's address.
NOT_FOR_SERVING = ("DATABASE_OWNER_URL", "DATABASE_ADMIN_URL")


def launch_all(environment: dict[str, str], host: str, port: int) -> list[Part]:
    folder = Path(environment["DEMO_DIR"])
    logs = folder / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    celery = [program("celery"), "--app", "config.celery"]
    quiet = ["--without-gossip", "--without-mingle", "--loglevel", "INFO"]
    commands = {
        "web": [
            program("granian"), "--interface", "wsgi", "--host", host, "--port", str(port),
            "--workers", "2", "--blocking-threads", "4", "--respawn-failed-workers",
            "config.wsgi:application",
        ],
        "worker": [*celery, "worker", "--queues", QUEUES, "--concurrency", "2", *quiet],
        "beat": [*celery, "beat", "--schedule", str(folder / "beat-schedule"), "--pidfile", ""],
    }  # fmt: skip
    serving = {name: value for name, value in environment.items() if name not in NOT_FOR_SERVING}
    return [launch(name, command, serving, logs) for name, command in commands.items()]


def refuse_dead(parts: Sequence[Part]) -> None:
    for part in parts:
        code = part.process.poll()
        if code is not None:
            raise DemoError(
                f"{part.name} ended by itself (exit code {code}); last lines of {part.log}:\n"
                f"{part.last_lines()}"
            )


def health(url: str) -> dict:
    """What ``/healthz/`` says; empty while nobody answers."""
    try:
        with urllib.request.urlopen(f"{url}/healthz/", timeout=5) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as answer:
        try:
            return json.load(answer)
        except ValueError:
            return {"status": f"HTTP {answer.code}"}
    except (OSError, ValueError):
        return {}


def wait_until_ready(url: str, parts: Sequence[Part]) -> None:
    """Wait for a green health page whose heartbeat is younger than this start."""
    begun = time.monotonic()
    state: dict = {}
    while time.monotonic() - begun < READY_TIMEOUT_S:
        refuse_dead(parts)
        state = health(url)
        age = state.get("worker_age_s")
        if state.get("status") == "ok" and age is not None and age < time.monotonic() - begun:
            return
        time.sleep(0.2)
    raise DemoError(f"not healthy after {READY_TIMEOUT_S} s: {json.dumps(state)}; see {parts[0].log.parent}")


def stop_all(parts: Sequence[Part]) -> None:
    """End the parts, the ones that take in work first; whoever does not listen is killed."""
    for part in parts:
        if part.process.poll() is None:
            part.process.terminate()
    deadline = time.monotonic() + STOP_TIMEOUT_S
    for part in parts:
        try:
            part.process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(part.process.pid, signal.SIGKILL)
            part.process.wait()


def say(text: str) -> None:
    print(text, flush=True)


def demo(host: str, port: int) -> None:
    """Start everything, say so, and stay until asked to stop."""
    refuse_port_in_use(host, port)
    shown = "127.0.0.1" if host in {"0.0.0.0", "::"} else host  # noqa: S104 - compared, not bound
    url = f"http://{shown}:{port}"
    with embedded.services() as (environment, _):
        environment = environment | {
            "DJANGO_SETTINGS_MODULE": "config.settings.demo",
            "SITE_URL": os.environ.get("SITE_URL", url),
            "DEMO_DIR": str(embedded.demo_dir()),
        }
        prepare(environment)
        parts = launch_all(environment, host, port)
        try:
            wait_until_ready(url, parts)
            say(f"ready: {url}")
            run_loud(environment, "demo_signins")
            say("Ctrl-C stops it, the data stays · 按 Ctrl-C 停止，数据保留")
            while True:
                refuse_dead(parts)
                time.sleep(1)
        finally:
            stop_all(parts)


def reset() -> None:
    """Take the demo's data away; refused while somebody uses it."""
    folder = embedded.Folder(embedded.demo_dir())
    if not folder.base.exists():
        return
    with embedded.locked(folder.gate):
        if not embedded.nobody_uses(folder):
            raise DemoError(f"{folder.base} is in use; stop the demo first · 请先停止正在运行的演示")
        embedded.stop_redis(folder)
        embedded.stop_postgres(folder)
        shutil.rmtree(folder.sockets, ignore_errors=True)
        for name in OURS:
            path = folder.base / name
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
    if not any(folder.base.iterdir()):
        folder.base.rmdir()
    say(f"{folder.base}: cleared · 已清空")


def arguments_of(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m config.demo", description=__doc__)
    parser.add_argument("action", choices=["run", "reset"], nargs="?", default="run")
    parser.add_argument("--host", default=os.environ.get("HOST") or "127.0.0.1")
    parser.add_argument("--port", type=int, default=os.environ.get("PORT") or 8000)
    return parser.parse_args(argv)


def main(argv: Sequence[str]) -> int:
    arguments = arguments_of(argv)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(0))
    try:
        if arguments.action == "reset":
            reset()
        else:
            demo(arguments.host, arguments.port)
    except (DemoError, embedded.EmbeddedError) as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        say("")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
