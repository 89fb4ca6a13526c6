"""Files that came in by the page: the worker checks them and, when told, takes them in."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext as _

from shouwang.desk.log.actor import Actor, system
from shouwang.desk.log.errors import Conflict, Denied, Missing, Refused
from shouwang.desk.log.writing import writing
from shouwang.engine.errors import ShouwangError

from . import facts
from .actions import MAY, import_file, sha256_of
from .importers import importer
from .models import Upload

LARGEST_B = 2 * 2**30
STALE = timedelta(minutes=15)  # a worker that has been at it for so long is gone
KEPT = timedelta(days=7)  # files that nobody took in
CENTRE = system("imports")


def file_of(upload: Upload) -> Path:
    """In a folder of its own, under its owner's name: readers tell a format by the ending, and faults name
    the file."""
    return Path(settings.CONFIG.data) / "uploads" / str(upload.id) / upload.name


def _drop_file(upload: Upload) -> None:
    shutil.rmtree(file_of(upload).parent, ignore_errors=True)


def take(
    *,
    actor: Actor,
    now: datetime,
    kind: str,
    name: str,
    chunks: Iterable[bytes],
    size_b: int,
    options: Mapping[str, str],
) -> Upload:
    """Keeps the file and queues its check. Raises Refused for an unknown kind or suffix and a file too
    large."""
    found = importer(kind)
    if found is None:
        raise Missing(_("There is no such kind of import."), field="kind", code="kind")
    _require(actor, found.may)
    if not name.lower().endswith(found.suffixes):
        raise Refused(
            _("Choose a file that ends with %(suffixes)s.") % {"suffixes": ", ".join(found.suffixes)},
            field="file",
            code="suffix",
        )
    if size_b > LARGEST_B:
        raise Refused(_("The file is larger than 2 GB."), field="file", code="size")
    kept = {k: options[k][:300] for k in found.options if options.get(k)}
    upload = Upload(kind=kind, name=Path(name).name[-120:], options=kept, by=actor.id, at=now)
    file_of(upload).parent.mkdir(parents=True, exist_ok=True)
    with file_of(upload).open("wb") as file:
        for chunk in chunks:
            file.write(chunk)
    with writing(actor=actor, now=now) as log:
        upload.save(force_insert=True)
        log.append("import.asked", subject=("upload", upload.id), area=_area(), may=found.may,
                   payload={"import": kind, "sha256": sha256_of(file_of(upload))})
    return upload


def save(*, actor: Actor, now: datetime, upload_id: UUID | str) -> Upload:
    """Queues the taking in of a file that was found sound."""
    upload = one(actor, upload_id)
    if not Upload.objects.filter(id=upload.id, state="sound").update(state="saving", by=actor.id, began_at=None):
        raise Conflict(_("This file is not waiting to be taken in."), code="state")
    upload.refresh_from_db()
    with writing(actor=actor, now=now) as log:
        log.append("import.confirmed", subject=("upload", upload.id), area=_area(), may=_may(upload.kind))
    return upload


def one(actor: Actor, upload_id: UUID | str) -> Upload:
    found = Upload.objects.filter(id=upload_id).first()
    if found is None:
        raise Missing(_("There is no such import."), code="upload")
    _require(actor, _may(found.kind))
    return found


def _may(kind: str) -> str:
    known = importer(kind)
    return known.may if known else MAY


def run_one(now: datetime) -> bool:
    """The worker's part: checks or takes in the oldest file that waits. False when there was none."""
    waiting = Upload.objects.filter(state__in=("checking", "saving"))
    upload = waiting.filter(Q(began_at__isnull=True) | Q(began_at__lt=now - STALE)).order_by("at").first()
    if upload is None:
        return False
    if not Upload.objects.filter(id=upload.id, state=upload.state, began_at=upload.began_at).update(began_at=now):
        return True
    dry_run = upload.state == "checking"
    try:
        report = import_file(
            actor=CENTRE,
            now=now,
            kind=upload.kind,
            path=file_of(upload),
            name=upload.name,
            dry_run=dry_run,
            options=upload.options,
            id=upload.id,
            asked_by=upload.by,
        ).plain()
        state = "faulty" if report["faults"] else "sound" if dry_run else "done"
    except (ShouwangError, OSError) as error:
        report, state = {"faults": [], "error": str(error)[:500]}, "failed"
    if state in ("faulty", "done", "failed"):
        _drop_file(upload)
    Upload.objects.filter(id=upload.id).update(state=state, report=report, ended_at=now)
    return True


def delete_old(now: datetime) -> int:
    """Files that nobody took in, and what was told of them, go after a week."""
    old = Upload.objects.filter(at__lt=now - KEPT).exclude(state__in=("checking", "saving"))
    for upload in old:
        _drop_file(upload)
    count, _each = old.delete()
    return count


def _area() -> str:
    top = facts.district()
    return top.area if top else ""


def _require(actor: Actor, permission: str) -> None:
    if not actor.may(permission, _area()):
        raise Denied(permission, _area())
