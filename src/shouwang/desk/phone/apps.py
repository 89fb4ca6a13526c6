from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PhoneConfig(AppConfig):
    name = "shouwang.desk.phone"
    label = "phone"

    def ready(self) -> None:
        from shouwang.desk.log import names, retention
        from shouwang.desk.matters import cells
        from shouwang.desk.people import nav

        from .actions import delete_due
        from .rounds import point_names, points_in
        from .terms import SEE

        nav.add(nav.Entry(53, _("Places seen"), "rounds", SEE, aside=True))
        cells.count_too("checkpoints", _("Check points"), points_in)
        names.known_by("checkpoint", point_names)
        retention.register("phone.notes", delete_due)
