"""What desk and wire say to each other in plain files and SQL: wake-ups, tickets, positions, the log's new events."""
from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path


def wake_path(data: Path, reader: str) -> str:
    """The datagram socket on which a reader of the log (wire, worker) is woken. Short, for the kernel takes 107 bytes."""
    centre = hashlib.sha256(str(data.resolve()).encode()).hexdigest()[:12]
    return str(Path(tempfile.gettempdir()) / f"shouwang-{centre}-{reader}.sock")
