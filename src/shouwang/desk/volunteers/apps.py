from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class VolunteersConfig(AppConfig):
    name = "shouwang.desk.volunteers"
    label = "volunteers"

    def ready(self) -> None:
        from shouwang.desk.log import names, retention
        from shouwang.desk.people import nav

        from . import facts, terms
        from .actions import due

        nav.add(nav.Entry(26, _("Volunteers"), "volunteers", (terms.MANAGE,), aside=True))
        nav.add(nav.Entry(27, _("Notices"), "notices", (terms.SEND, terms.ORDER, terms.ANSWERS), aside=True))
        nav.add(nav.Entry(28, _("Hurt helpers"), "hurt", (terms.CLAIM, terms.SETTLE), aside=True))
        names.known_by("volunteer", facts.numbers)
        names.known_by("notice", facts.names)
        names.known_by("claim", facts.claim_numbers)
        names.known_by("notice-about", terms.named({**terms.KINDS, **terms.LOOKOUTS, **terms.CALLS}))
        names.known_by("notice-seen", terms.named(terms.SEEN))
        names.known_by("service-kind", terms.named({**terms.SERVICES, **terms.THANKS}))
        names.known_by("trade", lambda codes: {c: terms.trades()[c].name for c in codes if c in terms.trades()})
        names.known_by("why-not", terms.named(terms.WHY_NOT))
        retention.register("volunteers", due)
