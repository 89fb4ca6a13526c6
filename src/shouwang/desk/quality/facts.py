"""What was found and counted, as plain values."""
from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Q, QuerySet, Sum

from shouwang.desk.log.gate import in_areas
from shouwang.desk.workflow.zone import day_of

from .models import Finding, Look, Tally
from .rules import Step, steps
from .shares import Share, apart, share


@dataclass(frozen=True)
class Wanted:
    """Which findings a list shows; "" and None are all. `weeks`: so many up to this one."""

    weeks: int = 1
    state: str = "open"
    kind: str = ""
    step: str = ""
    rule: str = ""
    area: str = ""


def monday(at: datetime) -> date:
    """The Monday of a moment's week, in the district's zone."""
    day = day_of(at)
    return day - timedelta(days=day.weekday())


def findings(areas: tuple[str, ...], wanted: Wanted, now: datetime) -> QuerySet[Finding]:
    """Findings in these areas, the newest step first."""
    rows = Finding.objects.filter(in_areas("area", areas), week__gt=monday(now) - timedelta(weeks=wanted.weeks))
    for name in ("state", "kind", "step", "rule"):
        if value := getattr(wanted, name):
            rows = rows.filter(**{name: value})
    if wanted.area:
        rows = rows.filter(area__startswith=wanted.area)
    return rows.order_by("-made_at", "id")


def numbers(ids: list[str]) -> dict[str, str]:
    """What ids of findings stand for in the log: the number of the record and the rule."""
    rows = Finding.objects.filter(id__in=ids).values_list("id", "number", "rule")
    return {str(i): f"{number} {rule}" for i, number, rule in rows}


def last_look() -> Look | None:
    return Look.objects.first()


@dataclass(frozen=True)
class Score:
    """How right the records of a step are in an area ("" for all): share with interval, what is still open, and whether
    it differs from the other areas beyond chance."""

    step: Step
    area: str
    share: Share
    still_open: int
    apart: str = ""


def desk_of(path: str) -> str:
    """The control area a path lies in: desks are told apart by it, never finer."""
    return "".join(code + "/" for code in path.split("/")[:2] if code)


def scores(areas: tuple[str, ...], now: datetime, weeks: int) -> list[Score]:
    """By step, all areas together first, then each control area."""
    since = monday(now) - timedelta(weeks=weeks)
    here = in_areas("area", areas) & Q(week__gt=since)
    counted: dict[tuple[str, str], dict[str, list[int]]] = {}
    told = Tally.objects.filter(here).values_list("kind", "step", "area").annotate(Sum("records"), Sum("wrong"))
    for kind, step, area, records, wrong in told:
        row = counted.setdefault((kind, step), {}).setdefault(desk_of(area), [0, 0, 0])
        row[0] += records
        row[1] += wrong
    left = Finding.objects.filter(here, state="open").values_list("kind", "step", "area").annotate(Count("id"))
    for kind, step, area, n in left:
        counted.setdefault((kind, step), {}).setdefault(desk_of(area), [0, 0, 0])[2] += n
    out = []
    for key, step in steps().items():
        found = sorted(counted.get(key, {}).items())
        beside = apart([(n, k) for _path, (n, k, _open) in found])
        n, k, still = (sum(row[i] for _path, row in found) for i in range(3))
        out.append(Score(step, "", share(n, k), still))
        out += [Score(step, path, share(n, k), still, word)
                for (path, (n, k, still)), word in zip(found, beside, strict=True)]
    return out


@dataclass(frozen=True)
class Week:
    """A week of all areas: by kind of record, shares of steps done right."""

    monday: date
    shares: dict[str, Share]


def weeks(areas: tuple[str, ...], now: datetime, count: int) -> list[Week]:
    since = monday(now) - timedelta(weeks=count)
    rows = Tally.objects.filter(in_areas("area", areas), week__gt=since).values_list("week", "kind")
    found: dict[date, dict[str, Share]] = {}
    for week, kind, records, wrong in rows.annotate(Sum("records"), Sum("wrong")):
        found.setdefault(week, {})[kind] = share(records, wrong)
    return [Week(day, shares) for day, shares in sorted(found.items(), reverse=True)]


def by_rule(rows: QuerySet[Finding]) -> dict[str, int]:
    """How many of these findings each rule has, the most first."""
    told: Iterable[tuple[str, int]] = rows.order_by().values_list("rule").annotate(Count("id"))
    return dict(sorted(told, key=lambda r: (-r[1], r[0])))
