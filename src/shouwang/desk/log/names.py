"""What ids in the log stand for, in the reader's language. The rooms that know register how they look them up."""
from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from uuid import UUID

Lookup = Callable[[list[str]], dict[str, str]]


@dataclass(frozen=True)
class Ground:
    """An area as a line of the tree."""

    path: str
    kind: str
    name: str

    @property
    def depth(self) -> int:
        return self.path.count("/") - 1


BY_NAME = "user-by-name"  # the other way: names as typed to ids

# Kinds whose ids are UUIDs; others have codes or paths.
IDS = {"user", "call", "unit", "units", "posts", "exits", "closure", "terminals", "site", "hazard", "panel", "matter",
       "points", "office-items", "team", "member", "notice", "recruitment", "neighbour", "norm", "locality",
       "contract", "volunteer", "claim", "event", "warning", "item", "ring", "visit", "mediation"}

_lookups: dict[str, Lookup] = {}
_home: Callable[[], str] = lambda: ""  # noqa: E731
_ground: Callable[[bool], list[Ground]] = lambda cells: []  # noqa: E731


def known_by(kind: str, lookup: Lookup) -> None:
    """`lookup` turns ids of a kind (user, area, unit, call, …) into names; unknown ids are left out."""
    _lookups[kind] = lookup


def names(kind: str, ids: Iterable[str]) -> dict[str, str]:
    wanted = {i for i in ids if i}
    if kind in IDS:
        wanted = {i for i in wanted if _is_uuid(i)}  # actors such as system:worker have no row to be found in
    return _lookups[kind](sorted(wanted)) if wanted and kind in _lookups else {}


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def ground_told_by(find: Callable[[bool], list[Ground]]) -> None:
    global _ground
    _ground = find


def ground(*, cells: bool = False) -> list[Ground]:
    """Every area in tree order, cells only if asked for (there are many)."""
    return _ground(cells)


def home() -> str:
    """The path of the centre's own district: the first one that was loaded; "" in an empty centre."""
    return _home()


def home_told_by(find: Callable[[], str]) -> None:
    global _home
    _home = find
