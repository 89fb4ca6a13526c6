"""Fixtures for every test: a data folder of its own, the reference data, no network beyond this machine."""
from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Generator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings as examples
from xdist.scheduler import LoadScopeScheduling

examples.register_profile("shouwang", deadline=None)  # tests never judge time: a busy machine is no fault
examples.load_profile("shouwang")


# Tests that share what is dear to make: a centre, a forecast, an example, a server.
TOGETHER = ("tests/browser/", "tests/desk/patrol/", "tests/desk/drill/test_replay.py",
            "tests/desk/setup/test_examples.py", "tests/wire/test_fanout.py",
            ("tests/shell/test_backup.py", "tests/shell/test_audit.py"))


class Dealt(LoadScopeScheduling):
    """Deals tests out one by one, those that share something dear to one worker together."""

    def _split_scope(self, nodeid: str) -> str:
        if nodeid.startswith("tests/slow/"):
            return nodeid.partition("::")[0]  # of a file they share a centre
        return next((str(names) for names in TOGETHER if nodeid.startswith(names)), nodeid)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--fuzz-minutes", type=float, default=10.0, help="for each parser in tests/slow/test_fuzz.py")


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Dealt:
    return Dealt(config, log)


DISTRICTS = Path(__file__).parents[1] / "src" / "shouwang" / "data" / "districts"


@pytest.fixture(scope="session", autouse=True)
def data_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Secrets, keys, streets and history of the run lie in a temporary folder."""
    from django.conf import settings

    folder = tmp_path_factory.mktemp("centre")
    before = settings.CONFIG
    settings.CONFIG = replace(before, data=folder)
    settings.WHITENOISE_USE_FINDERS = False  # each client would look through all static files, which none asks for
    yield folder
    settings.CONFIG = before


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Playwright's loop rests in its worker between the browser's calls and counts as running there. Other tests that
    the worker is dealt meanwhile run without it, from before their first fixture: a connection to the database belongs
    to the loop it was opened under, and what one test opened under it no other could undo."""
    resting = None if item.get_closest_marker("browser") else asyncio._get_running_loop()
    if resting is None:
        return (yield)
    asyncio._set_running_loop(None)
    try:
        return (yield)
    finally:
        asyncio._set_running_loop(resting)


@pytest.fixture(scope="session")
def reference() -> Path:
    """Reference data that may not be shipped. The one skip a fresh clone may show."""
    found = os.environ.get("SHOUWANG_REFERENCE")
    if not found:
        if os.environ.get("CI"):
            pytest.fail("SHOUWANG_REFERENCE is not set; CI must name the reference data")
        pytest.skip("reference data: set SHOUWANG_REFERENCE to its folder")
    return Path(found)


@pytest.fixture(scope="session")
def kept_rules(django_db_setup: None, django_db_blocker: Any) -> dict[str, str]:
    """The default rules as rows in tables beside their own, by the name of the own one: loading them takes a fifth of
    what all tests of the desk do, copying them next to nothing."""
    from django.apps import apps
    from django.db import connection, transaction

    from shouwang.desk import setup

    with django_db_blocker.unblock():
        assert not connection.in_atomic_block  # else they would go with the test that asked first
        with transaction.atomic(), connection.cursor() as cursor:
            empty = [m for m in apps.get_models() if not m._default_manager.exists()]
            setup.load_rules()
            filled = {m._meta.db_table: f"kept_{m._meta.db_table}" for m in empty if m._default_manager.exists()}
            for own, kept in filled.items():
                cursor.execute(f"CREATE TABLE {kept} AS SELECT * FROM {own}")
            for own in filled:
                cursor.execute(f"DELETE FROM {own}")
    return filled


@pytest.fixture(scope="session")
def stlouis() -> Path:
    return DISTRICTS / "stlouis"


@pytest.fixture(autouse=True)
def no_far_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests speak to this machine alone."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in ("127.0.0.1", "::1", "localhost"):
            raise AssertionError(f"a test tried to reach {address!r}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """In CI nothing may be skipped: a skip there hides a missing part."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = len(reporter.stats.get("skipped", [])) if reporter else 0
    if os.environ.get("CI") and skipped and exitstatus == 0:
        reporter.write_line(f"{skipped} skipped: CI allows none", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
