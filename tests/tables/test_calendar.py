import csv
from datetime import date, timedelta
from importlib.resources import files

import pytest

from shouwang.engine.demand.calendar import PLAIN, WORKED
from shouwang.engine.errors import BadInput
from shouwang.tables.calendar import calendar, calendar_of, country_at


def named(country: str, first: int, last: int) -> dict[date, str]:
    found = calendar(country, first, last)
    days = [date(1970, 1, 1) + timedelta(int(day)) for day in found.day]
    return dict(zip(days, (found.kinds[kind] for kind in found.kind.tolist()), strict=True))


def test_chinese_days_agree_with_the_table_that_is_shipped() -> None:
    """The table is from another source. It leaves out weekends that only touch a festival."""
    with (files("shouwang") / "data" / "domain" / "calendar.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    mine = {day: kind for day, kind in named("CN", 2015, 2026).items() if 2015 <= day.year <= 2026}
    worked = {date.fromisoformat(row["date"]) for row in rows if row["kind"] == "adjusted_working_day"}
    off = {date.fromisoformat(row["date"]) for row in rows if row["kind"] == "public_holiday"}
    assert {day for day, kind in mine.items() if kind == WORKED} == worked
    mine_off = {day for day, kind in mine.items() if kind != WORKED}
    assert off <= mine_off and all(day.weekday() >= 5 for day in mine_off - off)


def test_a_year_not_announced_falls_back_on_the_law_and_says_so() -> None:
    found = named("CN", 2035, 2035)
    assert found[date(2035, 10, 1)] == "National Day" and found[date(2035, 2, 8)].startswith("Chinese New Year")
    assert not any(day.year == 2035 and kind == WORKED for day, kind in found.items())
    assert calendar("CN", 2024, 2035).guessed[-1] == 2035 and 2024 not in calendar("CN", 2024, 2035).guessed
    assert calendar("CN", 1990, 1999).guessed == ()
    assert named("CN", 2024, 2024)[date(2024, 2, 18)] == WORKED


def test_other_countries_have_theirs_and_unknown_ones_are_refused() -> None:
    assert named("us", 2019, 2019)[date(2019, 7, 4)] == "Independence Day" and calendar("US", 2019, 2040).guessed == ()
    with pytest.raises(BadInput, match="two letters"):
        calendar("XX", 2019, 2019)


def test_the_place_of_the_calls_names_the_country() -> None:
    assert country_at(104.0, 30.6) == "CN" and country_at(-90.2, 38.6) is None
    assert calendar_of(None, 0, 1) is PLAIN
    assert len(calendar_of("CN", -62_000_000_000, 1546300800).day) > 0  # a call of the year 5 does no harm
    assert 17897 in calendar_of("CN", 1546300800, 1546400000).day  # 2019-01-01
