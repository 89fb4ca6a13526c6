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
from pathlib import Path
from typing import Any

import click
import django

from shouwang.engine.errors import ShouwangError

from .supervise import die_with_parent

STAMP = "migrated"


def main() -> None:
    die_with_parent()
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
    from shouwang.desk.messages import compile_all
    if compile_all():
        say("Compiled translations")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shouwang.desk.settings")
    django.setup()
    from django.conf import settings

    from shouwang.desk import setup
    migrate(settings.CONFIG.data)
    accounts = setup.prepare(settings.CONFIG, district=district, live=live, demo=demo, say=say)
    if not demo:
        first_administrator(district)
    return accounts


def migrate(data: Path) -> None:
    """Brings the tables up to date. Skipped when these migrations were applied to this database before."""
    from django.apps import apps
    from django.core.management import call_command
    from django.db import connection
    files = sorted(f"{app.label}/{f.name}" for app in apps.get_app_configs()
                   for f in Path(app.path).glob("migrations/*.py"))
    wanted = sha256("\n".join([str(connection.settings_dict["NAME"]), *files]).encode()).hexdigest()
    stamp = data / STAMP
    if stamp.exists() and stamp.read_text() == wanted and "log_head" in connection.introspection.table_names():
        return
    say("Bringing the database up to date")
    call_command("migrate", verbosity=0, interactive=False)
    stamp.write_text(wanted)


def first_administrator(district: str) -> None:
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
