"""What the map needs: the district's bounds and areas, and the streets as one file that never changes. Both are known
to everybody; residents mark places on them."""
from __future__ import annotations

import gzip
import zlib
from uuid import UUID

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import condition
from shapely.geometry import shape

from shouwang.desk.people.access import public

from . import facts
from .models import StreetNetwork
from .streets import map_path

SHOWN = ("district", "control_area")
FOREVER = "private, max-age=31536000, immutable"


def _version(request: HttpRequest) -> str:
    network = facts.network()
    return f'"{network.id if network else ""} {zlib.crc32(repr(facts.version()).encode())}"'


@public
@condition(etag_func=_version)
def config(request: HttpRequest) -> HttpResponse:
    """Bounds [w, s, e, n], the areas whose borders are drawn, and where the streets lie."""
    areas = [a for kind in SHOWN for a in facts.areas(kind)]
    top = facts.district()
    network = facts.network()
    answer = JsonResponse({
        "bounds": list(shape(top.geometry).bounds) if top else [-180, -60, 180, 75],
        "areas": [{"path": a.area, "kind": a.kind, "zh": a.zh, "en": a.en, "lon": a.lon, "lat": a.lat,
                   "geometry": a.geometry} for a in areas],
        "streets": reverse("map.streets", args=[network.id]) if network and map_path(network.id).exists() else None,
        "attribution": network.source if network else "",
    })
    answer["Cache-Control"] = "private, no-cache"
    return answer


@public
@condition(etag_func=lambda request, network_id: f'"{network_id}"')
def streets(request: HttpRequest, network_id: UUID) -> HttpResponse | FileResponse:
    """The streets of one network: GeoJSON lines with name and class (1 the widest to 4)."""
    path = map_path(get_object_or_404(StreetNetwork, id=network_id).id)
    if not path.exists():
        raise Http404
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        answer: HttpResponse | FileResponse = FileResponse(path.open("rb"), content_type="application/geo+json")
        answer["Content-Encoding"] = "gzip"
    else:
        answer = HttpResponse(gzip.decompress(path.read_bytes()), content_type="application/geo+json")
    answer["Cache-Control"] = FOREVER
    return answer
