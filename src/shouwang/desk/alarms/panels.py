"""Registering alarm panels, and keeping their keys."""
from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import F
from django.utils.translation import gettext as _

from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Conflict, Missing, Refused
from shouwang.desk.log.writing import already_written, writing
from shouwang.desk.sites import facts as sites
from shouwang.desk.sites.facts import SiteFact
from shouwang.desk.sites.terms import SEE
from shouwang.desk.units.retries import once
from shouwang.tables.live import secret
from shouwang.tables.live.panels import KEYS, read_key, wrap_key

from . import facts
from .models import Panel

KEEP = "device.manage"
ACCOUNT = re.compile(r"[0-9A-F]{3,16}")
SUPERVISE_S = (10, 90_000)  # a daily test, an hour late, still supervises


@dataclass(frozen=True)
class PanelGiven:
    """`key` as typed (tables/live/panels.py `read_key`): None leaves the one that is kept, "" takes it away."""

    account: str
    supervise_s: int = 90
    key: str | None = None
    active: bool = True


@once
def save_panel(*, actor: Actor, now: datetime, id: UUID, site_id: UUID | str, given: PanelGiven,
               version: int | None = None, key: UUID | None = None) -> Panel:
    """Registers a panel at a site, or with the `version` it was read at changes one. The same id again without one is
    a retry. Raises Refused at the field, Conflict when it has moved on or the account is used."""
    account, wrapped = _checked(id, given)
    values: dict[str, Any] = {"account": account, "supervise_s": given.supervise_s, "active": given.active}
    if wrapped is not None:
        values["key"] = wrapped
    with writing(actor=actor, now=now) as log:
        site = _site(actor, site_id)
        actor.require(KEEP, site.area)
        row = Panel.objects.filter(id=id).first()
        if already_written(key) or (row is not None and version is None):
            return _own(actor, id)
        if Panel.objects.filter(account=account).exclude(id=id).exists():
            raise Conflict(_("Another panel has this account."), field="account", code="account")
        told: dict[str, Any] = {"site": site.code}
        if row is None:
            row = Panel.objects.create(id=id, site=site.id, **values)
            kind = "panel.registered"
        else:
            row = _own(actor, id)
            before = {name: getattr(row, name) for name in values if name != "key"}
            mine = Panel.objects.filter(id=id, version=version or 0)
            if not mine.update(version=F("version") + 1, site=site.id, **values):
                raise Conflict(_("It has been changed meanwhile. Look at it again."), code="version")
            row.refresh_from_db()
            told["changes"] = {n: [before[n], values[n]] for n in before if before[n] != values[n]}
            kind = "panel.changed"
        if wrapped is not None:
            told["key"] = bool(wrapped)
        log.append(kind, subject=("panel", row.id), area=site.area, may=SEE, payload=told, id=key)
    return row


def _checked(id: UUID, given: PanelGiven) -> tuple[str, bytes | None]:
    """The account as kept, and the wrapped key; None where the kept one stays."""
    account = given.account.strip().upper()
    if not ACCOUNT.fullmatch(account):
        says = _("Give the account as set in the panel: 3 to 16 hexadecimal digits.")
        raise Refused(says, field="account", code="needs")
    if not SUPERVISE_S[0] <= given.supervise_s <= SUPERVISE_S[1]:
        raise Refused(_("Give from %(least)s to %(most)s seconds.") % {"least": SUPERVISE_S[0], "most": SUPERVISE_S[1]},
                      field="supervise_s", code="invalid")
    if given.key is None:
        return account, None
    try:
        key = read_key(given.key)
    except ValueError:
        raise Refused(_("Give 32, 48 or 64 hexadecimal digits, or text: and 16, 24 or 32 characters."), field="key",
                      code="invalid") from None
    return account, wrap_key(secret(settings.CONFIG.data, KEYS), id, key)


def _site(actor: Actor, site_id: UUID | str) -> SiteFact:
    row = sites.find(actor.areas(SEE, KEEP), site_id)
    if row is None:
        raise Missing(_("There is no such site in your areas."), code="site")
    if row.closed_at:
        raise Conflict(_("This site is closed."), code="state")
    return sites.site_fact(row)


def _own(actor: Actor, panel_id: UUID) -> Panel:
    row = facts.find(actor.areas(SEE, KEEP), panel_id)
    if row is None:
        raise Missing(_("There is no such panel in your areas."), code="panel")
    return row
