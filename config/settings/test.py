"""For the tests: real PostgreSQL and Redis, cheap passwords, tasks run at once."""

import os

from config.settings.base import *  # noqa: F403
from config.settings.base import CACHES, DATA_DIR, DATABASES, REDIS_URL, ROOT, broker_url, env, redis_url

DEBUG = False
SECRET_KEY = "only-for-tests-" + "x" * 50
FIELD_KEYS = ["b25seS1mb3ItdGVzdHMtb25seS1mb3ItdGVzdHMtMzI="]
ALLOWED_HOSTS = ["*"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
EMAIL_FILE_PATH = MAIL_DIR = env.str("MAIL_DIR", default="")
if MAIL_DIR:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
ACCOUNT_EMAIL_VERIFICATION = "optional"
MFA_REQUIRED_ROLES = False
# Texts and limits are the tests' own business.
SITE = {}

# The test database is made and migrated by the owner; ``default`` follows it there as
# the application's role, so that every test runs with the privileges of the portal.
DATABASES["default"]["TEST"] = {"MIRROR": "owner"}
DATABASES["owner"]["TEST"] = {"DEPENDENCIES": []}
for _config in DATABASES.values():
    _config["CONN_MAX_AGE"] = 0
    # Nothing here has to survive a power cut.
    _config.setdefault("OPTIONS", {})["options"] = "-c synchronous_commit=off"

# Each test process has a pair of Redis databases to itself; 0 and 1 belong to the demo.
_worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
REDIS_DB = 2 + 2 * int(_worker.removeprefix("gw"))
CACHES["default"]["LOCATION"] = redis_url(REDIS_URL, REDIS_DB + 1)
CELERY_BROKER_URL = broker_url(REDIS_URL, REDIS_DB)
MEDIA_ROOT = env.str("MEDIA_ROOT", default=str(DATA_DIR / "test-media" / _worker))
STORAGES = {
    "default": {
        "BACKEND": "kit.storage.AtomicFileSystemStorage",
        "OPTIONS": {"location": MEDIA_ROOT, "base_url": None},
    },
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# Journeys and drills run beside a real worker (tests/portal.py).
CELERY_TASK_ALWAYS_EAGER = not env.bool("REAL_WORKER", default=False)
CELERY_TASK_EAGER_PROPAGATES = True
STATIC_ROOT = str(ROOT / "static")  # found, not collected
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
# A page asked for twice in a test is made twice.
PUBLIC_PAGES_KEPT_S = 0
LIVE_STATE_KEPT_S = 0
