"""A portal to look at: made-up data, no second factor, mail into a folder."""

import secrets
from collections.abc import Callable

from cryptography.fernet import Fernet

from config.settings.base import *  # noqa: F403
from config.settings.base import DATA_DIR, STORAGES, env

DEBUG = env.bool("DEBUG", default=False)
DEMO = True


def kept(name: str, make: Callable[[], str]) -> str:
    """A secret of the data folder, made at the first start, so that it outlives a restart."""
    path = DATA_DIR / name
    if not path.exists():
        DATA_DIR.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f"{name}.{secrets.token_hex(4)}")
        fresh.touch(mode=0o600)
        fresh.write_text(make())
        try:
            path.hardlink_to(fresh)  # whoever comes first wins
        except FileExistsError:
            pass
        fresh.unlink()
    return path.read_text()


SECRET_KEY = kept("secret_key", lambda: secrets.token_urlsafe(50))
FIELD_KEYS = [kept("field_key", lambda: Fernet.generate_key().decode())]
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", *env.list("ALLOWED_HOSTS", default=[])]
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
STATIC_ROOT = env.str("STATIC_ROOT", default=str(DATA_DIR / "static"))
# Hashed names, but no compression: that alone takes longer than all the rest of a start.
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"}
EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = DATA_DIR / "mail"
ACCOUNT_EMAIL_VERIFICATION = "optional"
MFA_REQUIRED_ROLES = False
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True
# Somebody looking around should not be signed out over lunch.
SESSION_IDLE_S = 8 * 3600
