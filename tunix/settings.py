"""All settings. Most come from the environment, and the defaults work on a fresh clone.

`TUNIX_ENV=production` disables all development defaults: see docs/architecture.md, "Settings".
"""

from __future__ import annotations

import os
import sys
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path

import environ
from csp.constants import NONE, SELF, UNSAFE_INLINE
from django.core.exceptions import ImproperlyConfigured

from tunix.api.openapi import SPECTACULAR_SETTINGS  # noqa: F401  (a setting)
from tunix.pipeline.files import read_or_create_secret

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
environ.Env.read_env(BASE_DIR / ".env")

# Files written by this process and its children are readable only by their owner.
os.umask(0o077)

PRODUCTION = env("TUNIX_ENV", default="development") == "production"
DEBUG = env.bool("DEBUG", default=False)
TESTING = "pytest" in sys.modules

ARTIFACTS_DIR = Path(env("ARTIFACTS_DIR", default=str(BASE_DIR / "artifacts"))).resolve()


SECRET_KEY = env("SECRET_KEY", default="")
if not SECRET_KEY:
    if PRODUCTION:
        raise ImproperlyConfigured("Set SECRET_KEY to at least 50 random characters; production has no default.")
    SECRET_KEY = read_or_create_secret(ARTIFACTS_DIR / "secret_key")  # instead of a shared default
# The address of `make serve`. An empty value counts as unset.
HOST = env("HOST", default="") or "127.0.0.1"
PORT = env("PORT", default="") or "8000"
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[] if PRODUCTION else ["localhost", "127.0.0.1", "[::1]", HOST])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

INSTALLED_APPS = [
    "tunix.api",
    "tunix.pages",
    "tunix.access",
    "tunix.datasets",
    "tunix.work",
    "tunix.runs",
    "tunix.evaluation",
    "tuning",
    "tunix.operations",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "csp",
    "django_filters",
    "django_htmx",
    "rest_framework",
    "knox",
    "axes",
    "drf_spectacular",
    "drf_spectacular_sidecar",
]

MIDDLEWARE = [
    "tunix.operations.probes.ProbesFirst",
    "tunix.operations.request_ids.RequestIds",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "tunix.api.incoming.Incoming",  # before anything that reads cookies or the body
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "tunix.access.header_sign_in.HeaderSignIn",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "tunix.pages.damage.DamagedRows",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "tunix.urls"
WSGI_APPLICATION = "tunix.wsgi.application"
ASGI_APPLICATION = "tunix.asgi.application"
APPEND_SLASH = False  # API routes match with and without a slash; all links to pages have one
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LANGUAGE_CODE = "en"
TIME_ZONE = env("TIME_ZONE", default="UTC")
FORMAT_MODULE_PATH = "tunix.pages.formats"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

# --- Database -------------------------------------------------------------------------------------------------

DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{BASE_DIR / 'db.sqlite3'}")}
DATABASE_TIMEOUT_SECONDS = env.float("DATABASE_TIMEOUT_SECONDS", default=20.0)  # per statement that waits for a lock
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        "timeout": DATABASE_TIMEOUT_SECONDS,
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=60)
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    # Detects an unreachable database host within seconds; the kernel's default is about 15 minutes.
    timeouts = {
        "connect_timeout": 5,
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "tcp_user_timeout": 20_000,
        "options": f"-c lock_timeout={int(1000 * DATABASE_TIMEOUT_SECONDS)}",
    }
    DATABASES["default"]["OPTIONS"] = timeouts | DATABASES["default"].get("OPTIONS", {})

# --- Sign-in and sessions ------------------------------------------------------------------------------------------

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
# A proxy may sign users in by a header: see docs/access.md.
TRUSTED_USER_HEADER = env("TRUSTED_USER_HEADER", default="")
TRUSTED_PROXIES = env.list("TRUSTED_PROXIES", default=[])
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
    *(["tunix.access.header_sign_in.HeaderBackend"] if TRUSTED_USER_HEADER else []),
]
AXES_ENABLED = not TESTING
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = env.int("LOGIN_FAILURES", default=10)
AXES_COOLOFF_TIME = timedelta(minutes=env.int("LOGIN_COOLOFF_MINUTES", default=15))
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_LOCKOUT_CALLABLE = "tunix.access.locked_out.locked_out"
AXES_CLIENT_IP_CALLABLE = "tunix.access.addresses.client_address"
AXES_VERBOSE = False
KNOX_TOKEN_MODEL = "access.AuthToken"  # noqa: S105  (not a secret)
MIGRATION_MODULES = {"knox": None}  # its token table is not used
MAX_TOKENS = env.int("MAX_TOKENS", default=20)
TOKEN_USE_SECONDS = 600
LOGIN_URL = "login"
LOGOUT_REDIRECT_URL = "login"
LOGIN_REDIRECT_URL = "tuning:job-list"

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = PRODUCTION
SECURE_HSTS_SECONDS = 31_536_000 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = PRODUCTION
if env.bool("BEHIND_TLS_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "style-src": [SELF, UNSAFE_INLINE],  # Plotly sets style attributes
        "img-src": [SELF, "data:", "blob:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# --- Static files and uploads ---------------------------------------------------------------------------------

STATIC_URL = "static/"
# Only production collects static files; in development they are served from their source folders.
STATIC_ROOT = env("STATIC_ROOT", default=str(BASE_DIR / "staticfiles") if PRODUCTION else None)
PLOTLY_SPEC = find_spec("plotly")
PLOTLY_FILES = Path(PLOTLY_SPEC.origin).parent / "package_data" if PLOTLY_SPEC and PLOTLY_SPEC.origin else None
STATICFILES_DIRS = [BASE_DIR / "static", *([("plotly", PLOTLY_FILES)] if PLOTLY_FILES else [])]
WHITENOISE_USE_FINDERS, WHITENOISE_AUTOREFRESH = not PRODUCTION, DEBUG
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
MAX_UPLOAD_BYTES = env.int("MAX_UPLOAD_BYTES", default=512 * 1024 * 1024)
MAX_UNPACKED_BYTES = env.int("MAX_UNPACKED_BYTES", default=2 * 1024 * 1024 * 1024)

FILTERS_EMPTY_CHOICE_LABEL = "all"

# --- Base models from folders ----------------------------------------------------------------------------------

MODEL_ROOTS = [Path(root) for root in env.list("MODEL_ROOTS", default=[])]
ALLOW_MODEL_HUB = env.bool("ALLOW_MODEL_HUB", default=False)
# Workers without Django read this themselves: see tunix/pipeline/models/memory.py.
BASE_MODEL_MEMORY_BYTES = env("BASE_MODEL_MEMORY_BYTES", default="")

# --- The HTTP API ---------------------------------------------------------------------------------------------

API_RATE = "" if TESTING else env("API_RATE", default="600/minute")
ANON_RATE = "" if TESTING else env("ANON_RATE", default="60/minute")
REST_FRAMEWORK = {
    # Token first, so that an anonymous request gets 401 with a WWW-Authenticate header.
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "tunix.access.authentication.TokenAuthentication",
        "tunix.access.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["tunix.api.permissions.ModelPermissions"],
    "DEFAULT_PAGINATION_CLASS": "tunix.api.pagination.PageNumberPagination",
    "DEFAULT_FILTER_BACKENDS": [
        "tunix.api.filtering.StrictFilterBackend",
        "tunix.api.ordering.StrictOrderingFilter",
    ],
    "DEFAULT_PARSER_CLASSES": ["tunix.api.parsers.StrictJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "tunix.api.schema.AutoSchema",
    "DEFAULT_THROTTLE_CLASSES": ["tunix.access.throttles.UserRate"],
    "EXCEPTION_HANDLER": "tunix.api.errors.exception_handler",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}

# --- Monitoring ----------------------------------------------------------------------------------------------

METRICS_ALLOWED = env.list("METRICS_ALLOWED", default=[])
BUILD = env("BUILD", default="unknown")

# --- Execution of work --------------------------------------------------------------------------------------

LEASE_SECONDS = env.float("LEASE_SECONDS", default=60.0)
HEARTBEAT_SECONDS = env.float("HEARTBEAT_SECONDS", default=2.0)
RECONCILE_SECONDS = env.float("RECONCILE_SECONDS", default=5.0)
REDISPATCH_SECONDS = env.float("REDISPATCH_SECONDS", default=60.0)
WORKER_LOOK_SECONDS = env.float("WORKER_LOOK_SECONDS", default=5.0)
CANCEL_GRACE_SECONDS = env.float("CANCEL_GRACE_SECONDS", default=15.0)
PAUSE_RELEASE_SECONDS = env.float("PAUSE_RELEASE_SECONDS", default=60.0)
STALL_SECONDS = env.float("STALL_SECONDS", default=3600.0)
PATIENCE_SECONDS = env.float("PATIENCE_SECONDS", default=40.0)
MIN_FREE_BYTES = env.int("MIN_FREE_BYTES", default=1024**3)
CHECKPOINT_RETENTION_DAYS = env.int("CHECKPOINT_RETENTION_DAYS", default=0)
HISTORY_RETENTION_DAYS = env.int("HISTORY_RETENTION_DAYS", default=0)
MAX_RESTARTS = env.int("MAX_RESTARTS", default=3)
RESTART_BACKOFF_SECONDS = 0.0 if TESTING else env.float("RESTART_BACKOFF_SECONDS", default=15.0)
MAX_ACTIVE_JOBS = env.int("MAX_ACTIVE_JOBS", default=20)
MAX_ACTIVE_RUNS = env.int("MAX_ACTIVE_RUNS", default=100)
MAX_ATTEMPTS = env.int("MAX_ATTEMPTS", default=3)
REUSE_DEFAULT_RUNS = env.bool("REUSE_DEFAULT_RUNS", default=False)
RAY_ADDRESS = env("RAY_ADDRESS", default="local")
# Trials run one after the other in the runner itself: for tests and debuggers. There is no early stopping then.
WITHOUT_RAY = env.bool("WITHOUT_RAY", default=False)

# --- Judges with settings -----------------------------------------------------------------------------------------
# Judges run in workers without Django, and read these variables themselves (gemma and checker in
# tunix.pipeline.judges).

JUDGE_URL = env("JUDGE_URL", default="")
JUDGE_MODEL = env("JUDGE_MODEL", default="")
JUDGE_API_KEY = env("JUDGE_API_KEY", default="").strip()
JUDGE_ALLOWED_HOSTS = env.list("JUDGE_ALLOWED_HOSTS", default=[])
JUDGE_TIMEOUT_SECONDS = env.float("JUDGE_TIMEOUT_SECONDS", default=60.0)
JUDGE_CONCURRENCY = env.int("JUDGE_CONCURRENCY", default=4)
JUDGE_MAX_RETRIES = env.int("JUDGE_MAX_RETRIES", default=4)
JUDGE_MAX_FAILED_SHARE = env.float("JUDGE_MAX_FAILED_SHARE", default=0.1)
JUDGE_INPUT_PRICE = env.float("JUDGE_INPUT_PRICE", default=0.0)
JUDGE_OUTPUT_PRICE = env.float("JUDGE_OUTPUT_PRICE", default=0.0)
JUDGE_MAX_COST = env.float("JUDGE_MAX_COST", default=0.0)
JUDGE_CHECKERS = env("JUDGE_CHECKERS", default="")

REDIS_URL = env("REDIS_URL", default="")
# Every request of the API waits as long as this if Redis hangs. Then it is not counted; see tunix.access.throttles.
REDIS_CACHE_OPTIONS = {"socket_connect_timeout": 0.3, "socket_timeout": 0.3}
# Request counts, shared by all processes. Without Redis they are files, not a table that would block the ledger.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "tunix",
        "OPTIONS": REDIS_CACHE_OPTIONS,
    }
    if REDIS_URL
    else {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": str(ARTIFACTS_DIR / "cache" / "requests"),
        "OPTIONS": {"MAX_ENTRIES": 10_000},
    }
}
if TESTING:
    CACHES["default"] = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
BROKER_DIR = ARTIFACTS_DIR / "broker"
CELERY_BROKER_URL = REDIS_URL or "filesystem://"
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {
        # For workers: each wait for a message ends after a second, even without one.
        # Whoever sends one waits less, see tunix.work.publishing.
        "visibility_timeout": 3600,
        "socket_timeout": 10,
        "socket_connect_timeout": 3,
        "max_retries": 1,
        "interval_start": 0,
        "interval_step": 0.1,
        "socket_keepalive": True,
        "health_check_interval": 25,
        "retry_on_timeout": True,
    }
    if REDIS_URL
    else {
        "data_folder_in": str(BROKER_DIR / "messages"),
        "data_folder_out": str(BROKER_DIR / "messages"),
        "control_folder": str(BROKER_DIR / "control"),
    }
)
if not REDIS_URL:
    for folder in ("messages", "control"):
        (BROKER_DIR / folder).mkdir(parents=True, exist_ok=True)
CELERY_TASK_DEFAULT_QUEUE = "tuning"
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_REDIRECT_STDOUTS = False  # `from ray import tune` fails under redirected streams
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # for ever: the default is a hundred times, and then the worker ends
CELERY_TASK_PUBLISH_RETRY = False  # the reconciler sends the task again

LOG_FORMAT = env("LOG_FORMAT", default="line")
if LOG_FORMAT not in ("line", "json"):
    raise ImproperlyConfigured(f"LOG_FORMAT must be line or json, not {LOG_FORMAT!r}.")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"context": {"()": "tunix.work.log_context.ContextFilter"}},
    "formatters": {
        "line": {
            "()": "tunix.work.log_context.LineFormatter",
            "format": "{asctime} {levelname} {name}{context}: {message}",
            "style": "{",
        },
        "json": {
            "()": "tunix.work.log_context.JsonLineFormatter",
            "format": "{levelname}{name}{message}",
            "style": "{",
            "rename_fields": {"levelname": "level", "name": "logger"},
            "timestamp": True,
        },
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT, "filters": ["context"]}},
    "root": {"handlers": ["stderr"], "level": env("LOG_LEVEL", default="WARNING")},
    "loggers": {name: {"level": env("LOG_LEVEL", default="INFO")} for name in ("tunix", "tuning")},
}
