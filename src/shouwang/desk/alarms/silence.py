"""A panel that stays silent becomes a matter: somebody has to go and look. One heard again in time takes it back.

When most panels fall silent at once it is the centre's own line: then the list of faults says so, and no matters are
opened that nobody at those sites could mend.
"""
from __future__ import annotations

import logging
from datetime import datetime, timedelta

from shouwang.desk.matters import actions as matters
from shouwang.desk.matters import facts as matter_facts
from shouwang.desk.matters.terms import Given, NewMatter
from shouwang.desk.sites import facts as sites
from shouwang.engine.errors import ShouwangError

from .actions import CENTRE
from .facts import SILENT
from .models import Fault, Panel

STAYS = timedelta(minutes=10)  # shorter ones are the network's; its panels come back by themselves
FEW, MOST = 5, 0.5  # more silent panels than FEW, and this share of all: it is the line to the centre
TYPE = "M0404"  # an alarm device out of order
SAYS = "报警主机 {account} 失去联系 / alarm panel {account} is not heard"
HEARD = "报警主机恢复联系 / the panel is heard again"
log = logging.getLogger("shouwang.alarms")


def look(now: datetime) -> int:
    """Opens the matters that are due and takes back those that need nobody any more. Returns how many."""
    return _open(now) + _take_back(now)


def _open(now: datetime) -> int:
    silent = Fault.objects.filter(kind=SILENT, until=None, panel__active=True)
    due = list(silent.filter(matter=None, since__lte=now - STAYS).select_related("panel").order_by("since"))
    if not due:
        return 0
    count, of = silent.count(), Panel.objects.filter(active=True).count()
    if count > FEW and count >= MOST * of:
        log.warning("%s of %s panels are silent: no matters are opened, look at the line to the centre", count, of)
        return 0
    known = sites.sites({f.panel.site for f in due})
    for fault in due:
        site = known[fault.panel.site]
        new = NewMatter(id=fault.id, type=TYPE, lon=site.lon, lat=site.lat, place=site.name,
                        words=SAYS.format(account=fault.panel.account))
        try:  # its id is the fault's: a crash before it is noted down opens no second one
            matters.report(actor=CENTRE, now=now, new=new, source="alarm")
        except ShouwangError as error:
            log.error("silent panel %s: %s", fault.panel_id, error)
        Fault.objects.filter(id=fault.id).update(matter=fault.id)
    return len(due)


def _take_back(now: datetime) -> int:
    over = Fault.objects.filter(kind=SILENT, until__gt=now - STAYS, matter__isnull=False)
    taken = 0
    for matter in matter_facts.untouched([fault.id for fault in over]):  # the id of its matter too
        try:
            matters.move(actor=CENTRE, now=now, matter_id=matter, transition="m_void", given=Given(reason=HEARD))
            taken += 1
        except ShouwangError as error:
            log.error("matter %s: %s", matter, error)
    return taken
