"""`python -m shouwang.shell.prepare`: makes a centre's database ready, in a process that gives its memory back.

Progress goes to stderr; stdout gets one JSON document: {"accounts": [{"username", "password", "zh", "en"}, …]}.
Exit 2: something is wrong that the user can mend; stderr names it.
"""
from __future__ import annotations

import argparse
import contextlib
import dataclasses
import json
import os
import sys
import traceback
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

STAMP = "migrated"
DESK = Path(shouwang.desk.__path__[0])


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m shouwang.shell.prepare")
    parser.add_argument("--district", required=True)
    parser.add_argument("--live", action="store_true")
    parser.add_argument("--no-demo", action="store_true")
    options = parser.parse_args()
    try:
        accounts = prepare(options.district, live=options.live, demo=not options.no_demo)
    except ShouwangError as error:
        sys.exit(_plain(error))
    except Exception as error:  # no traceback reaches a user: it lies in a file
        report = Path(os.environ["SHOUWANG_DATA"]) / "error.log"
        with contextlib.suppress(OSError):
            report.write_text(traceback.format_exc())
        sys.exit(f"shouwang: the centre could not be made ready: {type(error).__name__}: {error}; see {report}")
    json.dump({"accounts": [dataclasses.asdict(a) for a in accounts]}, sys.stdout)


def prepare(district: str, *, live: bool, demo: bool) -> list[Any]:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shouwang.desk.settings")
    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    from shouwang.desk import setup
    if not is_migrated(settings.CONFIG):
        say("Bringing the database up to date")
        call_command("migrate", verbosity=0, interactive=False)
        (settings.CONFIG.data / STAMP).write_text(_state(settings.CONFIG))
    accounts = setup.prepare(settings.CONFIG, district=district, live=live, demo=demo, say=say)
    if not demo:
        first_administrator()
    return accounts


def is_migrated(centre: Centre) -> bool:
    """Whether exactly these migrations were applied to this database before, told without opening it."""
    stamp = centre.data / STAMP
    file = sqlite_file(centre.database_url)
    return stamp.exists() and stamp.read_text() == _state(centre) and (file is None or file.exists())


def _state(centre: Centre) -> str:
    """Names the database and the migrations of this version."""
    ours = sorted(str(f.relative_to(DESK)) for f in DESK.glob("*/migrations/*.py"))
    others = [f"{name} {version(name)}" for name in ("django", "django-allauth", "django-axes")]
    return sha256("\n".join([centre.database_url, *ours, *others]).encode()).hexdigest()


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


def _plain(error: ShouwangError) -> str:
    return "shouwang: " + str(error).strip().replace("\n", "\nshouwang: ")


if __name__ == "__main__":
    main()
