"""The settings pages of this room: settings, time standards, life cycles."""

from __future__ import annotations

from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from .forms import SettingForm, TimerForm, said
from .models import Lifecycle, Setting, Timer
from .origins import origin
from .settings import SPECS
from .sheet import Column, Sheet, add

UNITS = {"s": _("seconds"), "min": _("minutes"), "h": _("hours"), "d": _("days"), "working_h": _("working hours")}


def named(row: Any) -> str:
    return str(row.zh if (get_language() or "").startswith("zh") else row.en)


def setting_rows() -> list[Setting]:
    stored = Setting.objects.in_bulk()
    return [stored.get(key) or Setting(key=key, value=spec.default) for key, spec in SPECS.items()]


def one_setting(key: str) -> Setting | None:
    return next((row for row in setting_rows() if row.key == key), None)


def _figures(row: Timer) -> str:
    for name in ("value", "by_severity", "by_area", "by_grade"):
        if name in row.rule:
            figure = row.rule[name]
            parts = figure.values() if isinstance(figure, dict) else figure if isinstance(figure, list) else [figure]
            return " / ".join("—" if p is None else str(p) for p in parts)
    return "—"


def load() -> None:
    add(
        Sheet(
            key="settings",
            title=_("Settings of the centre"),
            order=60,
            model=Setting,
            form=SettingForm,
            rows=setting_rows,
            find=one_setting,
            rules=True,
            columns=(
                Column(_("Setting"), lambda r: SPECS[r.key].label),
                Column(_("Value"), lambda r: said(r.value)),
                Column(_("Note"), lambda r: SPECS[r.key].help),
            ),
        )
    )
    add(
        Sheet(
            key="timers",
            title=_("Time standards"),
            order=70,
            model=Timer,
            form=TimerForm,
            rules=True,
            note=_("Four figures are for severity 1 to 4. Changes hold from the next call on."),
            columns=(
                Column(_("Standard"), named),
                Column(_("Mark when late"), lambda r: r.flag_zh if _zh() else r.flag_en),
                Column(_("Limit"), _figures, numeric=True),
                Column(_("Unit of time"), lambda r: UNITS.get(r.unit, r.unit)),
                Column(_("Source"), lambda r: origin(r.source), typed=True),
            ),
        )
    )
    add(
        Sheet(
            key="cycles",
            title=_("Life cycles"),
            order=80,
            model=Lifecycle,
            detail="settings/cycle.html",
            columns=(
                Column(_("Thing"), named),
                Column(_("States"), lambda r: len(r.states), numeric=True),
                Column(_("Steps"), lambda r: len(r.transitions), numeric=True),
            ),
        )
    )


def _zh() -> bool:
    return (get_language() or "").startswith("zh")
