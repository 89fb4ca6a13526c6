"""Where a point lies, and that what is kept in memory follows what changes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from shouwang.desk.log.actor import system
from shouwang.desk.log.writing import writing
from shouwang.desk.places import facts
from shouwang.desk.places.models import Area, Post

pytestmark = pytest.mark.django_db


def test_the_deepest_area_wins(town: Any) -> None:
    assert facts.locate(-90.26, 38.63) == "t/1/a/"
    assert facts.locate(-90.22, 38.63) == "t/2/b/"
    assert facts.locate(-90.24, 38.66) == "t/"
    assert facts.locate(0, 0) == ""


def test_on_a_border_everybody_gets_the_same_answer(town: Any) -> None:
    square = [[-90.26, 38.62], [-90.22, 38.62], [-90.22, 38.64], [-90.26, 38.64], [-90.26, 38.62]]
    for path in ("t/2/d/", "t/2/c/"):
        shape = {"type": "Polygon", "coordinates": [square]}
        Area.objects.create(path=path, parent="t/2/", code=path[-2], kind="community", zh=path, en=path, lon=-90.24,
                            lat=38.63, geometry=shape)
    assert facts.locate(-90.23, 38.64) == facts.locate(-90.23, 38.62) == "t/2/b/"  # of three that hold the point


def test_a_change_is_seen_at_the_next_look(town: Any, clock: Any) -> None:
    assert facts.locate(-90.26, 38.63) == "t/1/a/"
    with writing(actor=system("test"), now=clock()) as log:
        Area.objects.filter(path="t/1/a/").delete()
        log.append("settings.changed", subject=("areas", "t/1/a/"))
    assert facts.locate(-90.26, 38.63) == "t/1/"
    Post.objects.filter(code="S1").update(active=False)
    with writing(actor=system("test"), now=clock()) as log:
        log.append("settings.changed", subject=("posts", "S1"))
    assert [p.code for p in facts.posts()] == ["F1", "P1"]


def test_streets_are_loaded_once(town: Any) -> None:
    assert facts.streets() is facts.streets()
    assert facts.streets().node_count == 14071


def test_threads_share_what_is_kept(town: Any) -> None:
    tree = facts._places().tree  # made before the threads ask: they have no part in this test's transaction
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: tree.query(facts.shapely.Point(-90.26, 38.63)).size, range(64)))
    assert len(set(found)) == 1


def test_places_are_found_with_their_area(town: Any) -> None:
    first = facts.search_place("38.63, -90.26")[0]
    assert (first.kind, first.area) == ("coordinates", "t/1/a/")
    post = facts.search_place("Post P1")[0]
    assert (post.kind, post.area) == ("post", "t/2/b/")
    community = facts.search_place("乙社区")[0]
    assert (community.kind, community.area) == ("community", "t/2/b/")
