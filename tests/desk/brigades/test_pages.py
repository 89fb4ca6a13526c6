"""The pages of a leader with a squadron alone: what lies above stays, what is refused is said, what is sent is done."""
from __future__ import annotations

from typing import Any

import pytest

from shouwang.desk.brigades.models import Team
from shouwang.desk.people.models import Grant

pytestmark = pytest.mark.django_db


def test_a_squadron_leader_changes_the_own_squadron_below_a_brigade_out_of_reach(teams: dict[str, Team],
                                                                                cast: Any) -> None:
    Grant.objects.filter(user=cast.squad.user).update(area="t/1/")
    client, path = cast.squad.client, f"/teams/{teams['S1'].id}/"
    listed = client.get("/teams/").content.decode()
    assert [f">{t.en}<" in listed or f">{t.zh}<" in listed for t in teams.values()] == [False, True, False, True, False]
    assert client.get(f"/teams/{teams['S2'].id}/").status_code == 404
    sent = {"do": "team", "version": 1, "zh": "新名", "en": "New name", "code": "S1", "rank": "squadron",
            "area": "t/1/", "parent": "B"}
    assert client.post(path, {**sent, "code": ""}).status_code == 422
    assert client.post(path, sent).status_code == 302
    assert Team.objects.get(code="S1").en == "New name"
    assert client.post(path, sent).status_code == 422  # the version has moved on
    # Figures of full width, as they are typed.
    counted = {"do": "help", "help-kind": "banner", "help-day": "2026-01-05", "help-count": "２"}
    assert client.post(path, counted).status_code == 302
    assert "2" in client.get("/teams/help/export.csv?month=2026-01").content.decode().splitlines()[1]
