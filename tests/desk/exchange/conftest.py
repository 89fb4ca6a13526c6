"""A neighbouring centre with a key of its own, that this centre has entered and two people have confirmed."""
from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from joserfc.jwk import OKPKey

from shouwang.desk.calls import actions as calls
from shouwang.desk.calls import defaults
from shouwang.desk.calls.models import Call
from shouwang.desk.calls.terms import Caller, NewCall
from shouwang.desk.exchange import actions, neighbours
from shouwang.desk.exchange.models import Help, Neighbour
from shouwang.desk.exchange.terms import Need
from shouwang.desk.log import signing
from shouwang.desk.log.ids import new_id

ENGINE, FIRE = "fire_pump", "400101"


@dataclass
class Peer:
    """The other side: signs what a test says, and posts it to our door."""

    row: Neighbour
    key: OKPKey

    def document(self, **given: Any) -> dict[str, Any]:
        """A whole document of a side that asks; `help`: changes of the request, `doc`: of the document; None drops."""
        help = {"id": str(new_id()), "side": "asking", "number": 1, "state": "sent",
                "asked": [{"capability": ENGINE, "count": 2}], "words": "高层火灾"} | given.get("help", {})
        doc = {
            "$id": f"urn:emergency:uid:eido:{new_id()}:east.example", "eidoVersion": "1.0",
            "lastUpdateTimeStamp": timezone.now().isoformat(), "issuingElementIdentification": "east.example",
            "agencyComponent": [], "incidentComponent": {
                "incidentTypeInternalCode": FIRE, "incidentTypeInternalText": "火灾 Fire",
                "incidentPriorityInternalText": "1", "internalIncidentId": "1128-0007"},
            "locationComponent": [{
                "locationDescriptionText": "East Rd 5", "locationByValue":
                    '<gml:Point srsName="urn:ogc:def:crs:EPSG::4326"><gml:pos>38.63 -90.19</gml:pos></gml:Point>'}],
            "help:request": help} | given.get("doc", {})
        doc["help:request"] = {k: v for k, v in help.items() if v is not None}
        return {k: v for k, v in doc.items() if v is not None}

    def sign(self, doc: Any, *, at: datetime | None = None, audience: str | None = None,
             key: OKPKey | None = None) -> bytes:
        content = doc if isinstance(doc, bytes) else json.dumps(doc).encode()
        audience = signing.thumbprint(signing.own_key()) if audience is None else audience
        return signing.sign(content, key=key or self.key, at=at or timezone.now(), audience=audience).encode()

    def post(self, body: bytes, **more: Any) -> Any:
        return Client().post("/exchange/in/", body, content_type="application/jose", **more)

    def say(self, **given: Any) -> Any:
        """Posts a whole document; the answer must be a receipt."""
        answer = self.post(self.sign(self.document(**given)))
        assert answer.status_code == 200, answer.content
        return json.loads(signing.opened(answer.content, signing.own_key()))


@pytest.fixture
def confirmed(cast: Any, clock: Any) -> Any:
    """Enters a neighbour with this key and address, compared by two people."""
    def confirmed(key: OKPKey, address: str, **given: Any) -> Neighbour:
        said = neighbours.Given(**{"zh": "东区", "en": "East district", "address": address,
                                   "public_key": signing.public_text(key)} | given)
        row = neighbours.save_neighbour(actor=cast.admin.actor, now=clock(), id=new_id(), given=said)
        for who in (cast.admin, cast.dispatcher):
            row = neighbours.confirm(actor=who.actor, now=clock(), id=row.id, digits=row.thumbprint[-8:])
        return row
    return confirmed


@pytest.fixture
def peer(town: Any, confirmed: Any) -> Peer:
    defaults.load()
    key = OKPKey.generate_key("Ed25519")
    return Peer(confirmed(key, "https://east.example"), key)


@pytest.fixture
def call(cast: Any, town: Any, clock: Any) -> Call:
    """A fire of level 1 here, with a caller who said much."""
    defaults.load()
    clock.now = timezone.now() - timedelta(minutes=1)
    return calls.take_call(actor=cast.call_taker.actor, now=clock(), call=NewCall(
        id=new_id(), type=FIRE, severity=1, place="Elm St 17", detail="3rd floor", lon=-90.222, lat=38.63,
        caller=Caller(name="王小明", number="13800002046", words="厨房着火了")))


@pytest.fixture
def ask(cast: Any, clock: Any, call: Call, peer: Peer) -> Any:
    def ask(by: str = "dispatcher", **given: Any) -> Help:
        return actions.ask(**{
            "actor": getattr(cast, by).actor, "now": clock(), "id": new_id(), "call_id": call.id,
            "neighbour_id": peer.row.id, "asked": [Need(ENGINE, 2)], "within_min": 20, "words": "高层火灾"} | given)
    return ask
