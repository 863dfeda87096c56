"""What the portal needs from its machine, told at the start instead of in the middle of the night."""

from __future__ import annotations

import ctypes.util
import shutil
import subprocess
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from cryptography.fernet import Fernet
from django.conf import settings
from django.core.cache import cache
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connections
from redis import Redis
from redis.exceptions import RedisError

LIBRARIES = {
    "pango-1.0": "libpango-1.0-0",
    "pangoft2-1.0": "libpangoft2-1.0-0",
    # Without it a one-page Chinese notice takes forty times as long.
    "harfbuzz-subset": "libharfbuzz-subset0",
}
FONTS = {
    "Noto Serif CJK SC": "fonts-noto-cjk",
    "Noto Sans CJK SC": "fonts-noto-cjk",
    "LXGW WenKai": "fonts-lxgw-wenkai",
}


def missing_packages() -> list[str]:
    """Debian packages that the papers need and this machine does not have."""
    missing = {package for name, package in LIBRARIES.items() if not ctypes.util.find_library(name)}
    families = font_families()
    missing |= {package for name, package in FONTS.items() if name not in families}
    return sorted(missing)


def font_families() -> str:
    tool = shutil.which("fc-list")
    if tool is None:
        return ""
    listing = subprocess.run([tool, ":", "family"], capture_output=True, text=True, check=False)
    return listing.stdout


@register()
def libraries_and_fonts(**kwargs: Any) -> Sequence[CheckMessage]:
    """Libraries and fonts for PDFs; slow or empty papers otherwise."""
    packages = missing_packages()
    if not packages:
        return []
    return [
        Error(
            f"PDFs need what is missing here: {' '.join(packages)}",
            hint="apt-get install these packages (and fontconfig).",
            id="gongzhi.E001",
        )
    ]


@register(deploy=True)
def storage(**kwargs: Any) -> Sequence[CheckMessage]:
    """Uploads and papers can be written, read and removed again."""
    name = f"check/{uuid4().hex}"
    try:
        saved = default_storage.save(name, ContentFile(b"gongzhi"))
        with default_storage.open(saved) as stream:
            same = stream.read() == b"gongzhi"
        default_storage.delete(saved)
    except Exception as error:  # noqa: BLE001 - each storage has errors of its own
        return [Error(f"The file storage does not work: {error}", id="gongzhi.E002")]
    return [] if same else [Error("The file storage returns other bytes.", id="gongzhi.E002")]


@register(deploy=True)
def field_keys(**kwargs: Any) -> Sequence[CheckMessage]:
    """There is a key for what lies encrypted, and every key is one."""
    hint = "openssl rand -base64 32 | tr '+/' '-_' makes one; keep it apart from the database's backups."
    if not settings.FIELD_KEYS:
        return [Error("FIELD_KEYS is missing: bank accounts cannot be kept.", hint=hint, id="gongzhi.E009")]
    try:
        for key in settings.FIELD_KEYS:
            Fernet(key)
    except ValueError:
        return [Error("FIELD_KEYS holds something that is no key.", hint=hint, id="gongzhi.E009")]
    return []


@register(deploy=True)
def mail(**kwargs: Any) -> Sequence[CheckMessage]:
    """Mail goes somewhere."""
    backend = settings.EMAIL_BACKEND.rsplit(".", 2)[-2]
    if backend == "smtp" and not settings.EMAIL_HOST:
        return [Error("Mail has no host: set EMAIL_URL.", id="gongzhi.E003")]
    if backend in {"console", "dummy", "locmem", "filebased"}:
        return [Warning(f"Mail is not sent to anybody ({backend}).", id="gongzhi.W003")]
    return []


@register(deploy=True)
def redis(**kwargs: Any) -> Sequence[CheckMessage]:
    """Redis answers and is set up to lose nothing; the cache is one that all processes share."""
    if not settings.CACHES["default"]["BACKEND"].endswith("RedisCache"):
        return [Error("The cache must be Redis: limits and used codes live there.", id="gongzhi.E004")]
    try:
        cache.set("check", 1, 5)
        client = Redis.from_url(settings.REDIS_URL, socket_timeout=5)
        memory = client.info("memory").get("maxmemory_policy")
        aof = client.info("persistence").get("aof_enabled")
    except (RedisError, OSError) as error:
        return [Error(f"Redis cannot be reached: {error}", id="gongzhi.E004")]
    found: list[CheckMessage] = []
    if memory != "noeviction":
        found.append(Warning(f"Redis drops keys when full ({memory}); set noeviction.", id="gongzhi.W005"))
    if not aof:
        found.append(Warning("Redis forgets at a restart; set appendonly yes.", id="gongzhi.W006"))
    return found


@register(Tags.database)
def database_role(databases: Sequence[str] | None = None, **kwargs: Any) -> Sequence[CheckMessage]:
    """The portal's role is no superuser and owns nothing; commits are durable."""
    if not databases or "default" not in databases:
        return []
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "SELECT rolsuper OR rolcreaterole OR rolbypassrls OR rolreplication,"
            " has_schema_privilege('public', 'CREATE')"
            " OR EXISTS (SELECT FROM pg_class WHERE relowner = pg_roles.oid),"
            " current_setting('synchronous_commit') = 'off'"
            " FROM pg_roles WHERE rolname = current_user"
        )
        powerful, owns, forgetful = cursor.fetchone()
    found: list[CheckMessage] = []
    if powerful or owns:
        found.append(
            Error(
                "DATABASE_URL names a role that owns tables or may do too much.",
                hint="Use the role gongzhi_app of deploy/postgres/roles.sql.",
                id="gongzhi.E007",
            )
        )
    if forgetful:
        found.append(Error("synchronous_commit is off: an answered ballot could be lost.", id="gongzhi.E008"))
    return found
