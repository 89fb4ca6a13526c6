from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RosterConfig(AppConfig):
    name = "shouwang.desk.roster"
    label = "roster"

    def ready(self) -> None:
        from shouwang.desk.log import retention
        from shouwang.desk.people import leaving, nav

        from .actions import delete_old
        from .actions.leaving import free_turns

        leaving.add(free_turns)
        retention.register("rosters", delete_old)
        nav.add(nav.Entry(54, _("Rosters"), "roster", ("roster.edit", "roster.approve")))
