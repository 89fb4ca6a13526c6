from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PeopleConfig(AppConfig):
    name = "shouwang.desk.people"
    label = "people"

    def ready(self) -> None:
        from shouwang.desk.log import gate, names, retention

        from . import checks, nav, signin  # noqa: F401
        from .access import read_actor
        from .facts import ids_by_name, names_of, role_names
        from .retention import delete_sessions
        gate.read_by(read_actor)
        names.known_by("user", names_of)
        names.known_by("role", role_names)
        names.known_by(names.BY_NAME, ids_by_name)
        retention.register("sessions", delete_sessions)
        signin.listen()
        # The rooms of settings and audit lie below this one, so their entries stand here.
        nav.add(nav.Entry(90, _("Settings"), "settings", ("config.edit", "user.manage"), also=("import",)))
        nav.add(nav.Entry(95, _("Audit"), "audit", ("audit.read",)))
