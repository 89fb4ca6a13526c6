"""Tells readers on this machine that the log has grown. Only a hint: a lost one costs a moment, never an event."""
import socket
from contextlib import suppress

from django.conf import settings

from shouwang.tables.live import wake_path

READERS = ("wire", "worker")


def wake(seq: int) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
        s.setblocking(False)
        for reader in READERS:
            with suppress(OSError):  # nobody listens, or its queue is full: it will look by itself
                s.sendto(str(seq).encode(), wake_path(settings.CONFIG.data, reader))
