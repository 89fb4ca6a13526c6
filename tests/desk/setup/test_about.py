"""What anybody may read, without an account."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.conf import settings
from django.test import Client

from shouwang.desk import setup

NOW = datetime(2026, 11, 21, 14, 0, tzinfo=UTC)
ENGLISH = {"django_language": "en"}


def read(path: str) -> str:
    client = Client()
    client.cookies.load(ENGLISH)
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_data_of_st_louis_say_where_they_come_from(rules: None) -> None:
    setup.load_example(settings.CONFIG, setup.EXAMPLES["stlouis"], NOW, lambda line: None)
    setup.load_history(setup.EXAMPLES["stlouis"], NOW, lambda line: None)
    page = read("/about/data/")
    for said in ("TIGER/Line 2019", "public domain", "ODC-By 1.0", "CC BY 4.0", "heaped at 12:00", "invented",
                 "not dispatch calls", "drugs, dwi, gambling, liquor, loitering_begging, stolen_property, weapons"):
        assert said in page
    assert "is generated" not in page
    assert "圣路易斯" in Client().get("/about/data/").content.decode()


def test_the_data_of_chengdu_are_called_generated(rules: None) -> None:
    setup.load_example(settings.CONFIG, setup.EXAMPLES["chengdu"], NOW, lambda line: None)
    setup.load_history(setup.EXAMPLES["chengdu"], NOW, lambda line: None)
    page = read("/about/data/")
    assert "Every past call shown here is generated" in page
    assert "OpenStreetMap contributors" in page
    assert "ODbL" in page


@pytest.mark.parametrize("path", ["/about/", "/about/data/", "/about/limits/"])
def test_pages_open_in_an_empty_centre(rules: None, path: str) -> None:
    assert "Limits by design" in read(path)
