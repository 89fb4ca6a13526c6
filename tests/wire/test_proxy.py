"""Pages passed on: what the desk is told, what it is not, and what a reader sees while it starts."""
from __future__ import annotations

import datetime as dt
import http.client
import json
import ssl
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from served import WAIT_S, Served

from shouwang.tables.live import Folder, socket_path
from shouwang.wire import proxy
from shouwang.wire.app import Wire


async def _echo(request: web.Request) -> web.Response:
    """A desk that says what it was asked."""
    body = await request.read()
    answer = web.json_response({"method": request.method, "path": request.raw_path, "length": len(body),
                                "declared": request.content_length, "headers": list(request.headers.items())})
    answer.headers.add("Set-Cookie", "a=1")
    answer.headers.add("Set-Cookie", "b=2")
    answer.headers["Connection"] = "keep-alive, X-Private"
    answer.headers["X-Private"] = "for one hop"
    return answer


async def _drip(request: web.Request) -> web.StreamResponse:
    answer = web.StreamResponse()
    await answer.prepare(request)
    for _ in range(300):
        await answer.write(b"x" * 10_000)
    return answer


async def _moved(request: web.Request) -> web.Response:
    return web.Response(status=302, headers={"Location": "/elsewhere"})


async def _unchanged(request: web.Request) -> web.Response:
    return web.Response(status=304, headers={"ETag": '"1"'})


def desk_app() -> web.Application:
    app = web.Application(client_max_size=2**30)
    app.router.add_get("/drip", _drip)
    app.router.add_get("/moved", _moved)
    app.router.add_get("/unchanged", _unchanged)
    app.router.add_route("*", "/{path:.*}", _echo)
    return app


@pytest.fixture
def centre(tmp_path: Path) -> Folder:
    return Folder(tmp_path, f"sqlite://{tmp_path}/none.sqlite3")


@pytest.fixture
def desk(centre: Folder) -> Iterator[Served]:
    served = Served(desk_app(), path=socket_path(centre.data, "desk"))
    yield served
    served.close()


@pytest.fixture
def wire(centre: Folder) -> Iterator[Served]:
    served = Served(Wire(centre).app())
    yield served
    served.close()


def seen(answer: requests.Response) -> tuple[dict[str, Any], dict[str, str]]:
    told = answer.json()
    return told, {name.lower(): value for name, value in told["headers"]}


def test_the_desk_is_told_where_a_request_came_from_by_us_alone(desk: Served, wire: Served) -> None:
    forged = {"X-Forwarded-For": "6.6.6.6", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil",
              "Forwarded": "for=6", "X-Real-IP": "6.6.6.6", "X_Forwarded_Proto": "https", "X_Forwarded_For": "6.6.6.6"}
    _, headers = seen(requests.get(f"{wire.url}/board/", headers=forged, timeout=WAIT_S))
    assert headers["x-forwarded-for"] == "127.0.0.1"
    assert headers["x-forwarded-proto"] == "http"
    assert headers["host"] == f"localhost:{wire.port}"
    assert not {"x-forwarded-host", "forwarded", "x-real-ip", "x_forwarded_proto", "x_forwarded_for"} & headers.keys()


def test_headers_of_one_connection_end_with_it(desk: Served, wire: Served) -> None:
    answer = requests.get(f"{wire.url}/", timeout=WAIT_S, headers={
        "Connection": "keep-alive, X-Mine", "X-Mine": "1", "Accept-Language": "zh", "Proxy-Authorization": "x"})
    _, headers = seen(answer)
    assert headers["accept-language"] == "zh"
    assert not {"x-mine", "proxy-authorization", "keep-alive"} & headers.keys()
    assert "X-Private" not in answer.headers
    assert answer.raw.headers.getlist("Set-Cookie") == ["a=1", "b=2"]


def test_path_and_query_arrive_as_they_were_written(desk: Served, wire: Served) -> None:
    path = "/a%2Fb/%E6%B4%BE?q=%2B1+2&q=%252F"
    assert seen(requests.get(f"{wire.url}{path}", timeout=WAIT_S))[0]["path"] == path


@pytest.mark.parametrize("size", [0, 10, 3 * 2**20])
@pytest.mark.parametrize("chunked", [False, True])
def test_bodies_arrive_whole_and_with_their_length(desk: Served, wire: Served, size: int, chunked: bool) -> None:
    body = b"y" * size
    answer = requests.post(f"{wire.url}/api/calls", data=iter([body]) if chunked and size else body, timeout=WAIT_S)
    told, _ = seen(answer)
    assert (told["method"], told["length"], told["declared"] or 0) == ("POST", size, size)


def test_a_body_beyond_the_limit_is_refused(desk: Served, wire: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proxy, "BODY_MAX_B", 100)
    assert requests.post(f"{wire.url}/", data=b"y" * 101, timeout=WAIT_S).status_code == 413


def test_long_answers_stream_and_short_forms_keep_their_meaning(desk: Served, wire: Served) -> None:
    assert len(requests.get(f"{wire.url}/drip", timeout=WAIT_S).content) == 3_000_000
    moved = requests.get(f"{wire.url}/moved", allow_redirects=False, timeout=WAIT_S)
    assert (moved.status_code, moved.headers["Location"]) == (302, "/elsewhere")
    unchanged = requests.get(f"{wire.url}/unchanged", timeout=WAIT_S)
    assert (unchanged.status_code, unchanged.headers["ETag"], unchanged.content) == (304, '"1"', b"")
    head = requests.head(f"{wire.url}/any", timeout=WAIT_S)
    assert (head.status_code, head.content) == (200, b"")
    assert int(head.headers["Content-Length"]) > 0


def test_one_connection_serves_many_requests(desk: Served, wire: Served) -> None:
    connection = http.client.HTTPConnection("localhost", wire.port, timeout=WAIT_S)
    for n in range(20):
        connection.request("POST", f"/{n}", body=b"y" * n)
        assert json.loads(connection.getresponse().read())["length"] == n


def test_without_a_desk_people_read_a_page_and_programs_json(wire: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proxy, "RESTART_S", 0.0)
    page = requests.get(f"{wire.url}/board/", headers={"Accept": "text/html"}, timeout=WAIT_S)
    assert page.status_code == 502
    assert "正在重新启动" in page.text
    assert "Restarting" in page.text
    told = requests.post(f"{wire.url}/api/calls", json={}, timeout=WAIT_S)
    assert (told.status_code, told.json()["code"]) == (502, "restarting")
    assert requests.get(f"{wire.url}/healthz", timeout=WAIT_S).status_code == 503


def test_a_request_waits_for_a_desk_that_is_starting(wire: Served, centre: Folder) -> None:
    answers: list[requests.Response] = []
    asking = threading.Thread(target=lambda: answers.append(
        requests.post(f"{wire.url}/api/calls", data=b"once", timeout=WAIT_S)))
    asking.start()
    time.sleep(0.5)
    desk = Served(desk_app(), path=socket_path(centre.data, "desk"))
    asking.join()
    desk.close()
    assert answers[0].json()["length"] == 4


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for localhost that signs itself, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    made = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
            .serial_number(1).not_valid_before(now).not_valid_after(now + dt.timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(key, hashes.SHA256()))
    path = tmp_path / "tls.pem"
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM) + key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    return path


def test_over_tls_the_desk_knows_that_it_is_https(desk: Served, centre: Folder, certificate: Path) -> None:
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate)
    wire = Served(Wire(centre, scheme="https").app(), tls=tls)
    try:
        _, headers = seen(requests.get(f"{wire.url}/", verify=str(certificate), timeout=WAIT_S))
        assert headers["x-forwarded-proto"] == "https"
        with pytest.raises(requests.exceptions.SSLError):
            requests.get(f"{wire.url}/", timeout=WAIT_S)
    finally:
        wire.close()
