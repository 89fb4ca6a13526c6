"""`python -m shouwang.shell.prepare`: makes a centre's database ready, in a process that gives its memory back.

Progress goes to stderr. What was made ready, and the demo accounts, stand in the centre's
secret/prepared.json, so that a
later start can tell without loading the desk. An exit code other than 0: it failed, and stderr says why.
"""
from __future__ import annotations

import argparse
import contextlib
import json
import os
import sys
import traceback
from dataclasses import asdict, dataclass
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

import click
import django

import shouwang.desk
from shouwang.engine.errors import ShouwangError
from shouwang.tables.live import Centre
from shouwang.tables.live.centre import sqlite_file

FILE = "secret/prepared.json"
DESK = Path(shouwang.desk.__path__[0])


@dataclass(frozen=True)
class Prepared:
    """What was made ready: `tables` names the migrations applied, `whole` everything that was asked for."""

    tables: str = ""
    whole: str = ""
    accounts: tuple[dict[str, str], ...] = ()

    @classmethod
    def read(cls, centre: Centre) -> Prepared:
        """Nothing, if the database is gone or this file never was."""
        database = sqlite_file(centre.database_url)
        if database is not None and not database.exists():
            return cls()
        try:
            return cls(**json.loads((centre.data / FILE).read_text()))
        except (OSError, ValueError, TypeError):
            return cls()

    def write(self, centre: Centre) -> None:
        path = centre.data / FILE
        path.parent.mkdir(mode=0o700, exist_ok=True)
        with open(os.open(path, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "w") as file:
            json.dump(asdict(self), file)


def tables_of(centre: Centre) -> str:
    """Names the database and the migrations of this version."""
    ours = sorted(str(f.relative_to(DESK)) for f in DESK.glob("*/migrations/*.py"))
    others = [f"{name} {version(name)}" for name in ("django", "django-allauth", "django-axes")]
    return _digest(centre.database_url, *ours, *others)


def whole_of(centre: Centre, *, district: str, live: bool, demo: bool) -> str:
    """Names all that a centre is made from: tables, default rules, the makers, and what was asked for."""
    made_from = [f for folder in (DESK.parent / "data" / "domain", DESK / "setup") for f in folder.rglob("*")
                 if f.suffix in (".py", ".csv", ".yaml")]
    files = sorted(f"{f} {f.stat().st_size} {f.stat().st_mtime_ns}" for f in made_from)
    return _digest(tables_of(centre), district, str(live), str(demo), *files)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m shouwang.shell.prepare")
    parser.add_argument("--district", required=True)
    parser.add_argument("--live", action="store_true")
    parser.add_argument("--no-demo", action="store_true")
    options = parser.parse_args()
    try:
        prepare(options.district, live=options.live, demo=not options.no_demo)
    except ShouwangError as error:
        sys.exit(_plain(error))
    except Exception as error:  # no traceback reaches a user: it lies in a file
        report = Path(os.environ["SHOUWANG_DATA"]) / "error.log"
        with contextlib.suppress(OSError):
            report.write_text(traceback.format_exc())
        sys.exit(f"shouwang: the centre could not be made ready: {type(error).__name__}: {error}; see {report}")


def prepare(district: str, *, live: bool, demo: bool) -> list[Any]:
    """Makes the centre of SHOUWANG_DATA ready. Returns the demo accounts (shouwang.desk.setup.Account)."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shouwang.desk.settings")
    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    from shouwang.desk import setup
    centre, tables = settings.CONFIG, tables_of(settings.CONFIG)
    if Prepared.read(centre).tables != tables:
        say("Bringing the database up to date")
        call_command("migrate", verbosity=0, interactive=False)
        Prepared(tables).write(centre)
    accounts = setup.prepare(centre, district=district, live=live, demo=demo, say=say)
    if not demo:
        first_administrator()
    whole = whole_of(centre, district=district, live=live, demo=demo)
    Prepared(tables, whole, tuple(asdict(a) for a in accounts)).write(centre)
    return accounts


def first_administrator() -> None:
    """An empty centre needs somebody who may make the other accounts: asked for, or taken from the environment."""
    from django.utils import timezone

    from shouwang.desk.people import actions
    from shouwang.desk.people.models import User
    if User.objects.exists():
        return
    username = os.environ.get("SHOUWANG_ADMIN_USERNAME", "")
    password = os.environ.get("SHOUWANG_ADMIN_PASSWORD", "")
    if not (username and password):
        if not sys.stdin.isatty():
            sys.exit("shouwang: an empty centre needs its first administrator; set SHOUWANG_ADMIN_USERNAME and "
                     "SHOUWANG_ADMIN_PASSWORD, or start it from a terminal")
        username = click.prompt("Username of the first administrator", default=username or "admin", err=True)
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    actions.first_administrator(now=timezone.now(), username=username, password=password, name=username, area="")
    say(f"Made the administrator {username}")


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _digest(*words: str) -> str:
    return sha256("\n".join(words).encode()).hexdigest()


def _plain(error: ShouwangError) -> str:
    return "shouwang: " + str(error).strip().replace("\n", "\nshouwang: ")


if __name__ == "__main__":
    main()
