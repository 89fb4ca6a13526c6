"""Passes every other path on to the desk, which listens on a socket that only this machine's owner can open."""
from __future__ import annotations

import asyncio
import base64
import hashlib
import time
from collections.abc import AsyncIterator, Mapping

from aiohttp import ClientConnectorError, ClientError, ClientSession, ClientTimeout, DummyCookieJar, UnixConnector, web
from multidict import CIMultiDict
from yarl import URL

BODY_MAX_B = 256 * 2**20  # a country's street file fits
WHOLE_B = 2**20  # up to here a body is passed on in one piece
RESTART_S = 5.0  # so long a request waits for a desk that is starting
ANSWER_S = 120.0
HOP_BY_HOP = {"connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te",
              "trailer", "transfer-encoding", "upgrade"}
OURS = {"forwarded", "x-real-ip", "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-forwarded-port"}

_STYLE = "body{font:16px/1.6 system-ui,sans-serif;max-width:34em;margin:20vh auto;padding:0 1em}"
_DOWN = """<!doctype html><html lang="zh-hans"><meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>守望 Shouwang</title><style>{style}</style>{refresh}
<h1>正在重新启动</h1><p>几秒后再试。已保存的内容不会丢失。</p>
<div lang="en"><h2>Restarting</h2><p>Try again in a few seconds. Nothing that was saved is lost.</p></div></html>
"""
_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_DOWN_HEADERS = {"Retry-After": "2", "Cache-Control": "no-store",
                 "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_HASH}'"}


class Proxy:
    """`path`: the desk's unix socket. `scheme`: what the reader's browser speaks with us."""

    def __init__(self, path: str, scheme: str) -> None:
        self._scheme = scheme
        self._session = ClientSession(
            connector=UnixConnector(path, limit=0, keepalive_timeout=10), auto_decompress=False,
            cookie_jar=DummyCookieJar(), timeout=ClientTimeout(total=None, sock_read=ANSWER_S))

    async def close(self) -> None:
        await self._session.close()

    async def pass_on(self, request: web.Request) -> web.StreamResponse:
        if not request.raw_path.startswith("/"):
            raise web.HTTPBadRequest(text="the path must begin with /")
        if (request.content_length or 0) > BODY_MAX_B:
            raise web.HTTPRequestEntityTooLarge(BODY_MAX_B, request.content_length or 0)
        headers = self._headers(request)
        whole = request.content_length is None or request.content_length <= WHOLE_B
        body = await request.read() if whole else None
        until_s = time.monotonic() + RESTART_S
        while True:
            try:
                return await self._ask(request, headers, body)
            except ClientConnectorError:  # the desk is starting and has seen nothing of this request
                if time.monotonic() > until_s:
                    return down(request)
                await asyncio.sleep(0.1)
            except ClientError:  # the desk ended while it answered
                return down(request)

    async def is_up(self) -> bool:
        """Whether the desk answers a page that reads its database."""
        try:
            async with self._session.get("http://localhost/favicon.ico", allow_redirects=False,
                                         timeout=ClientTimeout(total=5)) as answer:
                return answer.status < 500
        except (ClientError, TimeoutError):
            return False

    async def _ask(self, request: web.Request, headers: CIMultiDict[str], body: bytes | None) -> web.StreamResponse:
        data = body if body is not None else _stream(request)
        async with self._session.request(
                request.method, URL(f"http://desk{request.raw_path}", encoded=True), headers=headers, data=data or None,
                allow_redirects=False, skip_auto_headers=("User-Agent", "Content-Type", "Accept", "Accept-Encoding"),
        ) as answer:
            kept = _kept(answer.headers)
            whole = request.method != "HEAD" and answer.content_length is not None and answer.content_length <= WHOLE_B
            if whole:
                return web.Response(status=answer.status, headers=kept, body=await answer.read())
            response = web.StreamResponse(status=answer.status, headers=kept)
            response.content_length = answer.content_length  # of HEAD too: what GET would have brought
            await response.prepare(request)
            async for chunk in answer.content.iter_any():
                await response.write(chunk)
            await response.write_eof()
            return response

    def _headers(self, request: web.Request) -> CIMultiDict[str]:
        """The reader's headers without those that only we may set. One with an underscore would look to the desk like
        its twin with a hyphen, so it goes too."""
        headers = _kept(request.headers)
        for name in list(headers):
            if name.lower() in OURS or "_" in name:
                headers.popall(name, None)
        headers["X-Forwarded-For"] = request.remote or ""
        headers["X-Forwarded-Proto"] = self._scheme
        return headers


def down(request: web.Request) -> web.Response:
    """502 in the form the reader takes: JSON for programs, a page in both languages for people."""
    if request.path.startswith("/api/") or "text/html" not in request.headers.get("Accept", ""):
        detail = "正在重新启动,几秒后再试 / restarting, try again in a few seconds"
        return web.json_response({"detail": detail, "code": "restarting"}, status=502, headers=_DOWN_HEADERS)
    refresh = '<meta http-equiv="refresh" content="2">' if request.method == "GET" else ""
    return web.Response(status=502, text=_DOWN.format(style=_STYLE, refresh=refresh), content_type="text/html",
                        charset="utf-8", headers=_DOWN_HEADERS)


def _kept(headers: Mapping[str, str]) -> CIMultiDict[str]:
    """Headers that belong to the message and not to one connection (RFC 9110, 7.6.1)."""
    named = {name.strip().lower() for name in headers.get("Connection", "").split(",")}
    return CIMultiDict((k, v) for k, v in headers.items()
                       if k.lower() not in HOP_BY_HOP and k.lower() not in named and k.lower() != "server")


async def _stream(request: web.Request) -> AsyncIterator[bytes]:
    async for chunk in request.content.iter_any():
        yield chunk
