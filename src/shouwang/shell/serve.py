"""The desk as its server loads it: `granian --interface wsgi --factory shouwang.shell.serve:application`."""
from __future__ import annotations

import logging
import multiprocessing
import signal
import threading
from typing import Any

from .supervise import die_with_parent


def application() -> Any:
    """The WSGI application, in a process that ends with the server that started it."""
    server = multiprocessing.parent_process()
    if server is not None and server.pid is not None:
        die_with_parent(server.pid, signal.SIGKILL)
    from shouwang.desk.wsgi import application  # only now: the server's own process need not load the desk
    threading.Thread(target=_warm, daemon=True).start()
    return application


def _warm() -> None:
    """Reads areas and streets and loads the compiled kernel, so that the first call does not wait for it."""
    from django.db import connection

    from shouwang.desk.calls import advice
    from shouwang.desk.places import facts as places
    try:
        places.locate(0.0, 0.0)
        advice.warm()
    except Exception as error:  # the first call will meet it again, where somebody can be told
        logging.getLogger("shouwang.desk").warning("not warm: %s", error)
    finally:
        connection.close()
