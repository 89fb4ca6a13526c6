"""The reader of other centres' documents: whatever comes, it is read or refused in words, and what we write is read."""
from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shouwang.desk.exchange.reading import HELP, MOST_B, read
from shouwang.desk.exchange.terms import SAYS, Need, Said
from shouwang.engine.errors import BadInput

ID, OTHER = "01a222d4-445c-7e47-b9ba-84aa53c11385", "01a222d4-44de-7b9e-9533-7e738b002e79"
WHOLE: dict[str, Any] = {
    "$id": f"urn:emergency:uid:eido:{ID}:east.example", "eidoVersion": "1.0",
    "lastUpdateTimeStamp": "2026-11-28T12:00:00Z", "incidentComponent": {"incidentTypeInternalCode": "400101"},
    "locationComponent": [{"locationDescriptionText": "East Rd 5", "locationByValue":
                           'srsName="urn:ogc:def:crs:EPSG::4326"><gml:pos>38.63 -90.19</gml:pos>'}],
    HELP: {"id": OTHER, "side": "asking", "number": 1, "state": "sent",
           "asked": [{"capability": "hazmat", "count": 2}]},
}
ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12) | st.sampled_from(
        ["asking", "helping", "sent", "2026-11-28T12:00:00Z", "\x00", "\ud800", ID, "1.0"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from([*WHOLE, *WHOLE[HELP], "capability", "count", "offered", "neededBy", "words"]) | st.text(
            max_size=5), inner, max_size=4), max_leaves=12)


def read_or_refused(content: bytes) -> Said | None:
    try:
        said = read(content)
    except BadInput as error:
        str(error).encode()  # can be sent back and kept
        return None
    assert said.side in SAYS and said.state in SAYS[said.side] and said.n >= 1
    assert said.severity in (None, 1, 2, 3, 4) and all(1 <= need.count <= 99 for need in (*said.asked, *said.offered))
    kept = "".join((said.words, said.place, said.host, said.type, said.type_text, said.number))
    assert "\x00" not in kept
    kept.encode()
    return said


def put(doc: Any, path: tuple[Any, ...], value: Any) -> Any:
    """The document with another value in one place."""
    if not path:
        return value
    if isinstance(doc, list):
        return [put(one, path[1:], value) if i == path[0] else one for i, one in enumerate(doc)]
    return doc | {path[0]: put(doc.get(path[0], {}), path[1:], value)}


def places(doc: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = doc.items() if isinstance(doc, dict) else enumerate(doc) if isinstance(doc, list) else ()
    return [path, *(p for key, value in inner for p in places(value, (*path, key)))]


def test_a_whole_one_is_read() -> None:
    said = read_or_refused(json.dumps(WHOLE).encode())
    assert said is not None and said.asked == (Need("hazmat", 2),) and (said.lon, said.lat) == (-90.19, 38.63)
    assert str(said.id) == ID and str(said.help) == OTHER and said.host == "east.example"


@settings(max_examples=60)
@given(st.sampled_from(places(WHOLE)), ANY)
def test_anything_anywhere(path: tuple[Any, ...], value: Any) -> None:
    read_or_refused(json.dumps(put(WHOLE, path, value)).encode())


@settings(max_examples=60)
@given(st.binary(max_size=200) | ANY.map(lambda value: json.dumps(value).encode()))
def test_anything_at_all(content: bytes) -> None:
    read_or_refused(content)


@settings(max_examples=60)
@given(st.integers(0, 900), st.binary(max_size=4))
def test_a_whole_one_cut_and_spoilt(at: int, noise: bytes) -> None:
    whole = json.dumps(WHOLE).encode()
    read_or_refused(whole[:at])
    read_or_refused(whole[:at] + noise + whole[at + len(noise):])


@pytest.mark.parametrize(("content", "said"), [
    (b"[" * 100_000, "no JSON"), (b'{"a":' * 50_000, "no JSON"), (b"9" * 100_000, "no JSON"),
    (b'{"a": NaN}', "no number"), (b'{"a": 1, "a": 2}', "twice"), (b"\xff", "no JSON"), (b"", "no JSON"),
    (b" " * (MOST_B + 1), "too large"), (b"null", "no JSON object")])
def test_what_is_no_document(content: bytes, said: str) -> None:
    with pytest.raises(BadInput) as bad:
        read(content)
    assert said in str(bad.value)


@pytest.mark.parametrize(("path", "value", "where"), [
    (("eidoVersion",), "2.0", "eidoVersion"), (("$id",), "x", "$id"), (("lastUpdateTimeStamp",), "noon", "lastUpdate"),
    (("lastUpdateTimeStamp",), "2026-11-28T12:00:00", "lastUpdate"), ((HELP, "id"), OTHER.upper(), ".id"),
    ((HELP, "number"), True, ".number"), ((HELP, "number"), 10**9, ".number"), ((HELP, "state"), "done", ".state"),
    ((HELP, "side"), "both", ".side"), ((HELP, "asked"), [], ".asked"), ((HELP, "words"), "x\x00", ".words"),
    ((HELP, "words"), "\ud800", ".words"), ((HELP, "words"), "x" * 1001, ".words"),
    ((HELP, "asked", 0, "count"), 100, ".count"), ((HELP, "asked"), [{"capability": "a", "count": 1}] * 2, "twice"),
    ((HELP, "neededBy"), 7, ".neededBy"),
    ((HELP, "neededBy"), "9999-12-31T23:59:59Z", ".neededBy"), (("incidentComponent",), {}, "TypeInternalCode"),
    (("incidentComponent", "incidentPriorityInternalText"), "5", "Priority"), (("locationComponent",), [], "location"),
    (("locationComponent", 0, "locationByValue"), 'srsName="urn:ogc:def:crs:EPSG::4326"><gml:pos>99 0</', "earth"),
    (("emergencyResourceComponent",), [{}] * 61, "emergencyResource"), ((HELP,), None, HELP)])
def test_each_fault_says_where(path: tuple[Any, ...], value: Any, where: str) -> None:
    with pytest.raises(BadInput) as bad:
        read(json.dumps(put(WHOLE, path, value)).encode())
    assert where in str(bad.value)
