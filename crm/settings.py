"""Settings, all in this file; what differs between machines comes from the environment (docs/configuration.md)."""

import os
import sys
from datetime import timedelta
from pathlib import Path

import environ
from csp.constants import NONE, SELF, UNSAFE_EVAL, UNSAFE_INLINE

from crm import admin_theme
from crm import environment as read
from crm import mail_environment as read_mail

BASE_DIR = Path(__file__).resolve().parent.parent
_env_file = Path(os.environ.get("ENV_FILE") or BASE_DIR / ".env")
if _env_file.is_file():
    environ.Env.read_env(_env_file)

# Whom we ask about a new lead, in this order; each value is kept with its source (docs/add-an-enricher.md).
HOUSE_ENRICHERS = [
    f"leads.enrichment.house.{name}" for name in ("OwnCompanies", "MailDomain", "EarlierPeople", "Geography")
]


def _given(name: str, default: str = "") -> str:
    return read.text(os.environ, name, default)


USUAL_BASE_URL = "http://127.0.0.1:8000"
try:
    DATA_DIR = read.folder("DATA_DIR", _given("DATA_DIR"), BASE_DIR / "var")
    DEBUG = read.boolean("DEBUG", _given("DEBUG"))
    SECRET_KEY = read.secret_key("SECRET_KEY", _given("SECRET_KEY"), DATA_DIR)
    _base = read.base_url("BASE_URL", _given("BASE_URL", USUAL_BASE_URL))
    ALLOWED_HOSTS = read.hosts("ALLOWED_HOSTS", _given("ALLOWED_HOSTS"), _base, _given("OLD_HOSTS"))
    TRUSTED_PROXIES = read.networks("TRUSTED_PROXIES", _given("TRUSTED_PROXIES"))
    DATABASES = {"default": read.database("DATABASE_URL", _given("DATABASE_URL"), DATA_DIR)}
    DATABASE_WAIT_SECONDS = read.whole_number("DATABASE_WAIT", _given("DATABASE_WAIT"), 60, 0, 3600)
    REDIS_URL = read.redis("REDIS_URL", _given("REDIS_URL"))
    _provider_keys = read_mail.provider_keys(os.environ)
    MAIL = read_mail.mail("EMAIL_URL", _given("EMAIL_URL"), DATA_DIR, _provider_keys)
    INBOX = read_mail.inbox("INBOX_URL", _given("INBOX_URL"))
    DEFAULT_FROM_EMAIL = read.address(
        "DEFAULT_FROM_EMAIL", _given("DEFAULT_FROM_EMAIL", "Averdahl Sensing <hello@averdahl.example>")
    )
    BOUNCE_ADDRESS = read.bounce_address("BOUNCE_ADDRESS", _given("BOUNCE_ADDRESS"))
    FILING_ADDRESS = read.filing_address("FILING_ADDRESS", _given("FILING_ADDRESS"))
    if FILING_ADDRESS and BOUNCE_ADDRESS.lower() == FILING_ADDRESS:
        raise read.BadValue("FILING_ADDRESS", FILING_ADDRESS, "another address than BOUNCE_ADDRESS")
    TIME_ZONE = read.time_zone("TIME_ZONE", _given("TIME_ZONE", "Europe/Zurich"))
    CURRENCY = read.currency("CURRENCY", _given("CURRENCY", "CHF"))
    NURTURE_GAP_HOURS = read.whole_number("NURTURE_GAP_HOURS", _given("NURTURE_GAP_HOURS"), 20, 0, 720)
    ADDRESS_DAYS = read.whole_number("ADDRESS_DAYS", _given("ADDRESS_DAYS"), 90, 1, 3650)
    STATEMENT_TIMEOUT = read.whole_number("STATEMENT_TIMEOUT", _given("STATEMENT_TIMEOUT"), 0, 0, 3600)
    FORMS_PER_ADDRESS = read.whole_number("FORMS_PER_ADDRESS", _given("FORMS_PER_ADDRESS"), 200, 0, 1_000_000)
    FORMS_PER_MAILBOX = read.whole_number("FORMS_PER_MAILBOX", _given("FORMS_PER_MAILBOX"), 60, 0, 1_000_000)
    GEO_DATABASE = read.file_there("GEO_DATABASE", _given("GEO_DATABASE"))
    ENRICHERS = read.dotted_paths("ENRICHERS", _given("ENRICHERS"), HOUSE_ENRICHERS)
    LOG_LEVEL = read.one_of("LOG_LEVEL", _given("LOG_LEVEL", "INFO"), ["DEBUG", "INFO", "WARNING", "ERROR"])
    if DEBUG and _base.scheme == "https":
        raise read.BadValue("DEBUG", "true", "false, because BASE_URL is https and so others see this site")
except read.BadValue as error:
    sys.exit(str(error))

BASE_URL = f"{_base.scheme}://{_base.netloc}"
POSTAL_ADDRESS = _given("POSTAL_ADDRESS", "Averdahl Sensing AG, Kanalweg 14, 8000 Zürich, Switzerland")
ORG_BRAND = _given("ORG_BRAND", "Averdahl")
ORG_NAME = _given("ORG_NAME", "Averdahl Sensing AG")
ORG_ABOUT = _given(
    "ORG_ABOUT", "We build vibration, pressure and temperature sensors for plants that run at night."
)
ORG_LIBRARY_LEAD = _given(
    "ORG_LIBRARY_LEAD",
    "Tests, guides and worked numbers from the people who build the sensors. "
    "Written for those who get the call at night.",
)
ORGANISATION = ORG_NAME
EMBEDDED = not REDIS_URL

# Applications: the floors from the lowest up, crm last so that it may re-register what is below.
INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "unfold.contrib.inlines",
    "unfold.contrib.simple_history",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.sitemaps",
    "crispy_forms",
    "crispy_bootstrap5",
    "django_htmx",
    "rest_framework",
    "simple_history",
    "csp",
    "campaigns",
    "leads",
    "prospects",
    "crm",
]
AUTH_USER_MODEL = "crm.User"
ROOT_URLCONF = "crm.urls"
WSGI_APPLICATION = "crm.wsgi.application"
MIDDLEWARE = [
    "crm.middleware.client_address",
    "crm.middleware.only_utf8",
    "django.middleware.security.SecurityMiddleware",
    "leads.views.kept_pages.kept_pages",
    "csp.middleware.CSPMiddleware",
    "crm.middleware.admin_content_policy",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "crm.middleware.whole_body",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "crm.middleware.staff_in_english",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
]
FORM_RENDERER = "crm.form_renderer.FormRenderer"
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
                "campaigns.organisation.organisation",
            ],
        },
    },
]
CRISPY_ALLOWED_TEMPLATE_PACKS = ["bootstrap5", "unfold_crispy"]
CRISPY_TEMPLATE_PACK = "bootstrap5"
UNFOLD = admin_theme.UNFOLD

# Database. The web server cuts a statement after STATEMENT_TIMEOUT seconds (gunicorn.conf.py sets it); the
# worker's bulk statements may take longer.
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
if DATABASES["default"]["ENGINE"].endswith("postgresql"):
    _options = DATABASES["default"]["OPTIONS"]
    _options["prepare_threshold"] = 1  # used by leads.prepared only; Django's own cursor prepares nothing
    _options["pool"] = {"min_size": 1, "max_size": 8, "timeout": 5, "max_lifetime": 1800}
    if STATEMENT_TIMEOUT:
        # Short statements are done before a compiler would be; a prepared one is planned once, not each time.
        # A row with all that a page shows of it joins up to seventeen tables: every order of eight of them took the
        # planner 40 ms, of four 3 ms, for the same plan (bench/README.md).
        _planner = "-c jit=off -c plan_cache_mode=force_generic_plan -c join_collapse_limit=4"
        _options["options"] = f"-c statement_timeout={STATEMENT_TIMEOUT}s {_planner}"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
LIMITS_REDIS_URL = read.redis_beside(REDIS_URL)

# Celery. Rows in the database are the queue; a message is a nudge and may be lost (docs/jobs.md).
CELERY_BROKER_URL = REDIS_URL or "memory://localhost/"
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {"visibility_timeout": 3600, "socket_timeout": 5, "socket_connect_timeout": 1, "socket_keepalive": True}
    if REDIS_URL
    else {"polling_interval": 0.05}
)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_PUBLISH_RETRY = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1 if REDIS_URL else 32
CELERY_WORKER_POOL = "crm.pool:Pool"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_MAX_TASKS_PER_CHILD = 5000
CELERY_WORKER_ETA_TASK_LIMIT = 100
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = False  # a late one, after Redis was gone for a moment, would end the worker
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_DEFAULT_QUEUE = "jobs"
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULER = "celery.beat:Scheduler"
NUDGE = "crm.nudges.nudge"
# With whose timeline a colleague may file mail: called with `user` and `person`, answers with words where not.
FILING_RULE = "prospects.correspondence.filed.whose"
KEEP_SECONDS = 2.0  # how old a page, a sequence or the channel table kept at hand may be; 0: never old
HIT_SECONDS = 1.0  # how long raw hits wait in the process before they are written as one INSERT; 0: at once

# Mail. Without a timeout a silent server would hold a sending slot for ever.
EMAIL_BACKEND = MAIL.pop("EMAIL_BACKEND")
EMAIL_TIMEOUT = 20
SERVER_EMAIL = DEFAULT_FROM_EMAIL
globals().update(MAIL)

# Signing in, sessions and cookies.
AUTHENTICATION_BACKENDS = ["crm.signed_in.SignedIn"]
LOGIN_URL = "/accounts/login/"
LOGIN_REDIRECT_URL = "/staff/"
LOGOUT_REDIRECT_URL = "/accounts/login/"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = int(timedelta(days=14).total_seconds())
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_TRUSTED_ORIGINS = [BASE_URL]

# Headers. Over https cookies are secure and browsers are told to stay there.
_https = _base.scheme == "https"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = _https
SECURE_HSTS_SECONDS = 31_536_000 if _https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = _https
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]  # asked from inside, without the proxy
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SILENCED_SYSTEM_CHECKS = ["security.W021"]  # the browsers' preload list is a choice of the domain's owner
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "frame-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "object-src": [NONE],
        "frame-ancestors": [NONE],
    }
}
# The admin's theme evaluates expressions and sets styles; nothing else is opened, and nowhere else.
ADMIN_CONTENT_POLICY = {"script-src": [UNSAFE_EVAL], "style-src": [UNSAFE_INLINE]}
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_PERMISSIONS = 0o640
FILE_UPLOAD_HANDLERS = [
    "campaigns.uploads.SizeLimit",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

REST_FRAMEWORK = {
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAdminUser"],
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
}

# Languages, times and files.
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch"), ("fr", "Français"), ("it", "Italiano"), ("es", "Español")]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = "crm.formats"
USE_I18N = USE_TZ = True
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATIC_ROOT.mkdir(exist_ok=True)  # the server of static files warns where it is missing
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = DATA_DIR / "media"
WHITENOISE_USE_FINDERS = EMBEDDED or DEBUG
WHITENOISE_AUTOREFRESH = DEBUG
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if WHITENOISE_USE_FINDERS
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "crm.logs.AddressFreeFormatter",
            "format": "%(asctime)s %(levelname)s %(name)s: %(message)s",
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    "loggers": {
        "django": {"handlers": [], "propagate": True},
        "django.server": {"handlers": [], "propagate": True},
        "celery": {"level": "WARNING"},
        "flufl.bounce": {"level": "CRITICAL"},  # says of every mail what it tried; see leads.feedback.reading
    },
}
MESSAGE_TAGS = {40: "danger"}  # Bootstrap's word for an error
