"""CAP 1.2: what is written can be read, what breaks the standard is named whole, and hostile files do no harm."""
from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from click.testing import CliRunner
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given, settings
from hypothesis import strategies as st

from shouwang.engine.errors import BadInput
from shouwang.shell.main import main
from shouwang.tables import cap

SENT = datetime(2026, 5, 24, 16, 49, tzinfo=timezone(timedelta(hours=8)))
RING = ((38.0, -90.0), (38.1, -90.0), (38.1, -90.1), (38.0, -90.0))
INFO = cap.Info("大水", "Immediate", "Severe", "Likely", ("Met",), language="zh-CN", headline="撤离",
                expires=SENT + timedelta(hours=2), areas=(cap.Area("甲", (RING,), ((38.0, -90.0, 1.5),)),))
ALERT = cap.Alert("51010500000000_20260524164900_1", "centre@example.org", SENT, "Actual", "Alert", infos=(INFO,))


def made_pair() -> tuple[bytes, bytes]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    made = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
            .serial_number(1).not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
            .not_valid_after(datetime(2090, 1, 1, tzinfo=UTC)).sign(key, hashes.SHA256()))
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                             serialization.NoEncryption()), made.public_bytes(serialization.Encoding.PEM)


@pytest.fixture(scope="module")
def pair() -> tuple[bytes, bytes]:
    """A key and its certificate, as PEM."""
    return made_pair()


TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="\ufffe\uffff"),
               max_size=40).map(str.strip)
WORDS = TEXT.filter(bool)
NAME = st.text("abcXYZ0123._-@:城", min_size=1, max_size=30)
TIME = st.datetimes(datetime(2000, 1, 1), datetime(2090, 1, 1)).map(
    lambda at: at.replace(microsecond=0, tzinfo=timezone(timedelta(hours=8))))
POINT = st.tuples(st.integers(-90_000_000, 90_000_000), st.integers(-180_000_000, 180_000_000)).map(
    lambda p: (p[0] / 1e6, p[1] / 1e6))
RINGS = st.lists(POINT, min_size=3, max_size=6).map(lambda r: (*r, r[0]))
AREAS = st.builds(cap.Area, WORDS, st.lists(RINGS, max_size=2).map(tuple), st.just(()),
                  st.lists(st.tuples(NAME, WORDS), max_size=2).map(tuple))
INFOS = st.builds(
    cap.Info, WORDS, st.sampled_from(cap.URGENCY), st.sampled_from(cap.SEVERITY), st.sampled_from(cap.CERTAINTY),
    st.lists(st.sampled_from(cap.CATEGORY), min_size=1, max_size=3).map(tuple), headline=TEXT, description=TEXT,
    language=st.sampled_from(("zh-CN", "en-US")),
    responses=st.lists(st.sampled_from(cap.RESPONSE), max_size=2).map(tuple),
    areas=st.lists(AREAS, max_size=2).map(tuple), parameters=st.lists(st.tuples(NAME, WORDS), max_size=2).map(tuple))
ALERTS = st.builds(cap.Alert, NAME, NAME, TIME, st.sampled_from(cap.STATUS), st.sampled_from(cap.MSG_TYPE),
                   note=TEXT, references=st.lists(st.tuples(NAME, NAME, TIME), min_size=1, max_size=3).map(tuple),
                   infos=st.lists(INFOS, max_size=2).map(tuple))


@given(ALERTS)
@settings(max_examples=60)
def test_what_is_written_is_read_as_it_was(alert: cap.Alert) -> None:
    assert cap.read(cap.write(alert)) == alert


@given(st.binary(max_size=400))
def test_no_bytes_do_harm(data: bytes) -> None:
    with pytest.raises(BadInput):
        cap.read(data)


WRITTEN = cap.write(ALERT)


@given(st.lists(st.tuples(st.integers(0, len(WRITTEN) - 1), st.binary(max_size=12), st.integers(0, 40)), min_size=1,
                max_size=4))
def test_a_spoilt_document_is_read_or_refused(changes: list[tuple[int, bytes, int]]) -> None:
    data = WRITTEN
    for at, fresh, gone in changes:
        data = data[:at] + fresh + data[at + gone:]
    with suppress(BadInput):  # and nothing else
        assert isinstance(cap.read(data), cap.Alert)


BOMB = b"""<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "aaaaaaaaaa">%s]>
<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>&l9;</identifier></alert>""" % b"".join(
    b'<!ENTITY l%d "%s">' % (n, (b"&l%d;" % (n - 1) if n else b"&a;") * 10) for n in range(10))
FILE = (b'<!DOCTYPE a [<!ENTITY f SYSTEM "file:///etc/passwd">]><alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">'
        b"<identifier>&f;</identifier></alert>")
FAR = b'<!DOCTYPE alert SYSTEM "http://192.0.2.1/x.dtd"><alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"/>'


# Sound but for what stands before the root.
KINDS = (b"<!DOCTYPE alert>", b'<!DOCTYPE alert [<!ENTITY a "b">]>', b'<!DOCTYPE alert SYSTEM "http://192.0.2.1/x.dtd">',
         b'<!DOCTYPE alert [<!ENTITY a SYSTEM "file:///etc/passwd">]>')


@pytest.mark.parametrize("data", [
    *(WRITTEN.replace(b"?>", b"?>" + kind, 1) for kind in KINDS),
    WRITTEN.replace(b"?>", b"?>" + KINDS[1], 1).replace("撤离".encode(), b"&a;"),
    b"", b"\x00" * 64, BOMB, FILE, FAR, FILE.decode().encode("utf-16"), b"<a>" * 5000, b"<a " + b"x='1' " * 10 + b"/>",
    b"<alert/>", b"x" * (cap.MOST_BYTES + 1), b'<?xml version="1.0" encoding="x-none"?><a/>',
    WRITTEN.replace(b"</alert>", b"<code>x</code>" * 30_000 + b"</alert>"),
])
def test_hostile_files_are_refused(data: bytes) -> None:
    with pytest.raises(BadInput) as refused:
        cap.read(data)
    assert "root:" not in str(refused.value), "nothing of this machine is in the answer"


@pytest.mark.parametrize(("old", "new", "where"), [
    ("<status>Actual</status>", "<status>Real</status>", "alert/status"),
    ("<status>Actual</status><msgType>Alert</msgType>", "<msgType>Alert</msgType><status>Actual</status>",
     "alert/status"),
    ("<scope>Public</scope>", "", "alert/scope"),
    ("<scope>Public</scope>", "<scope>Restricted</scope>", "alert/restriction"),
    ("<scope>Public</scope>", "<scope>Private</scope>", "alert/addresses"),
    ("<msgType>Alert</msgType>", "<msgType>Update</msgType>", "alert/references"),
    ("2026-05-24T16:49:00+08:00", "2026-05-24T08:49:00Z", "alert/sent"),
    ("2026-05-24T16:49:00+08:00", "2026-02-30T08:49:00+08:00", "alert/sent"),
    ("2026-05-24T18:49:00+08:00", "yesterday", "alert/info[1]/expires"),
    ("<sender>centre@example.org", "<sender>a b", "alert/sender"),
    ("<urgency>Immediate</urgency>", "", "alert/info[1]/urgency"),
    ("<urgency>Immediate</urgency>", "<urgency>Immediate</urgency><urgency>Past</urgency>", "alert/info[1]/urgency"),
    ("<category>Met</category>", "<category>Flood</category>", "alert/info[1]/category"),
    ("<event>大水</event>", "<colour>red</colour><event>大水</event>", "alert/info[1]/colour"),
    ("<certainty>Likely</certainty>", "<certainty>Likely</certainty><event>x</event>", "alert/info[1]/event"),
    ("38.000000,-90.000000 38.100000", "38.5,-90.000000 38.100000", "alert/info[1]/area[1]/polygon[1]"),
    ("38.100000,-90.000000", "138.1,-90.0", "alert/info[1]/area[1]/polygon[1]"),
    ("38.000000,-90.000000 1.5", "38.0,-90.0", "alert/info[1]/area[1]/circle[1]"),
    ("38.000000,-90.000000 1.5", "nan,-90.0 1", "alert/info[1]/area[1]/circle[1]"),
    ("<areaDesc>甲</areaDesc>", "", "alert/info[1]/area[1]/areaDesc"),
])
def test_each_rule_of_the_standard(old: str, new: str, where: str) -> None:
    text = WRITTEN.decode()
    assert old in text
    with pytest.raises(BadInput) as refused:
        cap.read(text.replace(old, new).encode())
    assert where in [f.where for f in refused.value.faults]


def test_every_fault_is_told_at_once() -> None:
    text = WRITTEN.decode().replace("Actual", "x").replace("Likely", "y").replace("<scope>Public</scope>", "")
    with pytest.raises(BadInput) as refused:
        cap.read(text.encode())
    assert {f.where for f in refused.value.faults} == {"alert/status", "alert/scope", "alert/info[1]/certainty"}
    with pytest.raises(BadInput):
        cap.write(replace(ALERT, msg_type="Cancel"))


def test_only_what_is_signed_is_believed(pair: tuple[bytes, bytes]) -> None:
    signed = cap.sign(WRITTEN, *pair)
    assert cap.verify(signed, pair[1]) == ALERT == cap.read(signed)
    other = cap.sign(cap.write(replace(ALERT, identifier="x")), *pair)
    signature = other[other.index(b"<ds:Signature"):other.index(b"</alert>")]
    wrapped = WRITTEN.replace(b"</alert>", signature + b"</alert>")
    inner = signed[signed.index(b"<alert"):]
    for bad in (WRITTEN, signed.replace("撤离".encode(), "回家".encode()), wrapped,
                b'<x xmlns="urn:oasis:names:tc:emergency:cap:1.2">' + inner + b"</x>"):
        with pytest.raises(BadInput):
            cap.verify(bad, pair[1])
    with pytest.raises(BadInput):
        cap.verify(cap.sign(WRITTEN, *made_pair()), pair[1])


def test_the_national_identifier() -> None:
    name = cap.gb_identifier("51010500100200", SENT, 1)
    assert name == "51010500100200_20260524164900_1" and cap.GB_IDENTIFIER.fullmatch(name)
    with pytest.raises(ValueError):
        cap.gb_identifier("5101", SENT, 1)


def test_from_the_command_line(tmp_path: Any, pair: tuple[bytes, bytes]) -> None:
    (tmp_path / "w.xml").write_bytes(cap.sign(WRITTEN, *pair))
    (tmp_path / "c.pem").write_bytes(pair[1])
    (tmp_path / "bad.xml").write_bytes(WRITTEN.replace(b"Actual", b"Real"))
    run = CliRunner().invoke
    said = run(main, ["warning", "check", str(tmp_path / "w.xml"), "--certificate", str(tmp_path / "c.pem"), "--json"])
    assert said.exit_code == 0 and json.loads(said.stdout)["identifier"] == ALERT.identifier
    assert run(main, ["warning", "check", str(tmp_path / "w.xml")]).exit_code == 0
    assert run(main, ["warning", "check", str(tmp_path / "bad.xml")]).exit_code == 2
