"""`shouwang import` and `shouwang demo` as people type them, on an empty centre of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

SQUARE = {"type": "Polygon", "coordinates": [[[0, 0], [0.02, 0], [0.02, 0.02], [0, 0.02], [0, 0]]]}


def shouwang(*words: object, data: Path) -> subprocess.CompletedProcess[str]:
    env = {k: v for k, v in os.environ.items() if not k.startswith("SHOUWANG_")} | {"SHOUWANG_DATA": str(data)}
    command = [sys.executable, "-m", "shouwang.shell.main", *map(str, words)]
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=120)


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("import") / "centre"
    data.mkdir()
    env = {k: v for k, v in os.environ.items() if not k.startswith("SHOUWANG_")} | {
        "SHOUWANG_DATA": str(data), "SHOUWANG_ADMIN_USERNAME": "root", "SHOUWANG_ADMIN_PASSWORD": "keep-watch-and-help"}
    subprocess.run([sys.executable, "-m", "shouwang.shell.prepare", "--district", "stlouis", "--no-demo"],
                   env=env, check=True, capture_output=True, timeout=120)
    return data


def areas(path: Path, **change: Any) -> Path:
    said = {"code": "d", "kind": "district", "zh": "新区", "en": "New district"} | change
    feature = {"type": "Feature", "properties": said, "geometry": SQUARE}
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")
    return path


def test_a_dry_run_then_the_real_thing(centre: Path, tmp_path: Path) -> None:
    file = areas(tmp_path / "areas.geojson")
    for expected in (False, True):
        done = shouwang("import", "areas", file, "--json", *([] if expected else ["--dry-run"]), data=centre)
        report = json.loads(done.stdout)  # one document and nothing else
        assert (done.returncode, report["done"], report["counts"]) == (0, expected, {"district": 1})
    units = tmp_path / "units.csv"
    units.write_text("code,zh,en,kind,lon,lat\n巡01,巡01,P01,patrol_car,0.01,0.01\n", encoding="utf-8")
    done = shouwang("import", "units", units, data=centre)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "Taken in.")


def test_every_bad_row_is_named_with_exit_2(centre: Path, tmp_path: Path) -> None:
    done = shouwang("import", "areas", areas(tmp_path / "bad.geojson", code="!", zh=""), "--json", data=centre)
    assert done.returncode == 2
    assert [f["where"] for f in json.loads(done.stdout)["faults"]] == [
        "bad.geojson, feature 1, property code", "bad.geojson, feature 1, property zh"]
    assert len(done.stderr.splitlines()) == 2
    assert "Traceback" not in done.stderr


def test_a_missing_file_an_unknown_kind_and_no_centre(centre: Path, tmp_path: Path) -> None:
    done = shouwang("import", "areas", tmp_path / "none.geojson", data=centre)
    assert (done.returncode, "does not exist" in done.stderr) == (2, True)
    assert shouwang("import", "persons", tmp_path, data=centre).returncode == 2
    done = shouwang("import", "areas", areas(tmp_path / "a.geojson"), data=tmp_path / "nowhere")
    assert (done.returncode, "no centre" in done.stderr) == (2, True)


def test_an_unknown_example_is_named_with_its_remedy(tmp_path: Path) -> None:
    done = shouwang("demo", "atlantis", data=tmp_path / "fresh")
    assert done.returncode == 2
    assert "stlouis, chengdu" in done.stderr
    assert "Traceback" not in done.stderr
