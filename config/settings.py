"""One settings module, fed by the environment (prefix ``HUB_``); `.env.example` documents every variable."""

import sys
from importlib.util import find_spec
from urllib.parse import quote

from celery.schedules import crontab
from kombu import Exchange, Queue

from config import values
from config.broker import transport_options
from config.environment import BASE_DIR, ensure, load, refuse
from config.logs import configuration

load()
MODE = values.one_of("embedded", "production").read("MODE", "embedded")
PRODUCTION = MODE == "production"
DEBUG = values.SWITCH.read("DEBUG", "off")
# Folders are relative to the project, wherever a command is called.
DATA_DIR = values.FOLDER.read("DATA_DIR", ".data")
MEDIA_ROOT = values.FOLDER.read("MEDIA_ROOT", "media")
KEY_DIR = values.FOLDER.read("KEY_DIR", str(DATA_DIR / "keys"))

# Held by make run: there is one of it on a data folder.
RUN_LOCK = DATA_DIR / "run.lock"

INSECURE_KEY = "insecure-key-for-one-machine-only"
SECRET_KEY = values.TEXT.read("SECRET_KEY", INSECURE_KEY)
ALLOWED_HOSTS = values.SERVED_HOSTS.read("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]")
# Where make run listens.
BIND = values.BIND.read("BIND", "127.0.0.1:8000")
PUBLIC_URL = values.URL.read("PUBLIC_URL", f"http://{BIND.replace('0.0.0.0:', '127.0.0.1:')}")
CSRF_TRUSTED_ORIGINS = values.ORIGINS.read("CSRF_TRUSTED_ORIGINS", "")
# Where make run serves the stand-ins for the platforms; the demonstration's accounts live there.
SANDBOX_BIND = f"127.0.0.1:{values.whole_number(1, 65535).read('SANDBOX_PORT', '8100')}"
SANDBOX_URL = f"http://{SANDBOX_BIND}"
# Hosts that outgoing calls may reach although they are private: the sandbox, and nothing else.
PRIVATE_HOSTS_ALLOWED = values.HOSTS.read(
    "PRIVATE_HOSTS_ALLOWED", "" if PRODUCTION else "127.0.0.1,localhost"
)
# The proxies whose X-Forwarded-For is believed where a partner's address counts.
TRUSTED_PROXIES = values.NETWORKS.read("TRUSTED_PROXIES", "")
# Who may read /metrics; without it, whoever asks from this very machine.
METRICS_TOKEN = values.TOKEN.read("METRICS_TOKEN", "")
# Fernet keys for accounts' credentials, newest first; the first encrypts, all decrypt.
CREDENTIAL_KEYS = values.FERNET_KEYS.read("CREDENTIAL_KEYS", "")
SECURE_SSL_REDIRECT = values.SWITCH.read("SSL_REDIRECT", "on") and PRODUCTION

if PRODUCTION:
    if SECRET_KEY == INSECURE_KEY or len(SECRET_KEY) < 50:
        refuse(
            "HUB_SECRET_KEY 在生产环境中应为至少 50 个字符的随机文本："
            '用 python3 -c "import secrets; print(secrets.token_urlsafe(64))" 生成。'
        )
    if DEBUG:
        refuse("HUB_DEBUG 在生产环境中必须为 off。")
    if not ALLOWED_HOSTS or "*" in ALLOWED_HOSTS:
        refuse("HUB_ALLOWED_HOSTS 在生产环境中应列出中枢的主机名，如 hub.example.cn，不能用 *。")
    if not CREDENTIAL_KEYS:
        refuse(f"HUB_CREDENTIAL_KEYS 在生产环境中不能空着：应为{values.FERNET_KEYS.right}。")
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SECURE_HSTS_SECONDS = 31536000

INSTALLED_APPS = [
    # In this order: of a sign-off and a withdrawal readers are told before the deliveries.
    "cms",
    "readers",
    "publishers",
    "wagtail.contrib.table_block",
    "cms.organisation.screens.apps.UsersConfig",  # Wagtail's users
    "wagtail.sites",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "ninja",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",  # for its texts: Wagtail's "two minutes ago" stays English without
    "django.contrib.staticfiles",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "cms.refusals.RefusalsBecomeMessages",
    "readers.api.problems.ProblemsOnly",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            # Django's own, and last those that plugins bring.
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                        "publishers.platforms.templates.Loader",
                    ],
                )
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

ensure(DATA_DIR, "DATA_DIR")
USUAL_DATABASE = f"sqlite:///{quote(str(DATA_DIR / 'hub.sqlite3'))}"
DATABASES = {"default": values.DATABASE.read("DATABASE_URL", USUAL_DATABASE)}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # A file, so that worker processes started by a test see what it wrote.
    DATABASES["default"]["TEST"] = {"NAME": DATA_DIR / "test.sqlite3"}
    DATABASES["default"]["OPTIONS"] = {
        # Several processes write: WAL with immediate transactions never fails half-way for a lock.
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        # FULL: a committed "begun" attempt must survive a power cut, or the call could be made twice.
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA recursive_triggers=ON;",
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_I18N = USE_TZ = True
LANGUAGES = WAGTAILADMIN_PERMITTED_LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
# Ours, then what Wagtail's own catalogue lacks.
LOCALE_PATHS = [BASE_DIR / "config" / "locale", BASE_DIR / "config" / "wagtail_locale"]

STATIC_URL = "static/"
STATIC_ROOT = ensure(DATA_DIR / "static", "DATA_DIR")
STATICFILES_DIRS: list[str] = []
# Uploads are for the desk: the view behind this address asks for admin access (cms.editor.media).
MEDIA_URL = "admin/media/"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = not PRODUCTION

LOGIN_URL = "wagtailadmin_login"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
DEFAULT_FROM_EMAIL = values.SENDER.read("FROM_EMAIL", "hub@localhost")
EMAIL_CONFIG = values.MAIL.read("EMAIL_URL", "console://")
globals().update(EMAIL_CONFIG)
EMAIL_TIMEOUT = 10
# Only a worker speaks to a mail server; what goes nowhere, or to the console, goes at once.
MAIL_SERVER_BACKEND = "cms.mailing.server.Backend"
if EMAIL_CONFIG["EMAIL_BACKEND"] == "django.core.mail.backends.smtp.EmailBackend":
    EMAIL_BACKEND = "cms.mailing.Outbox"

WAGTAIL_SITE_NAME = "女声中枢"
WAGTAILADMIN_BASE_URL = PUBLIC_URL
# Looks for substrings: an index of words finds nothing in Chinese, which puts no spaces between them.
WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "wagtail.search.backends.database.fallback"}}
WAGTAIL_USER_TIME_ZONES = [TIME_ZONE]
WAGTAIL_I18N_ENABLED = False
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAIL_WORKFLOW_REQUIRE_REAPPROVAL_ON_EDIT = True
WAGTAIL_WORKFLOW_CANCEL_ON_PUBLISH = False
WAGTAIL_FINISH_WORKFLOW_ACTION = "cms.apps.finish_workflow"
WAGTAILIMAGES_MAX_UPLOAD_SIZE = 20 * 1024 * 1024
# What reads HEIC is an extra: its wheel brings GPL code (docs/licences.md).
READS_HEIC = find_spec("pillow_heif") is not None
WAGTAILIMAGES_EXTENSIONS = ["jpg", "jpeg", "png", "gif", "webp", *(["heic"] if READS_HEIC else [])]
WAGTAILIMAGES_IMAGE_FORM_BASE = "cms.editor.uploads.ImageForm"
WAGTAILDOCS_EXTENSIONS = ["pdf", "docx", "xlsx", "pptx", "zip", "txt"]
WAGTAILDOCS_SERVE_METHOD = "serve_view"
IMPORT_MAX_BYTES = values.whole_number(1, 2**40).read("IMPORT_MAX_BYTES", "104857600")
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000
# How long what proves nothing is kept (docs/operations.md). The Cybersecurity Law of the PRC, article 21 (3),
# asks for six months of logs; a century ago is still a date.
RETENTION_DAYS = values.whole_number(183, 36500).read("RETENTION_DAYS", "730")

CELERY_BROKER_URL = values.BROKER.read("BROKER_URL", "filesystem://")
# The name of the hub on its broker: of the queue, and before everything else that lies there.
QUEUE = values.NAME.read("QUEUE", "hub")
CELERY_BROKER_TRANSPORT_OPTIONS = transport_options(CELERY_BROKER_URL, name=QUEUE, folder=DATA_DIR / "broker")
if CELERY_BROKER_URL.startswith("filesystem"):
    # Processes of a pool would share one queue: one that ends while it waits there keeps the lock, and the
    # others wait for ever, for work and for their end.
    CELERY_WORKER_POOL = "solo"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # a worker waits for its broker as long as it takes
CELERY_TASK_DEFAULT_QUEUE = QUEUE
# Lines of their own, with workers of their own. One for what can wait and may hang: looks at pages, figures,
# mail; nothing in it keeps a delivery waiting. One for what is urgent: while every platform hangs, and each
# worker waits for one, that is begun, and what platforms and partners tell is acted upon. Workers are started
# with the aliases, whatever the hub is called.
URGENT, ASIDE = f"{QUEUE}.urgent", f"{QUEUE}.aside"
CELERY_TASK_QUEUES = [
    Queue(name, Exchange(name), routing_key=name, alias=alias)
    for name, alias in ((QUEUE, "deliveries"), (URGENT, "urgent"), (ASIDE, "aside"))
]
CELERY_TASK_ROUTES = {
    f"publishers.{task}": {"queue": URGENT} for task in ("sweep_urgent", "deliver_urgent", "handle_callbacks")
} | {
    f"publishers.{task}": {"queue": ASIDE}
    for task in (
        "look",
        "look_around",
        "figures_of",
        "gather_figures",
        "warn_of_consents",
        "see_to_people",
        "send_mail",
        "expire",
    )
}
CELERY_CONTROL_EXCHANGE = f"{QUEUE}.control"
CELERY_EVENT_EXCHANGE = CELERY_EVENT_QUEUE_PREFIX = f"{QUEUE}.events"
CELERY_TIMEZONE = TIME_ZONE
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# A delivery in hand needs no broker. Cancelling it would kill its process in the middle of a call.
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
# Celery would close database connections before and after each task; config.celery sees to them.
CELERY_DB_REUSE_MAX = sys.maxsize
CELERY_BEAT_SCHEDULE = {
    "sweep": {"task": "publishers.sweep", "schedule": 1.0, "options": {"expires": 5}},
    "sweep_urgent": {"task": "publishers.sweep_urgent", "schedule": 1.0, "options": {"expires": 5}},
    # The platforms have yesterday's figures ready after eight; who had none then is asked again.
    "figures": {
        "task": "publishers.gather_figures",
        "schedule": crontab(hour="8-12", minute=20),
        "options": {"expires": 3000},
    },
    "consents": {
        "task": "publishers.warn_of_consents",
        "schedule": crontab(minute=50),
        "options": {"expires": 3000},
    },
    "expire": {
        "task": "publishers.expire",
        "schedule": crontab(hour=3, minute=40),
        "options": {"expires": 3600},
    },
    "look_around": {"task": "publishers.look_around", "schedule": 15.0, "options": {"expires": 15}},
    "mail": {"task": "publishers.send_mail", "schedule": 5.0, "options": {"expires": 5}},
    "see_to_people": {"task": "publishers.see_to_people", "schedule": 60.0, "options": {"expires": 60}},
}
# In memory: a file would end beat where the disk is full, and what was missed is called for an hour later.
CELERY_BEAT_SCHEDULER = "celery.beat:Scheduler"

LOGGING = configuration(
    values.one_of("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL").read("LOG_LEVEL", "INFO"),
    values.one_of("text", "json").read("LOG_FORMAT", "text"),
)
# After all that is read.
UNKNOWN_VARIABLES = values.unknown()
