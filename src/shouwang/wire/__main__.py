"""`python -m shouwang.wire --port 8000`: the live process of the centre named by SHOUWANG_DATA.

Several may run on one centre in PostgreSQL, with the same folder `secret`. They find each other's news in the database;
SHOUWANG_NATS_URL=nats://USER:PASSWORD@HOST names a server by which they hear it sooner (docs/adr/0009).
"""
from __future__ import annotations

import argparse
import logging
import os
import resource

from aiohttp import web

from shouwang.tables.live import Folder

from .ami.line import Login
from .app import Wire
from .tls import Tls

STOP_S = 1.0  # for answers under way when the process is told to end


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m shouwang.wire", description=__doc__)
    parser.add_argument("--bind", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--tls-cert")
    parser.add_argument("--tls-key")
    parser.add_argument("--jt808", type=int, metavar="PORT", help="hear vehicle terminals there (JT/T 808 over TCP)")
    parser.add_argument("--dc09", type=int, metavar="PORT", help="hear alarm panels there (SIA DC-09 over TCP and UDP)")
    parser.add_argument("--telephone", metavar="HOST:PORT", help="listen to the exchange there (Asterisk AMI); its "
                        "account is USER:SECRET in SHOUWANG_TELEPHONE_LOGIN")
    options = parser.parse_args()
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    tls = Tls(options.tls_cert, options.tls_key) if options.tls_cert else None
    wire = Wire(Folder.from_env(os.environ), scheme="https" if tls else "http", jt808=options.jt808,
                dc09=options.dc09, bind=options.bind, telephone=_login(options.telephone), tls=tls,
                nats=os.environ.get("SHOUWANG_NATS_URL", ""))
    if options.jt808 is not None or options.dc09 is not None:  # one file for each device
        _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    web.run_app(wire.app(), host=options.bind, port=options.port, ssl_context=tls.context if tls else None,
                shutdown_timeout=STOP_S, access_log=None, print=None, handler_cancellation=True)


def _login(address: str | None) -> Login | None:
    """Where the exchange is, with the account from the environment: a command line is open to everybody here."""
    if not address:
        return None
    host, _colon, port = address.rpartition(":")
    user, _colon, secret = os.environ.get("SHOUWANG_TELEPHONE_LOGIN", "").partition(":")
    return Login(host, int(port), user, secret)


if __name__ == "__main__":
    main()
