from collections.abc import Mapping

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ChannelsConfig(AppConfig):
    name = "shouwang.desk.channels"
    label = "channels"

    def ready(self) -> None:
        from shouwang.desk.log import names, reactions, retention
        from shouwang.desk.people import nav

        from . import terms
        from .actions import items_due, rings_due, visits_due
        from .reactions import KINDS, react

        nav.add(nav.Entry(21, _("Inbox"), "inbox", (terms.TAKE,), aside=True))
        nav.add(nav.Entry(22, _("Call-backs"), "visits", (terms.FEEDBACK,), aside=True))
        nav.add(nav.Entry(23, _("Answering times"), "telephone", (terms.SEE,), aside=True))
        reactions.register("channels", react, KINDS)
        retention.register("channels.items", items_due)
        retention.register("channels.rings", rings_due)
        retention.register("channels.visits", visits_due)
        phone = {"phone": _("Telephone")}

        def known(kind: str, labels: Mapping[str, terms.Label]) -> None:
            names.known_by(kind, lambda codes: {c: str(labels[c]) for c in codes if c in labels})

        for kind, labels in (("channel", {**terms.CHANNELS, **phone}), ("item-why", terms.REASONS),
                             ("reply-fault", terms.FAULTS)):
            known(kind, labels)
