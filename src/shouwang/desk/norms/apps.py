from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NormsConfig(AppConfig):
    name = "shouwang.desk.norms"
    label = "norms"

    def ready(self) -> None:
        from shouwang.desk.log import names, retention
        from shouwang.desk.people import nav
        from shouwang.desk.places import importers

        from . import facts, terms
        from .villages import contacts_due

        nav.add(nav.Entry(95, _("Norms and villages"), "norms", (terms.SEE,), ("villages",), begins=False, aside=True))
        names.known_by("locality", facts.names)
        names.known_by("norm", facts.norm_names)
        names.known_by("norm-code", facts.code_names)
        names.known_by("contract", facts.contract_numbers)
        names.known_by("management", lambda codes: {c: str(terms.MANAGEMENT[c])
                                                    for c in codes if c in terms.MANAGEMENT})
        names.known_by("village-item", lambda codes: {c: str(terms.items()[c]) for c in codes if c in terms.items()})
        importers.add("shouwang.desk.norms.imports")
        retention.register("contracts", contacts_due)
