"""Invented counts of an example district: households, housing and guards of every community, and a few villages with
their offices, advisers, contracts and items. All marked; nobody is named."""
from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np
import shapely

from shouwang.desk.log.ids import new_id
from shouwang.desk.matters.models import CellCount
from shouwang.desk.norms.models import Contract, Count, Locality, Payment, Tick
from shouwang.desk.norms.terms import items
from shouwang.desk.places.models import Area

from .example import Example, shares

VILLAGES = 12
COUNTED_BEFORE = timedelta(days=45)
SOURCES = ("示例：社区年报", "Example: yearly report of the communities")
FIRM = (("示例律师事务所", "示例保安服务公司"), ("Example law firm", "Example guarding company"))
TERMS = (("每月驻村 2 次，咨询与调解", "夜间巡逻 2 班，每班 3 人"),
         ("Two days a month in the village: advice and mediation", "Two night patrols of three"))


def invent(example: Example, areas: Sequence[Area], now: datetime) -> int:
    """One locality per community, and villages in the communities farthest out. Returns how many."""
    rng = np.random.default_rng([example.seed, 4])
    tongue = 0 if example.time_zone.startswith("Asia/") else 1
    communities = [a for a in areas if a.kind == "community"]
    middle = np.mean([[a.lon, a.lat] for a in communities], axis=0)
    outer = sorted(communities, key=lambda a: -float(np.hypot(*(np.array([a.lon, a.lat]) - middle))))[:VILLAGES]
    rows = [Locality(id=new_id(), code=f"C{n:03}", kind="community", zh=a.zh, en=a.en, area=a.path, example=True)
            for n, a in enumerate(communities, 1)]
    rows += [Locality(id=new_id(), code=f"V{n:02}", kind="village", zh=f"示例{n}村", en=f"Example village {n}",
                      area=a.path, example=True, office_place=("村委会一楼", "Village hall, ground floor")[tongue])
             for n, a in enumerate(outer, 1)]
    Locality.objects.bulk_create(rows)
    counts = [_count(row, rng, now, tongue) for row in rows]
    Count.objects.bulk_create(counts)
    _cells(areas, counts, tongue)
    _contracts([row for row in rows if row.kind == "village"], rng, now, tongue)
    return len(rows)


def _cells(areas: Sequence[Area], counts: Sequence[Count], tongue: int) -> None:
    """The residents of each community, shared among its cells by their ground: whole people, and the same sum."""
    residents = {c.locality.area: c for c in counts if c.locality.kind == "community"}
    cells: dict[str, dict[str, int]] = {}
    for a in areas:
        if a.kind == "cell" and a.parent in residents:
            cells.setdefault(a.parent, {})[a.path] = max(1, round(shapely.geometry.shape(a.geometry).area * 1e9))
    CellCount.objects.bulk_create(
        (CellCount(area=path, day=count.day, residents=n, source=SOURCES[tongue], example=True)
         for parent, ground in cells.items() for count in (residents[parent],)
         for path, n in shares(ground, count.residents or 0).items()), batch_size=500)


def _count(row: Locality, rng: np.random.Generator, now: datetime, tongue: int) -> Count:
    """Guards near what the norms ask for, fewer in most places: an example without gaps shows nothing."""
    common = {"id": new_id(), "locality": row, "day": (now - COUNTED_BEFORE).date(), "source": SOURCES[tongue]}
    if row.kind == "village":
        households = int(rng.integers(260, 900))
        groups = int(rng.integers(4, 12))
        return Count(**common, households=households, residents=households * 3, groups=groups,
                     guards=int(rng.integers(1, 5)), contacts=groups - int(rng.integers(0, 3)),
                     officers=int(rng.random() < 0.8))
    households = int(np.clip(rng.lognormal(np.log(1450), 0.35), 400, 4000))
    management = str(rng.choice(["none", "partial", "full"], p=[0.3, 0.45, 0.25]))
    usual = {"none": 5, "partial": 3, "full": 0}[management]
    guards = max(0, usual - int(rng.integers(-1, 3))) if usual else 0
    return Count(**common, households=households, residents=int(households * rng.uniform(2.3, 2.9)),
                 management=management,
                 guards=guards)


def _contracts(villages: Sequence[Locality], rng: np.random.Generator, now: datetime, tongue: int) -> None:
    """An adviser for most, a responsibility contract for some; a few end soon or have a payment that is late."""
    day = now.date()
    contracts, payments, ticks = [], [], []
    for n, village in enumerate(villages):
        for kind, every in (("adviser", 5), ("security", 2)):
            if n % every == 1:
                continue
            until = day + timedelta(days=int(rng.integers(-20, 360)))
            row = Contract(id=new_id(), locality=village, kind=kind, number=f"E-{kind[0].upper()}{n + 1:02}",
                           example=True,
                           body=FIRM[tongue][kind == "security"], terms=TERMS[tongue][kind == "security"],
                           from_day=until - timedelta(days=364), until=until)
            contracts.append(row)
            for quarter in range(4):
                due = row.from_day + timedelta(days=90 * quarter)
                paid = due < day and rng.random() < 0.9
                payments.append(Payment(id=new_id(), contract=row, due=due, paid_on=due if paid else None,
                                        amount=3_000 if kind == "adviser" else 18_000))
        ticks += [Tick(id=new_id(), locality=village, item=code, done=bool(rng.random() < 0.7), by="system:setup",
                       day=day - timedelta(days=30)) for code, item in items().items()
                  if not item.known_by and rng.random() < 0.8]
    Contract.objects.bulk_create(contracts)
    Payment.objects.bulk_create(payments)
    Tick.objects.bulk_create(ticks)
