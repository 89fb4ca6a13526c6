"""What people type, and the place they mean."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from shouwang.desk.places.facts import Spot
from shouwang.desk.places.search import Gazetteer, coordinates
from shouwang.engine.geo.distance import haversine_m
from shouwang.tables.streets import read_streets

STLOUIS, CHENGDU = (-90.24, 38.63), (104.07, 30.66)
DISTRICTS = Path(__file__).parents[3] / "src" / "shouwang" / "data" / "districts"


@pytest.mark.parametrize(
    ("typed", "centre", "found"),
    [
        ("38.63, -90.2", STLOUIS, (-90.2, 38.63)),
        ("-90.2,38.63", STLOUIS, (-90.2, 38.63)),
        ("38.63 −90.2", STLOUIS, (-90.2, 38.63)),
        ("３８．６３，－９０．２", STLOUIS, (-90.2, 38.63)),
        ("N38.63 W90.2", STLOUIS, (-90.2, 38.63)),
        ("38.63N 90.2W", STLOUIS, (-90.2, 38.63)),
        ("38°37′48″N 90°12′W", STLOUIS, (-90.2, 38.63)),
        ("38°37'48\"N, 90°12'0\"W", STLOUIS, (-90.2, 38.63)),
        ("30.66,104.07", CHENGDU, (104.07, 30.66)),
        ("104.07 30.66", CHENGDU, (104.07, 30.66)),
        ("北纬30.66 东经104.07", CHENGDU, (104.07, 30.66)),
        ("东经104°4′12″ 北纬30°39′36″", CHENGDU, (104.07, 30.66)),
        ("经度104.07 纬度30.66", CHENGDU, (104.07, 30.66)),
        ("(30.66, 104.07)", None, (104.07, 30.66)),
        ("lat: 30.66, lon: 104.07", None, (104.07, 30.66)),
    ],
)
def test_coordinates_in_several_notations(typed: str, centre: Any, found: tuple[float, float]) -> None:
    assert coordinates(typed, centre) == pytest.approx(found)


@pytest.mark.parametrize(
    "typed", ["", "人民南路", "1200 S Grand Blvd", "91, 181", "N38.63", "5号", "38.63", "E 5th St"])
def test_what_is_no_pair_of_coordinates(typed: str) -> None:
    assert coordinates(typed, STLOUIS) is None


@pytest.mark.parametrize(
    ("typed", "kinds", "first"),
    [
        ("30.66, 104.07", ["coordinates", "gcj02"], (104.07, 30.66)),  # not said: both readings, to choose from
        ("GCJ-02 39.91334545536069,116.38404722455657", ["gcj02"], (116.377817, 39.911954)),
        ("高德 116.38404722455657，39.91334545536069", ["gcj02"], (116.377817, 39.911954)),
        ("39.911954, 116.377817 (WGS84)", ["coordinates"], (116.377817, 39.911954)),
        ("38.63, -90.2", ["coordinates"], (-90.2, 38.63)),  # not shifted there
    ],
)
def test_coordinates_of_chinese_maps_are_turned_into_wgs_84(typed: str, kinds: list[str], first: Any) -> None:
    found = Gazetteer(None, [], None).search(typed)
    assert [f.kind for f in found] == kinds
    assert (found[0].lon, found[0].lat) == pytest.approx(first, abs=1e-6)


@pytest.mark.parametrize("typed", ["人民南路附近", "在人民南路旁边", "人民南路对面", "next to 人民南路"])
def test_near_a_place_means_the_place(names: dict[str, Gazetteer], typed: str) -> None:
    assert names["chengdu"].search(typed)[0].name == names["chengdu"].search("人民南路")[0].name


@pytest.fixture(scope="module")
def names() -> dict[str, Gazetteer]:
    return {name: Gazetteer(read_streets(DISTRICTS / name), marks(name), None) for name in ("stlouis", "chengdu")}


def marks(district: str) -> list[Spot]:
    """The landmarks of an example district."""
    with (DISTRICTS / district / "landmarks.csv").open(encoding="utf-8") as file:
        return [Spot(r["code"], "landmark", r["code"], r["zh"], r["en"], "t/", float(r["lon"]), float(r["lat"]), True,
                     others=tuple(r["others"].split(";"))) for r in csv.DictReader(file)]


@pytest.mark.parametrize(
    ("district", "typed", "kind", "name"),
    [
        ("stlouis", "S Grand Blvd", "street", "S Grand Blvd"),
        ("stlouis", "south grand boulevard", "street", "S Grand Blvd"),
        ("stlouis", "ｓ  ｇｒａｎｄ　ｂｌｖｄ.", "street", "S Grand Blvd"),
        ("stlouis", "3500 S Grand Blvd", "street", "S Grand Blvd"),
        ("stlouis", "Gravois Ave & S Grand Blvd", "crossing", {"Gravois Ave", "S Grand Blvd"}),
        ("stlouis", "grand and gravois", "crossing", {"Gravois Ave", "S Grand Blvd"}),
        ("stlouis", "grand gravois", "crossing", {"Gravois Ave", "S Grand Blvd"}),
        ("chengdu", "人民南路四段", "street", "人民南路四段"),
        ("chengdu", "红星路", "street", "红星路"),
        ("chengdu", "武侯祠大街264号", "street", "武侯祠大街"),
        ("chengdu", "人民北路与一环路交叉口", "crossing", {"人民北路", "一环路"}),
        ("chengdu", "董家湾北街 核桃堰路", "crossing", {"董家湾北街", "核桃堰路"}),
        ("chengdu", "董家湾北街核桃堰路口", "crossing", {"董家湾北街", "核桃堰路"}),
        ("stlouis", "near the arch", "landmark", "大拱门"),
        ("stlouis", "busch", "landmark", "布什体育场"),
        ("stlouis", "Market St near Union Station", "beside", "Market St（联合车站旁）"),
        ("stlouis", "联合车站旁 market st", "beside", "Market St（联合车站旁）"),
        ("chengdu", "华西医院门口", "landmark", "华西医院"),
        ("chengdu", "川大", "landmark", "四川大学望江校区"),
        ("chengdu", "人民南路三段华西医院旁", "beside", "人民南路三段（华西医院旁）"),
        ("chengdu", "华西医院附近的人民南路三段", "beside", "人民南路三段（华西医院旁）"),
    ],
)
def test_streets_and_crossings(
    names: dict[str, Gazetteer], district: str, typed: str, kind: str, name: str | set[str]
) -> None:
    first = names[district].search(typed)[0]
    assert first.kind == kind
    if isinstance(name, set):
        assert all(part in first.zh and part in first.en for part in name)
    else:
        assert first.zh == name


def test_a_street_beside_a_landmark_passes_it(names: dict[str, Gazetteer]) -> None:
    at, mark = names["stlouis"].search("Market St near Union Station")[0], names["stlouis"].search("union station")[0]
    assert 0 < haversine_m(at.lon, at.lat, mark.lon, mark.lat) < 500
    assert names["stlouis"].search("Gravois Ave near Union Station") == []  # it does not pass there


def test_a_crossing_lies_on_both_streets(names: dict[str, Gazetteer]) -> None:
    gazetteer = names["stlouis"]
    first = gazetteer.search("grand & gravois")[0]
    node = min(gazetteer.at, key=lambda n: abs(gazetteer.lon[n] - first.lon) + abs(gazetteer.lat[n] - first.lat))
    assert {"Gravois Ave", "S Grand Blvd"} <= set(gazetteer.at[node])


def test_nothing_is_found_for_nothing(names: dict[str, Gazetteer]) -> None:
    assert names["stlouis"].search("   ") == []
    assert names["stlouis"].search("zzzzqqqq") == []
    assert len(names["stlouis"].search("st", limit=5)) == 5


def test_the_nearest_crossing_names_a_point(names: dict[str, Gazetteer]) -> None:
    zh, en = names["chengdu"].crossing_near(104.066, 30.657)
    assert zh.endswith("口")
    assert " & " in en
