"""Every address of the desk, room by room."""
from django.urls import include, path
from django.views.generic import RedirectView
from django.views.i18n import JavaScriptCatalog

from .api import api
from .people.urls import closed
from .people.views import home

urlpatterns = [
    path("", home, name="home"),
    path("i18n/messages.js", JavaScriptCatalog.as_view(), name="messages"),
    path("favicon.ico", RedirectView.as_view(url="/static/desk/mark.svg"), name="favicon"),
    path("account/", include(closed)),
    path("account/", include("allauth.urls")),
    path("api/", api.urls),
    path("", include("shouwang.desk.people.urls")),
    path("", include("shouwang.desk.log.urls")),
    path("", include("shouwang.desk.workflow.urls")),
    path("", include("shouwang.desk.places.urls")),
    path("", include("shouwang.desk.units.urls")),
    path("", include("shouwang.desk.sites.urls")),
    path("", include("shouwang.desk.closures.urls")),
    path("", include("shouwang.desk.calls.urls")),
    path("", include("shouwang.desk.patrol.urls")),
    path("", include("shouwang.desk.cordon.urls")),
    path("", include("shouwang.desk.whatif.urls")),
    path("", include("shouwang.desk.beats.urls")),
    path("", include("shouwang.desk.roster.urls")),
    path("", include("shouwang.desk.brigades.urls")),
    path("", include("shouwang.desk.effects.urls")),
    path("", include("shouwang.desk.analysis.urls")),
    path("", include("shouwang.desk.linked.urls")),
    path("", include("shouwang.desk.replay.urls")),
    path("", include("shouwang.desk.wall.urls")),
    path("", include("shouwang.desk.watch.urls")),
    path("", include("shouwang.desk.matters.urls")),
    path("", include("shouwang.desk.norms.urls")),
    path("", include("shouwang.desk.volunteers.urls")),
    path("", include("shouwang.desk.events.urls")),
    path("", include("shouwang.desk.channels.urls")),
    path("", include("shouwang.desk.mediation.urls")),
    path("", include("shouwang.desk.quality.urls")),
    path("", include("shouwang.desk.bulletins.urls")),
    path("r/", include("shouwang.desk.public.urls_resident")),
    path("about/", include("shouwang.desk.public.urls")),
    path("trust/", include("shouwang.desk.public.urls_trust")),
    path("", include("shouwang.desk.alarms.urls")),
    path("", include("shouwang.desk.exchange.urls")),
    path("m/", include("shouwang.desk.phone.urls")),
    path("rounds/", include("shouwang.desk.phone.urls_rounds")),
    path("drill/", include("shouwang.desk.drill.urls")),
]

handler400 = "shouwang.desk.people.views_faults.unreadable"
handler404 = "shouwang.desk.people.views_faults.missing"
handler500 = "shouwang.desk.people.views_faults.broken"
