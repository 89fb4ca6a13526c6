"""Exits as data, and permanent checkpoints."""
from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from shouwang.desk.cordon import advice
from shouwang.desk.cordon.models import Exit
from shouwang.desk.places.actions import import_file

pytestmark = pytest.mark.django_db


def test_places_that_look_like_exits_are_suggested_once_and_named_when_ticked(cast: Any, town: Any) -> None:
    planner = cast.planner.client
    found = advice.suggested("t/")
    assert len(found) > 3 and all(abs(s.place.lon + 90.24) < 0.07 for s in found)
    assert planner.post("/exits/", {"node": [found[0].node, found[1].node, 10**9]}).status_code == 302
    assert {e.en for e in Exit.objects.all()} == {found[0].place.en, found[1].place.en}
    assert found[0].node not in [s.node for s in advice.suggested("t/")]
    page = planner.get("/exits/").content.decode()
    assert found[0].place.zh in page
    planner.post("/exits/", {"node": [found[0].node]})  # ticked again: nothing is named twice
    assert Exit.objects.count() == 2
    assert cast.dispatcher.client.get("/exits/").status_code == 403


def test_an_exit_is_kept_on_the_settings_pages_even_beyond_the_border(cast: Any, town: Any) -> None:
    admin = cast.admin.client
    row = {"zh": "东口", "en": "East", "lon": "-90.1995", "lat": "38.63", "active": "on", "reason": "named"}
    assert admin.post("/settings/exits/new/", row).status_code == 302
    assert Exit.objects.get().area == "t/"  # outside t/: it counts to the district
    far = admin.post("/settings/exits/new/", row | {"lon": "-91.5"})
    assert far.status_code == 422 and "1 公里" in far.content.decode()


def test_a_list_of_exits_is_taken_in_whole_or_not_at_all(cast: Any, town: Any, clock: Any, tmp_path: Path) -> None:
    def take(rows: str) -> Any:
        path = tmp_path / "exits.csv"
        path.write_text("zh,en,lon,lat\n" + rows, encoding="utf-8")
        return import_file(actor=cast.admin.actor, now=clock(), kind="exits", path=path)

    report = take("东口,East,-90.2,38.63\n远口,Far,-80,38.63\n")
    assert [f.where.rpartition("row ")[2] for f in report.faults] == ["3, column lon"] and not Exit.objects.exists()
    assert take("东口,East,-90.2,38.63\n西口,West,-90.27,38.63\n").done
    assert take("东门口,East,-90.21,38.63\n").counts == {"exits": 1, "new": 0}
    assert sorted(Exit.objects.values_list("zh", "lon")) == [("东门口", -90.21), ("西口", -90.27)]


def test_checkpoints_come_with_their_proof_on_the_page_and_as_a_table(
    cast: Any, exits: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(advice, "LIMIT_S", 60.0)
    planner = cast.planner.client
    assert planner.get("/checkpoints/").status_code == 200  # no exits yet: the page says so
    assert planner.get("/api/checkpoints").status_code == 422
    exits("P01", "P02", "P03", "T21")
    found = planner.get("/api/checkpoints?count=2").json()
    assert found["all_trips"] == 12 and 0 < found["objective"] <= found["bound"] <= 12
    assert found["status"] == "optimal" and len(found["places"]) == 2
    assert "已证最优" in planner.get("/checkpoints/?count=2").content.decode()
    table = planner.get("/checkpoints/export.csv?count=2").content.decode("utf-8-sig").splitlines()
    assert len(table) == 3 and table[1].endswith(f"{found['places'][0]['trips']},12.0")
    assert planner.get("/checkpoints/?count=99").status_code == 200
    assert planner.get("/checkpoints/export.csv?count=x").status_code == 422
