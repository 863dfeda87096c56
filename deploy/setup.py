"""Everything a fresh machine needs before ``make demo`` or ``make test``; quick when nothing is missing.

Standard library only: this runs before anything is installed.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
RUNTIME_PACKAGES = [
    "fontconfig",
    "fonts-lxgw-wenkai",
    "fonts-noto-cjk",
    "gettext",
    "libharfbuzz-subset0",
    "libpango-1.0-0",
    "libpangoft2-1.0-0",
]
DEV_PACKAGES = ["chromium-headless-shell"]


class SetupError(Exception):
    """One line for the person at the terminal."""


def installed(package: str) -> bool:
    asked = ["dpkg-query", "--show", "--showformat=${db:Status-Status}", package]
    done = subprocess.run(asked, capture_output=True, text=True, check=False)
    return done.stdout.strip() == "installed"


def missing_packages(wanted: list[str]) -> list[str]:
    return [package for package in wanted if not installed(package)]


def privileged() -> list[str] | None:
    """What to put before a command so that it runs as root; ``None`` when that cannot be."""
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo"):
        done = subprocess.run(["sudo", "--non-interactive", "true"], capture_output=True, check=False)
        if done.returncode == 0:
            return ["sudo", "--non-interactive"]
    return None


def install_packages(wanted: list[str]) -> None:
    """Install what is missing, or say what is."""
    if not shutil.which("dpkg-query"):
        print(f"setup: no dpkg here; needed: {' '.join(wanted)} · 请自行安装上述软件包", file=sys.stderr)
        return
    missing = missing_packages(wanted)
    if not missing:
        return
    names = " ".join(missing)
    prefix = privileged()
    if prefix is None:
        raise SetupError(f"missing system packages, install them first · 缺少系统软件包: {names}")
    print(f"setup: installing {names}", flush=True)
    apt = [
        *prefix,
        "env",
        "DEBIAN_FRONTEND=noninteractive",
        "apt-get",
        "-qq",
        "-o",
        "DPkg::Lock::Timeout=600",
    ]
    log = ROOT / ".setup-apt.log"
    with log.open("w") as output:
        # A refresh may fail halfway and the packages be there all the same; the install decides.
        subprocess.run([*apt, "update"], stdout=output, stderr=output, check=False)
        command = [*apt, "install", "--yes", "--no-install-recommends", *missing]
        code = subprocess.run(command, stdout=output, stderr=output, check=False).returncode
    still = missing_packages(missing)
    if code or still:
        tail = log.read_text(errors="replace").strip().splitlines()[-1:]
        raise SetupError(f"could not install {' '.join(still or missing)}: {' '.join(tail)}")
    log.unlink()


def venv_works() -> bool:
    if not PYTHON.exists():
        return False
    probe = [str(PYTHON), "-c", "import sys, pip; sys.exit(sys.version_info < (3, 11))"]
    return subprocess.run(probe, capture_output=True, check=False).returncode == 0


def make_venv() -> None:
    """A virtual environment that works; one left behind by a Python that is gone is replaced."""
    if venv_works():
        return
    print("setup: making .venv", flush=True)
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], check=True)


def install_requirements(name: str) -> None:
    """The locked file, hashes checked; skipped while the file is the one installed last."""
    path = ROOT / name
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    marker = VENV / f".{name}.sha256"
    if marker.exists() and marker.read_text() == digest:
        return
    print(f"setup: installing {name}", flush=True)
    pip = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "--quiet"]
    done = subprocess.run([*pip, "install", "--require-hashes", "--requirement", str(path)], check=False)
    if done.returncode:
        raise SetupError(f"{name} could not be installed (see above)")
    marker.write_text(digest)


def compile_messages() -> None:
    """Translations for the program, where the text is newer."""
    for source in (ROOT / "locale").glob("*/LC_MESSAGES/*.po"):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        command = ["msgfmt", "--check-format", "--output-file", str(target), str(source)]
        if subprocess.run(command, check=False).returncode:
            raise SetupError(f"{source.relative_to(ROOT)} does not compile (see above)")


def main(arguments: list[str]) -> int:
    for_development = "--dev" in arguments
    packages = RUNTIME_PACKAGES + (DEV_PACKAGES if for_development else [])
    if importlib.util.find_spec("ensurepip") is None:
        packages = [*packages, "python3-venv"]
    try:
        if sys.version_info < (3, 11):
            raise SetupError("Python 3.11 or newer is needed · 需要 Python 3.11 或更高版本")
        install_packages(packages)
        make_venv()
        install_requirements("requirements.txt")
        if for_development:
            install_requirements("requirements-dev.txt")
        compile_messages()
    except (SetupError, subprocess.CalledProcessError) as error:
        print(f"setup: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
