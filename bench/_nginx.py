"""Two web nodes behind nginx, as ``docker-compose.yml`` puts them, on the loopback.

nginx runs by ``deploy/nginx/nginx.conf``. Only what the loopback cannot have is changed: no TLS and no
redirect to it, no names of containers to look up, and its files in a folder that is gone afterwards.
"""

import re
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bench._servers import ROOT, ended, free_port, server, wait_until_ready

CONF = ROOT / "deploy" / "nginx" / "nginx.conf"
BODIES = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


def installed() -> str:
    """The program; measurements that need it ask for it first, so that nobody waits for minutes to hear
    that it is missing."""
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if program is None:
        sys.exit("bench: there is no nginx here; install it with: apt-get install nginx")
    return program


@contextmanager
def two_nodes(environment: dict[str, str], target: str, ready_path: str) -> Iterator[int]:
    """The port of an nginx with two servers of this application behind it."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    environment = environment | {"TRUSTED_PROXY_COUNT": "1"}
    with ExitStack() as stack:
        nodes = [stack.enter_context(server(environment, target, ready_path)) for _node in range(2)]
        yield stack.enter_context(nginx(nodes, ready_path))


@contextmanager
def nginx(nodes: list[int], ready_path: str) -> Iterator[int]:
    port = free_port()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)  # nginx started by root works as somebody else
        conf, errors = folder / "nginx.conf", folder / "error.log"
        conf.write_text(on_loopback(CONF.read_text(), folder, port, nodes))
        command = [installed(), "-p", folder, "-c", conf, "-e", errors, "-g", "daemon off;"]
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        try:
            wait_until_ready(process, port, ready_path)
            yield port
        except SystemExit:
            print(errors.read_text()[-2000:], file=sys.stderr)
            raise
        finally:
            ended(process)


def on_loopback(conf: str, folder: Path, port: int, nodes: list[int]) -> str:
    """Our configuration with one server, on this port, before these nodes."""
    servers = "\n".join(f"        server 127.0.0.1:{node} max_fails=1 fail_timeout=2s;" for node in nodes)
    bodies = "\n".join(f"    {kind}_temp_path {folder}/{kind};" for kind in BODIES)
    for pattern, instead in (
        (r"^pid .*$", f"pid {folder}/nginx.pid;"),
        (r"^error_log .*$", f"error_log {folder}/error.log warn;"),
        (r"/dev/stdout", f"{folder}/access.log"),
        (r"/var/cache/nginx/live", f"{folder}/live"),
        (r"^http \{$", f"http {{\n{bodies}"),
        (r"^        resolver .*\n        server web:8000 .*$", servers),
        (r"^    server \{\n        listen 80 (?s:.*?)\n    \}\n", ""),
        (r"listen 443 ssl default_server;", f"listen 127.0.0.1:{port} default_server;"),
        (r"^        http2 on;\n(        ssl_.*\n)+", ""),
    ):
        conf, found = re.subn(pattern, lambda _found, text=instead: text, conf, flags=re.M)
        if found != 1:
            sys.exit(f"bench: {CONF.name} has {found} of {pattern!r}, not one")
    return conf
