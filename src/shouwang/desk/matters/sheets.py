"""The settings pages of this room, and the names of its ids and codes in the log."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.utils.translation import gettext_lazy as _

from shouwang.desk.log import names
from shouwang.desk.places import facts as places
from shouwang.desk.workflow.agencies import names_of
from shouwang.desk.workflow.sheet import Column, Sheet, add

from . import facts
from .forms import KINDS, MatterTypeForm, OfficeItemForm, PointForm
from .models import MatterType, OfficeItem, ReportingPoint
from .terms import CHECKS, JOINT, LEVELS, SET_DOWN, SET_DOWN_LIST, SOURCES, Label


def _named(table: Mapping[str, Label]) -> Callable[[list[str]], dict[str, str]]:
    return lambda codes: {code: str(table[code]) for code in codes if code in table}


def load() -> None:
    names.known_by("matter", facts.numbers)
    for kind in ("matter-type", "matter-types"):
        names.known_by(kind, lambda codes: {t.code: str(t) for t in MatterType.objects.filter(code__in=codes)})
    names.known_by("points", lambda ids: {str(p.id): str(p) for p in ReportingPoint.objects.filter(id__in=ids)})
    names.known_by("agency", names_of)
    tables = {"matter-source": SOURCES, "matter-check": CHECKS, "matter-level": LEVELS, "joint": JOINT}
    for kind, table in tables.items():
        names.known_by(kind, _named(table))
    add(
        Sheet(
            key="matter-types",
            title=_("Kinds of matters"),
            order=52,
            model=MatterType,
            form=MatterTypeForm,
            rules=True,
            rows=lambda: list(MatterType.objects.order_by("code")),
            depth=lambda r: 1 if r.parent else 0,
            note=_("Hours are hours of work, for kinds that run day and night hours of the clock. Changes hold from "
                   "the next step on."),
            columns=(
                Column(_("Code"), lambda r: r.code),
                Column(_("Name"), str),
                Column(_("Who settles it"), lambda r: LEVELS[r.level]),
                Column(_("Accept, h"), lambda r: r.accept_h, numeric=True),
                Column(_("Dispatch, h"), lambda r: r.assign_h, numeric=True),
                Column(_("Handle, h"), lambda r: r.handle_h, numeric=True),
                Column(_("Check, h"), lambda r: r.check_h, numeric=True),
                Column(_("Day and night"), lambda r: r.continuous),
                Column(_("Handled by"), lambda r: names_of([r.agency]).get(r.agency, r.agency)),
                Column(_("In use"), lambda r: r.active),
            ),
        )
    )
    names.known_by("office-items", lambda ids: {str(r.id): str(r) for r in OfficeItem.objects.filter(id__in=ids)})
    add(
        Sheet(
            key=SET_DOWN_LIST,
            title=_("What offices have set down"),
            order=38,
            model=OfficeItem,
            form=OfficeItemForm,
            also="village.manage",
            create=True,
            area_of=lambda r: r.area,
            rows=lambda: list(OfficeItem.objects.order_by("area", "kind", "en")),
            note=_("Systems, rooms, equipment and tasks of each office, and which office answers for them. Each office "
                   "shows its own on its page of the day."),
            columns=(
                Column(_("Name"), str),
                Column(_("Kind"), lambda r: SET_DOWN[r.kind]),
                Column(_("How many"), lambda r: r.count, numeric=True),
                Column(_("Office that answers for it"), lambda r: r.answers, typed=True),
                Column(_("Office of"), lambda r: places.in_words([r.area])[r.area], typed=True),
                Column(_("In use"), lambda r: r.active),
            ),
        )
    )
    add(
        Sheet(
            key="points",
            title=_("Reporting points"),
            order=37,
            model=ReportingPoint,
            form=PointForm,
            create=True,
            area_of=lambda r: r.area,
            rows=lambda: list(ReportingPoint.objects.order_by("code")),
            detail="matters/point.html",
            note=_("Shops, gatehouses and the like with a public mark. Whoever scans it reports from there, without an "
                   "account; the point is a place, and nobody is registered with it."),
            columns=(
                Column(_("Name"), str),
                Column(_("Code"), lambda r: r.code),
                Column(_("Kind"), lambda r: KINDS.get(r.kind, r.kind)),
                Column(_("Area"), lambda r: places.in_words([r.area])[r.area], typed=True),
                Column(_("In use"), lambda r: r.active),
            ),
        )
    )
