from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WatchConfig(AppConfig):
    name = "shouwang.desk.watch"
    label = "watch"

    def ready(self) -> None:
        from shouwang.desk.log import retention
        from shouwang.desk.people import nav

        from .actions import notes_due
        from .facts import MAY

        nav.add(nav.Entry(20, _("Shift change"), "watch", (MAY,), aside=True))
        retention.register("watch.notes", notes_due)
