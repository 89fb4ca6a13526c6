from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MattersConfig(AppConfig):
    name = "shouwang.desk.matters"
    label = "matters"

    def ready(self) -> None:
        from shouwang.desk.log import reactions, retention
        from shouwang.desk.people import nav
        from shouwang.desk.places import importers

        from . import cells, facts, sheets
        from .actions import matters_due
        from .reactions import KINDS, react

        nav.add(nav.Entry(24, _("Matters"), "matters", (facts.SEE,)))
        nav.add(nav.Entry(22, _("Office"), "office", ("office.work",)))
        nav.add(nav.Entry(25, _("Grid"), "cells", cells.MAY, aside=True))
        importers.add("shouwang.desk.matters.imports")
        sheets.load()
        reactions.register("matters", react, KINDS)
        retention.register("matters", matters_due)
