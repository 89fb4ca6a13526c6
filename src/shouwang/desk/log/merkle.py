"""The Merkle tree of RFC 9162, section 2.1: leaf H(0x00 ‖ x), node H(0x01 ‖ left ‖ right). Pure functions."""
from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode
EMPTY = hashlib.sha256(b"").digest()


def canonical(fields: Mapping[str, Any]) -> bytes:
    """One byte string for one event, whatever the database: sorted keys, no spaces, UTF-8."""
    return _encode(fields).encode()


def leaf_hash(data: bytes) -> bytes:
    return hashlib.sha256(b"\0" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\1" + left + right).digest()


@dataclass
class Tree:
    """Append-only: keeps one hash per full subtree (at most log2 n of them), which is all that a root needs."""

    size: int = 0
    frontier: list[bytes] = field(default_factory=list)  # roots of full subtrees, largest first

    def append(self, leaf: bytes) -> None:
        self.frontier.append(leaf)
        self.size += 1
        n = self.size
        while n % 2 == 0:
            right = self.frontier.pop()
            self.frontier[-1] = node_hash(self.frontier[-1], right)
            n //= 2

    def root(self) -> bytes:
        if not self.frontier:
            return EMPTY
        root = self.frontier[-1]
        for left in reversed(self.frontier[:-1]):
            root = node_hash(left, root)
        return root

    def dump(self) -> str:
        return ",".join(h.hex() for h in self.frontier)

    @classmethod
    def load(cls, size: int, dump: str) -> Tree:
        return cls(size, [bytes.fromhex(h) for h in dump.split(",") if h])
