"""Where this centre keeps its things, read once from the environment."""
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit


@dataclass(frozen=True)
class Config:
    data: Path
    database_url: str
    host: str
    https: bool
    debug: bool
    checkpoints: Path | None = None  # a file elsewhere that gets a copy of each checkpoint of the log
    smtp: str = ""  # smtp://user:password@host:587 (STARTTLS), smtps://…:465, or smtp://localhost:25 without a user
    mail_from: str = ""
    own_authority: bool = False  # the certificate it is served with is made by its own authority

    @property
    def root_certificate(self) -> Path:
        """What phones install to trust the centre's own authority (shell/authority.py)."""
        return self.data / "secret" / "authority" / "root.pem"

    @property
    def sqlite_path(self) -> Path | None:
        parts = urlsplit(self.database_url)
        return Path(unquote(parts.path)) if parts.scheme == "sqlite" else None

    def secret(self, name: str) -> str:
        """A random secret of this centre, made at first use, kept outside the data that is backed up."""
        folder = self.data / "secret"
        path = folder / name
        if not path.exists():
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            try:
                with open(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as f:
                    f.write(secrets.token_urlsafe(48))
            except FileExistsError:  # another process of this centre was first
                pass
        return path.read_text().strip()


def read(env: os._Environ[str] | dict[str, str] = os.environ) -> Config:
    data = Path(env.get("SHOUWANG_DATA", "data/centre")).resolve()
    return Config(
        data=data,
        database_url=env.get("SHOUWANG_DATABASE_URL", f"sqlite://{data / 'desk.sqlite3'}"),
        host=env.get("SHOUWANG_HOST", "localhost"),
        https=env.get("SHOUWANG_HTTPS", "") == "1",
        debug=env.get("SHOUWANG_DEBUG", "") == "1",
        checkpoints=Path(env["SHOUWANG_CHECKPOINTS"]) if env.get("SHOUWANG_CHECKPOINTS") else None,
        smtp=env.get("SHOUWANG_SMTP", ""),
        mail_from=env.get("SHOUWANG_MAIL_FROM", ""),
        own_authority=env.get("SHOUWANG_OWN_AUTHORITY", "") == "1",
    )


def mail_settings(config: Config) -> dict[str, object]:
    """Django's EMAIL_… settings for an smtp:// or smtps:// address. Over smtp:// a password is sent under STARTTLS."""
    parts = urlsplit(config.smtp)
    secure = parts.scheme == "smtps"
    return {
        "EMAIL_HOST": parts.hostname or "localhost", "EMAIL_PORT": parts.port or (465 if secure else 25),
        "EMAIL_HOST_USER": unquote(parts.username or ""), "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": secure, "EMAIL_USE_TLS": bool(parts.username) and not secure, "EMAIL_TIMEOUT": 20,
        "DEFAULT_FROM_EMAIL": config.mail_from or f"shouwang@{config.host}",
    }


def django_database(config: Config) -> dict[str, object]:
    """The `DATABASES["default"]` entry for an sqlite:// or postgres:// address."""
    parts = urlsplit(config.database_url)
    if parts.scheme == "sqlite":
        return {
            "ENGINE": "shouwang.desk.sqlite",
            "NAME": config.sqlite_path,
            "OPTIONS": {
                # One writer at a time, taken at the start: no transaction dies half-way for want of the lock.
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
            },
            "CONN_MAX_AGE": None,
            # A file even in tests, so that live pages and workers see what tests wrote.
            "TEST": {"NAME": str(config.data / "test.sqlite3")},
        }
    if parts.scheme in ("postgres", "postgresql"):
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(parts.path.lstrip("/")),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": parts.hostname or "",
            "PORT": str(parts.port or ""),
            "CONN_MAX_AGE": None,
            "CONN_HEALTH_CHECKS": True,
        }
    raise ValueError(f"SHOUWANG_DATABASE_URL is {config.database_url!r}; use sqlite:///FILE or postgres://USER@HOST/NAME")
