"""The log's events and cards as messages for streams, and as words for vehicles' screens."""
from __future__ import annotations

import json
from collections.abc import Iterable

from shouwang.tables.live.events import LogCard, LogEvent, named_units

from .hub import Message, sse


def compose(events: list[LogEvent], cards: list[LogCard], shown: dict[str, str]) -> list[Message]:
    """One message per event, in order. A card goes with the last event of its subject if the same people may see
    both, else by itself, as an event of kind "card". `shown`: key → area of the cards on the screens, kept up to
    date here: screens that see only the area which a subject has left are told that it is gone."""
    at = events[-1].at if events else ""
    last = {f"{e.subject_kind}:{e.subject}": e for e in events}
    loose = {card.key: card for card in cards}
    messages: list[tuple[int, Message]] = [(c.seq, gone) for c in cards for gone in _left(c, shown, at)]
    for event in events:
        key = f"{event.subject_kind}:{event.subject}"
        card = loose.get(key)
        fits = card is not None and last[key] is event and (card.may, card.area) == (event.may, event.area)
        if fits:
            del loose[key]
        messages.append((event.seq, _event(event, card.body if card and fits else None)))
    messages += [(card.seq, _card(card, card.area, card.body, at)) for card in loose.values()]
    return [message for _, message in sorted(messages, key=lambda pair: pair[0])]


def screen_text(event: LogEvent, call: str) -> str:
    """What a vehicle's screen shows of an event, "" for nothing. `call`: the card of the call that the event is about,
    as JSON. The desk's language is Chinese, and so is that of these screens."""
    if event.kind == "unit.stand_by":
        return f"待命：{json.loads(event.payload)['zh']}"
    card = json.loads(call) if event.kind == "call.assigned" else None
    if not card:
        return ""
    drill = "演练 " if card["drill"] else ""
    return f"{drill}派警 {card['number']} {card['severity']}级 {card['type_zh']} {card['place']}"


def _event(event: LogEvent, card: str | None) -> Message:
    data = _data(card, event.payload, seq=event.seq, kind=event.kind, subject_kind=event.subject_kind,
                 subject=event.subject, area=event.area, at=event.at)
    return Message(sse("event", data, event.seq), event.may, event.area, named_units(event))


def _card(card: LogCard, area: str, body: str, at: str, unless: str | None = None) -> Message:
    data = _data(body, "{}", seq=card.seq, kind="card", subject_kind=card.kind, subject=card.subject,
                 area=area, at=at)
    units = frozenset({card.subject}) if card.kind == "unit" and unless is None else frozenset()
    return Message(sse("event", data, card.seq), card.may, area, units, unless)


def _left(card: LogCard, shown: dict[str, str], at: str) -> Iterable[Message]:
    before = shown.pop(card.key, None)
    if card.body != "null":
        shown[card.key] = card.area
    if before is not None and before != card.area:
        yield _card(card, before, "null", at, unless=card.area)


def _data(card: str | None, payload: str, **names: str | int) -> str:
    """`payload` and `card` are JSON already."""
    end = "" if card is None else f',"card":{card}'
    return f'{json.dumps(names, separators=(",", ":"))[:-1]},"payload":{payload}{end}}}'
