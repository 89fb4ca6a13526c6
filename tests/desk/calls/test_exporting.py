"""One call taken out: for a purpose, for one person, with callers only for who may see them; its sheet and its EIDO."""
from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from datetime import timedelta
from io import BytesIO
from typing import Any

import jsonschema_rs
import pytest
from django.utils import timezone
from eido_schema import SCHEMA
from joserfc.jwk import OKPKey
from pypdf import PdfReader

from shouwang.desk.calls import actions
from shouwang.desk.calls.models import Call
from shouwang.desk.calls.plot import Seen, plot
from shouwang.desk.log import signing
from shouwang.desk.log.errors import Denied, Missing, Refused
from shouwang.desk.log.ids import new_id
from shouwang.desk.log.models import Event
from shouwang.desk.log.reasons import read_reasons
from shouwang.tables.drawing import svg

pytestmark = pytest.mark.django_db
PERSONAL = ("王小明", "13800002046", "两个人在门口打起来了", "三单元 502", "小心狗")


@pytest.fixture
def call(take: Any, send: Any, cast: Any, clock: Any) -> Call:
    """A fight that two units went to; one is there."""
    clock.now = timezone.now() - timedelta(minutes=20)
    call = take(detail="三单元 502")
    clock.forward(minutes=1)
    first, _second = send(call, "P02", "P03")
    for step in ("a_go", "a_scene"):
        actions.move_assignment(actor=cast.dispatcher.actor, now=clock.forward(minutes=2), assignment_id=first.id,
                                transition=step)
    actions.add_note(actor=cast.dispatcher.actor, now=clock(), call_id=call.id, text="小心狗")
    return Call.objects.select_related("type").get(id=call.id)


@pytest.fixture
def out(cast: Any, clock: Any, call: Call) -> Callable[..., Any]:
    def out(by: str = "dispatcher", **given: Any) -> Any:
        return actions.export_call(actor=getattr(cast, by).actor, now=clock(), call_id=call.id,
                                   **{"reason": "court 4/26"} | given)
    return out


def document(export: Any, cast: Any, clock: Any, by: str = "dispatcher") -> dict[str, Any]:
    actor = getattr(cast, by).actor
    return actions.as_eido(*actions.exported(actor=actor, now=clock(), export_id=export.id))


def test_the_same_signed_by_the_centre(out: Any, cast: Any, clock: Any) -> None:
    clock.now = timezone.now()
    export = out()
    answer = cast.dispatcher.client.get(f"/api/exports/{export.id}/eido.jws")
    assert answer.status_code == 200 and answer["Content-Type"] == "application/jose"
    own = signing.own_key()
    assert json.loads(signing.opened(answer.content, own)) == document(export, cast, clock)
    assert signing.header_of(answer.content)["kid"] == signing.thumbprint(own)
    with pytest.raises(signing.BadSignature):
        signing.opened(answer.content, OKPKey.generate_key("Ed25519"))
    assert cast.supervisor.client.get(f"/api/exports/{export.id}/eido.jws").status_code == 404


def refs(node: Any) -> Iterator[str]:
    """What references inside a document point to."""
    if isinstance(node, dict):
        if set(node) == {"$ref"}:
            yield node["$ref"]
        for value in node.values():
            yield from refs(value)
    elif isinstance(node, list):
        for value in node:
            yield from refs(value)


def ids(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if "$id" in node:
            yield node["$id"]
        for value in node.values():
            yield from ids(value)
    elif isinstance(node, list):
        for value in node:
            yield from ids(value)


@pytest.mark.parametrize("personal", [False, True])
@pytest.mark.parametrize("state", ["responding", "closed", "merged"])
def test_the_document_is_as_the_standard_says(personal: bool, state: str, out: Any, call: Call, take: Any, cast: Any,
                                              clock: Any) -> None:
    if state == "closed":
        actions.close_call(actor=cast.dispatcher.actor, now=clock(), call_id=call.id, disposition="settled")
    if state == "merged":
        actions.merge_call(actor=cast.dispatcher.actor, now=clock(), call_id=call.id, main_id=take().id)
    doc = json.loads(json.dumps(document(out(personal=personal), cast, clock)))
    validator = jsonschema_rs.Draft202012Validator(SCHEMA, validate_formats=True)
    assert [f"{list(e.instance_path)}: {e.message}" for e in validator.iter_errors(doc)] == []
    found = list(ids(doc))
    assert len(found) == len(set(found))
    assert set(refs(doc)) <= set(found), "a reference leads nowhere"


def test_the_schema_finds_faults(out: Any, cast: Any, clock: Any) -> None:
    doc = json.loads(json.dumps(document(out(), cast, clock)))
    validator = jsonschema_rs.Draft202012Validator(SCHEMA, validate_formats=True)
    for broken in (doc | {"eidoVersion": "2"}, {k: v for k, v in doc.items() if k != "agencyComponent"},
                   doc | {"incidentComponent": doc["incidentComponent"] | {"incidentStatusCommonRegistryText": ["Ok"]}},
                   doc | {"mood": "bad"}, doc | {"lastUpdateTimeStamp": "yesterday"}):
        assert not validator.is_valid(broken)


def test_what_stands_in_it(out: Any, call: Call, cast: Any, clock: Any) -> None:
    doc = document(out(), cast, clock)
    incident = doc["incidentComponent"]
    assert incident["incidentStatusCommonRegistryText"] == ["ResourcesOnscene"]
    assert (incident["internalIncidentId"], incident["incidentTypeInternalCode"]) == (call.number, "200100")
    assert [r["secondaryUnitStatusRegistryText"] for r in doc["emergencyResourceComponent"]] == [
        ["Arrived"], ["Assigned"]]
    point = ET.fromstring(doc["locationComponent"][0]["locationByValue"]).find(".//{http://www.opengis.net/gml}pos")
    assert point is not None and point.text == f"{call.lat:.6f} {call.lon:.6f}"


def test_nothing_personal_unless_it_was_asked_for(out: Any, cast: Any, clock: Any) -> None:
    for personal in (False, True):
        export = out(personal=personal)
        page = cast.dispatcher.client.get(f"/calls/paper/{export.id}/").content.decode()
        text = json.dumps(document(export, cast, clock), ensure_ascii=False)
        for word in PERSONAL:
            assert (word in page) == personal, word
            assert (word in text) == personal, word
        assert cast.dispatcher.user.name not in text
        assert '<svg xmlns="http://www.w3.org/2000/svg"' in page


def read(content: bytes) -> tuple[str, int]:
    """The words of a PDF, and how many pages it has."""
    pages = PdfReader(BytesIO(content)).pages
    return "\n".join(p.extract_text() for p in pages), len(pages)


def test_the_pdf_says_what_the_sheet_says_and_no_more(out: Any, call: Call, cast: Any, clock: Any) -> None:
    clock.now = timezone.now()
    for personal in (False, True):
        export = out(personal=personal)
        answer = cast.dispatcher.client.get(f"/calls/paper/{export.id}.pdf")
        text, pages = read(answer.content)
        assert answer["Content-Disposition"] == f'attachment; filename="{call.number}.pdf"'
        for word in PERSONAL:
            assert (word in text) == personal, word
        for word in (call.number, call.type.zh, "court 4/26", str(export.id), cast.dispatcher.user.name, "200 m",
                     f"第 1 页，共 {pages} 页", "到场", "经过"):
            assert word in text, word
        client = cast.dispatcher.client
        client.cookies["django_language"] = "en"
        english = client.get(f"/api/exports/{export.id}/pdf")
        assert english["Content-Type"] == "application/pdf" and f"Call {call.number}" in read(english.content)[0]
    assert cast.supervisor.client.get(f"/calls/paper/{export.id}.pdf").status_code == 404
    assert cast.supervisor.client.get(f"/api/exports/{export.id}/pdf").status_code == 404


def test_it_is_logged_and_opens_to_one_person_for_an_hour(out: Any, call: Call, cast: Any, clock: Any) -> None:
    key = new_id()
    assert out(key=key, personal=True).id == out(key=key, personal=True).id == key
    (event,) = Event.objects.filter(kind="call.exported")
    assert (event.id, event.actor, event.payload["personal"]) == (key, str(cast.dispatcher.user.id), True)
    assert read_reasons([key]) == {str(key): "court 4/26"}
    for who, now in ((cast.supervisor, clock()), (cast.dispatcher, clock() + timedelta(minutes=61))):
        with pytest.raises(Missing):
            actions.exported(actor=who.actor, now=now, export_id=key)
    assert cast.supervisor.client.get(f"/calls/paper/{key}/").status_code == 404
    assert cast.supervisor.client.get(f"/api/exports/{key}/eido").status_code == 404


def test_who_may_not(out: Any, call: Call, cast: Any, clock: Any) -> None:
    with pytest.raises(Refused) as refused:
        out(reason=" ")
    assert refused.value.field == "reason"
    with pytest.raises(Denied):
        out("leader")
    with pytest.raises(Missing):
        out("stranger")
    from shouwang.desk.people.models import Role
    role = Role.objects.get(code="dispatcher")
    role.permissions = [p for p in role.permissions if p != "call.reveal"]
    role.save()
    assert out().personal is False
    with pytest.raises(Denied):
        out(personal=True)
    assert Event.objects.filter(kind="call.exported").count() == 1


def test_by_page_and_by_api(call: Call, cast: Any) -> None:
    client, path = cast.dispatcher.client, f"/calls/{call.id}/export/"
    assert client.get(path).status_code == 200
    assert client.post(path, {"reason": ""}).status_code == 422
    answer = client.post(path, {"reason": "court 4/26", "personal": "on"})
    assert client.get(answer["Location"]).status_code == 200
    made = client.post(f"/api/calls/{call.id}/export", json.dumps({"reason": "court 4/26"}),
                       content_type="application/json").json()
    told = client.get(f"/api/exports/{made['id']}/eido").json()
    assert told["incidentComponent"]["internalIncidentId"] == call.number


def test_deleted_words_stay_deleted(out: Any, call: Call, cast: Any, clock: Any) -> None:
    from shouwang.desk.log.seal import keys
    keys().destroy([str(call.id)])
    text = json.dumps(document(out(personal=True), cast, clock), ensure_ascii=False)
    assert "王小明" not in text and "13800002046" not in text


def test_the_drawing_names_streets_and_stays_in_its_frame(town: Any) -> None:
    near, far = Seen("P02", -90.2225, 38.6302), Seen("P03", -90.3, 38.7)
    root = ET.fromstring(svg(plot(-90.222, 38.63, 2, (near, far))))
    texts = [t.text for t in root.iter("{http://www.w3.org/2000/svg}text")]
    assert len(texts) > 5 and "200 m" in texts and "2" in texts
    assert "P02" in texts and "P03" not in texts
    assert len(list(root.iter("{http://www.w3.org/2000/svg}path"))) > 30
    assert all(p.get("d", "").count("L") or "h" in p.get("d", "") or "l" in p.get("d", "")
               for p in root.iter("{http://www.w3.org/2000/svg}path")), "a course without points"
    assert len(list(ET.fromstring(svg(plot(0.0, 0.0, 4))))) > 3  # far from any street: the frame with the call
