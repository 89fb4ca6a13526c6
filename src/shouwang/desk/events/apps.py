from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EventsConfig(AppConfig):
    name = "shouwang.desk.events"
    label = "events"

    def ready(self) -> None:
        from shouwang.desk.log import retention
        from shouwang.desk.people import nav

        from . import sheets
        from .actions import words_due
        from .facts import MAY_COMMAND, WORK

        nav.add(nav.Entry(12, _("Major events"), "events", WORK, aside=True))
        nav.add(nav.Entry(13, _("Warnings"), "warnings", (MAY_COMMAND,), aside=True))
        sheets.load()
        retention.register("events.words", words_due)
