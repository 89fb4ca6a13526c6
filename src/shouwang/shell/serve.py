"""The desk as its server loads it: `granian --interface wsgi --factory shouwang.shell.serve:application`."""
from __future__ import annotations

import multiprocessing
import signal
from typing import Any

from .supervise import die_with_parent


def application() -> Any:
    """The WSGI application, in a process that ends with the server that started it."""
    server = multiprocessing.parent_process()
    if server is not None and server.pid is not None:
        die_with_parent(server.pid, signal.SIGKILL)
    from shouwang.desk.wsgi import application  # only now: the server's own process need not load the desk
    return application
