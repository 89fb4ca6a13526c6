"""Django settings of the desk. Everything a centre may choose comes from `config`; the rest is fixed here."""
from pathlib import Path

from . import config as _config

CONFIG = _config.read()
BASE_DIR = Path(__file__).parent

SECRET_KEY = CONFIG.secret("desk.key")
DEBUG = CONFIG.debug
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", CONFIG.host]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "shouwang.desk.people",  # its pages of signing in stand before the library's
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "shouwang.desk.log",
    "shouwang.desk.workflow",
    "shouwang.desk.places",
    "shouwang.desk.units",
    "shouwang.desk.sites",
    "shouwang.desk.closures",
    "shouwang.desk.calls",
    "shouwang.desk.patrol",
    "shouwang.desk.cordon",
    "shouwang.desk.whatif",
    "shouwang.desk.beats",
    "shouwang.desk.roster",
    "shouwang.desk.brigades",
    "shouwang.desk.effects",
    "shouwang.desk.analysis",
    "shouwang.desk.linked",
    "shouwang.desk.replay",
    "shouwang.desk.wall",
    "shouwang.desk.watch",
    "shouwang.desk.matters",
    "shouwang.desk.norms",
    "shouwang.desk.volunteers",
    "shouwang.desk.events",
    "shouwang.desk.channels",
    "shouwang.desk.mediation",
    "shouwang.desk.quality",
    "shouwang.desk.bulletins",
    "shouwang.desk.public",
    "shouwang.desk.phone",
    "shouwang.desk.drill",
    "shouwang.desk.alarms",
    "shouwang.desk.exchange",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "shouwang.desk.people.middleware.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "shouwang.desk.people.middleware.AccessMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "shouwang.desk.urls"
WSGI_APPLICATION = "shouwang.desk.wsgi.application"
TEMPLATES = [{
    "BACKEND": "django.template.backends.django.DjangoTemplates",
    "DIRS": [BASE_DIR / "templates"],
    "APP_DIRS": True,
    "OPTIONS": {
        "context_processors": [
            "django.template.context_processors.request",
            "django.contrib.auth.context_processors.auth",
            "django.contrib.messages.context_processors.messages",
            "shouwang.desk.people.context.page",
        ],
        "builtins": ["shouwang.desk.people.templatetags.desk"],
    },
}]

DATABASES = {"default": _config.django_database(CONFIG)}
globals().update(_config.mail_settings(CONFIG))
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
ATOMIC_REQUESTS = False  # actions open their own transaction and close it with their events

AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_ADAPTER = "shouwang.desk.people.adapter.StaffAdapter"  # accounts are made by an administrator, nobody signs up
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_RATE_LIMITS = {"login_failed": None}  # axes counts failures, in the database
MFA_ADAPTER = "shouwang.desk.people.adapter.FactorAdapter"
CSRF_FAILURE_VIEW = "shouwang.desk.people.views_faults.forged"
MFA_FORMS = {"add_webauthn": "shouwang.desk.people.forms.PasskeyForm"}
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEBUG
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_TEMPLATE = "account/lockout.html"
AXES_USERNAME_CALLABLE = "shouwang.desk.people.signin.username_of"
AXES_CLIENT_IP_CALLABLE = "shouwang.desk.people.adapter.client_address"
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # trying again does not lengthen it
AXES_DISABLE_ACCESS_LOG = True  # the log is the only history
AXES_VERBOSE = False

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600  # one long shift
CSRF_COOKIE_HTTPONLY = False
CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = CONFIG.https
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")  # set by wire alone, which drops what a client sends
USE_X_FORWARDED_HOST = False
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
# Where the centre is its own authority, a browser that has been told this could no longer be told to trust a new one.
SECURE_HSTS_SECONDS = 31536000 if CONFIG.https and not CONFIG.own_authority else 0
X_FRAME_OPTIONS = "DENY"
# MapLibre makes its worker from a file of ours and draws sprites into blobs.
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; worker-src 'self' blob:; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
DATA_UPLOAD_MAX_MEMORY_SIZE = 8 * 2**20
FILE_UPLOAD_MAX_MEMORY_SIZE = 2**20

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]  # each in its own language
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"  # stored in UTC; LanguageMiddleware shows the district's zone

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = CONFIG.data / "static"
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 3600
# Holds how often one connection asks (matters/actions/resident.py): in memory alone, and enough of them.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "OPTIONS": {"MAX_ENTRIES": 50_000}}}
SILENCED_SYSTEM_CHECKS: list[str] = []
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}
