"""Opens a centre's database for the commands that need it."""
from __future__ import annotations

import fcntl
import os
from pathlib import Path

import click

from shouwang.engine.errors import BadInput, Fault

DATA = click.option("--data", type=click.Path(path_type=Path, file_okay=False), envvar="SHOUWANG_DATA",
                    default=Path("data/stlouis"), show_default=True, help="Folder of the centre.")


def open_centre(data: Path, *, may_be_empty: bool = False) -> None:
    """Makes the desk's models usable in this process. Raises BadInput when there is no centre in `data`."""
    data = data.resolve()
    os.environ["SHOUWANG_DATA"] = str(data)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shouwang.desk.settings")
    here = (data / "desk.sqlite3").exists() or bool(os.environ.get("SHOUWANG_DATABASE_URL"))
    if not here and not may_be_empty:
        raise BadInput([Fault("--data", "There is no centre in this folder", str(data),
                              "Name the folder that `shouwang run` uses, such as data/stlouis.")])
    import django
    from django.apps import apps
    if not apps.ready:
        django.setup()


def is_running(data: Path) -> bool:
    """Whether a supervisor holds the folder."""
    lock = data / "running.lock"
    if not lock.exists():
        return False
    with lock.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return True
    return False
