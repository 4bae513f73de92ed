"""All Django settings. Whatever an installation may change comes from the environment (see .env.example)."""

import os
from datetime import timedelta
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy

from .configuration import env
from .configuration.env import BASE_DIR
from .configuration.wiring import *  # noqa: F403

# The database, the spool, exports: what is written here is customers', and no other account of the machine reads it.
os.umask(0o077)

DEBUG = env.flag("DEBUG", default=False)
DEMO = env.flag("DEMO", default=False)  # set by make demo
_port = env.integer("PORT", default=8000, least=1, most=65535)
PUBLIC_URL = env.origin("PUBLIC_URL", default=f"http://127.0.0.1:{_port}")
_public = urlsplit(PUBLIC_URL)
_https = _public.scheme == "https"

# Commands run the system checks (support_site/configuration/checks.py); the web process does not, so wsgi.py runs them.
SECRET_KEY = env.text("SECRET_KEY") or "insecure-development-key"
ENCRYPTION_KEYS = env.listing("ENCRYPTION_KEYS")

ALLOWED_HOSTS = env.hosts("ALLOWED_HOSTS") or [
    _public.hostname or "localhost",
    "127.0.0.1",
    "localhost",
    "[::1]",
]
CSRF_TRUSTED_ORIGINS = env.origins("CSRF_TRUSTED_ORIGINS") or [PUBLIC_URL]
TRUSTED_PROXIES = env.networks("TRUSTED_PROXIES")
# Internal hosts that people may enter in URLs, for example the host of the previous handler.
PRIVATE_HOSTS = [host.lower() for host in env.listing("PRIVATE_HOSTS")]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = _https
SECURE_HSTS_SECONDS = 31_536_000 if _https else 0
# HSTS for subdomains and preloading concern the whole domain, so this site does not decide them.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
if not _https:  # plain HTTP is a choice, made in PUBLIC_URL
    SILENCED_SYSTEM_CHECKS += ["security.W004", "security.W008", "security.W012", "security.W016"]
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# Probes use plain HTTP behind the proxy; a webhook that is answered with a redirect is a lost event.
SECURE_REDIRECT_EXEMPT = [r"^healthz", r"^readyz", r"^webhooks/"]
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"

INSTALLED_APPS = [
    "support_site.apps.SupportSiteConfig",
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "unfold.contrib.simple_history",
    "support_site.apps.SupportSiteAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "rest_framework",
    "knox",
    "axes",
    "django_otp",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "simple_history",
    "django_q",
    "webhooks.apps.WebhooksConfig",
    "knowledge.apps.KnowledgeConfig",
    "reports.apps.ReportsConfig",
]
MIDDLEWARE = [
    "support_site.web.middleware.TrustedProxyHeaders",
    "support_site.health.response_counts.CountWebhooks",
    "support_site.web.middleware.ContentSecurityPolicy",
    "django.middleware.security.SecurityMiddleware",
    "support_site.web.middleware.WebhookFastPath",
    "support_site.web.static_files.StaticFiles",
    "support_site.web.middleware.CompressedPages",
    "support_site.web.middleware.BrowserLanguage",
    "support_site.web.middleware.DatabaseOutage",
    "support_site.web.middleware.RequestSizeLimit",
    "support_site.web.framed_pages.FramedPages",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "support_site.web.sessions.SessionRules",
    "support_site.web.middleware.ReaderPreferences",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "axes.middleware.AxesMiddleware",
]
if DEMO:
    MIDDLEWARE.append("support_site.demo.guide.NoteVisits")
ROOT_URLCONF = "support_site.urls"
WSGI_APPLICATION = "support_site.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "support_site" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

DATABASES = {"default": env.database(default=f"sqlite:///{BASE_DIR / 'data' / 'support.sqlite3'}")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
_database = DATABASES["default"]
IS_SQLITE = _database["ENGINE"].endswith("sqlite3")
# Persistent, because opening a connection costs more than receiving a webhook. Django's pool cannot be combined with it.
_database |= {"CONN_MAX_AGE": None, "CONN_HEALTH_CHECKS": True}
SQLITE_TIMEOUT_S = 20
if IS_SQLITE:
    # FULL, because a webhook that was answered with 2xx must survive a power cut.
    _database["OPTIONS"] = {
        "timeout": SQLITE_TIMEOUT_S,
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON",
    }
    SILENCED_SYSTEM_CHECKS += ["models.W040"]  # covering indexes are for PostgreSQL; here they are plain ones
else:
    _database["ENGINE"] = "webhooks.database.postgresql"  # Django's backend with deadlines
    # PostgreSQL took longer to compile a report's query than to run it. A host that vanishes within a transaction says
    # nothing: its locks would stay until TCP gives up, two hours later, and their conversations would wait.
    _options = "-c jit=off -c idle_in_transaction_session_timeout=60s"
    _database.setdefault("OPTIONS", {}).setdefault("options", _options)

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
PASSWORD_RESET_TIMEOUT = 7 * 86400  # seconds for which an invitation works
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"
LOGOUT_REDIRECT_URL = LOGIN_URL
# People are signed out when idle, and after a working day in any case.
SESSION_COOKIE_AGE = env.integer("SESSION_HOURS", default=12, least=1, most=24 * 366) * 3600
SESSION_IDLE_S = env.integer("SESSION_IDLE_MINUTES", default=120, least=1, most=60 * 24 * 366) * 60
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "webhooks.accounts.profiles.UserBackend"]
# Single sign-on (webhooks/accounts/single_sign_on.py). Empty: by password alone.
OIDC_ISSUER = env.url("OIDC_ISSUER")
OIDC_NAME = env.text("OIDC_NAME", "single sign-on")
OIDC_RP_CLIENT_ID, OIDC_RP_CLIENT_SECRET = env.text("OIDC_CLIENT_ID"), env.text("OIDC_CLIENT_SECRET")
OIDC_RP_SCOPES = env.text("OIDC_SCOPES", "openid email profile")
OIDC_RP_SIGN_ALGO = env.text("OIDC_SIGN_ALGORITHM", "RS256")
OIDC_GROUPS_CLAIM = env.text("OIDC_GROUPS_CLAIM", "groups")
OIDC_GROUPS = env.pairs("OIDC_GROUPS")
OIDC_USE_PKCE, OIDC_TIMEOUT = True, 10
if OIDC_ISSUER:
    AUTHENTICATION_BACKENDS.append("webhooks.accounts.single_sign_on.SingleSignOn")
# Five wrong passwords for a name from one address, then that pair waits: nobody can lock a colleague out from elsewhere.
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_CLIENT_IP_CALLABLE = "webhooks.accounts.rate_limits.address"
AXES_CLIENT_STR_CALLABLE = "webhooks.accounts.sign_in.shown"
AXES_LOCKOUT_CALLABLE = "webhooks.accounts.sign_in.locked"
AXES_DISABLE_ACCESS_LOG = True  # sessions and the admin log record who signed in
AXES_ENABLE_ADMIN = AXES_VERBOSE = False
OTP_TOTP_ISSUER = f"Support site {_public.hostname or ''}".strip()

LANGUAGE_CODE = "en-gb"  # of all that no person reads on a page: the API, workers, commands, logs
LANGUAGES = [("en-gb", "English"), ("de", "Deutsch"), ("es", "Español"), ("pt-br", "Português (Brasil)")]
TIME_ZONE = env.zone("TIME_ZONE", "UTC")
USE_TZ = True
USE_I18N = True
FORMAT_MODULE_PATH = [
    "support_site.configuration.date_formats"
]  # one way to write dates in each language, and the 24-hour clock
STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "support_site" / "static"]
# Served from the packages directly, so that there is no collectstatic step. Addresses name the content's version.
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "support_site.web.static_files.VersionedAddresses"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG

DEFAULT_FROM_EMAIL = env.sender("DEFAULT_FROM_EMAIL", "support-site@localhost")
vars().update(env.email("consolemail://"))

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "webhooks.accounts.access.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_PAGINATION_CLASS": "webhooks.api.conventions.NewestFirst",
    "PAGE_SIZE": 50,
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["webhooks.api.json_parser.ShallowJSON"],
    "DEFAULT_SCHEMA_CLASS": "webhooks.api.described.Description",
    "URL_FORMAT_OVERRIDE": None,  # JSON is the only format
    "EXCEPTION_HANDLER": "webhooks.api.conventions.errors_with_a_code",
    "DEFAULT_THROTTLE_CLASSES": ["webhooks.accounts.rate_limits.ByToken"],
}
# Counted in each web process, so that counting needs no extra service. The receiver has no such limit.
API_PER_MINUTE = env.integer("API_PER_MINUTE", default=3000, least=1)
SIGN_INS_PER_MINUTE = env.integer("SIGN_INS_PER_MINUTE", default=30, least=1)
SPECTACULAR_SETTINGS = {
    "TITLE": "Support site",
    "DESCRIPTION": "Deliveries, drafts, the queue and retry policies.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "ENUM_NAME_OVERRIDES": {
        "DeliveryStatusEnum": "webhooks.models.Delivery.Status",
        "DraftStatusEnum": "knowledge.models.Draft.Status",
        "ChangeStatusEnum": "knowledge.models.Change.Status",
        "ArticleStatusEnum": "knowledge.models.Article.Status",
        "DeliveryDirectionEnum": "webhooks.models.Delivery.Direction",
        "PolicyDirectionEnum": [("", "both"), ("IN", "in"), ("OUT", "out")],
        "ChangeKindEnum": "knowledge.models.Change.Kind",
        "AfterSendEnum": "knowledge.models.Draft.Then",
    },
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],  # the code is public anyway
}
KNOX_TOKEN_MODEL = "webhooks.ApiToken"  # noqa: S105  (a model's name)
MIGRATION_MODULES = {
    "knox": None
}  # webhooks.ApiToken replaces its only model, so its migrations would create an unused table
REST_KNOX = {"TOKEN_TTL": None, "AUTH_HEADER_PREFIX": "Token", "TOKEN_MODEL": KNOX_TOKEN_MODEL}

WEBHOOK_MAX_BYTES = env.integer("WEBHOOK_MAX_BYTES", default=25 * 2**20, least=1024, most=2**30)
# Other requests keep Django's small limit; only the receiver reads up to WEBHOOK_MAX_BYTES.
SIGNATURE_WINDOW_S = 300
# Where webhooks wait while the database is down.
SPOOL_DIR = str(
    BASE_DIR / env.text("SPOOL_DIR", "data/spool")
)  # the same from whatever folder a process starts
SPOOL_MAX_MB = env.integer("SPOOL_MAX_MB", default=1024)
# For all queries of one webhook; together with a new connection (1 s) still below Chatwoot's timeout of 5 s.
RECEIVER_DATABASE_S = 1.5
PAGE_DATABASE_S = 10  # for a single query anywhere else in a web process

# Timeouts in seconds; support_site/configuration/checks.py checks their order.
SLICE_S = 5
IN_HANDLER_S = 10
OUT_CALL_S = 20
DRAFTER_S = 45
LEASE_MARGIN_S = 30
# Files of one reply: together at most so much, which takes another 25 s to upload at the slowest that is waited for.
# Chatwoot takes 40 MB a file by default; a send must end before django-q2 stops its worker.
ATTACHMENTS_MAX_BYTES = 25 * 2**20
UPLOAD_BYTES_S = 2**20
ATTACHMENTS_SITE_MAX_MB = env.integer("ATTACHMENTS_SITE_MAX_MB", default=4096, least=1)  # of all replies
LANE_TIMEOUT_S = {"in": IN_HANDLER_S, "send": OUT_CALL_S, "slow": DRAFTER_S}
Q_TIMEOUT_S = 75
Q_RETRY_S = 120
TICK_S = 0.2
CLAIM_BATCH = 20

DRAFT_SETTLE_SECONDS = env.integer("DRAFT_SETTLE_SECONDS", default=20, most=24 * 3600)
DRAFTER_URL = env.url("DRAFTER_URL")  # empty: the built-in drafter
DRAFTER_API_KEY = env.text("DRAFTER_API_KEY")
# numpy reads it when it is imported: for one short text, more threads only take processor time and memory.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
EMBEDDER = env.choice("EMBEDDER", ("", "words", "use", "minilm"))  # empty: the best that is installed
EMBEDDER_URL = env.url("EMBEDDER_URL")
EMBEDDER_API_KEY = env.text("EMBEDDER_API_KEY")
EMBEDDER_MODEL = env.text("EMBEDDER_MODEL")
DRAFTER_MODEL = env.text("DRAFTER_MODEL")  # one, or several with shares: gpt-a=80,gpt-b=20
DRAFTER_PROMPT = env.text("DRAFTER_PROMPT")  # the same for prompt versions; empty: the newest
DRAFTER_SECONDS = env.integer("DRAFTER_SECONDS", default=30, least=5, most=3600)
UNDO_SECONDS = env.integer("UNDO_SECONDS", default=10, most=24 * 3600)
METRICS_TOKEN = env.text("METRICS_TOKEN")

QUEUE_URL = env.url("QUEUE_URL", schemes=("redis", "rediss", "unix"))
_workers = env.integer("Q_WORKERS", default=2, least=1, most=256)
# SQLite has a single writer, so more drains do not help.
LANES = {
    "in": 1 if IS_SQLITE else _workers,
    "send": 1 if IS_SQLITE else _workers,
    "slow": 1 if IS_SQLITE else _workers,
}
Q_CLUSTER = {
    "name": "in",
    "workers": LANES["in"],
    "timeout": Q_TIMEOUT_S,
    "retry": Q_RETRY_S,
    "max_attempts": 1,
    "ack_failures": True,
    "queue_limit": 4,
    "save_limit": -1,
    "catch_up": False,
    "poll": 0.2,
    "bulk": 1,
    "label": "Queue",
    "log_level": "WARNING",
    "ALT_CLUSTERS": {lane: {"workers": count} for lane, count in LANES.items() if lane != "in"},
}
Q_CLUSTER |= {"redis": QUEUE_URL} if QUEUE_URL else {"orm": "default"}

LOG_FORMAT = env.choice("LOG_FORMAT", ("text", "json"), "text")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "text": {"()": "support_site.configuration.logs.TextFormatter"},
        "json": {"()": "support_site.configuration.logs.JsonFormatter"},
    },
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "json" if LOG_FORMAT == "json" else "text"}
    },
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "django.request": {"level": "ERROR"},
        "axes": {"level": "WARNING"},
        "django-q": {"level": "WARNING"},
        "fontTools": {"level": "WARNING"},  # it lists each glyph of a PDF's font
    },
}

UNFOLD = {
    "SITE_URL": None,  # the admin is the site
    "SITE_TITLE": gettext_lazy("Support site"),
    "SITE_HEADER": gettext_lazy("Support site"),
    "SITE_SYMBOL": "support_agent",
    "LOGIN": {"form": "webhooks.accounts.sign_in.SignInForm"},
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "DASHBOARD_CALLBACK": "support_site.admin.dashboard.context",
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": "support_site.navigation.layout.icon"}
    ],
    "STYLES": ["support_site.navigation.layout.stylesheet"],
    "SCRIPTS": ["support_site.navigation.layout.toast"],
    "ACCOUNT": {"navigation": "support_site.navigation.layout.account"},
    "SIDEBAR": {
        "show_search": False,
        "show_all_applications": False,
        "navigation": "support_site.navigation.layout.sidebar",
    },
}
