"""What a start brings into a centre that is empty, or has been started before."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.conf import settings

from shouwang.desk import setup
from shouwang.desk.log.models import Event
from shouwang.desk.patrol.models import Forecast, Plan
from shouwang.desk.people.models import User
from shouwang.desk.places.models import Area
from shouwang.engine.errors import BadInput

NOW = datetime(2026, 11, 21, 14, 0, tzinfo=UTC)


@pytest.mark.slow
@pytest.mark.django_db
def test_a_later_start_changes_nothing() -> None:
    told: list[str] = []
    accounts = setup.prepare(settings.CONFIG, district="chengdu", say=told.append, now=NOW)
    assert Forecast.objects.get().generated
    assert Plan.objects.exists()
    before, _ = Event.objects.count(), told.clear()
    assert setup.prepare(settings.CONFIG, district="chengdu", say=told.append, now=NOW) == accounts
    assert (Event.objects.count(), told) == (before, [])


@pytest.mark.django_db
def test_an_empty_centre_gets_its_rules_and_no_example() -> None:
    assert setup.prepare(settings.CONFIG, demo=False) == []
    assert not Area.objects.exists()
    assert not User.objects.exists()
    assert not Plan.objects.exists()


@pytest.mark.django_db
def test_an_unknown_district_is_named_with_its_remedy() -> None:
    with pytest.raises(BadInput, match=r"atlantis.*stlouis, chengdu"):
        setup.prepare(settings.CONFIG, district="atlantis")
