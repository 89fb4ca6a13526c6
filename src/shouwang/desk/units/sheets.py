"""The settings pages of this room: units, kinds of units, capabilities."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from shouwang.desk.log import names
from shouwang.desk.log.writing import Log
from shouwang.desk.places.sheets import with_area_names
from shouwang.desk.workflow.sheet import Column, Sheet, add

from .actions import show
from .forms import CapabilityForm, UnitForm, UnitKindForm
from .models import Capability, Unit, UnitKind


def unit_names(ids: list[str]) -> dict[str, str]:
    return {str(u.id): str(u) for u in Unit.objects.filter(id__in=ids).only("id", "zh", "en")}


def _capabilities(row: Any) -> str:
    known = Capability.objects.in_bulk(row.capabilities)
    return ", ".join(str(known[c]) for c in row.capabilities if c in known)


def _shown(log: Log, unit: Unit) -> None:
    show(log, unit)


def load() -> None:
    names.known_by("unit", unit_names)
    names.known_by("units", unit_names)
    add(
        Sheet(
            key="units",
            title=_("Units"),
            order=30,
            model=Unit,
            form=UnitForm,
            create=True,
            area_of=lambda r: r.area,
            after=_shown,
            rows=lambda: with_area_names(list(Unit.objects.select_related("kind").order_by("code"))),
            columns=(
                Column(_("Short name"), lambda r: r.code),
                Column(_("Name"), str),
                Column(_("Kind"), lambda r: r.kind),
                Column(_("Area"), lambda r: r.area_name),
                Column(_("Capabilities"), lambda r: len(r.capabilities), numeric=True),
                Column(_("In use"), lambda r: r.active),
                Column(_("Mark"), lambda r: _("example") if r.example else ""),
            ),
        )
    )
    add(
        Sheet(
            key="unit-kinds",
            title=_("Kinds of units"),
            order=40,
            model=UnitKind,
            form=UnitKindForm,
            rows=lambda: list(UnitKind.objects.order_by("service", "code")),
            columns=(
                Column(_("Name"), str),
                Column(_("Letter"), lambda r: r.letter),
                Column(_("Crew"), lambda r: r.crew_default, True),
                Column(_("Turn-out, seconds"), lambda r: r.turnout_s, True),
                Column(_("Capabilities"), _capabilities),
            ),
        )
    )
    add(
        Sheet(
            key="capabilities",
            title=_("Capabilities"),
            order=45,
            model=Capability,
            form=CapabilityForm,
            rows=lambda: list(Capability.objects.order_by("service", "code")),
            columns=(Column(_("Name"), str), Column(_("Code"), lambda r: r.code)),
        )
    )
