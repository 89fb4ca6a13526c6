"""SIA DC-09 as bytes: what panels send is read or refused by name, whatever it is."""
from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pysiaalarm import event as library

from shouwang.tables.live.panels import codes
from shouwang.wire.dc09 import codec
from shouwang.wire.dc09.codec import Account, Accounts, Broken, Splitter, decode
from shouwang.wire.dc09.panel import Panel

KEYS = {"12AB": b"", "CAFE": bytes(range(16)), "F00D": b"k" * 24, "BEEF": b"0123456789abcdef" * 2}
ACCOUNTS = Accounts(Account(number, key) for number, key in KEYS.items())
NOW = datetime(2026, 11, 28, 12, 0, 5, tzinfo=UTC)
NOW_MS = int(NOW.timestamp() * 1000)


def sent(account: str, kind: str = "SIA-DCS", content: str = "", *, key: bytes | None = None,
         at: datetime = NOW) -> bytes:
    panel = Panel(account, KEYS.get(account, b"") if key is None else key)
    return panel.message(kind, content or f"#{account}|Nri1/BA7]", at=at).strip()


@pytest.mark.parametrize("account", KEYS)
@pytest.mark.parametrize(("kind", "content", "code", "zone"), [
    ("SIA-DCS", "#{}|Nri1/BA7]", "BA", 7), ("SIA-DCS", "#{}|NFA]", "FA", -1), ("SIA-DCS", "#{}|NAT]", "AT", -1),
    ("SIA-DCS", "#{}|Nri01/PA012^Back door^]", "PA", 12), ("ADM-CID", "#{}|1131 01 015]", "BA", 15),
    ("ADM-CID", "#{}|3130 01 015]", "BH", 15), ("ADM-CID", "#{}|1301 00 000]", "AT", 0),
    ("ADM-CID", "#{}|1199 01 004]", "UA", 4), ("NULL", "]", "RP", -1)])
def test_what_a_panel_reports_is_read(account: str, kind: str, content: str, code: str, zone: int) -> None:
    event = decode(sent(account, kind, content.format(account)), ACCOUNTS)
    assert (event.account, event.sequence, event.code, event.zone) == (account, 1, code, zone)
    assert (event.at_ms, event.encrypted, event.known) == (NOW_MS, bool(KEYS[account]), True)


@pytest.mark.parametrize(("line", "account", "code", "zone"), [
    ('86C50015"NULL"0005R0L0#12AB[]', "12AB", "RP", -1),
    ('8BA30026"SIA-DCS"0005R0L0#12AB[#12AB|Nri1/BA7]', "12AB", "BA", 7),
    ('E6100055"*NULL"0005R0L0#BEEF[841FC649F27CB5C682C88429D97839DA9658BE281098EC471177149EC39A1421', "BEEF", "RP", -1),
    ('9B740078"*SIA-DCS"0005R0L0#BEEF[E36F44BCC2D77C326478ED8F595550E20FA236B080AA0E5D9DC6D3E7A252FEAC306F58524A76FF577'
     "7394B0AC4AB9AB2", "BEEF", "BA", 7)])
def test_messages_of_another_sender_are_read(line: str, account: str, code: str, zone: int) -> None:
    """As the package my-dc09-spt 0.2.2 writes them: another author's, with its own checksum and encryption."""
    known = Accounts([Account("12AB"), Account("BEEF", b"0123456789abcdef")])
    event = decode(line.encode(), known)
    assert (event.account, event.sequence, event.code, event.zone) == (account, 5, code, zone)


@pytest.mark.parametrize(("message", "why"), [
    (b"hello", "format"), (b"0000", "format"), (b"\xff" * 30, "format"), (b"x" * 1025, "length"),
    (sent("12AB")[:-1] + b"0", "crc"), (b"0000" + sent("12AB")[4:], "crc"),
    (sent("12AB")[:4] + b"0001" + sent("12AB")[8:], "length"),
    (codec.framed('"SIA-DCS"0001L0#12AB[no end').strip(), "format"),
    (codec.framed('"XXX"0001R0L0#12AB[]').strip(), "format"),
    (sent("9999", key=b""), "account"), (sent("9999", key=b"k" * 16), "account"),
    (sent("12AB", key=b"k" * 16), "account"),
    (sent("CAFE", key=b""), "unencrypted"), (sent("CAFE", key=b"w" * 16), "key"),
    (codec.framed('"*SIA-DCS"0001R0L0#CAFE[ABC').strip(), "key"),
    (codec.framed('"*SIA-DCS"0001R0L0#CAFE[XY').strip(), "key"),
    (b"SR0001L0001    006969XX    [ID00000000]", "format")])
def test_what_cannot_be_taken_is_refused_by_name(message: bytes, why: str) -> None:
    with pytest.raises(Broken) as error:
        decode(message, ACCOUNTS)
    assert str(error.value) == why


@pytest.mark.parametrize("content", [
    "1" * 900, "A" * 460, "id" + "1" * 400, "|Nri1/BA01]" + "1" * 200 + "x"])
@pytest.mark.parametrize("account", ["12AB", "CAFE", "9999"])
def test_what_would_take_long_to_try_is_refused_by_its_form(account: str, content: str,
                                                            monkeypatch: pytest.MonkeyPatch) -> None:
    """The library's expressions try ways by the square of the length of what they do not fit: they are not asked."""
    asked: list[object] = []
    monkeypatch.setattr(library, "_get_matcher", lambda *which: asked.append(which))
    panel = Panel(account, KEYS.get(account, b""))
    with pytest.raises(Broken):
        decode(panel.message("SIA-DCS", content[:460 if panel.key else None]).strip(), ACCOUNTS)
    assert asked == []


def test_letters_of_an_account_and_checksum_may_be_small() -> None:
    body = '"NULL"0001R0L0#12ab[]'
    line = codec.framed(body).strip().decode()
    assert decode((line[:8].lower() + body).encode(), ACCOUNTS).account == "12AB"


@pytest.mark.parametrize(("account", "off_s", "taken"), [
    ("CAFE", -40, True), ("CAFE", -41, False), ("CAFE", 20, True), ("CAFE", 21, False), ("12AB", -99_999, True)])
def test_an_encrypted_message_is_of_now(account: str, off_s: int, taken: bool) -> None:
    event = decode(sent(account, at=NOW + timedelta(seconds=off_s)), ACCOUNTS)
    assert codec.in_time(event, NOW_MS) == taken


def test_an_encrypted_message_without_a_time_is_refused() -> None:
    panel = Panel("CAFE", KEYS["CAFE"])
    body = f'"*NULL"0001R0L0#CAFE[{panel._encrypted("|" + "]" )}'
    event = decode(codec.framed(body).strip(), ACCOUNTS)
    assert event.at_ms is None and not codec.in_time(event, NOW_MS)


def test_answers_name_the_message_and_never_the_key() -> None:
    plain = codec.answer(decode(sent("12AB"), ACCOUNTS), codec.ACK, NOW)
    assert plain == codec.framed('"ACK"0001R0L0#12AB[]')
    event = decode(sent("CAFE", content="#CAFE|Nri1/BA7][K1]"), ACCOUNTS)  # it asks for a new key
    told = codec.answer(event, codec.ACK, NOW)
    assert told.startswith(b"\n") and b'"*ACK"0001R0L0#CAFE[' in told and told.endswith(b"\r")
    assert KEYS["CAFE"].hex().upper().encode() not in told
    assert codec.refusal(NOW) == codec.framed('"NAK"0000R0L0A0[]_12:00:05,11-28-2026')


def test_the_checksum_is_that_of_the_check_value() -> None:
    assert codec.crc16("123456789") == "BB3D"  # CRC-16/ARC, the catalogue of parametrised CRC algorithms


def test_every_code_of_the_table_leads_somewhere() -> None:
    from pysiaalarm.data.data import SIA_CODES

    from shouwang.desk.alarms.facts import FAULTS

    for code in codes().values():
        assert code.code in SIA_CODES
        assert code.does in ("alarm", "note", "fault", "clear")
        assert (code.does == "alarm") == bool(code.call_type), code
        assert (code.does in ("fault", "clear")) == (code.fault in FAULTS), code
    assert not {"OP", "CL", "OA", "CA", "OG", "CG"} & set(codes())  # who comes when is nobody's matter


# ---- whatever comes

@given(st.lists(st.sampled_from(sorted(KEYS)), min_size=1, max_size=5), st.data())
def test_messages_survive_however_the_stream_is_cut(accounts: list[str], data: st.DataObject) -> None:
    stream = b"".join(b"\n" + sent(a) + b"\r" for a in accounts)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    splitter, found = Splitter(), []
    for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        found += splitter.feed(stream[start:end])
    assert [decode(piece, ACCOUNTS).account for piece in found] == accounts


@settings(max_examples=300)
@given(st.binary(max_size=1500) | st.text("#|[]_\"*0123456789ABCDEFNri/:,-LR ", max_size=400).map(str.encode))
def test_no_bytes_break_anything(noise: bytes) -> None:
    splitter = Splitter()
    for piece in [*splitter.feed(noise + b"\r"), *splitter.feed(noise), noise]:
        with pytest.raises(Broken):
            decode(piece, ACCOUNTS)


CONTENT = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=200)


@settings(max_examples=300)
@given(st.sampled_from(sorted(KEYS)), st.sampled_from(["SIA-DCS", "ADM-CID", "NULL"]), CONTENT)
def test_a_whole_message_with_any_content_is_read_or_refused(account: str, kind: str, content: str) -> None:
    message = sent(account, kind, content or "]")
    with suppress(Broken):
        event = decode(message, ACCOUNTS)
        assert event.account == account and -1 <= event.zone < 100_000
        assert codec.answer(event, codec.ACK, NOW)


@given(st.integers(0, 200), st.integers(1, 255))
def test_a_flipped_byte_is_never_taken_for_the_message(position: int, flip: int) -> None:
    message = bytearray(sent("12AB"))
    at = 8 + position % (len(message) - 8)
    message[at] ^= flip
    with pytest.raises(Broken):
        decode(bytes(message), ACCOUNTS)
