"""From a question to figures that can be stored and told: counts, the answer, and what it rests on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
from django.utils.translation import gettext as _

from shouwang.desk.log.errors import Refused
from shouwang.engine.effects.answer import CONTROL, NEAR, TREATED, answer, propose
from shouwang.engine.effects.result import Check, Effect
from shouwang.engine.errors import BadInput
from shouwang.engine.terms import IntArray

from .. import terms
from . import counting

ROLES = {"treated": TREATED, "control": CONTROL, "near": NEAR}
MOST_SILENT = 0.2
WEEK_D = 7


def check(asked: terms.Question, now: datetime) -> None:
    """Raises Refused at the field for what cannot be asked."""
    known = {one.area for one in counting.units(asked.area, asked.unit)}
    chosen = [*asked.treated, *asked.control, *asked.near]
    if asked.unit not in terms.UNITS or not known:
        raise Refused(_("There are no such areas here."), field="unit", code="unit")
    if not asked.treated:
        raise Refused(_("Tick the areas in which the measure was taken."), field="treated", code="treated")
    if unknown := [path for path in chosen if path not in known]:
        raise Refused(_("%(path)s is no area here.") % {"path": unknown[0]}, field="treated", code="unknown")
    if len(set(chosen)) < len(chosen):
        raise Refused(_("An area cannot be in two groups."), field="control", code="twice")
    began = day_of(asked.began)
    span = counting.on_record(asked.area, now)
    if span is None:
        raise Refused(_("There are no calls on record yet."), code="no_calls")
    first, last = span
    after, before = ((last + timedelta(1) - began).days // WEEK_D, (began - first).days // WEEK_D)
    most = min(after, before)
    if most < terms.LEAST_WEEKS:
        says = _("It has to lie at least %(n)s weeks after %(first)s and before %(last)s, between which calls are on "
                 "record.")  # fmt: skip
        told = {"n": terms.LEAST_WEEKS, "first": first.isoformat(), "last": last.isoformat()}
        raise Refused(says % told, field="began", code="began")
    if asked.weeks > most:
        says = _("Calls are on record from %(first)s to %(last)s: give at most %(n)s weeks.")
        told = {"n": most, "first": first.isoformat(), "last": last.isoformat()}
        raise Refused(says % told, field="weeks", code="weeks")


def proposed(area: str, unit: str, treated: tuple[str, ...], began: str, weeks: int, kinds: tuple[str, ...], hours: str,
             now: datetime) -> dict[str, Any]:  # fmt: skip
    """Comparison areas for the treated ones, those next door left out, with all areas' calls before."""
    asked = terms.Question("", area, unit, treated, (), (), began, weeks, kinds, hours)
    check(asked, now)
    spots = counting.units(area, unit)
    start = day_of(began)
    found = counting.counted(spots, area, start - timedelta(WEEK_D * weeks), start, WEEK_D * weeks, kinds, hours, now)
    near = counting.neighbours(spots, set(treated))
    chosen = np.array([one.area in treated for one in spots], bool)
    usable = np.array([one.area not in near for one in spots], bool)
    before = found.counts[:, 0].astype(float)
    control = [spots[n].area for n in propose(before, chosen, usable).tolist()]
    return {
        "control": control, "near": sorted(near),
        "before": {one.area: int(n) for one, n in zip(spots, before.tolist(), strict=True)},
    }  # fmt: skip


def make(given: Mapping[str, Any]) -> dict[str, Any]:
    """The figures of a stored question. Raises Refused where no call speaks of it."""
    asked, as_of = terms.question(given), datetime.fromisoformat(given["as_of"])
    role_of = {path: role for role in ROLES for path in getattr(asked, role)}
    spots = counting.units(asked.area, asked.unit)
    began, span = day_of(asked.began), asked.span
    part_d = WEEK_D * asked.part_weeks
    found = counting.counted(spots, asked.area, began - span, began + span, part_d, asked.kinds, asked.hours, as_of)
    if found.silent > MOST_SILENT * 2 * span.days:
        says = _("On %(n)s of %(of)s days no call at all is on record: the record has a gap. Choose other weeks.")
        raise Refused(says % {"n": found.silent, "of": 2 * span.days}, field="weeks", code="gap")
    used = [n for n, one in enumerate(spots) if one.area in role_of]
    counts = found.counts[used]
    roles = [role_of[spots[n].area] for n in used]
    role = np.array([ROLES[name] for name in roles], np.int64)
    parts = counts.shape[1]
    try:
        told = answer(counts.astype(float), role, parts // 2, terms.LEVEL)
    except BadInput as error:
        raise Refused(_("These counts cannot be compared: %(why)s") % {"why": error}, code="counts") from None
    return {
        "parts": [(began - span + timedelta(part_d * n)).isoformat() for n in range(parts)],
        "part_weeks": asked.part_weeks,
        "areas": [
            {"path": spots[n].area, "zh": spots[n].zh, "en": spots[n].en, "role": name, "counts": row}
            for n, name, row in zip(used, roles, counts.tolist(), strict=True)
        ],
        "sums": {name: _sums(counts[role == code]) for name, code in ROLES.items() if (role == code).any()},
        "main": told.main and _plain(told.main),
        "refused": told.refused and {"code": told.refused.code, "values": _rounded(told.refused.values)},
        "steps": [{"code": step.code, "values": dict(step.values)} for step in told.steps],
        "others": [_plain(one) for one in told.others], "near": told.near and _plain(told.near),
        "calls": int(counts.sum()), "silent": found.silent, "moved_days": found.moved_days,
        "generated": found.generated,
    }  # fmt: skip


def digest(figures: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(figures, sort_keys=True).encode()).hexdigest()


def effect(told: Mapping[str, Any]) -> Effect:
    """A stored result as the engine gave it."""
    values: dict[str, Any] = {k: float("nan") if v is None else v for k, v in told.items()}
    values["checks"] = tuple(Check(c["code"], c["values"]) for c in told["checks"])
    return Effect(**values)


def day_of(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refused(_("Write the day as 2026-03-01."), field="began", code="began") from None


def _sums(counts: IntArray) -> list[int]:
    return [int(n) for n in counts.sum(axis=0)]


def _plain(found: Effect) -> dict[str, Any]:
    """A result as JSON can hold it; figures that are none, or without bound, become None."""
    details = {k: v for k, v in found.details.items() if isinstance(v, (int, float, str)) and not isinstance(v, bool)}
    figures = {name: getattr(found, name) for name in ("estimate", "low", "high", "p", "none", "level")}
    return {
        "method": found.method, "measure": found.measure, "law": found.law, **_rounded(figures),
        "checks": [{"code": one.code, "values": _rounded(one.values)} for one in found.checks],
        "details": _rounded(details),
    }  # fmt: skip


def _rounded(values: Mapping[str, Any]) -> dict[str, Any]:
    """Six digits: enough to tell, and the same on every machine."""
    return {k: _round(v) for k, v in values.items()}


def _round(value: Any) -> Any:
    if isinstance(value, (float, np.floating)):
        return float(f"{value:.6g}") if np.isfinite(value) else None
    return int(value) if isinstance(value, np.integer) else value
