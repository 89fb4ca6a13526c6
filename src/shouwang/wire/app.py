"""The live process put together: its addresses, and what runs beside them."""
from __future__ import annotations

import asyncio
import json
import logging
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from aiohttp import web

from shouwang.tables.live import BadTicket, Centre, Ticket, read_ticket, secret, socket_path

from . import stream
from .ami.exchange import Exchange
from .ami.line import Login
from .dc09 import links as dc09
from .fanout import Alone, Fanout
from .follow import Follower
from .hub import Hub
from .jt808.links import Link, Terminals
from .positions import Positions
from .proxy import BODY_MAX_B, Proxy
from .tls import Tls

POSITIONS_MAX = 5000
POSITIONS_MAX_B = 2**20
log = logging.getLogger("shouwang.wire")
TERMINALS_KEY = "terminals.key"  # the secret from which terminals' codes follow
FANOUT_KEY = "live.key"  # the secret under which live processes of the centre talk
AGAIN_S = 5.0
BACKLOG = 1024  # after a break of the network all terminals come at once
T = TypeVar("T")


@dataclass
class Wire:
    """`jt808`, `dc09`: the ports for vehicle terminals and for alarm panels (0: any that is free), None for none.
    `telephone`: the exchange to listen to. `nats`: the server over which live processes talk, "" for none."""

    centre: Centre
    scheme: str = "http"
    jt808: int | None = None
    dc09: int | None = None
    bind: str = "127.0.0.1"
    telephone: Login | None = None
    tls: Tls | None = None
    nats: str = ""

    def app(self) -> web.Application:
        """The web application. Its background work begins and ends with it."""
        self.hub = Hub()
        self.positions = Positions(self.hub)
        self.listening = threading.Event()  # for vehicle terminals
        self.listening_panels = threading.Event()
        app = web.Application(client_max_size=BODY_MAX_B)
        app.router.add_get("/live", self.live)
        app.router.add_post("/positions", self.take_positions)
        app.router.add_get("/healthz", self.health)
        app.router.add_route("*", "/{path:.*}", self.page)
        app.cleanup_ctx.append(self._beside)
        app.on_shutdown.append(self._stop)
        app.on_response_prepare.append(_nameless)
        return app

    async def _beside(self, app: web.Application) -> AsyncIterator[None]:
        self.follower = Follower(self.centre, self.hub, self.positions, self._fanout())
        self.proxy = Proxy(socket_path(self.centre.data, "desk"), self.scheme)
        beside = [self.follower.run()]
        if self.jt808 is not None:
            key = secret(self.centre.data, TERMINALS_KEY)
            self.follower.terminals = self.terminals = Terminals(key, self.positions, self.follower.store_alarm)
            beside += [self._hear_terminals(self.jt808), self.terminals.sweep()]
        if self.dc09 is not None:
            self.follower.panels = self.panels = dc09.Panels(self.follower.store_signal)
            beside += [self._hear_panels(self.dc09), self.panels.sweep()]
        if self.telephone is not None:
            self.exchange = Exchange(self.telephone, self.follower.store_rings, self.follower.heard_exchange)
            beside.append(self._hear_exchange())
        if self.tls is not None:
            beside.append(self.tls.follow())
        tasks = [asyncio.create_task(job) for job in beside]
        yield
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.follower.close()
        await self.proxy.close()

    def _fanout(self) -> Fanout:
        if not self.nats:
            return Alone()
        from .over_nats import Nats  # only centres that name a server load its client
        return Nats(self.nats, secret(self.centre.data, FANOUT_KEY))

    async def _hear_terminals(self, port: int) -> None:
        server = await self._listen("vehicle terminals", port, self._open_terminals)
        self.jt808 = server.sockets[0].getsockname()[1]
        self.listening.set()
        try:
            await asyncio.Future()  # until cancelled
        finally:
            server.close()
            self.terminals.close()

    async def _hear_panels(self, port: int) -> None:
        server, datagrams = await self._listen("alarm panels", port, self._open_panels)
        self.dc09 = server.sockets[0].getsockname()[1]
        self.panels.listen(int(time.time() * 1000))
        self.listening_panels.set()
        try:
            await asyncio.Future()  # until cancelled
        finally:
            server.close()
            datagrams.close()
            self.panels.close()

    async def _open_terminals(self, port: int) -> asyncio.Server:
        return await asyncio.get_running_loop().create_server(lambda: Link(self.terminals), self.bind, port,
                                                              backlog=BACKLOG)

    async def _open_panels(self, port: int) -> tuple[asyncio.Server, asyncio.DatagramTransport]:
        """TCP and UDP on one port: the standard knows both."""
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: dc09.Link(self.panels), self.bind, port, backlog=BACKLOG)
        try:
            datagrams, _protocol = await loop.create_datagram_endpoint(
                lambda: dc09.Datagrams(self.panels), local_addr=server.sockets[0].getsockname()[:2])
        except OSError:
            server.close()
            raise
        return server, datagrams

    async def _hear_exchange(self) -> None:
        await self.follower.ready.wait()
        await self.exchange.run()

    async def _listen(self, whom: str, port: int, opened: Callable[[int], Awaitable[T]]) -> T:
        """Listens once it is known which devices are registered: earlier each would be turned away."""
        await self.follower.ready.wait()
        while True:
            try:
                return await opened(port)
            except OSError as error:  # pages and updates go on without it
                log.error("the port %s for %s: %s; trying again", port, whom, error.strerror)
                await asyncio.sleep(AGAIN_S)

    async def _stop(self, app: web.Application) -> None:
        self.hub.end_all()

    async def live(self, request: web.Request) -> web.StreamResponse:
        await self.follower.ready.wait()
        opened = self.hub.open(self._admit(request))
        try:
            return await stream.serve(request, opened, self.hub, self.follower, self.positions)
        finally:
            self.hub.close(opened)

    async def take_positions(self, request: web.Request) -> web.Response:
        """{"positions": [{"lon", "lat", "at", "speed"?, "course"?, "unit"?}]} of the ticket's unit."""
        ticket = self._admit(request)
        if not ticket.unit:
            raise _refusal(web.HTTPForbidden, "no_unit", "the ticket is of nobody on duty with a unit")
        if (request.content_length or 0) > POSITIONS_MAX_B:
            raise web.HTTPRequestEntityTooLarge(POSITIONS_MAX_B, request.content_length or 0)
        await self.follower.ready.wait()
        try:
            given = json.loads(await request.read())["positions"]
        except (ValueError, TypeError, KeyError, RecursionError):
            given = None
        if not isinstance(given, list) or len(given) > POSITIONS_MAX:
            raise _refusal(web.HTTPUnprocessableEntity, "bad_body", f"send a list of up to {POSITIONS_MAX} positions")
        return web.json_response(self.positions.take(ticket, given, int(time.time() * 1000)))

    async def health(self, request: web.Request) -> web.Response:
        """200 when pages and live updates both work."""
        up = {"wire": True, "log": self.follower.ready.is_set(), "desk": await self.proxy.is_up()}
        more: dict[str, object] = {"seq": self.hub.cursor}
        if self.nats:
            more["others"] = self.follower.fanout.figures()
        if self.jt808 is not None:
            more["terminals"] = self.terminals.figures()
        if self.dc09 is not None:
            more["panels"] = self.panels.figures()
        if self.telephone is not None:
            more["telephone"] = self.exchange.figures()
        return web.json_response(up | more, status=200 if all(up.values()) else 503)

    async def page(self, request: web.Request) -> web.StreamResponse:
        return await self.proxy.pass_on(request)

    def _admit(self, request: web.Request) -> Ticket:
        kind, _, bearer = request.headers.get("Authorization", "").partition(" ")
        text = bearer if kind == "Bearer" else request.query.get("ticket", "")
        try:
            ticket = read_ticket(self.centre.data, text, now_s=time.time())
        except BadTicket as error:
            raise _refusal(web.HTTPUnauthorized, "bad_ticket", str(error)) from error
        if not self.hub.admits(ticket):
            raise _refusal(web.HTTPUnauthorized, "access_ended", "the access ended; sign in again")
        return ticket


def _refusal(kind: type[web.HTTPException], code: str, detail: str) -> web.HTTPException:
    return kind(text=json.dumps({"detail": detail, "code": code}), content_type="application/json")


async def _nameless(request: web.Request, response: web.StreamResponse) -> None:
    """Nobody needs to know which version of what answers."""
    response.headers["Server"] = "Shouwang"
