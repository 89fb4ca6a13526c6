"""What panels reported, made into calls and faults by the centre itself.

The gravest come first, whatever waits before them. What the panels of one site report for one service belongs to one
call, however many alarms it is: each is counted, none is dropped.
"""
from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import F

from shouwang.desk.calls import actions as calls
from shouwang.desk.calls import facts as call_facts
from shouwang.desk.calls.models import CallType
from shouwang.desk.calls.terms import NewCall
from shouwang.desk.log.retention import held
from shouwang.desk.log.writing import Log, writing
from shouwang.desk.sites import facts as sites
from shouwang.desk.sites.facts import SiteFact
from shouwang.desk.sites.terms import SEE
from shouwang.engine.errors import ShouwangError
from shouwang.tables.live.panels import codes

from .actions import CENTRE, KEPT
from .facts import SILENT
from .models import Fault, Signal

AT_ONCE = 50  # signals of one look, and all that waits at their sites: then the gravest come first again
ZONES_OF = 200  # alarms of a call whose zones are told
TOGETHER = timedelta(minutes=30)  # since the last alarm of a call: what comes later is another matter
BANK, AT_A_BANK, BANK_TYPE = "bank", ("HA", "PA"), "201302"
log = logging.getLogger("shouwang.alarms")


def take_in(now: datetime) -> int:
    """Makes calls and faults of the signals that wait. Returns how many were handled. Those that cannot become a call
    are told in the process's messages and hold up no other."""
    mend_heard(now)
    unhandled = Signal.objects.filter(handled_at__isnull=True).order_by("severity", "received_at", "id")
    first = set(unhandled.values_list("panel__site", flat=True)[:AT_ONCE])
    if not first:
        return 0
    waiting = list(unhandled.filter(panel__site__in=first).select_related("panel"))
    known = sites.sites({s.panel.site for s in waiting})
    services = dict(CallType.objects.values_list("code", "service"))
    groups: dict[tuple[UUID, str], list[Signal]] = {}
    others: list[Signal] = []
    for signal in waiting:
        if codes()[signal.code].does == "alarm":
            service = services[_type(signal, known[signal.panel.site])]
            groups.setdefault((signal.panel.site, service), []).append(signal)
        else:
            others.append(signal)
    for (site, service), group in groups.items():
        _alarm(known[site], service, group, now)
    if others:
        _others(others, known, now)
    return len(waiting)


def _alarm(site: SiteFact, service: str, group: Sequence[Signal], now: datetime) -> None:
    """Alarms of one site for one service: a new call, or more of one that is open. One transaction with the marks that
    they are handled, so that a crash counts none twice."""
    try:
        with writing(actor=CENTRE, now=now):
            call = _more(site, service, group, now) or calls.take_call(actor=CENTRE, now=now, call=_new(site, group)).id
            _handled(group, now, call)
    except ShouwangError as error:
        log.error("alarms of site %s: %s", site.id, error)
        _handled(group, now, None)


def _more(site: SiteFact, service: str, group: Sequence[Signal], now: datetime) -> UUID | None:
    for call in call_facts.open_at_site(site.id, service):
        last = Signal.objects.filter(call=call).order_by("-received_at").values_list("received_at", flat=True).first()
        if last is None or min(s.received_at for s in group) - last <= TOGETHER:
            before = Signal.objects.filter(call=call).order_by("severity", "received_at")[:ZONES_OF]
            zones = _zones(sorted([*before, *group], key=lambda s: s.severity))
            if calls.add_alarms(actor=CENTRE, now=now, call_id=call, count=len(group), severity=group[0].severity,
                                detail=zones):
                return call
    return None


def _new(site: SiteFact, group: Sequence[Signal]) -> NewCall:
    first = group[0]  # the gravest
    return NewCall(id=first.id, type=_type(first, site), place=site.name, detail=_zones(group), lon=site.lon,
                   lat=site.lat, severity=first.severity, source="alarm",
                   received_at=min(s.received_at for s in group), site=site.id, alarms=len(group))


def _type(signal: Signal, site: SiteFact) -> str:
    if site.kind == BANK and signal.code in AT_A_BANK:
        return BANK_TYPE
    return codes()[signal.code].call_type


def _zones(signals: Sequence[Signal]) -> str:
    """What was reported from which zones. In Chinese, as a call's place is: it is data."""
    zones: dict[str, list[int]] = {}
    for s in signals:
        found = zones.setdefault(codes()[s.code].zh, [])
        if s.zone >= 0 and s.zone not in found:
            found.append(s.zone)
    told = [f"{name} 防区{'、'.join(map(str, found))}" if found else name for name, found in zones.items()]
    text = "；".join(told)
    return text if len(text) <= 80 else f"{text[:79]}…"


def _others(signals: Sequence[Signal], known: dict[UUID, SiteFact], now: datetime) -> None:
    """Faults, their ends, and remarks on open calls."""
    with writing(actor=CENTRE, now=now) as events:
        for s in sorted(signals, key=lambda s: s.received_at):
            site, code = known[s.panel.site], codes()[s.code]
            if code.does == "fault":
                _fault(events, s, site, code.fault)
            elif code.does == "clear":
                for fault in Fault.objects.filter(panel=s.panel, kind=code.fault, until=None, since__lte=s.received_at):
                    if code.fault in ("power", "battery", "supply", "line", SILENT) or fault.zone == s.zone:
                        _mend(events, fault, site, s.received_at)
        _handled(signals, now, None)
    for s in signals:
        if codes()[s.code].does == "note":
            _note(s, known[s.panel.site], now)


def _fault(events: Log, s: Signal, site: SiteFact, kind: str) -> None:
    zone = s.zone if "detector" in kind or kind == "expander" else -1
    _row, made = Fault.objects.get_or_create(panel=s.panel, kind=kind, zone=zone, until=None,
                                             defaults={"since": s.received_at})
    if made:
        events.append("panel.fault", subject=("panel", s.panel_id), area=site.area, may=SEE,
                      payload={"fault": kind, "site": site.code})


def _mend(events: Log, fault: Fault, site: SiteFact, at: datetime) -> None:
    Fault.objects.filter(id=fault.id, until=None).update(until=at)
    events.append("panel.mended", subject=("panel", fault.panel_id), area=site.area, may=SEE,
                  payload={"fault": fault.kind, "site": site.code})


def _note(s: Signal, site: SiteFact, now: datetime) -> None:
    """A user at the site has cancelled the alarm: a remark, no more. Whoever holds a code may hold it under duress."""
    for call in call_facts.open_at_site(site.id, "police")[:1]:
        try:
            calls.add_note(actor=CENTRE, now=now, call_id=call, text=codes()[s.code].zh, key=s.id)
        except ShouwangError as error:
            log.error("signal %s: %s", s.id, error)


def mend_heard(now: datetime) -> None:
    """Ends the silence of panels that were heard again."""
    over = list(Fault.objects.filter(kind=SILENT, until=None, panel__hearing__heard_at__gt=F("since")).select_related(
        "panel__hearing"))
    if not over:
        return
    known = sites.sites({f.panel.site for f in over})
    with writing(actor=CENTRE, now=now) as events:
        for fault in over:
            _mend(events, fault, known[fault.panel.site], fault.panel.hearing.heard_at)


def _handled(signals: Sequence[Signal], now: datetime, call: UUID | None) -> None:
    Signal.objects.filter(id__in=[s.id for s in signals]).update(handled_at=now, call=call)


def signals_due(now: datetime) -> int:
    """Deletes signals, and faults that are over, after 30 days. What was counted stays with the calls."""
    kept = held("call", now)
    if "*" in kept:
        return 0
    old = Signal.objects.filter(received_at__lt=now - KEPT, handled_at__isnull=False).exclude(call__in=list(kept))
    return old.delete()[0] + Fault.objects.filter(until__lt=now - KEPT).delete()[0]
