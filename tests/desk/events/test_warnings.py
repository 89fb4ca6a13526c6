"""Warnings: held to the standard, signed, read by residents, updated, cancelled, and never lost by a crash."""
from __future__ import annotations

import json
from dataclasses import asdict
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from shouwang.desk.events import actions, facts
from shouwang.desk.events.actions.warning import outbox
from shouwang.desk.events.models import Warning
from shouwang.desk.events.signing import key_and_certificate
from shouwang.desk.log.errors import Conflict, Denied, Missing, Refused
from shouwang.desk.log.ids import new_id
from shouwang.desk.log.models import Event
from shouwang.desk.workflow.models import Setting
from shouwang.tables import cap

pytestmark = pytest.mark.django_db
RING = ((-90.23, 38.62), (-90.21, 38.62), (-90.21, 38.64))


@pytest.fixture
def today(clock: Any) -> None:
    clock.now = timezone.now().replace(microsecond=0)  # pages read the clock of today


def read(row: Warning) -> cap.Alert:
    return cap.verify(bytes(row.xml), key_and_certificate()[1])


def test_what_is_issued_is_signed_cap(event: Any, do: Any, new: Any, clock: Any) -> None:
    Setting.objects.create(key="cap_unit", value="51010500100200")
    Setting.objects.create(key="cap_sender", value="centre@example.org")
    row = do("leader", "issue", new=new(ring=RING), event_id=event.id)
    alert = read(row)
    unit, at, serial = row.identifier.split("_")
    assert cap.GB_IDENTIFIER.fullmatch(row.identifier) and (unit, serial) == ("51010500100200", "1")
    assert at == f"{alert.sent:%Y%m%d%H%M%S}" and alert.sent.utcoffset() == timedelta(hours=8) and alert.sent == clock()
    assert (alert.sender, alert.status, alert.msg_type) == ("centre@example.org", "Actual", "Alert")
    zh, en = alert.infos
    assert (zh.language, en.language) == ("zh-CN", "en-US")
    assert (zh.headline, en.headline) == ("榆树街大火，请撤离", "Fire in Elm Street: leave")
    assert (zh.urgency, zh.severity, zh.certainty, zh.categories) == ("Immediate", "Severe", "Observed", ("Fire",))
    assert [a.desc for a in zh.areas] == ["乙社区", "图上所画范围"]
    assert zh.areas[1].polygons == (((38.62, -90.23), (38.62, -90.21), (38.64, -90.21), (38.62, -90.23)),)
    assert zh.parameters == (("class", "事故灾难"),)
    second = do("leader", "issue", new=new())
    assert second.identifier.endswith("_2") and second.area == "t/2/b/", "two within one second"
    told = [e.kind for e in Event.objects.filter(kind__contains="warning").order_by("seq")]
    assert told == ["warning.issued", "event.warning_issued", "warning.issued"]


def test_an_area_that_comes_closed_is_closed_once(do: Any, new: Any, event: Any) -> None:
    """As GeoJSON and CAP write it, with the first corner again at the end."""
    row = do("leader", "issue", new=new(ring=(*RING, RING[0])), event_id=event.id)
    assert [len(i.areas[-1].polygons[0]) for i in read(row).infos] == [4, 4]


def test_a_retry_issues_once(do: Any, new: Any, town: Any) -> None:
    given = new()
    assert do("leader", "issue", new=given).id == do("leader", "issue", new=given).id and Warning.objects.count() == 1


def test_what_is_wrong_is_named_and_nothing_goes_out(do: Any, new: Any, town: Any, clock: Any) -> None:
    for given, field in (
        ({"severity": "Red"}, "severity"), ({"urgency": ""}, "urgency"), ({"certainty": "Sure"}, "certainty"),
        ({"category": "Flood"}, "category"), ({"response": "Run"}, "response"), ({"status": "Draft"}, "status"),
        ({"expires_at": clock()}, "expires_at"), ({"expires_at": clock() + timedelta(days=8)}, "expires_at"),
        ({"areas": ()}, "areas"), ({"areas": ("t/9/",)}, "areas"), ({"areas": ("t/2/b/", "x/")}, "areas"),
        ({"areas": (), "ring": RING[:2]}, "ring"),
        ({"areas": (), "ring": ((1.0, 1.0), (2.0, 1.0), (2.0, 2.0))}, "ring"),
        ({"headline_en": " "}, "headline_en"), ({"event_zh": ""}, "event_zh"), ({"text_zh": "x" * 2001}, "text_zh"),
    ):
        with pytest.raises(Refused) as refused:
            do("supervisor", "issue", new=new(**given))
        assert refused.value.field == field, given
    assert not Warning.objects.exists()


def test_only_who_commands_in_the_area(do: Any, new: Any, event: Any) -> None:
    for by in ("dispatcher", "stranger"):
        with pytest.raises(Denied):
            do(by, "issue", new=new())
    with pytest.raises(Missing):
        do("stranger", "issue", new=new(areas=("x/",)), event_id=event.id)
    with pytest.raises(Denied):
        do("stranger", "issue", new=new(areas=("t/1/", "t/2/")))
    with pytest.raises(Refused) as drawn:  # a slip on the map loses nothing of what was typed
        do("stranger", "issue", new=new(areas=(), ring=RING))
    assert drawn.value.field == "ring"


def test_update_and_cancel_name_what_they_follow(do: Any, new: Any, town: Any, clock: Any, cast: Any) -> None:
    first = do("supervisor", "issue", new=new())
    clock.forward(minutes=5)
    second = do("supervisor", "update", warning_id=first.id, new=new(severity="Extreme"))
    before, after = read(first), read(second)
    assert after.msg_type == "Update" and after.references == ((before.sender, before.identifier, before.sent),)
    assert [facts.state_of(w, clock()) for w in facts.warnings(("t/",))] == ["in_force", "replaced"]
    with pytest.raises(Conflict):
        do("supervisor", "update", warning_id=first.id, new=new())
    with pytest.raises(Refused):
        do("supervisor", "cancel", warning_id=second.id, id=new_id(), why_zh="火灭", why_en="")
    with pytest.raises(Denied):
        do("dispatcher", "cancel", warning_id=second.id, id=new_id(), why_zh="火灭", why_en="Out")
    done = do("supervisor", "cancel", warning_id=second.id, id=new_id(), why_zh="火灭", why_en="Out")
    alert = read(done)
    assert (alert.msg_type, alert.references[0][1]) == ("Cancel", second.identifier)
    assert [(i.description, i.responses) for i in alert.infos] == [("火灭", ("AllClear",)), ("Out", ("AllClear",))]
    assert facts.in_force(clock()) == [] and facts.lately_cancelled(clock()) == [done]
    assert len(set(Warning.objects.values_list("identifier", flat=True))) == 3


def test_residents_read_it_and_programs_verify_it(do: Any, new: Any, town: Any, today: None) -> None:
    row = do("supervisor", "issue", new=new())
    hidden = do("supervisor", "issue", new=new(status="Test", headline_zh="只是试验"))
    resident = Client()
    home, one = resident.get("/r/").content.decode(), resident.get(f"/r/warnings/{row.identifier}/").content.decode()
    assert "榆树街大火" in home and "榆树街大火" in one and "浓烟" in one and "试验" not in home
    assert resident.get(f"/r/warnings/{hidden.identifier}/").status_code == 404
    data = resident.get(f"/r/warnings/{row.identifier}.xml").content
    assert cap.verify(data, resident.get("/r/warnings/certificate.pem").content).identifier == row.identifier
    for text in (home, one, data.decode()):
        assert "Supervisor" not in text and str(row.issued_by) not in text
    do("supervisor", "cancel", warning_id=row.id, id=new_id(), why_zh="火灭", why_en="Out")
    assert "榆树街大火" not in resident.get("/r/").content.decode()
    assert "解除" in resident.get("/r/warnings/").content.decode()


def test_its_file_lies_in_the_outbox_also_after_a_crash(do: Any, new: Any, town: Any, clock: Any,
                                                        django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        row = do("supervisor", "issue", new=new())
    file = outbox() / f"{row.identifier}.xml"
    assert file.read_bytes() == bytes(row.xml) and Warning.objects.get().written_at
    with django_capture_on_commit_callbacks():  # the process ends between the commit and the file
        lost = do("supervisor", "issue", new=new())
    assert not (outbox() / f"{lost.identifier}.xml").exists()
    assert actions.write_outbox(clock()) == 1 and actions.write_outbox(clock()) == 0
    assert cap.read((outbox() / f"{lost.identifier}.xml").read_bytes()).identifier == lost.identifier


def test_the_key_is_made_once_and_kept_closed(data_folder: Any) -> None:
    key, certificate = key_and_certificate()
    assert (key, certificate) == key_and_certificate() and b"PRIVATE" in key and b"PRIVATE" not in certificate
    path = data_folder / "secret" / "warnings.pem"
    assert path.stat().st_mode & 0o777 == 0o600 and not list(path.parent.glob("warnings.pem.*"))


def test_composed_on_the_page(event: Any, cast: Any, new: Any, today: None, do: Any) -> None:
    client = cast.supervisor.client
    page = client.get(f"/warnings/new/?event={event.id}")
    given = {k: v for k, v in asdict(new()).items() if k not in ("areas", "ring")} | {
        "expires_at": "2000-01-01T00:00", "areas": ["t/2/b/"], "ring": json.dumps(RING)}
    assert page.context["form"]["event_zh"].value() == "重大火灾"
    bad = client.post(f"/warnings/new/?event={event.id}", given | {"headline_en": ""})
    assert bad.status_code == 422 and set(bad.context["form"].errors) == {"headline_en"}
    bad = client.post(f"/warnings/new/?event={event.id}", given)
    assert bad.status_code == 422 and set(bad.context["form"].errors) == {"expires_at"}
    local = timezone.localtime(timezone.now(), page.context["form"].zone) + timedelta(hours=2)
    made = client.post(f"/warnings/new/?event={event.id}", given | {"expires_at": f"{local:%Y-%m-%dT%H:%M}"})
    row = Warning.objects.get()
    assert made.status_code == 302 and made.headers["Location"] == f"/warnings/{row.id}/" and row.event == event
    for path in ("/warnings/", f"/warnings/{row.id}/", f"/warnings/{row.id}/update/", f"/warnings/{row.id}/cap.xml"):
        assert client.get(path).status_code == 200, path
    assert cast.stranger.client.get(f"/warnings/{row.id}/").status_code == 404
    why = {"id": str(new_id()), "why_zh": "火灭", "why_en": ""}
    assert client.post(f"/warnings/{row.id}/", why).status_code == 422
    assert client.post(f"/warnings/{row.id}/", why | {"why_en": "Out"}).status_code == 302


def test_by_api(cast: Any, town: Any, new: Any, today: None) -> None:
    client = cast.supervisor.client

    def post(path: str, body: dict[str, Any]) -> Any:
        return client.post(path, json.dumps(body, default=str), content_type="application/json")

    made = post("/api/warnings", asdict(new())).json()
    assert made["state"] == "in_force" and made["given"]["headline_zh"].startswith("榆树街")
    assert post("/api/warnings", asdict(new()) | {"severity": "x"}).json()["field"] == "severity"
    other = post(f"/api/warnings/{made['id']}/update", asdict(new(severity="Minor"))).json()
    assert other["replaces"] == made["id"]
    over = post(f"/api/warnings/{other['id']}/cancel", {"id": str(new_id()), "why_zh": "火灭", "why_en": "Out"}).json()
    assert [w["state"] for w in client.get("/api/warnings").json()] == ["cancel", "cancelled", "replaced"]
    assert over["msg_type"] == "Cancel" and cast.stranger.client.get("/api/warnings").json() == []


def test_a_file_of_another_office_is_read_and_not_kept(do: Any, new: Any, town: Any, cast: Any) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    row = do("supervisor", "issue", new=new())
    client, kept = cast.dispatcher.client, Warning.objects.count()

    def send(data: bytes) -> Any:
        return client.post("/api/warnings/read", {"file": SimpleUploadedFile("w.xml", data)})

    told = send(bytes(row.xml)).json()
    assert told["identifier"] == row.identifier and told["infos"][0]["headline"] == "榆树街大火，请撤离"
    bad = send(bytes(row.xml).replace(b"<scope>Public</scope>", b"<scope>Everybody</scope>"))
    assert bad.status_code == 422 and "Everybody" in bad.json()["detail"] and Warning.objects.count() == kept
