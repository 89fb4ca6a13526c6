"""`shouwang audit` on a real centre: exit codes, one JSON document, the first broken entry by name."""
from __future__ import annotations

import json
import sqlite3
from contextlib import closing

from shell.conftest import Centre


def tamper(centre: Centre, sql: str) -> None:
    if centre.on_sqlite:
        with closing(sqlite3.connect(centre.data / "desk.sqlite3")) as db:
            db.execute(sql)
            db.commit()
        return
    import psycopg
    with psycopg.connect(centre.url, autocommit=True) as db:
        db.execute(sql)


def test_verify_show_and_retention(made: Centre) -> None:
    whole = made.shouwang("audit", "verify")
    assert whole.returncode == 0
    assert "whole" in whole.stdout
    outside = made.shouwang("audit", "verify", "--outside", str(made.data / "checkpoints.jsonl"), "--json")
    told = json.loads(outside.stdout)
    assert told["intact"]
    assert told["protected"] >= 50
    shown = json.loads(made.shouwang("audit", "show", "--kind", "access.", "--last", "3", "--json").stdout)
    assert [e["kind"] for e in shown] == ["access.words_read"] * 3
    assert "reason 4" not in json.dumps(shown)
    assert set(json.loads(made.shouwang("retention", "--json").stdout)) >= {"tracks", "access events", "sessions"}
    assert made.shouwang("audit", "verify", "--outside", "/no/such/file").returncode == 2


def test_a_broken_log_is_named_and_exits_with_1(made: Centre) -> None:
    tamper(made, "UPDATE log_event SET subject = '2' WHERE seq = 9")
    try:
        found = made.shouwang("audit", "verify", "--json")
        assert found.returncode == 1
        assert json.loads(found.stdout)["broken"]["first"] == 9
        assert "entry 9" in made.shouwang("audit", "verify").stdout
    finally:
        tamper(made, "UPDATE log_event SET subject = '1' WHERE seq = 9")


def test_no_centre_is_said_in_one_line(tmp_path: object) -> None:
    done = Centre(tmp_path).shouwang("audit", "verify")
    assert done.returncode == 2
    assert "no centre" in done.stderr


