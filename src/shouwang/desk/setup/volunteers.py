"""Volunteers, associations, groups of neighbours, past notices and claims of an example district: invented, marked so.

Nobody stands behind them: they have no name and no number, so nobody can be reached by mistake. Only the households of
one group have made-up telephone numbers, so that a notice and a call go somewhere: into the file of the day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

import numpy as np

from shouwang.desk.log.codes import LETTERS
from shouwang.desk.log.ids import new_id
from shouwang.desk.places.models import Area
from shouwang.desk.volunteers.actions.common import contact_sealed
from shouwang.desk.volunteers.models import Association, Claim, Group, Notice, Service, Volunteer
from shouwang.desk.volunteers.terms import LONGEST, SERVICES, THANKS, consent, trades
from shouwang.desk.workflow.defaults import table

# Of a hundred volunteers: public figures name 7,000 taxi drivers in one such district (mission B5); the rest is ours.
SHARES = {"taxi_firm": 0.62, "": 0.24, "property_managed": 0.05, "hotel": 0.04, "internet_cafe": 0.03,
          "locksmith": 0.02}
REACHED = 6  # households with a made-up number: each costs a key
DAYS = 360


def invent(rows: Sequence[Area], rng: np.random.Generator, now: datetime, *, count: int, chinese: bool) -> int:
    """Writes `count` volunteers and what belongs to them. Returns how many."""
    if not count:
        return 0
    district = rows[0]
    communities = [r for r in rows if r.kind == "community"]
    first = next(c for c in communities if c.parent == f"{district.path}1/")
    associations = _associations(district, now, chinese)
    lanes = ("示例1号楼", "示例2号楼") if chinese else ("Example lane 1", "Example lane 2")
    groups = [Group(code="".join(LETTERS[i] for i in rng.integers(0, 32, 6)), name=name, area=first.path, made_at=now,
                    example=True) for name in lanes]
    Group.objects.bulk_create(groups)
    people = _people(communities, associations, rng, now, count)
    for n, row in enumerate(people[: 12 + 8]):
        row.area, row.trade, row.association, row.state = first.path, "", None, "confirmed"
        row.group = groups[n >= 12]
        if n < REACHED:
            name = f"示例邻居{n + 1}" if chinese else f"Example neighbour {n + 1}"
            row.contact, row.channel = contact_sealed(row.id, name, f"028-5550-01{n:02}"), "phone"
    Volunteer.objects.bulk_create(people, batch_size=2000)
    Service.objects.bulk_create(_services(people, rng, now))
    Notice.objects.bulk_create(_notices(district, communities, rng, now))
    Claim.objects.bulk_create(_claims(first, now))
    return len(people)


def _associations(district: Area, now: datetime, chinese: bool) -> dict[str, Association]:
    names = {r["code"]: r["zh" if chinese else "en"] for r in table("agencies")}
    made: dict[str, Association] = {}
    for trade in trades().values():
        if trade.agency in names and trade.code in SHARES:
            id = new_id()
            made[trade.code] = Association(
                id=id, name=names[trade.agency], trade=trade.code, area=district.path, state="confirmed",
                follow=id.hex, consent=consent().version, consent_at=now - timedelta(days=DAYS), decided_at=now,
                example=True)
    Association.objects.bulk_create(made.values())
    return made


def _people(communities: list[Area], associations: dict[str, Association], rng: np.random.Generator, now: datetime,
            count: int) -> list[Volunteer]:
    codes = list(SHARES)
    chosen = rng.choice(len(codes), count, p=list(SHARES.values()))
    where = rng.integers(0, len(communities), count)
    ago = np.sort(rng.random(count))[::-1] * DAYS
    luck = rng.random(count)
    version, out = consent().version, []
    for n in range(count):
        trade, at = codes[chosen[n]], now - timedelta(days=float(ago[n]))
        confirmed = luck[n] > 0.02 or ago[n] > 20
        out.append(Volunteer(
            id=new_id(), area=communities[where[n]].path, trade=trade, association=associations.get(trade),
            state="confirmed" if confirmed else "applied", consent=version, consent_at=at, example=True,
            decided_at=at + timedelta(days=2) if confirmed else None,
            trained_on=(at + timedelta(days=5)).date() if confirmed and luck[n] > 0.3 and ago[n] > 6 else None))
    return out


def _services(people: list[Volunteer], rng: np.random.Generator, now: datetime) -> list[Service]:
    kinds = [*SERVICES, *SERVICES, *THANKS]
    out = []
    for n in rng.integers(0, len(people), min(600, len(people))):
        row, kind = people[n], kinds[int(rng.integers(0, len(kinds)))]
        hours = Decimal(int(rng.integers(2, 9))) / 2 if kind in SERVICES else Decimal(0)
        day = (now - timedelta(days=int(rng.integers(0, DAYS)))).date()
        out.append(Service(id=new_id(), volunteer=row, area=row.area, trade=row.trade, kind=kind, hours=hours, day=day,
                           by="setup:example", example=True))
    return out


def _notices(district: Area, communities: list[Area], rng: np.random.Generator, now: datetime) -> list[Notice]:
    """Some that are over: without words, as every one is then."""
    out = []
    for n, (kind, about) in enumerate([("lookout", "elder"), ("traffic", ""), ("hazard", ""), ("lookout", "child")]):
        at = now - timedelta(days=3 + 5 * n, hours=3)
        area = district if n % 2 else communities[int(rng.integers(0, len(communities)))]
        ended = at + min(LONGEST[kind], timedelta(hours=4 + n))
        out.append(Notice(id=new_id(), kind=kind, about=about, area=area.path, by="setup:example", at=at,
                          lasts_min=24 * 60, until_at=at + timedelta(days=1), ended_at=ended, words_deleted_at=ended,
                          trades=["taxi_firm"] if n == 3 else [], told=0, example=True))
    return out


def _claims(area: Area, now: datetime) -> list[Claim]:
    out = []
    for n, (state, paid, settled) in enumerate([("claimed", None, None), ("checked", None, None),
                                                ("supported", 2000, None), ("settled", 1500, 4260)]):
        at = now - timedelta(days=9 + 30 * n)
        out.append(Claim(id=new_id(), area=area.path, helper=("volunteer", "member")[n % 2], state=state,
                         asked=3200 + 900 * n, day=(at - timedelta(days=2)).date(), paid=paid, settled=settled,
                         papers={"bill": 2 + n, "report": 1, "proof": 1}, by="setup:example", at=at, since=at,
                         example=True, closed_at=at + timedelta(days=20) if state == "settled" else None))
    return out
