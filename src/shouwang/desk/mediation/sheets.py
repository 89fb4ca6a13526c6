"""The settings pages of this room, and the names of its ids and codes in the log."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.utils.translation import gettext_lazy as _

from shouwang.desk.log import names
from shouwang.desk.workflow.sheet import Column, Sheet, add

from . import facts
from .forms import BodyForm, KindForm, TemplateForm
from .models import AgreementTemplate, DisputeKind, MediationBody
from .terms import LEVELS, PERFORMED, SIDES, SOURCES, TARGETS, WAYS, WHERE, Label


def _named(table: Mapping[str, Label]) -> Callable[[list[str]], dict[str, str]]:
    return lambda codes: {code: str(table[code]) for code in codes if code in table}


def load() -> None:
    names.known_by("mediation", facts.numbers)
    for name in ("dispute-kind", "dispute-kinds"):
        names.known_by(name, lambda codes: {k.code: str(k) for k in DisputeKind.objects.filter(code__in=codes)})
    names.known_by("agreement-templates", lambda ids: {
        str(r.pk): r.code for r in AgreementTemplate.objects.filter(pk__in=ids)})
    for name in ("mediation-body", "mediation-bodies"):
        names.known_by(name, lambda codes: {b.code: str(b) for b in MediationBody.objects.filter(code__in=codes)})
    tables = {"dispute-source": SOURCES, "dispute-level": LEVELS, "dispute-side": SIDES, "dispute-target": TARGETS,
              "session-where": WHERE, "performed": PERFORMED}
    for name, table in tables.items():
        names.known_by(name, _named(table))
    add(
        Sheet(
            key="dispute-kinds",
            title=_("Kinds of disputes"),
            order=53,
            model=DisputeKind,
            form=KindForm,
            rows=lambda: list(DisputeKind.objects.order_by("code")),
            note=_("Days from the consent of both sides to the agreement. Changes hold from the next consent on."),
            columns=(
                Column(_("Code"), lambda r: r.code),
                Column(_("Name"), str),
                Column(_("Who settles it"), lambda r: LEVELS[r.level]),
                Column(_("Usual body"), lambda r: str(MediationBody.objects.filter(code=r.body).first() or r.body)),
                Column(_("Days of mediation"), lambda r: r.days, numeric=True),
                Column(_("Days more by consent"), lambda r: r.extend_days, numeric=True),
                Column(_("Closed sessions"), lambda r: r.sensitive),
                Column(_("In use"), lambda r: r.active),
            ),
        )
    )
    add(
        Sheet(
            key="mediation-bodies",
            title=_("Mediation bodies"),
            order=54,
            model=MediationBody,
            form=BodyForm,
            rows=lambda: list(MediationBody.objects.order_by("code")),
            columns=(
                Column(_("Code"), lambda r: r.code),
                Column(_("Name"), str),
                Column(_("Way of mediation"), lambda r: WAYS[r.way]),
                Column(_("Level"), lambda r: LEVELS[r.tier]),
                Column(_("In use"), lambda r: r.active),
            ),
        )
    )
    add(
        Sheet(
            key="agreement-templates",
            title=_("Layouts of agreements"),
            order=55,
            model=AgreementTemplate,
            form=TemplateForm,
            create=True,
            rows=lambda: list(AgreementTemplate.objects.order_by("code")),
            note=_("Of several that hold, one that names the kind of dispute counts first, then the lowest code. The "
                   "parties and the blank fields for signatures belong to every layout."),
            columns=(
                Column(_("Code"), lambda r: r.code),
                Column(_("Title"), str),
                Column(_("Kinds of disputes"), lambda r: [
                    str(k) for k in DisputeKind.objects.filter(code__in=r.kinds)] or _("all")),
                Column(_("In use"), lambda r: r.active),
            ),
        )
    )
