"""Bulletins with a sign-off by somebody else, and surveys of which nothing but sums is kept."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from shouwang.desk.bulletins import actions, advice, facts
from shouwang.desk.bulletins.models import Bulletin, Survey, Taken, Tally
from shouwang.desk.bulletins.terms import STANDARD, NewBulletin, NewSurvey
from shouwang.desk.log.errors import Conflict, Denied, Missing, Refused
from shouwang.desk.log.ids import new_id
from shouwang.desk.log.models import Event
from shouwang.desk.workflow.models import Setting
from shouwang.desk.workflow.zone import day_of
from tests.residents import BITS, post, solved

GIVEN = NewBulletin("t/2/b/", "十一月公报", "请把电动车停进棚里。", "November", "Charge e-bikes in the shed.")
PUBLIC = "/r/bulletins/"


@pytest.fixture
def written(cast: Any, town: Any) -> Callable[..., Bulletin]:
    def written(**changes: Any) -> Bulletin:
        given = NewBulletin(**{**GIVEN.__dict__, **changes})
        return actions.draft(actor=cast.editor.actor, now=timezone.now(), id=new_id(), given=given)

    return written


@pytest.fixture
def step(cast: Any) -> Callable[..., Any]:
    """`step(row, "publish", "centre")` by one of the cast, at the row's present version."""
    def step(row: Any, what: str, by: str, **given: Any) -> Any:
        row.refresh_from_db()
        moves, name = (actions.MOVES, "bulletin_id") if isinstance(row, Bulletin) else (actions.SURVEY_MOVES,
                                                                                         "survey_id")
        asked = {"actor": cast.people[by].actor, "now": timezone.now(), name: row.id, "version": row.version}
        return moves[what](**(asked | given))

    return step


# ---- bulletins


def test_a_bulletin_is_signed_off_by_somebody_else_and_read_by_anybody(written: Any, step: Any, cast: Any,
                                                                      client: Any) -> None:  # fmt: skip
    row = written()
    page = f"{PUBLIC}{row.id}/"
    assert client.get(page).status_code == 404
    with pytest.raises(Conflict):  # nobody has handed it in
        step(row, "publish", "centre")
    with pytest.raises(Denied):
        step(row, "publish", "editor")
    step(row, "submit", "editor")
    with pytest.raises(Refused):  # a reason is missing
        step(row, "return", "centre")
    step(row, "return", "centre", reason="Say where the shed is")
    key = new_id()
    step(row, "submit", "editor")
    for _ in range(2):  # a retry changes nothing
        step(row, "publish", "centre", key=key)
    assert Event.objects.filter(kind="bulletin.published").count() == 1
    assert "请把电动车停进棚里。" in client.get(page).content.decode()
    assert "十一月公报" in client.get("/r/").content.decode()
    assert "十一月公报" in client.get(PUBLIC).content.decode()
    client.post("/me/language/", {"language": "en", "next": "/r/"})
    assert "Charge e-bikes in the shed." in client.get(page).content.decode()
    with pytest.raises(Conflict):  # what is published is not written anew
        actions.amend(actor=cast.editor.actor, now=timezone.now(), bulletin_id=row.id, given=GIVEN, version=5)
    step(row, "withdraw", "centre", reason="A wrong figure")
    assert client.get(page).status_code == 404
    assert "November" not in client.get(PUBLIC).content.decode()


def test_nobody_signs_off_what_they_handed_in(written: Any, step: Any, cast: Any) -> None:
    from shouwang.desk.people.access import actor_of
    from shouwang.desk.people.models import Grant

    Grant.objects.create(user=cast.editor.user, role_id="centre_head_district", area="t/")
    row = written()
    step(row, "submit", "editor")
    with pytest.raises(Refused) as refused:
        step(row, "publish", "editor", actor=actor_of(cast.editor.user))
    assert refused.value.code == "two_people"
    with pytest.raises(IntegrityError), transaction.atomic():  # nor does the database let it be
        Bulletin.objects.filter(id=row.id).update(published_by=str(cast.editor.user.id))


def test_a_bulletin_without_english_is_read_in_chinese(written: Any, step: Any, client: Any) -> None:
    row = written(en="", text_en="")
    step(row, "submit", "editor")
    step(row, "publish", "centre")
    client.post("/me/language/", {"language": "en", "next": "/r/"})
    page = client.get(f"{PUBLIC}{row.id}/").content.decode()
    assert 'lang="zh-CN"><h2 class="big">十一月公报' in page


@pytest.mark.parametrize(("changes", "field"), [({"zh": " "}, "zh"), ({"text_zh": ""}, "text_zh"), ({"en": ""}, "en"),
                                                ({"area": "t/9/"}, "area"), ({"zh": "x" * 81}, "zh")])
def test_bad_words_are_named_at_their_field(written: Any, changes: Any, field: str) -> None:
    with pytest.raises(Refused) as refused:
        written(**changes)
    assert refused.value.field == field
    assert not Bulletin.objects.exists()


def test_on_the_pages_and_over_http(cast: Any, town: Any, client: Any) -> None:
    editor, centre = cast.editor.client, cast.centre.client
    form = {"area": "t/2/b/", "zh": "公报", "text_zh": "正文", "en": "", "text_en": "", "key": str(new_id())}
    assert editor.post("/bulletins/new/", form | {"zh": ""}).status_code == 422
    address = editor.post("/bulletins/new/", form)["Location"]
    row = Bulletin.objects.get()
    assert editor.post(address, form | {"do": "save", "version": 1, "zh": "新公报"}).status_code == 302
    late = form | {"do": "save", "version": 1, "key": str(new_id())}  # by an old version
    assert editor.post(address, late).status_code == 422
    assert editor.post(address, {"do": "submit", "version": 2}).status_code == 302
    assert 'value="publish"' in centre.get(address).content.decode()
    assert 'value="publish"' not in editor.get(address).content.decode()
    url = f"/api/bulletins/{row.id}"
    assert editor.get(url).json()["state"] == "submitted"
    assert editor.post(f"{url}/publish", {"version": 3}, content_type="application/json").status_code == 403
    told = centre.post(f"{url}/publish", {"version": 3}, content_type="application/json").json()
    assert (told["state"], told["zh"]) == ("published", "新公报")
    assert cast.stranger.client.get(url).status_code == 404
    assert cast.office.client.get("/bulletins/").status_code == 200


# ---- surveys


@pytest.fixture
def survey(cast: Any, town: Any, step: Any) -> Survey:
    """Open since today, for a week."""
    Setting.objects.update_or_create(key="puzzle_bits", defaults={"value": BITS})
    day = day_of(timezone.now())
    row = actions.draft_survey(actor=cast.surveyor.actor, now=timezone.now(), id=new_id(), given=NewSurvey(
        "t/2/", "安全感问卷", day, day + timedelta(days=6), STANDARD, "Do you feel safe?"))
    return step(row, "open", "surveyor")


def counted(survey: Survey, n: int, area: str = "t/2/b/", **answers: int) -> None:
    for _ in range(n):
        actions.answer(now=timezone.now(), id=new_id(), survey_id=survey.id, area=area, answers=answers)


def ended(survey: Survey) -> None:
    day = day_of(timezone.now())
    Survey.objects.filter(id=survey.id).update(opens_on=day - timedelta(days=9), closes_on=day - timedelta(days=1))
    survey.refresh_from_db()


def test_anybody_answers_without_a_name_and_a_retry_counts_nothing(survey: Survey, client: Any) -> None:
    page = client.get(f"/r/surveys/{survey.id}/").content.decode()
    assert page.count("<fieldset") == len(STANDARD)
    assert "安全感问卷" in client.get("/r/").content.decode()
    path, body = f"/r/surveys/{survey.id}/send/", {"answers": {"safe": 1, "seen": 3}, "area": "t/2/b/", **solved()}
    assert [post(path, body).status_code for _n in range(2)] == [201, 201]
    assert facts.sums(survey) == {("", 0): 1, ("safe", 1): 1, ("seen", 3): 1}
    assert facts.by_area(survey) == {"t/2/b/": 1}
    for bad, field in (({"answers": {"safe": 9}}, "safe"), ({"answers": {"other": 0}}, "other"),
                       ({"answers": {"safe": True}}, "safe"), ({"answers": {}}, "safe"), ({"area": "t/1/a/"}, "area")):
        answer = post(path, {**body, **solved(), **bad})
        assert (answer.status_code, answer.json()["field"]) == (422, field)
    assert post(path, {**body, "counter": 0, "token": "x"}).status_code == 422  # without the work
    assert facts.sums(survey)["", 0] == 1
    columns = {f.name for model in (Tally, Taken) for f in model._meta.get_fields()}
    assert columns == {"id", "survey", "area", "question", "option", "n"}  # no time, no address, nobody
    event = Event.objects.get(kind="survey.answered")
    assert (event.actor, event.payload) == ("public:survey", {})


def test_it_takes_answers_in_its_days_alone(survey: Survey, step: Any, client: Any) -> None:
    with pytest.raises(Conflict):  # still open
        step(survey, "publish", "surveyor")
    step(survey, "close", "surveyor", reason="Enough")
    with pytest.raises(Missing):
        counted(survey, 1, safe=0)
    assert "问卷" not in client.get("/r/").content.decode().split("<nav")[0]
    step(survey, "cancel", "surveyor", reason="Asked wrongly")
    assert client.get(f"/r/surveys/{survey.id}/").status_code == 404


def test_the_result_has_its_uncertainty_and_hides_small_counts(survey: Survey, step: Any, client: Any) -> None:
    counted(survey, 20, safe=1)
    counted(survey, 15, area="", safe=0, night=2)
    counted(survey, 3, area="t/2/", safe=4)
    ended(survey)
    survey = step(survey, "publish", "surveyor")
    told = survey.result["questions"]["safe"]
    assert survey.result["answers"] == 38
    assert told[4] is None  # 3 people: hidden, and another with them
    shown = [one["n"] for one in told if one]
    assert sorted(shown) == [0, 0, 0, 20]
    assert [one and one["n"] for one in survey.result["questions"]["night"]] == [0, 0, 15, 0, 0, 23]
    (safe,) = (one for one in told if one and one["n"])
    assert safe["share"] == pytest.approx(100 * 20 / 38)
    assert 10 < safe["margin"] < 20  # Wilson: 95 %
    page = client.get(f"/r/surveys/{survey.id}/").content.decode()
    assert "不公布" in page and "38 人不记名作答" in page and "± 15" in page
    assert "安全感问卷" in client.get(PUBLIC).content.decode()
    assert actions.delete_due(timezone.now() + timedelta(days=2)) == 38
    assert advice.result(survey) == survey.result  # recomputed from the sums


def test_too_few_answers_are_not_published(survey: Survey, step: Any) -> None:
    counted(survey, 29, safe=1)
    ended(survey)
    with pytest.raises(Refused) as refused:
        step(survey, "publish", "surveyor")
    assert refused.value.code == "few"


def test_a_survey_on_the_pages_with_questions_of_ones_own(cast: Any, town: Any) -> None:
    manager, day = cast.surveyor.client, day_of(timezone.now())
    own = "车棚够用吗？| Are the sheds enough?\n够 | Yes\n不够\n\n还缺什么？\n灯\n锁"
    form = {"area": "t/2/", "zh": "问卷", "en": "", "opens_on": str(day), "closes_on": str(day), "standard": ["safe"],
            "own": own, "key": str(new_id())}
    bad = manager.post("/surveys/new/", form | {"own": "只有问题"})
    assert bad.status_code == 422 and "第 1 个问题" in bad.content.decode()
    assert manager.post("/surveys/new/", form | {"closes_on": str(day - timedelta(days=1))}).status_code == 422
    address = manager.post("/surveys/new/", form)["Location"]
    row = Survey.objects.get()
    asked = facts.questions(row)
    assert [(q.id, q.en, [o.en for o in q.options][:2]) for q in asked[1:]] == [
        ("own1", "Are the sheds enough?", ["Yes", ""]), ("own2", "", ["", ""])]
    assert "不够" in manager.get(address).content.decode()
    assert manager.post(address, {"do": "open", "version": 1}).status_code == 302
    url = f"/api/surveys/{row.id}"
    assert (manager.get(url).json()["state"], manager.get(url).json()["answers"]) == ("open", 0)
    given = json.loads(json.dumps({**{k: form[k] for k in ("area", "zh", "opens_on", "closes_on")}, "id": str(new_id()),
                                   "questions": row.questions}))
    assert manager.post("/api/surveys", given, content_type="application/json").json()["state"] == "draft"
    assert cast.centre.client.get("/surveys/").status_code == 403
