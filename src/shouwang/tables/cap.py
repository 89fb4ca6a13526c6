"""Public warnings as CAP 1.2 documents (OASIS Common Alerting Protocol 1.2, 1 July 2010): written, read, signed.

The rules stand in tables below, in the order of the standard's schema; reading and writing use the same ones. Whatever
comes from elsewhere is hostile until it is read: no document type, no entities, no network, limits on size and depth.
Points are (latitude, longitude) in degrees, WGS 84, as the standard writes them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any, cast

from lxml import etree

from shouwang.engine.errors import Faults

NS = "urn:oasis:names:tc:emergency:cap:1.2"
SIGNATURE = "{http://www.w3.org/2000/09/xmldsig#}Signature"
MOST_BYTES, MOST_ELEMENTS = 1 << 20, 20_000
Point = tuple[float, float]
Pair = tuple[str, str]

STATUS = ("Actual", "Exercise", "System", "Test", "Draft")
MSG_TYPE = ("Alert", "Update", "Cancel", "Ack", "Error")
SCOPE = ("Public", "Restricted", "Private")
CATEGORY = ("Geo", "Met", "Safety", "Security", "Rescue", "Fire", "Health", "Env", "Transport", "Infra", "CBRNE",
            "Other")
RESPONSE = ("Shelter", "Evacuate", "Prepare", "Execute", "Avoid", "Monitor", "Assess", "AllClear", "None")
URGENCY = ("Immediate", "Expected", "Future", "Past", "Unknown")
SEVERITY = ("Extreme", "Severe", "Moderate", "Minor", "Unknown")
CERTAINTY = ("Observed", "Likely", "Possible", "Unlikely", "Unknown")
REFER = ("Update", "Cancel", "Ack", "Error")  # kinds of message that name the earlier ones

# Standard 3.2: name, least and most, in order. Most 0: any number.
ALERT = (("identifier", 1, 1), ("sender", 1, 1), ("sent", 1, 1), ("status", 1, 1), ("msgType", 1, 1), ("source", 0, 1),
         ("scope", 1, 1), ("restriction", 0, 1), ("addresses", 0, 1), ("code", 0, 0), ("note", 0, 1),
         ("references", 0, 1), ("incidents", 0, 1), ("info", 0, 0))
INFO = (("language", 0, 1), ("category", 1, 0), ("event", 1, 1), ("responseType", 0, 0), ("urgency", 1, 1),
        ("severity", 1, 1), ("certainty", 1, 1), ("audience", 0, 1), ("eventCode", 0, 0), ("effective", 0, 1),
        ("onset", 0, 1), ("expires", 0, 1), ("senderName", 0, 1), ("headline", 0, 1), ("description", 0, 1),
        ("instruction", 0, 1), ("web", 0, 1), ("contact", 0, 1), ("parameter", 0, 0), ("resource", 0, 0),
        ("area", 0, 0))
AREA = (("areaDesc", 1, 1), ("polygon", 0, 0), ("circle", 0, 0), ("geocode", 0, 0), ("altitude", 0, 1),
        ("ceiling", 0, 1))
RESOURCE = (("resourceDesc", 1, 1), ("mimeType", 1, 1), ("size", 0, 1), ("uri", 0, 1), ("derefUri", 0, 1),
            ("digest", 0, 1))
VALUE = (("valueName", 1, 1), ("value", 1, 1))
NAME = re.compile(r"[^\s,&<]+")  # identifiers and senders: no spaces, commas, & or <
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[-+]\d\d:\d\d")  # never Z, never fractions (3.3.2)
UNIT = re.compile(r"\d{14}")
GB_IDENTIFIER = re.compile(r"(\d{6})(\d{3})(\d{3})(\d{2})_(\d{14})_(\d{1,4})")

NEVER = datetime.min.replace(tzinfo=UTC)  # stands for a time that is wrong, until the faults are raised

Rules = Sequence[tuple[str, int, int]]


@dataclass(frozen=True, slots=True)
class Area:
    """Where: words, rings whose last point is the first, circles (latitude, longitude, radius in km)."""

    desc: str
    polygons: tuple[tuple[Point, ...], ...] = ()
    circles: tuple[tuple[float, float, float], ...] = ()
    geocodes: tuple[Pair, ...] = ()


@dataclass(frozen=True, slots=True)
class Info:
    """What is warned of, in one language. Times with their offset."""

    event: str
    urgency: str
    severity: str
    certainty: str
    categories: tuple[str, ...]
    language: str = "en-US"  # what the standard takes an info without one to be in
    responses: tuple[str, ...] = ()
    effective: datetime | None = None
    onset: datetime | None = None
    expires: datetime | None = None
    sender_name: str = ""
    headline: str = ""
    description: str = ""
    instruction: str = ""
    web: str = ""
    contact: str = ""
    codes: tuple[Pair, ...] = ()
    parameters: tuple[Pair, ...] = ()
    areas: tuple[Area, ...] = ()


@dataclass(frozen=True, slots=True)
class Alert:
    """A message. `references`: (sender, identifier, sent) of the messages it updates, cancels or answers."""

    identifier: str
    sender: str
    sent: datetime
    status: str
    msg_type: str
    scope: str = "Public"
    source: str = ""
    restriction: str = ""
    addresses: str = ""
    note: str = ""
    references: tuple[tuple[str, str, datetime], ...] = ()
    incidents: str = ""
    infos: tuple[Info, ...] = field(default=())


def gb_identifier(unit: str, at: datetime, serial: int) -> str:
    """The identifier of GB/T 35965.1-2018: ZZZZZZDDDUUUXX_YYYYMMDDhhmmss_N. `unit`: the 14 digits of who issues; `at`:
    in the district's own time. Raises ValueError for another unit."""
    if not UNIT.fullmatch(unit):
        raise ValueError(f"{unit!r} is not 14 digits")
    return f"{unit}_{at:%Y%m%d%H%M%S}_{serial}"


# ---- reading


def read(data: bytes) -> Alert:
    """The message in a document. Raises BadInput with every fault: a stranger's file is mended from one answer."""
    return _alert(parse(data))


def parse(data: bytes) -> Any:
    """The root of a document that is harmless to walk. Raises BadInput."""
    faults = Faults(keep=1)
    if len(data) > MOST_BYTES:
        faults.add("document", "It is larger than 1 MiB", len(data), "No warning needs so much.")
        faults.raise_if_any()
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False,
                             remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        faults.add("document", "It is not XML", str(error)[:200], "Ask its sender for the file again.")
        raise_all(faults)
    if root.getroottree().docinfo.doctype or root.getroottree().docinfo.internalDTD is not None:
        faults.add("document", "It declares a document type", None, "CAP has none; such files are refused unread.")
    elif sum(1 for _ in zip(root.iter(), range(MOST_ELEMENTS + 1), strict=False)) > MOST_ELEMENTS:
        faults.add("document", "It has too many elements", None, "No warning needs so many.")
    faults.raise_if_any()
    return root


def raise_all(faults: Faults) -> None:
    faults.raise_if_any()
    raise AssertionError("called without a fault")


def _alert(root: Any) -> Alert:
    faults = Faults(keep=50)
    if root.tag != f"{{{NS}}}alert":
        faults.add("document", "It is not a CAP 1.2 alert", str(root.tag)[:100], f"The root is alert in {NS}.")
        raise_all(faults)
    got = _children(root, ALERT, "alert", faults)
    msg_type = _one_of(got, "msgType", MSG_TYPE, "alert", faults)
    scope = _one_of(got, "scope", SCOPE, "alert", faults)
    references = _references(_text(got, "references"), faults)
    if msg_type in REFER and not references:
        faults.add("alert/references", f"{msg_type} names no earlier message", None, "Write sender,identifier,sent.")
    if scope == "Restricted" and not _text(got, "restriction"):
        faults.add("alert/restriction", "A restricted message says its restriction", None, "Add it.")
    if scope == "Private" and not _text(got, "addresses"):
        faults.add("alert/addresses", "A private message names its addressees", None, "Add them.")
    sent = _time(got, "sent", "alert", faults)
    found = Alert(
        identifier=_name(got, "identifier", faults), sender=_name(got, "sender", faults), sent=sent or NEVER,
        status=_one_of(got, "status", STATUS, "alert", faults), msg_type=msg_type, scope=scope,
        source=_text(got, "source"), restriction=_text(got, "restriction"), addresses=_text(got, "addresses"),
        note=_text(got, "note"), references=references, incidents=_text(got, "incidents"),
        infos=tuple(_info(e, f"alert/info[{n}]", faults) for n, e in enumerate(got["info"], 1)))
    faults.raise_if_any()
    return found


def _info(element: Any, at: str, faults: Faults) -> Info:
    got = _children(element, INFO, at, faults)
    for n, e in enumerate(got["resource"], 1):
        _children(e, RESOURCE, f"{at}/resource[{n}]", faults)
    effective, onset, expires = (_time(got, name, at, faults) for name in ("effective", "onset", "expires"))
    begin = onset or effective
    if begin and expires and expires <= begin:
        faults.add(f"{at}/expires", "It ends before it begins", expires.isoformat(), "Write a later time.")
    return Info(
        event=_text(got, "event"), language=_text(got, "language") or "en-US",
        categories=_many_of(got, "category", CATEGORY, at, faults),
        responses=_many_of(got, "responseType", RESPONSE, at, faults),
        urgency=_one_of(got, "urgency", URGENCY, at, faults), severity=_one_of(got, "severity", SEVERITY, at, faults),
        certainty=_one_of(got, "certainty", CERTAINTY, at, faults), effective=effective, onset=onset, expires=expires,
        sender_name=_text(got, "senderName"), headline=_text(got, "headline"), description=_text(got, "description"),
        instruction=_text(got, "instruction"), web=_text(got, "web"), contact=_text(got, "contact"),
        codes=_pairs(got, "eventCode", at, faults), parameters=_pairs(got, "parameter", at, faults),
        areas=tuple(_area(e, f"{at}/area[{n}]", faults) for n, e in enumerate(got["area"], 1)))


def _area(element: Any, at: str, faults: Faults) -> Area:
    got = _children(element, AREA, at, faults)
    if got["ceiling"] and not got["altitude"]:
        faults.add(f"{at}/ceiling", "A ceiling stands only with an altitude", None, "Add the altitude.")
    polygons = [_polygon(_said(e), f"{at}/polygon[{n}]", faults) for n, e in enumerate(got["polygon"], 1)]
    circles = [_circle(_said(e), f"{at}/circle[{n}]", faults) for n, e in enumerate(got["circle"], 1)]
    return Area(_text(got, "areaDesc"), tuple(p for p in polygons if p), tuple(c for c in circles if c),
                _pairs(got, "geocode", at, faults))


def _children(element: Any, rules: Rules, at: str, faults: Faults) -> dict[str, list[Any]]:
    """The children by name, held to the schema's sequence: known, in order, neither too many nor too few."""
    order = {name: n for n, (name, _, _) in enumerate(rules)}
    got: dict[str, list[Any]] = {name: [] for name in order}
    last = ""
    for child in element:
        space, _, name = str(child.tag)[1:].rpartition("}")
        if child.tag == SIGNATURE and at == "alert":
            continue
        if space != NS or name not in order:
            faults.add(f"{at}/{name}"[:120], "The standard has no such element here", None, "Leave it out.")
            continue
        if last and order[name] < order[last]:
            faults.add(f"{at}/{name}", f"It stands after {last}", None, "Keep the order of the standard.")
        last = name
        got[name].append(child)
    for name, least, most in rules:
        if len(got[name]) < least:
            faults.add(f"{at}/{name}", "It is missing", None, "Add it.")
        elif most and len(got[name]) > most:
            faults.add(f"{at}/{name}", "It stands more than once", len(got[name]), "Keep one.")
    return got


def _said(element: Any) -> str:
    return (element.text or "").strip() if element is not None else ""


def _text(got: Mapping[str, list[Any]], name: str) -> str:
    return _said(got[name][0]) if got[name] else ""


def _name(got: Mapping[str, list[Any]], name: str, faults: Faults) -> str:
    text = _text(got, name)
    if got[name] and not NAME.fullmatch(text):
        faults.add(f"alert/{name}", "It holds a space, a comma, & or <, or nothing", text[:80], "Write it without.")
    return text


def _one_of(got: Mapping[str, list[Any]], name: str, allowed: tuple[str, ...], at: str, faults: Faults) -> str:
    text = _text(got, name)
    if got[name] and text not in allowed:
        faults.add(f"{at}/{name}", "It is not a value of the standard", text[:80], f"Use {', '.join(allowed)}.")
    return text


def _many_of(got: Mapping[str, list[Any]], name: str, allowed: tuple[str, ...], at: str,
             faults: Faults) -> tuple[str, ...]:
    return tuple(_one_of({name: [e]}, name, allowed, at, faults) for e in got[name])


def _time(got: Mapping[str, list[Any]], name: str, at: str, faults: Faults) -> datetime | None:
    return _moment(_text(got, name), f"{at}/{name}", faults) if got[name] else None


def _moment(text: str, at: str, faults: Faults) -> datetime | None:
    try:
        if TIME.fullmatch(text):
            return datetime.fromisoformat(text)
    except ValueError:
        pass
    faults.add(at, "It is not a time with an offset", text[:80], "Write 2026-05-24T16:49:00+08:00.")
    return None


def _pairs(got: Mapping[str, list[Any]], name: str, at: str, faults: Faults) -> tuple[Pair, ...]:
    inner = [_children(e, VALUE, f"{at}/{name}[{n}]", faults) for n, e in enumerate(got[name], 1)]
    return tuple((_text(i, "valueName"), _text(i, "value")) for i in inner)


def _references(text: str, faults: Faults) -> tuple[tuple[str, str, datetime], ...]:
    out = []
    for part in text.split():
        sender, _, rest = part.partition(",")
        identifier, _, sent = rest.partition(",")
        at = _moment(sent, "alert/references", faults)
        if at and NAME.fullmatch(sender) and NAME.fullmatch(identifier):
            out.append((sender, identifier, at))
        elif at:
            faults.add("alert/references", "It is not sender,identifier,sent", part[:120], "Write all three.")
    return tuple(out)


def _numbers(text: str) -> list[float] | None:
    try:
        found = [float(n) for n in re.split(r"[,\s]+", text)]
    except ValueError:
        return None
    return found if all(abs(n) < 1e6 for n in found) else None  # also turns NaN away


def _polygon(text: str, at: str, faults: Faults) -> tuple[Point, ...]:
    n = _numbers(text) or []
    points = tuple(zip(n[::2], n[1::2], strict=False))
    if len(n) % 2 or len(points) < 4 or points[0] != points[-1]:
        faults.add(at, "A polygon is at least four points, the last one the first", text[:80], "Close the ring.")
        return ()
    return points if _on_earth(points, at, faults) else ()


def _circle(text: str, at: str, faults: Faults) -> tuple[float, float, float] | None:
    n = _numbers(text) or []
    if len(n) != 3 or n[2] < 0:
        faults.add(at, "A circle is a point and a radius in km", text[:80], "Write 38.63,-90.22 1.5.")
        return None
    return (n[0], n[1], n[2]) if _on_earth([(n[0], n[1])], at, faults) else None


def _on_earth(points: Iterable[Point], at: str, faults: Faults) -> bool:
    bad = [p for p in points if not (-90 <= p[0] <= 90 and -180 <= p[1] <= 180)]
    if bad:
        faults.add(at, "A point lies nowhere on earth", bad[0], "Latitude comes first.")
    return not bad


# ---- writing


def write(alert: Alert) -> bytes:
    """The document. Raises BadInput with every fault if the message breaks the standard."""
    root = etree.Element(f"{{{NS}}}alert", nsmap={None: NS})
    _put(root, {
        "identifier": alert.identifier, "sender": alert.sender, "sent": _stamp(alert.sent), "status": alert.status,
        "msgType": alert.msg_type, "source": alert.source, "scope": alert.scope, "restriction": alert.restriction,
        "addresses": alert.addresses, "note": alert.note, "incidents": alert.incidents,
        "references": " ".join(f"{sender},{name},{_stamp(at)}" for sender, name, at in alert.references),
        "info": [partial(_put_info, i=i) for i in alert.infos]}, ALERT)
    data = bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8"))
    read(data)
    return data


def _put_info(element: Any, i: Info) -> None:
    _put(element, {
        "language": i.language, "category": list(i.categories), "event": i.event, "responseType": list(i.responses),
        "urgency": i.urgency, "severity": i.severity, "certainty": i.certainty, "eventCode": _values(i.codes),
        "effective": _stamp(i.effective), "onset": _stamp(i.onset), "expires": _stamp(i.expires),
        "senderName": i.sender_name, "headline": i.headline, "description": i.description,
        "instruction": i.instruction, "web": i.web, "contact": i.contact, "parameter": _values(i.parameters),
        "area": [partial(_put_area, a=a) for a in i.areas]}, INFO)


def _put_area(element: Any, a: Area) -> None:
    _put(element, {
        "areaDesc": a.desc, "polygon": [" ".join(f"{lat:.6f},{lon:.6f}" for lat, lon in p) for p in a.polygons],
        "circle": [f"{lat:.6f},{lon:.6f} {km:g}" for lat, lon, km in a.circles], "geocode": _values(a.geocodes)}, AREA)


def _values(pairs: Iterable[Pair]) -> list[Callable[[Any], None]]:
    return [partial(_put, values={"valueName": name, "value": value}, rules=VALUE) for name, value in pairs]


def _put(element: Any, values: Mapping[str, Any], rules: Rules) -> None:
    """Adds children in the order of the rules: a text, or several texts or makers of what is inside. "" is left out."""
    for name, _least, _most in rules:
        given = values.get(name) or []
        for value in [given] if isinstance(given, str) else given:
            child = etree.SubElement(element, f"{{{NS}}}{name}")
            if callable(value):
                value(child)
            else:
                child.text = _clean(value)


def _clean(text: str) -> str:
    """Without the characters that XML cannot hold."""
    return re.sub("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "", text)


def _stamp(at: datetime | None) -> str:
    return at.replace(microsecond=0).isoformat() if at else ""


def plain(alert: Alert) -> dict[str, Any]:
    """The message as values of JSON, for people and programs that read it."""
    found = asdict(alert)
    found["references"] = [",".join((sender, name, _stamp(at))) for sender, name, at in alert.references]
    return cast(dict[str, Any], json.loads(json.dumps(found, default=lambda at: at.isoformat())))


# ---- signing (XML Signature, enveloped: standard 3.3.2.1)


def sign(data: bytes, key_pem: bytes, certificate_pem: bytes) -> bytes:
    """The document with its signature as the last element (ECDSA over SHA-256)."""
    from signxml.algorithms import SignatureConstructionMethod, SignatureMethod
    from signxml.signer import XMLSigner

    signer = XMLSigner(method=SignatureConstructionMethod.enveloped, signature_algorithm=SignatureMethod.ECDSA_SHA256)
    signed = signer.sign(parse(data), key=key_pem, cert=certificate_pem.decode())
    return bytes(etree.tostring(signed, xml_declaration=True, encoding="UTF-8"))


def verify(data: bytes, certificate_pem: bytes) -> Alert:
    """The message, read from what this certificate's key has signed and from nothing else. Raises BadInput."""
    from signxml.exceptions import InvalidInput, InvalidSignature
    from signxml.verifier import SignatureConfiguration, VerifyResult, XMLVerifier

    faults, root = Faults(), parse(data)
    try:
        told = XMLVerifier().verify(root, x509_cert=certificate_pem.decode(),
                                    expect_config=SignatureConfiguration(location="./", expect_references=1))
    except (InvalidSignature, InvalidInput, ValueError, etree.Error) as error:
        faults.add("signature", "It does not hold", str(error)[:200], "Do not act on it; ask its sender.")
        raise_all(faults)
    signed = told.signed_xml if isinstance(told, VerifyResult) else None
    if signed is None or signed.tag != f"{{{NS}}}alert":
        faults.add("signature", "It covers another part of the document", None, "Do not act on it; ask its sender.")
        raise_all(faults)
    return _alert(signed)
