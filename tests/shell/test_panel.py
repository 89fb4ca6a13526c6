"""`shouwang panel register` as people type it, on the test's own centre."""
from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from django.conf import settings

from shouwang.shell.main import main

pytestmark = pytest.mark.django_db
KEY = "00112233445566778899aabbccddeeff"


@pytest.fixture
def register(db: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    from shouwang.desk.sites.models import Site

    Site.objects.create(code="B1", name="Bank", kind="bank", lon=0, lat=0, area="t/")
    monkeypatch.setenv("SHOUWANG_DATABASE_URL", "known to the test already")
    monkeypatch.setenv("SHOUWANG_DATA", str(settings.CONFIG.data))
    key = tmp_path / "key"

    def register(*words: str, site: str = "B1", given: str = "") -> Result:
        key.write_text(f"{given}\n")
        more = ["--key-file", str(key)] if given else []
        return CliRunner().invoke(main, ["panel", "register", "--site", site, "--account", "00ab", *more, *words])
    return register


def test_a_panel_is_registered_and_then_changed(register: Any) -> None:
    from shouwang.desk.alarms.models import Panel

    made = register("--json", given=KEY)
    assert (made.exit_code, json.loads(made.stdout)) == (0, {
        "account": "00AB", "site": "B1", "encrypted": True, "supervise_s": 90, "new": True})
    again = register("--supervise", "3600")
    assert (again.exit_code, again.stdout) == (0, "00AB at Bank, encrypted: changed.\n")
    assert Panel.objects.get().supervise_s == 3600


@pytest.mark.parametrize(("words", "site", "given", "option"), [
    ((), "none", "", "--site"), (("--account", "xyz"), "B1", "", "--account"),
    (("--supervise", "5"), "B1", "", "--supervise"), ((), "B1", "abc", "--key-file")])
def test_bad_input_is_named_with_exit_2_and_no_key_is_repeated(register: Any, words: tuple[str, ...], site: str,
                                                               given: str, option: str) -> None:
    done = register(*words, site=site, given=given)
    assert done.exit_code == 2
    assert done.stderr.startswith(f"{option}: ")
    assert "abc" not in done.stderr
