"""JT/T 808 as bytes: frames that others published, and what must hold for every frame."""
from __future__ import annotations

import contextlib
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shouwang.wire.jt808 import codec
from shouwang.wire.jt808.codec import Broken, Fix, Frame, Splitter

SMALLCHI = "github.com/SmallChi/JT808 README.md"
TRACCAR = "github.com/traccar/traccar HuabaoProtocolDecoderTest.java"
GO = "github.com/cuteLittleDevil/go-jt808 protocol/model, TestParse"
HYLEXUS = "github.com/hylexus/jt-framework docs, BitOperator"
# Source, frame, message, number, serial, edition; then of a position: emergency, fixed, lon, lat, m, m/s, course, time.
# Read by hand off the hexadecimal digits.
FRAMES = [
    (SMALLCHI, "7E02000026123456789012007D02000000010000000200BA7F0E07E4F11C0028003C000018101510101001040000006402"
     "02007D01137E", 0x0200, "123456789012", 126, 2013,
     (True, True, 132.444444, 12.222222, 40, 60 / 36, 0, "2018-10-15 02:10:10")),
    (TRACCAR, "7e0200007c0191718447540dcd000000008000000b029eabc204ba78510004000000042111182321120104000017f6cc143839"
     "33303237323037303339333033383732373130011d800134810204718202008283010e84017b85021ae986012f870201788901038b114a4e"
     "31424a315243364b573333363533358c040008dcb68d02018c8e013da000c07e", 0x0200, "19171844754", 3533, 2013,
     (False, True, -79.329361, 43.953090, 4, 0, 4, "2021-11-18 15:21:12")),
    (TRACCAR, "7e0200004e08026300003006480000000000000007021477d90841920700000000005019110515194001040000167130011631"
     "010cd00400000400d3020027d4013fd6143839363130313832303030343833363532383330da0104897e", 0x0200, "80263000030",
     1608, 2013, (False, True, 138.514951, -34.895833, 0, 0, 80, "2019-11-05 07:19:40")),
    (HYLEXUS, "7E0200402D01000000000139123443210000003000000040000101CD41C2072901B00929029A005A2304282131410104000002"
     "9B0202004303020309300163897E", 0x0200, "13912344321", 0, 2019,
     (False, False, 120.127920, 30.228930, 2345, 666 / 36, 90, "2023-04-28 13:31:41")),
    (TRACCAR, "7e0002000004304832546500b7ca7e", 0x0002, "43048325465", 183, 2013, None),
    (GO, "7e8001000501234567890100007fff0002008e7e", 0x8001, "12345678901", 0, 2013, None),
]


@pytest.mark.parametrize(("source", "text", "message", "number", "serial", "edition", "place"), FRAMES,
                         ids=[f"{n}-{f[2]:04x}" for n, f in enumerate(FRAMES)])
def test_published_frames_read_as_their_digits_say(source: str, text: str, message: int, number: str, serial: int,
                                                   edition: int, place: tuple[object, ...] | None) -> None:
    data = bytes.fromhex(text)
    frame = codec.decode(Splitter().feed(data)[0])
    assert (frame.message, frame.number, frame.serial, frame.edition) == (message, number, serial, edition), source
    assert codec.encode(message, frame.address, serial, frame.body) == data
    if place is not None:
        at = datetime.fromisoformat(f"{place[-1]}+00:00")
        assert codec.read_fix(frame.body) == (*place[:-1], int(at.timestamp() * 1000))


def test_a_published_batch_holds_its_eight_positions() -> None:
    """Source: TRACCAR. 38 bytes each, four minutes on a road of Shenzhen."""
    text = ("7E0704014301356777777707F5000801002600000000000000030159741206CBFD500172000000011605270906240104000000"
            "1D03020000002600000000000000030159746606CBFD50016B0000000116052709065301040000001D030200000026000000000000"
            "00030159"
            "75E406CBFE58013F0000000116052709072701040000001D0302000000260000000000000003015976DE06CBFF10012E00000001160527"
            "09075601040000001D0302000000260000000000000003015976BC06CBFED0012D0000000116052709083001040000001D030200000026"
            "0000000000000003015976FE06CBFEC001080000000116052709090001040000001D0302000000260000000000000003015976FE06CBFE"
            "7800FC0000000116052709093301040000001D0302000000260000000000000003015977A606CBFF300108000000011605270910020104"
            "0000001D030200001F7E")
    frame = codec.decode(Splitter().feed(bytes.fromhex(text))[0])
    fixes, lost = codec.read_batch(frame.body)
    assert (frame.message, len(fixes), lost) == (0x0704, 8, 0)
    assert [(f.lon, f.lat) for f in (fixes[0], fixes[7])] == [(114.031952, 22.639634), (114.032432, 22.640550)]
    times = [datetime.fromtimestamp((f.at_ms or 0) / 1000, UTC) for f in (fixes[0], fixes[7])]
    assert times == [datetime(2016, 5, 27, 1, 6, 24, tzinfo=UTC), datetime(2016, 5, 27, 1, 10, 2, tzinfo=UTC)]


@pytest.mark.parametrize(("text", "device"), [
    ("7E01000021013345678906000F002C012F373031313142534A2D4D3742203030303030303001D4C1423838383838B47E", "0000000"),
    ("7e010000200123456789010000001f007363640000007777772e3830382e3736353433323101b2e24131323334a17e", "7654321"),
    ("7e0100002c0123456789010000001f007363640000007777772e3830382e636f6d0000000000000000003736353433323101b2e2413132"
     "3334cc7e", "7654321"),
    ("7e0100405301000000000172998417380000001f007363640000000000000000007777772e3830382e636f6d00000000000000000000000000"
     "00000000000037363534333231000000000000000000000000000000000000000000000001b2e241313233343b7e", "7654321"),
], ids=["2011", "2011-go", "2013", "2019"])
def test_a_registration_gives_the_mark_of_its_device_in_every_edition(text: str, device: str) -> None:
    """Sources: TRACCAR, GO."""
    assert codec.read_device(codec.decode(bytes.fromhex(text)[1:-1])) == device


@pytest.mark.parametrize(("text", "code"), [
    ("7E0102000E013511221122000661757468656E7469636174696F6E3F7E", "authentication"),
    ("7e0102000b01234567890100003137323939383431373338b57e", "17299841738"),
    ("7e0102402f010000000001729984173800000b3137323939383431373338313233343536373839303132333435332e372e3135000000000000"
     "0000000000000000227e", "17299841738"),
])
def test_a_sign_in_gives_its_code(text: str, code: str) -> None:
    """Sources: TRACCAR, GO."""
    assert codec.read_code(codec.decode(bytes.fromhex(text)[1:-1])) == code


messages = st.integers(0, 0xFFFF)
addresses = st.binary(min_size=6, max_size=6) | st.binary(min_size=10, max_size=10)
bodies = st.binary(max_size=codec.BODY_MAX_B)
parts = st.none() | st.tuples(messages, messages)


@given(messages, addresses, messages, bodies, parts)
def test_what_is_written_is_read_again(message: int, address: bytes, serial: int, body: bytes,
                                       part: tuple[int, int] | None) -> None:
    data = codec.encode(message, address, serial, body, part=part)
    assert data.count(codec.FLAG) == 2
    assert codec.decode(data[1:-1]) == Frame(message, address, serial, body, 2019 if len(address) == 10 else 2013, part)


@given(st.lists(st.tuples(messages, addresses, bodies), max_size=5), st.data())
def test_frames_are_found_however_packets_are_cut(frames: list[tuple[int, bytes, bytes]], data: st.DataObject) -> None:
    stream = b"".join(codec.encode(m, a, n, b) for n, (m, a, b) in enumerate(frames))
    splitter, found, at = Splitter(), [], 0
    while at < len(stream):
        end = at + data.draw(st.integers(1, len(stream) - at))
        found += splitter.feed(stream[at:end])
        at = end
    assert [codec.decode(p)[2:4] for p in found] == [(n, b) for n, (_m, _a, b) in enumerate(frames)]


@given(st.binary(max_size=5000), addresses)
def test_the_next_frame_is_found_behind_any_rubbish(rubbish: bytes, address: bytes) -> None:
    """Whatever came before: the frame behind it is read, and nothing is kept for long."""
    splitter = Splitter()
    sound = codec.encode(codec.HEARTBEAT, address, 7)
    found = splitter.feed(rubbish) + splitter.feed(sound) + splitter.feed(sound)
    assert codec.decode(found[-1]).serial == 7
    pieces = splitter.feed(b"x" * 3 * codec.FRAME_MAX_B) + splitter.feed(sound)
    assert max(len(p) for p in pieces) <= codec.FRAME_MAX_B
    assert pieces[-1] == sound[1:-1]


@given(st.binary(min_size=1, max_size=200))
def test_any_bytes_are_a_frame_or_broken(data: bytes) -> None:
    try:
        frame = codec.decode(data)
    except Broken:
        return
    assert codec.checksum(codec.unescape(data)) == 0
    for read in (lambda: codec.read_fix(frame.body), lambda: codec.read_batch(frame.body),
                 lambda: codec.read_device(frame), lambda: codec.read_code(frame),
                 lambda: codec.read_answer(frame.body)):
        with contextlib.suppress(Broken):
            read()


@given(st.binary(min_size=16, max_size=80), st.integers(1, 255), st.data())
def test_one_changed_byte_is_noticed(body: bytes, change: int, data: st.DataObject) -> None:
    address = codec.address_of("13900000001")
    plain = codec.unescape(codec.encode(codec.POSITION, address, 1, body)[1:-1])
    at = data.draw(st.integers(0, len(plain) - 1))
    spoiled = plain[:at] + bytes((plain[at] ^ change,)) + plain[at + 1:]
    with pytest.raises(Broken, match="checksum"):
        codec.decode(codec.escape(spoiled))


@given(st.binary(min_size=1, max_size=1100))
def test_the_folded_checksum_is_that_of_the_standard(data: bytes) -> None:
    expected = 0
    for byte in data:
        expected ^= byte
    assert codec.checksum(data) == expected


seconds = st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 31)).map(
    lambda at: int(at.replace(microsecond=0, tzinfo=UTC).timestamp()) * 1000)
fixes = st.builds(Fix, st.booleans(), st.booleans(), st.integers(-180_000_000, 180_000_000).map(lambda v: v / 1e6),
                  st.integers(-90_000_000, 90_000_000).map(lambda v: v / 1e6), st.integers(-500, 9000),
                  st.integers(0, 3000).map(lambda v: v / 36), st.integers(0, 359).map(float), seconds)


@given(fixes, st.binary(max_size=300))
def test_a_position_is_read_whatever_extras_follow(fix: Fix, extras: bytes) -> None:
    assert codec.read_fix(codec.position(fix, extras)) == fix


@given(st.lists(fixes, max_size=20), st.integers(0, 60))
def test_a_batch_that_is_cut_off_gives_what_is_whole(given: list[Fix], cut: int) -> None:
    body = codec.batch([codec.position(f) for f in given])
    cut = min(cut, len(body) - 3)
    found, lost = codec.read_batch(body[:len(body) - cut])
    whole = len(given) - -(-cut // 30)
    assert (found, lost) == (given[:whole], len(given) - whole)


@pytest.mark.parametrize("digits", ["260230000000", "261301000000", "260101240000", "260101006000", "26010100000a",
                                    "ffffffffffff", "000000000000"])
def test_a_time_that_is_none_is_none(digits: str) -> None:
    body = codec.position(Fix(False, True, 0.0, 0.0, 0, 0.0, 0.0, 0))[:22] + bytes.fromhex(digits)
    assert codec.read_fix(body).at_ms is None


@pytest.mark.parametrize(("edition", "head"), [(2013, b"\x0d"), (2019, b"\x0e\x01")])
def test_texts_fit_into_one_frame_and_end_in_a_whole_sign(edition: int, head: bytes) -> None:
    body = codec.text("派警 0007 😀 " + "守" * 600, edition)
    assert len(body) <= codec.BODY_MAX_B
    assert body.startswith(head)
    assert body[len(head):].decode("gbk").startswith("派警 0007 ? 守守")


def test_what_is_too_long_for_a_body_is_refused() -> None:
    with pytest.raises(ValueError, match="1024"):
        codec.encode(codec.BATCH, bytes(6), 1, bytes(1024))
