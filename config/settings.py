"""All settings, read from the environment and an optional `.env` (IX-09); `.env.example` explains each variable.

Two deployments run this one file: *embedded* (SQLite, file-system broker, plain http on localhost) and *production*
(PostgreSQL, Redis, https). Nothing but the environment tells them apart.
"""

from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import django_stubs_ext
import environ
from csp.constants import NONE, SELF, UNSAFE_INLINE
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from config.environment import evidence_storage, kept_secret, prepare_data_dir, prepare_database_file
from config.logs import logging_settings
from config.translations import compile_catalogues
from core.numbering import check_mark
from demo.rules import parse_schedule

BASE_DIR = Path(__file__).resolve().parent.parent

# Before any model: Django's generic classes take their type arguments at run time too, as the annotations give them.
django_stubs_ext.monkeypatch()

# Before anything is translated: a catalogue that is missing then is missing for the life of the process.
compile_catalogues()

SHORTEST_TOKEN = 20

env = environ.Env()
environ.Env.read_env(BASE_DIR / ".env")

DATA_DIR = prepare_data_dir(BASE_DIR / env.str("DATA_DIR", default="var"))
DEBUG = env.bool("DEBUG", default=False)
HOST = env.str("HOST", default="127.0.0.1")
PORT = env.int("PORT", default=8000)
SECRET_KEY = env.str("SECRET_KEY", default="") or kept_secret(DATA_DIR / "secret_key")
# Secrets in the database (core/secrets.py) are sealed by the first and opened by any.
ENCRYPTION_KEYS = env.list("ENCRYPTION_KEYS", default=[SECRET_KEY])
# What whoever sets up a new installation in the browser has to know; absent: a random one, kept in DATA_DIR.
SETUP_TOKEN = env.str("SETUP_TOKEN", default="")
if SETUP_TOKEN and len(SETUP_TOKEN) < SHORTEST_TOKEN:
    raise ImproperlyConfigured(f"SETUP_TOKEN has fewer than {SHORTEST_TOKEN} characters")
# Whether `serve` fills an empty database with the demo.
DEMO = env.bool("DEMO", default=True)
# When a public demo is built anew, in Shanghai: 04:00, or mon 04:00.
try:
    DEMO_RESET = parse_schedule(env.str("DEMO_RESET", default=""))
except ValueError as error:
    raise ImproperlyConfigured(f"DEMO_RESET: {error}") from error
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])

# The address people reach the site at; links in messages start with it, and https there switches on all that needs it.
BASE_URL = env.str("BASE_URL", default=f"http://localhost:{PORT}").rstrip("/")
HTTPS = urlsplit(BASE_URL).scheme == "https"
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)
REDIS_URL = env.str("REDIS_URL", default="")

# What an uploaded file may have, and what a ZIP or workbook may unpack to, in bytes.
IMPORT_MAX_BYTES = env.int("IMPORT_MAX_BYTES", default=512 * 2**20)
IMPORT_MAX_UNPACKED_BYTES = env.int("IMPORT_MAX_UNPACKED_BYTES", default=2 * 2**30)

# How long a file of the watched folder must be still before it is taken.
INBOX_QUIET_SECONDS = env.int("INBOX_QUIET_SECONDS", default=30)

# How many large uploads are imported at once, over all workers: fewer than there are task processes, so that short work
# never waits behind them.
IMPORTS_AT_ONCE = env.int("IMPORTS_AT_ONCE", default=2)
# Lists of more rows are prepared in the background; their files are kept so many days.
EXPORT_ROWS_AT_ONCE = env.int("EXPORT_ROWS_AT_ONCE", default=50_000)
EXPORTS_AT_ONCE = env.int("EXPORTS_AT_ONCE", default=1)
EXPORT_DAYS = env.int("EXPORT_DAYS", default=7)
EXPORTS_DIR = DATA_DIR / "exports"
# The hour of Shanghai from which the weekly reports of a day are mailed.
REPORT_HOUR = env.int("REPORT_HOUR", default=8)

# Where nightly backups are written, if anywhere, and how many of them are kept (RL-16).
BACKUP_DIR = env.str("BACKUP_DIR", default="")
BACKUP_KEEP = max(1, env.int("BACKUP_KEEP", default=14))

# How finely a night is spread over workers: a shard holds at least so many changed subjects, or so many stores. A shard
# costs a few statements whatever it holds; these make that little beside its work.
NIGHT_SHARD_SUBJECTS = env.int("NIGHT_SHARD_SUBJECTS", default=20_000)
NIGHT_SHARD_STORES = env.int("NIGHT_SHARD_STORES", default=250)

# Stands in the numbers of notices, appeals and protected events where several installations serve one business.
try:
    CELL_MARK = check_mark(env.str("CELL_MARK", default=""))
except ValueError as error:
    raise ImproperlyConfigured(f"CELL_MARK: {error}") from error

# ── Applications ───────────────────────────────────────────────────────────────────────────────────────────────────

# The project's own, from the ground up (docs/architecture.md).
OWN_APPS = [
    "core",
    "rulebook",
    "stores",
    "exports",
    "evidence",
    "orders",
    "disputes",
    "metrics",
    "insights",
    "notifications",
    "penalties",
    "intake",
    "appeals",
    "demo",
    "dashboard",
    "reports",
    "api",
    "config",
]
INSTALLED_APPS = [
    *OWN_APPS,
    "config.adminapp.OperationsAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django_htmx",
    "template_partials",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "axes",
    "csp",
]

# A reviewer's form has a dozen fields for each of up to 500 orders; its size stays limited.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000

MIDDLEWARE = [
    "config.middleware.RequestLogMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "api.middleware.ApiMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    # Before anything that asks the database, which may be gone.
    "config.middleware.MaintenanceMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "stores.middleware.NeverStoredMiddleware",
    "stores.middleware.SessionActivityMiddleware",
    "stores.middleware.PersonalSettingsMiddleware",
    "stores.middleware.StaffSecondFactorMiddleware",
    "stores.middleware.SetUpMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "stores.context_processors.navigation",
                "notifications.context_processors.inbox",
                "appeals.context_processors.appealing",
                "demo.context_processors.demo_reset",
            ],
        },
    },
]

FORM_RENDERER = "core.pages.rendering.FieldRenderer"

# ── Database, cache, broker ────────────────────────────────────────────────────────────────────────────────────────

DATABASES: dict[str, dict[str, Any]] = {
    "default": {
        **environ.Env.db_url_config(env.str("DATABASE_URL", default="") or f"sqlite:///{DATA_DIR / 'dianwei.sqlite3'}"),
        # Each web thread keeps its connection: opening one per request costs more than the queries of a page.
        "CONN_MAX_AGE": env.int("CONN_MAX_AGE", default=600),
        "CONN_HEALTH_CHECKS": True,
    }
}
SQLITE = DATABASES["default"]["ENGINE"].endswith("sqlite3")
if SQLITE:
    if not str(DATABASES["default"]["NAME"]).startswith(":"):
        prepare_database_file(Path(DATABASES["default"]["NAME"]))
    DATABASES["default"]["OPTIONS"] = {
        # A deferred transaction that becomes a writer while another writes fails at once: no waiting helps (RL-07).
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA busy_timeout=20000; PRAGMA foreign_keys=ON;"
        ),
    }

CACHES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
    if REDIS_URL
    # Files, not process memory: rate limits must count over all web processes.
    else {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": DATA_DIR / "cache",
        # With the default of 300 entries, others would evict those of rate limits.
        "OPTIONS": {"MAX_ENTRIES": 10_000},
    }
}
BROKER_DIR = DATA_DIR / "broker"
BROKER_URL = REDIS_URL or "dianwei-files://localhost"

# ── Language and time ──────────────────────────────────────────────────────────────────────────────────────────────

USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Simplified Chinese")), ("en", _("English"))]
LANGUAGE_COOKIE_NAME = "language"
LANGUAGE_COOKIE_AGE = int(timedelta(days=365).total_seconds())
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SECURE = HTTPS
LOCALE_PATHS = [BASE_DIR / "locale"]

# ── Static files ───────────────────────────────────────────────────────────────────────────────────────────────────

STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "core.pages.staticfinders.PlotlyFinder",
]
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "evidence": evidence_storage(
        folder=DATA_DIR / "evidence",
        bucket=env.str("EVIDENCE_S3_BUCKET", default=""),
        endpoint=env.str("EVIDENCE_S3_ENDPOINT", default=""),
        region=env.str("EVIDENCE_S3_REGION", default=""),
    ),
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_AUTOREFRESH = DEBUG
MEDIA_ROOT = DATA_DIR / "files"
FILE_UPLOAD_TEMP_DIR = prepare_data_dir(DATA_DIR / "uploads")
FILE_UPLOAD_PERMISSIONS = 0o600

# ── Accounts (RL-11) ───────────────────────────────────────────────────────────────────────────────────────────────

AUTH_USER_MODEL = "stores.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
    # Permissions of the admin, and `manage.py createsuperuser` accounts before their address is recorded.
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "account_login"

ACCOUNT_ADAPTER = "config.accounts.AccountAdapter"
ACCOUNT_FORMS = {"login": "config.signin.LoginForm"}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_UNIQUE_EMAIL = True
# Accounts are made by an owner or by staff, who vouch for the address.
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_SESSION_REMEMBER = True
# Without one, allauth puts the host that the request named into the subject.
ACCOUNT_EMAIL_SUBJECT_PREFIX = "[Dianwei] "
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if HTTPS else "http"
ACCOUNT_RATE_LIMITS = {"login_failed": "30/m/ip,10/5m/key"}
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES

MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_PASSKEY_SIGNUP_ENABLED = False
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_TOTP_ISSUER = "Dianwei"
MFA_FORMS = {
    "authenticate": "config.secondfactor.AuthenticateOnceForm",
    "reauthenticate": "config.secondfactor.ReauthenticateOnceForm",
    "activate_totp": "config.secondfactor.ActivateOnceForm",
}
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS
USERSESSIONS_TRACK_ACTIVITY = True

# Per account and address: strangers can't lock a seller out, and one address can't try many passwords.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_ON_SUCCESS = True
AXES_USERNAME_CALLABLE = "config.accounts.tried_account"
AXES_CLIENT_IP_CALLABLE = "config.accounts.client_address"
AXES_LOCKOUT_CALLABLE = "config.accounts.locked_out"
AXES_SENSITIVE_PARAMETERS = ["password"]
AXES_VERBOSE = False
AXES_DISABLE_ACCESS_LOG = True

# ── Headers and cookies (RL-10) ────────────────────────────────────────────────────────────────────────────────────

EMPTY_STYLE_HASH = "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        # Plotly inserts an empty style element and fills it through the CSSOM; its SVG carries style attributes.
        "style-src": [SELF, EMPTY_STYLE_HASH],
        "style-src-attr": [UNSAFE_INLINE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "worker-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "object-src": [NONE],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_TRUSTED_ORIGINS = [BASE_URL]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = int(timedelta(days=365).total_seconds()) if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# ── Mail ───────────────────────────────────────────────────────────────────────────────────────────────────────────

EMAIL_URL = env.str("EMAIL_URL", default="")
if EMAIL_URL:
    vars().update(environ.Env.email_url_config(EMAIL_URL))
else:
    # Without a mail server what would be sent stays readable on disk: password links work in the embedded run.
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = prepare_data_dir(DATA_DIR / "mail")
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Dianwei <dianwei@localhost>")

# ── SMS and push messages (PN-02) ──────────────────────────────────────────────────────────────────────────────────

# Seconds that a message may take: look-up of the name, connection and answer.
CHANNEL_TIMEOUT = env.float("CHANNEL_TIMEOUT", default=10)
SMS_GATEWAY = env.str("SMS_GATEWAY", default="console")
if SMS_GATEWAY not in ("console", "tencent"):
    raise ImproperlyConfigured("SMS_GATEWAY is console or tencent")
# Without a gateway what would be sent stays readable on disk, as e-mails do.
SMS_FOLDER = prepare_data_dir(DATA_DIR / "sms")
SMS_SECRET_ID = env.str("SMS_SECRET_ID", default="")
SMS_SECRET_KEY = env.str("SMS_SECRET_KEY", default="")
SMS_APP_ID = env.str("SMS_APP_ID", default="")
SMS_SIGN_NAME = env.str("SMS_SIGN_NAME", default="")
SMS_REGION = env.str("SMS_REGION", default="ap-guangzhou")
SMS_ENDPOINT = env.str("SMS_ENDPOINT", default="https://sms.tencentcloudapi.com")
# Approved templates by use and language, such as message.zh-hans=1234567,code.zh-hans=1234568.
SMS_TEMPLATES = env.dict("SMS_TEMPLATES", default={})
# Whom a push service asks about our messages: an address it can write to.
PUSH_CONTACT = env.str("PUSH_CONTACT", default="")

# ── Requests to addresses that users name (RL-13) ──────────────────────────────────────────────────────────────────

OUTGOING_PORTS = env.list("OUTGOING_PORTS", cast=int, default=[443, 80])
OUTGOING_ALLOW_HTTP = env.bool("OUTGOING_ALLOW_HTTP", default=False)
OUTGOING_PRIVATE_NETWORKS = env.list("OUTGOING_PRIVATE_NETWORKS", default=[])
OUTGOING_CA_FILE = env.str("OUTGOING_CA_FILE", default="")

# ── Connections of stores to platforms (IX-25) ─────────────────────────────────────────────────────────────────────

# Minutes between two runs of a store's connection, and how many run at once, over all workers.
CONNECTIONS_EVERY = env.int("CONNECTIONS_EVERY", default=15)
CONNECTIONS_AT_ONCE = env.int("CONNECTIONS_AT_ONCE", default=2)
# The addresses of AliExpress's API by region: the only ones that are asked. ALIEXPRESS_PACE: seconds between requests;
# ALIEXPRESS_TIMEOUT: seconds that one may take.
ALIEXPRESS_GATEWAYS = env.dict("ALIEXPRESS_GATEWAYS", default={"sg": "https://api-sg.aliexpress.com"})
ALIEXPRESS_PACE = env.float("ALIEXPRESS_PACE", default=1.0)
ALIEXPRESS_TIMEOUT = env.float("ALIEXPRESS_TIMEOUT", default=25.0)

# ── HTTP API (IX-20 … IX-24) ───────────────────────────────────────────────────────────────────────────────────────

# Who may read /metrics (RL-17): nobody while it is empty.
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")

# Requests a minute of one client, and requests without a valid token or secret of one address.
API_REQUESTS_PER_MINUTE = env.int("API_REQUESTS_PER_MINUTE", default=600)
API_FAILURES_PER_MINUTE = env.int("API_FAILURES_PER_MINUTE", default=60)
# The largest body of a batch, in bytes (RL-18).
API_BODY_BYTES = env.int("API_BODY_BYTES", default=5 * 2**20)
# How long an access token is valid, and a refresh token that nobody uses.
API_ACCESS_TOKEN_MINUTES = env.int("API_ACCESS_TOKEN_MINUTES", default=15)
API_REFRESH_TOKEN_DAYS = env.int("API_REFRESH_TOKEN_DAYS", default=60)

# ── Logs (RL-17) ───────────────────────────────────────────────────────────────────────────────────────────────────

LOGGING_CONFIG = None
logging_settings(level=env.str("LOG_LEVEL", default="INFO"))
