"""A point handed to a map application stands where it should on the maps of that application."""
from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from django.template import Context, Template
from django.test import RequestFactory

from shouwang.desk.places.handing import amap, geo
from shouwang.engine.geo.distance import haversine_m
from shouwang.engine.geo.gcj02 import from_wgs84, to_wgs84

ANDROID = "Mozilla/5.0 (Linux; Android 15; 2410DPN6CC) AppleWebKit/537.36 Chrome/130.0.0.0 Mobile"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15"
CHENGDU = (104.0657, 30.6595)


def handed(address: str) -> tuple[float, float]:
    """The point of an address, in GCJ-02, however it is written."""
    asked = parse_qs(urlsplit(address).query)
    lon, lat = asked["to"][0].split(",") if "to" in asked else (asked["lon"][0], asked["lat"][0])
    return float(lon), float(lat)


@pytest.mark.parametrize(("agent", "begins", "says"), [
    (ANDROID, "androidamap://navi?", {"dev": ["0"]}), (IPHONE, "iosamap://navi?", {"dev": ["0"]}),
    ("Mozilla/5.0 (X11; Linux x86_64)", "https://uri.amap.com/navigation?", {"coordinate": ["gaode"]}),
    ("", "https://uri.amap.com/navigation?", {"coordinate": ["gaode"]}),
])
@pytest.mark.parametrize("place", [CHENGDU, (116.3913, 39.9075), (87.6168, 43.8256), (121.4737, 31.2304)])
def test_amap_gets_its_own_coordinates_and_is_told_so(agent: str, begins: str, says: dict[str, list[str]],
                                                      place: tuple[float, float]) -> None:
    address = amap(*place, agent)
    assert address.startswith(begins) and says.items() <= parse_qs(urlsplit(address).query).items()
    assert haversine_m(*handed(address), *from_wgs84(*place)) < 0.2
    assert haversine_m(*to_wgs84(*handed(address)), *place) < 0.2  # back where it was
    assert 100 < haversine_m(*handed(address), *place) < 800  # as it stands it would be off by streets


def test_outside_china_nothing_is_shifted() -> None:
    assert amap(-90.1994, 38.627, ANDROID) == ""
    assert geo(-90.1994, 38.627) == "geo:38.627,-90.1994?q=38.627,-90.1994"
    assert geo(-90.28950100000001, 38.627) == "geo:38.627,-90.289501?q=38.627,-90.289501"


def shown(lon: float, lat: float, agent: str) -> str:
    request = RequestFactory(headers={"user-agent": agent}).get("/m/task/")
    return Template("{% load handing %}{% navigate lon lat %}").render(
        Context({"request": request, "lon": lon, "lat": lat}))


def test_the_member_chooses_and_the_words_of_the_place_stay_here() -> None:
    page = shown(*CHENGDU, ANDROID)
    assert page.count("<a ") == 2 and 'href="androidamap://navi?' in page
    assert f'href="{geo(*CHENGDU)}"' in page and "WGS 84" in page
    assert "poiname" not in page
    assert shown(-90.1994, 38.627, ANDROID).count("<a ") == 1
