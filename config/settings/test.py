"""For the tests: real PostgreSQL and Redis, cheap passwords, tasks run at once."""

import os

from config.settings.base import *  # noqa: F403
from config.settings.base import CACHES, DATA_DIR, DATABASES, REDIS_URL, ROOT, redis_url

DEBUG = False
SECRET_KEY = "only-for-tests-" + "x" * 50
ALLOWED_HOSTS = ["*"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
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

# One Redis database for each test process: 0 and 1 belong to the demo.
_worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
_number = 2 + 2 * int(_worker.removeprefix("gw") or 0)
CACHES["default"]["LOCATION"] = redis_url(REDIS_URL, _number)
MEDIA_ROOT = str(DATA_DIR / "test-media" / _worker)
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": MEDIA_ROOT, "base_url": None},
    },
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
CELERY_TASK_ALWAYS_EAGER = True
CELERY_TASK_EAGER_PROPAGATES = True
STATIC_ROOT = str(ROOT / "static")  # found, not collected
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
