"""Open recruitment: the notice for everybody, the result posted, objections answered, hiring after that."""
from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from shouwang.desk.brigades import actions, facts
from shouwang.desk.brigades.models import Applicant, Member, Notice, Objection, Team
from shouwang.desk.brigades.terms import Contract, Hired
from shouwang.desk.log.errors import Conflict, Denied, Missing, Refused
from shouwang.desk.log.ids import new_id
from shouwang.desk.log.models import Event
from shouwang.desk.log.retention import delete_due
from shouwang.desk.log.seal import keys
from shouwang.desk.people.models import User
from shouwang.desk.workflow.zone import day_of

pytestmark = pytest.mark.django_db
NAMES = ("王一", "李二", "张三")


@pytest.fixture
def notice(teams: dict[str, Team], cast: Any, clock: Any) -> Notice:
    """Published, with three applicants."""
    by: dict[str, Any] = {"actor": cast.hr.actor, "now": clock()}
    given = actions.Written("公开招聘", 2, "年满18周岁", "街道综治中心 000", day_of(clock()) + timedelta(days=10))
    row = actions.write_notice(**by, id=new_id(), team_id=teams["TA"].id, given=given)
    assert Client().get(f"/join/{row.id}/").status_code == 404  # a draft is nobody's business
    row = actions.publish(**by, recruit_id=row.id, version=row.version)
    for name in NAMES:
        actions.apply(**by, id=new_id(), recruit_id=row.id, name=name, phone="13800000000")
    return row


def post(notice: Notice, cast: Any, clock: Any, *numbers: int) -> Notice:
    chosen = list(notice.applicants.filter(number__in=numbers).values_list("id", flat=True))
    return actions.post_result(actor=cast.hr.actor, now=clock(), recruit_id=notice.id, chosen=chosen,
                               version=Notice.objects.get(id=notice.id).version)


def take_on(notice: Notice, cast: Any, clock: Any, number: int) -> actions.Taken:
    given = Hired("ignored", "li-er", "full_time_guard", "0200", "A200", day_of(clock()),
                  Contract("C200", day_of(clock())))
    return actions.hire(actor=cast.hr.actor, now=clock(), id=new_id(), team_id=notice.team_id, given=given, of_age=True,
                        applicant_id=notice.applicants.get(number=number).id)


def test_from_the_notice_to_the_guard(notice: Notice, cast: Any, clock: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", clock)
    with pytest.raises(Conflict):
        post(notice, cast, clock, 1, 2)  # applications are still taken
    clock.forward(days=11)
    with pytest.raises(Refused):
        post(notice, cast, clock, 1, 2, 3)  # more than there are places
    post(notice, cast, clock, 1, 2)
    page = Client().get(f"/join/{notice.id}/").content.decode()
    assert [name in page for name in NAMES] == [True, True, False]
    assert "13800000000" not in page
    with pytest.raises(Refused):
        take_on(notice, cast, clock, 2)  # while objections are taken
    clock.forward(days=8)
    assert NAMES[0] not in Client().get(f"/join/{notice.id}/").content.decode()
    with pytest.raises(Refused):
        take_on(notice, cast, clock, 3)  # was not chosen
    taken = take_on(notice, cast, clock, 2)
    assert User.objects.get(id=taken.member.user).name == "李二"
    done = actions.complete(actor=cast.hr.actor, now=clock(), recruit_id=notice.id,
                            version=Notice.objects.get(id=notice.id).version)
    assert done.state == "done"
    assert dict(notice.applicants.values_list("number", "state")) == {1: "chosen", 2: "hired", 3: "not_chosen"}


def test_an_objection_is_answered_before_anybody_is_hired(notice: Notice, cast: Any, clock: Any) -> None:
    clock.forward(days=11)
    post(notice, cast, clock, 1, 2)
    by: dict[str, Any] = {"actor": cast.hr.actor, "now": clock()}
    first = notice.applicants.get(number=1)
    row = actions.object_to(**by, id=new_id(), recruit_id=notice.id, said="no resident here", applicant_id=first.id)
    with pytest.raises(Refused):
        actions.object_to(**by, id=new_id(), recruit_id=notice.id, said="x",
                          applicant_id=notice.applicants.get(number=3).id)
    clock.forward(days=8)
    with pytest.raises(Refused):
        take_on(notice, cast, clock, 2)
    with pytest.raises(Conflict):
        actions.complete(actor=cast.hr.actor, now=clock(), recruit_id=notice.id,
                         version=Notice.objects.get(id=notice.id).version)
    actions.answer_objection(actor=cast.hr.actor, now=clock(), objection_id=row.id, upheld=True, answer="so it is")
    assert [a.number for a in facts.hireable(("t/",), clock())] == [2]
    with pytest.raises(Conflict):  # too late for another
        actions.object_to(actor=cast.hr.actor, now=clock(), id=new_id(), recruit_id=notice.id, said="x")


def test_names_lie_sealed_and_are_opened_for_a_reason(notice: Notice, cast: Any, clock: Any) -> None:
    page = cast.hr.client.get(f"/recruitment/{notice.id}/").content.decode()
    assert not [n for n in NAMES if n in page or n.encode() in bytes(Applicant.objects.all()[0].name)]
    with pytest.raises(Refused):
        actions.read_notice(actor=cast.hr.actor, now=clock(), recruit_id=notice.id, because="")
    opened = actions.read_notice(actor=cast.hr.actor, now=clock(), recruit_id=notice.id, because="the choice")
    assert sorted(opened.names.values()) == sorted((n, "13800000000") for n in NAMES)
    assert Event.objects.filter(kind="recruitment.words_shown").count() == 1
    with pytest.raises(Missing):
        actions.read_notice(actor=cast.stranger.actor, now=clock(), recruit_id=notice.id, because="x")


def test_applicants_go_half_a_year_after_the_decision(notice: Notice, cast: Any, clock: Any) -> None:
    ids = [str(i) for i in notice.applicants.values_list("id", flat=True)]
    clock.forward(days=11)
    post(notice, cast, clock, 1)
    actions.object_to(actor=cast.hr.actor, now=clock(), id=new_id(), recruit_id=notice.id, said="x")
    delete_due(clock.forward(days=182))
    assert Applicant.objects.count() == 3
    delete_due(clock.forward(days=2))
    assert (Applicant.objects.count(), Objection.objects.count(), Member.objects.count()) == (0, 0, 0)
    assert [keys().get(i) for i in ids] == [None] * 3


def test_a_notice_is_cancelled_or_written_anew_while_it_may_be(notice: Notice, teams: dict[str, Team], cast: Any,
                                                              clock: Any) -> None:
    given = actions.Written("招聘", 1, "x", "x", day_of(clock()) + timedelta(days=1))
    by: dict[str, Any] = {"actor": cast.hr.actor, "now": clock()}
    with pytest.raises(Conflict):  # it is out
        actions.write_notice(**by, id=notice.id, team_id=teams["TA"].id, given=given, version=notice.version)
    with pytest.raises(Denied):
        actions.write_notice(**by | {"actor": cast.squad.actor}, id=new_id(), team_id=teams["TA"].id, given=given)
    past = actions.Written("招聘", 1, "x", "x", date(2026, 11, 1))
    with pytest.raises(Refused) as error:
        actions.write_notice(**by, id=new_id(), team_id=teams["TA"].id, given=past)
    assert error.value.field == "closes_on"
    actions.cancel(**by, recruit_id=notice.id, because="no money", version=notice.version)
    assert set(notice.applicants.values_list("state", flat=True)) == {"not_chosen"}
    assert not notice.applicants.filter(decided_at=None).exists()
