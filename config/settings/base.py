"""What every installation has in common. The environment is read only in this package."""

from pathlib import Path
from urllib.parse import unquote

import environ
from celery.schedules import crontab
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

env = environ.Env()

ROOT = Path(__file__).resolve().parent.parent.parent


def database(name: str) -> dict:
    """A database from a URL; the host may be the percent-encoded folder of a unix socket."""
    config = env.db_url(name)
    config["ENGINE"] = "kit.postgres"
    config["HOST"] = unquote(config["HOST"])
    config["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=60)
    config["CONN_HEALTH_CHECKS"] = True
    # Behind a transaction pooler neither a cursor nor a prepared statement outlives its transaction.
    config["DISABLE_SERVER_SIDE_CURSORS"] = env.bool("BEHIND_POOLER", default=False)
    return config


def redis_url(url: str, number: int) -> str:
    """The address of one numbered database of a Redis server."""
    if url.startswith("unix://"):
        return f"{url.split('?')[0]}?db={number}"
    return f"{url.rstrip('/').removesuffix('/0')}/{number}"


def broker_url(url: str, number: int) -> str:
    """The same in the words of Celery, which names unix sockets differently."""
    if url.startswith("unix://"):
        return f"redis+socket://{url.removeprefix('unix://').split('?')[0]}?virtual_host={number}"
    return redis_url(url, number)


# Apps and requests

INSTALLED_APPS = [
    "config",
    "publicity",
    "funding",
    "judging",
    "projects",
    "contest",
    "accounts",
    "kit",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "bootstrap",
    "crispy_forms",
    "crispy_bootstrap5",
    "csp",
    "django_filters",
    "django_htmx",
    "rules",
    "template_partials",
    "whitenoise.runserver_nostatic",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django.forms",
]

MIDDLEWARE = [
    "kit.request.RequestInfoMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "kit.policy.PolicyMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "kit.express.ExpressLane",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "kit.privacy.PersonalAnswers",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.SessionLimits",
    "accounts.middleware.ForgetOnSignOut",
    "accounts.middleware.SecondFactorRequired",
    "accounts.middleware.SignInRequired",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "judging.middleware.PledgeFirst",
]

#: Addresses a whole hall calls at once; see ``kit.express``.
EXPRESS = ["judging:jury_vote", "judging:jury_state", "publicity:live_state"]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
APPEND_SLASH = True

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "kit.context.site",
            ],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"
FILTERS_EMPTY_CHOICE_LABEL = _("All")

#: What encrypts account numbers in the database, the newest first; see ``kit.secrets``.
FIELD_KEYS: list[str] = env.list("FIELD_KEYS", default=[])

# Data. ``default`` is the role that owns nothing; ``owner`` is for migrations alone.

DB_APP_ROLE = "gongzhi_app"
DATABASES = {"default": database("DATABASE_URL")}
if env.str("DATABASE_OWNER_URL", default=""):
    DATABASES["owner"] = database("DATABASE_OWNER_URL")

REDIS_URL = env.str("REDIS_URL")
#: Two numbered databases of the Redis server: this one for the broker, the next for the cache.
REDIS_DB = env.int("REDIS_DB", default=0)
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": redis_url(env.str("CACHE_URL", default=REDIS_URL), REDIS_DB + 1),
        "KEY_PREFIX": "gongzhi",
    }
}
# In the database, so that nobody is signed out when Redis restarts empty.
SESSION_ENGINE = "kit.sessions"
SESSION_COOKIE_AGE = 12 * 3600
#: Signed out after so long without a click, and after so long in any case.
SESSION_IDLE_S = env.int("SESSION_IDLE_S", default=30 * 60)
SESSION_LONGEST_S = env.int("SESSION_LONGEST_S", default=12 * 3600)
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_HTTPONLY = True

# Files

DATA_DIR = Path(env.str("DEMO_DIR", default=str(ROOT / ".demo"))).absolute()
MEDIA_ROOT = env.str("MEDIA_ROOT", default=str(DATA_DIR / "media"))
FILES_BY_NGINX = env.bool("FILES_BY_NGINX", default=False)
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
DATA_UPLOAD_MAX_NUMBER_FILES = 20
FILE_UPLOAD_PERMISSIONS = 0o640

if env.str("S3_BUCKET", default=""):
    DEFAULT_STORAGE = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": env.str("S3_BUCKET"),
            "endpoint_url": env.str("S3_ENDPOINT_URL", default="") or None,
            "access_key": env.str("S3_ACCESS_KEY", default="") or None,
            "secret_key": env.str("S3_SECRET_KEY", default="") or None,
            "default_acl": None,
            "querystring_auth": True,
            "querystring_expire": 300,
            "file_overwrite": False,
        },
    }
else:
    DEFAULT_STORAGE = {
        "BACKEND": "kit.storage.AtomicFileSystemStorage",
        # No address: files leave through views that check who asks.
        "OPTIONS": {"location": MEDIA_ROOT, "base_url": None},
    }
STORAGES = {
    "default": DEFAULT_STORAGE,
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
STATIC_URL = "/static/"
STATIC_ROOT = env.str("STATIC_ROOT", default=str(ROOT / "static_root"))
STATICFILES_DIRS = [ROOT / "static"]

# Who is who

AUTH_USER_MODEL = "accounts.User"
# An address is unique whatever its case: a constraint on lower(email) sees to it.
SILENCED_SYSTEM_CHECKS = ["auth.W004"]
AUTHENTICATION_BACKENDS = [
    "rules.permissions.ObjectPermissionBackend",
    "accounts.backends.PasswordBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    "django.contrib.auth.hashers.ScryptPasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
     "OPTIONS": {"user_attributes": ("email", "name")}},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
     "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]  # fmt: skip
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/me/"
LOGOUT_REDIRECT_URL = "/"

ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_SIGNUP_FORM_CLASS = "accounts.forms.NameForm"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = False
ACCOUNT_UNIQUE_EMAIL = True
ACCOUNT_MAX_EMAIL_ADDRESSES = 2
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
# A hall or a government office shares one address: addresses get wide limits,
# one account (``key``) a narrow one.
ACCOUNT_RATE_LIMITS = {
    "login": "600/m/ip",
    "login_failed": "120/m/ip,5/5m/key",
    "signup": "60/m/ip",
    "reset_password": "60/m/ip,5/m/key",
    "reset_password_from_key": "60/m/ip",
    "reauthenticate": "10/m/user",
    "change_password": "5/m/user",
    "manage_email": "10/m/user",
    "confirm_email": "1/3m/key",
    "change_email": "3/m/user",
}
MFA_ADAPTER = "accounts.adapter.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_ALLOW_UNVERIFIED_EMAIL = False
MFA_TOTP_ISSUER = "共治 Gongzhi"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = False
#: Whether every role but the applicants' must sign in with a second factor.
MFA_REQUIRED_ROLES = True

# How many proxies of ours stand in front; what others write into X-Forwarded-For is not believed.
TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=0)
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXY_COUNT

# What a browser may do

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "media-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"

# Language, time

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Simplified Chinese")), ("en", _("English"))]
LOCALE_PATHS = [ROOT / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

#: How long a public page may be shown again to anonymous visitors before it is made afresh.
PUBLIC_PAGES_KEPT_S = env.int("PUBLIC_PAGES_KEPT_S", default=2)
#: How long each web process answers for the state of the wall before it asks the database again.
LIVE_STATE_KEPT_S = 0.5

# Background work. A job is a database row; Celery only carries it out (contest.Delivery, Job).

CELERY_BROKER_URL = broker_url(REDIS_URL, REDIS_DB)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_ACKS_ON_FAILURE_OR_TIMEOUT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_TASKS_PER_CHILD = 500
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 400_000  # KiB
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_SOFT_TIME_LIMIT = 540
CELERY_TASK_TIME_LIMIT = 600
# A task whose worker died is handed out again after the visibility timeout, which must
# outlast the longest task; how soon that is noticed is the restore interval.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 660,
    "unacked_restore_interval": 2,
    "unacked_restore_throttle": 1,
    "socket_timeout": 30,
    "socket_connect_timeout": 3,
    "socket_keepalive": True,
}
# Asking for a task never holds up a request for long: the sweep finds what was not asked for.
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0.1, "interval_max": 0.2}
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_CREATE_MISSING_QUEUES = True
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULE = {
    # In the queue of live pages, so that a pile of papers does not make the worker look dead.
    "heartbeat": {
        "task": "config.tasks.heartbeat",
        "schedule": 5,
        "options": {"expires": 10, "queue": "live"},
    },
    "sweep": {"task": "contest.tasks.sweep_deliveries", "schedule": 10, "options": {"expires": 20}},
    "stages": {"task": "contest.tasks.move_due_stages", "schedule": 30, "options": {"expires": 60}},
    "seal": {"task": "contest.tasks.seal_record", "schedule": 60, "options": {"expires": 120}},
    # In the small hours, when nobody sends anything in.
    "files": {
        "task": "contest.tasks.sweep_files",
        "schedule": crontab(hour="3", minute="40"),
        "options": {"expires": 3600},
    },
}
#: The worker counts as gone when its last sign of life is older than this.
HEARTBEAT_MAX_AGE_S = env.int("HEARTBEAT_MAX_AGE_S", default=30)

# Mail and text messages

DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="gongzhi@localhost")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
EMAIL_TIMEOUT = 20
SMS_GATEWAY = env.str("SMS_GATEWAY", default="contest.sms.ConsoleGateway")
SMS_FILE = env.str("SMS_FILE", default=str(DATA_DIR / "sms.log"))

# The site itself; what is empty is not shown.

DEMO = False
SITE_URL = env.str("SITE_URL", default="http://127.0.0.1:8000").rstrip("/")
SITE = {
    "name": env.str("SITE_NAME", default="") or _("Social Governance Innovation Contest"),
    "motto": env.str("SITE_MOTTO", default="") or _("Build together · govern together · share together"),
    "organiser": env.str("SITE_ORGANISER", default=""),
    "host": env.str("SITE_HOST", default=""),
    "contact": env.str("SITE_CONTACT", default=""),
    "address": env.str("SITE_ADDRESS", default=""),
    "site_code": env.str("SITE_CODE", default=""),
    "icp": env.str("SITE_ICP", default=""),
    "police": env.str("SITE_POLICE_RECORD", default=""),
    "police_url": env.str("SITE_POLICE_RECORD_URL", default=""),
    "party_mark": env.str("SITE_PARTY_MARK", default=""),
    "party_mark_url": env.str("SITE_PARTY_MARK_URL", default=""),
    "report_url": env.str("SITE_REPORT_URL", default=""),
}
MENU = "config.menu.AREAS"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"},
    },
    "filters": {"tokens": {"()": "kit.logs.HideTokens"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["tokens"]},
    },
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
    # They tell of every style sheet and every glyph.
    "loggers": {"weasyprint.progress": {"level": "WARNING"}, "fontTools": {"level": "WARNING"}},
}
