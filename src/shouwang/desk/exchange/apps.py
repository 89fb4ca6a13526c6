from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ExchangeConfig(AppConfig):
    name = "shouwang.desk.exchange"
    label = "exchange"

    def ready(self) -> None:
        from shouwang.desk.calls import parts
        from shouwang.desk.channels import beside
        from shouwang.desk.log import names, reactions, retention
        from shouwang.desk.people import nav

        from . import facts
        from .actions import words_due
        from .reactions import KINDS, react
        from .terms import KEEP, MAY
        from .views import pane, waiting

        nav.add(nav.Entry(11, _("Neighbouring centres"), "exchange", (MAY, KEEP), aside=True))
        names.known_by("neighbour", facts.names_of)
        reactions.register("exchange", react, KINDS)
        retention.register("exchange", words_due)
        parts.add(pane)
        beside.add(waiting)
