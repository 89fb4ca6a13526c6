from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CallsConfig(AppConfig):
    name = "shouwang.desk.calls"
    label = "calls"

    def ready(self) -> None:
        from shouwang.desk.log import reactions, retention
        from shouwang.desk.people import nav
        from shouwang.desk.units import tasks

        from . import answering_sheet, plan_sheet, sheets
        from .facts import tasks_of_units
        from .reactions import KINDS, react
        from .retention import drafts_due, drop_closed_cards, sealed_due
        tasks.found_by(tasks_of_units)
        nav.add(nav.Entry(10, _("Dispatch"), "board", ("dispatch.recommend",)))
        nav.add(nav.Entry(20, _("Take a call"), "call.new", ("call.take",)))
        sheets.load()
        plan_sheet.load()
        answering_sheet.load()
        reactions.register("calls", react, KINDS)
        for name, rule in (
            ("calls.words", sealed_due),
            ("calls.drafts", drafts_due),
            ("calls.cards", drop_closed_cards),
        ):
            retention.register(name, rule)
