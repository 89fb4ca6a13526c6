"""GET /live: one reader's stream of server-sent events.

    hello      {"seq"}                    the place in the log from which the stream goes on
    event      {"seq", "kind", "subject_kind", "subject", "area", "at", "payload", "card"?}
    positions  {"at", "units": [[unit, lon, lat, course, at_ms, source, jump], …]}
    reset      {"seq"}                    too much was missed: load the cards anew, go on from there
    over       {"why"}                    access (it ended), time (the ticket's): ask for a new ticket; stop

A reader goes on after a break with the header Last-Event-ID or with ?after=SEQ.
"""
from __future__ import annotations

import asyncio
import time

from aiohttp import web

from .follow import Follower
from .hub import Hub, Stream, beat, told
from .positions import MAY, Positions

BEAT_S = 5.0
STALL_S = 15.0  # a reader that takes nothing for so long is cut off; it comes back by its id
HEADERS = {"Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no",
           "X-Content-Type-Options": "nosniff"}


async def serve(request: web.Request, stream: Stream, hub: Hub, follower: Follower,
                positions: Positions) -> web.StreamResponse:
    after = _place(request)
    response = web.StreamResponse(headers=HEADERS)
    await response.prepare(request)
    try:
        # The stream was opened before this: what comes after `start` waits in it already.
        start = hub.cursor
        opening = await _opening(after, start, stream, follower)
        areas = stream.ticket.grants.get(MAY, ())
        await _send(response, opening + positions.told(areas, list(positions.last), int(time.time() * 1000)))
        while not stream.over:
            left_s = stream.ticket.expires_s - time.time()
            if left_s <= 0:
                stream.end("time")
                break
            data = await stream.take(min(BEAT_S, left_s))
            await _send(response, data or beat(hub.cursor))
        await _send(response, told("over", why=stream.over))
    except (ConnectionError, TimeoutError):
        if request.transport is not None:
            request.transport.abort()
    return response


async def _opening(after: int | None, start: int, stream: Stream, follower: Follower) -> bytes:
    if after is None:
        return told("hello", start, seq=start)
    messages = await follower.missed(after, start)
    if messages is None:
        return told("reset", start, seq=start)
    heard = [m.data for m in messages if m.is_for(stream.ticket)]
    return b"".join([told("hello", after, seq=after), *heard])


async def _send(response: web.StreamResponse, data: bytes) -> None:
    async with asyncio.timeout(STALL_S):
        await response.write(data)


def _place(request: web.Request) -> int | None:
    """The number of the last event the reader has; None for a new reader."""
    text = request.headers.get("Last-Event-ID") or request.query.get("after", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
