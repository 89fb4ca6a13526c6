"""Every call that can be counted, as columns in memory: the history files, and the calls taken at this desk.

Columns are read once per process and kept until places, streets or files change. Calls of the desk follow the log: what
changed since the last look is read anew, so that nothing shown is old. Where a file's calls lie (area, cell, street) is
worked out once and kept beside the centre's data, by the worker as soon as it can.
"""

from __future__ import annotations

import os
import threading
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import shapely
from django.conf import settings

from shouwang.desk.calls import facts as calls
from shouwang.desk.patrol import facts as patrol
from shouwang.desk.places import facts as places
from shouwang.desk.workflow.settings import get as setting
from shouwang.engine.demand.calls import SOURCES
from shouwang.engine.errors import NoAnswer
from shouwang.engine.geo.cells import Grid
from shouwang.engine.terms import AnyArray, BoolArray, FloatArray, IntArray

CELL_M = 200.0
DAY_S = 86_400
MOST_AT_ONCE = 2_000  # changed calls read one by one; with more, all are read
THURSDAY = 3  # day 0 of 1970


class Words:
    """Names numbered in the order in which they were met; numbers stay."""

    def __init__(self, known: Iterable[str] = ()) -> None:
        self.all = list(known)
        self._at = {word: n for n, word in enumerate(self.all)}

    def number(self, word: str) -> int:
        if word not in self._at:
            self._at[word] = len(self.all)
            self.all.append(word)
        return self._at[word]

    def numbers(self, words: AnyArray) -> AnyArray:
        if not len(words):
            return np.zeros(0, np.int16)
        met, at = np.unique(words.astype(str), return_inverse=True)
        found: AnyArray = np.array([self.number(str(word)) for word in met], np.int16)[at]
        return found


@dataclass(frozen=True)
class Ground:
    """The district in areas, squares and streets, as calls are put into them. `streets`: names; the first is none."""

    key: str
    paths: list[str]
    grid: Grid
    streets: list[str]

    @cached_property
    def named(self) -> tuple[AnyArray, AnyArray]:
        """The street of each edge and of each node of the network: at a crossing, and on a way without a name, the
        first by name of those that meet there; 0 where none does."""
        network = places.streets()
        assert network.name is not None  # or there were no names
        number = {name: n for n, name in enumerate(self.streets)}
        edges = np.array([number[str(name)] for name in network.name], np.int32)
        nodes = np.full(network.node_count, len(self.streets), np.int32)
        for end in (network.tail, network.head):
            np.minimum.at(nodes, end[edges > 0], edges[edges > 0])
        nodes[nodes == len(self.streets)] = 0
        ends = np.where(nodes[network.tail] > 0, nodes[network.tail], nodes[network.head])
        return np.where(edges > 0, edges, ends), nodes


@dataclass(frozen=True, eq=False)
class Part:
    """Calls of one source as columns of one length. time_s: local; day: since 1970; area, street, kind, result: numbers
    of the ground's and the record's words; cell of the ground's grid, −1 off it; found: by patrols themselves."""

    time_s: IntArray
    lon: FloatArray
    lat: FloatArray
    area: AnyArray  # small whole numbers take few bytes
    cell: AnyArray
    street: AnyArray
    kind: AnyArray
    source: AnyArray
    severity: AnyArray
    result: AnyArray
    found: BoolArray
    drill: BoolArray
    id: AnyArray  # UUIDs; None for calls of a file
    steps: FloatArray  # (calls, calls.STEPS) or no row at all

    def __len__(self) -> int:
        return len(self.time_s)

    @cached_property
    def day(self) -> AnyArray:
        return (self.time_s // DAY_S).astype(np.int32)

    @cached_property
    def minute(self) -> AnyArray:
        return (self.time_s % DAY_S // 60).astype(np.int16)

    @cached_property
    def hour(self) -> AnyArray:
        return (self.minute // 60).astype(np.int8)

    @cached_property
    def weekday(self) -> AnyArray:
        return ((self.day + THURSDAY) % 7).astype(np.int8)

    @cached_property
    def spots(self) -> tuple[AnyArray, AnyArray, AnyArray, AnyArray]:
        """Where calls lie, each place once: cell, street and area; and of each call the number of its place. There are
        far fewer places than calls, and no question changes them."""
        key = self.street.astype(np.int64)
        for column in (self.area, self.cell + 1):
            key = key * (int(column.max(initial=0)) + 1) + column
        _keys, first, number = np.unique(key, return_index=True, return_inverse=True)
        return self.cell[first], self.street[first], self.area[first], number.astype(np.int32)

    def take(self, chosen: AnyArray) -> Part:
        return Part(*(getattr(self, f.name)[chosen] for f in fields(self)))

    def and_(self, other: Part) -> Part:
        return Part(*(np.concatenate([getattr(p, f.name) for p in (self, other)]) for f in fields(self)))


@dataclass(frozen=True)
class Record:
    """All there is to count; the desk's own calls are the last part. `moved_days`: how far an example's old record was
    moved; `generated`: some calls were never made."""

    ground: Ground
    kinds: Words
    results: Words
    parts: tuple[Part, ...]
    moved_days: int
    generated: bool
    now_s: int  # local; an example's moved record reaches beyond it, and is cut there

    @cached_property
    def days(self) -> tuple[date, date] | None:
        """The first and the last day with a call that is no replayed one, up to today."""
        ends: list[int] = []
        for part in self.parts:
            real = part.day if part is not self.parts[-1] else part.day[~part.drill]
            if len(real):
                ends += [int(real.min()), int(real.max())]
        today = self.now_s // DAY_S
        return (_date(min(*ends, today)), _date(min(max(ends), today))) if ends else None


def _date(day: int) -> date:
    found: date = np.datetime64(day, "D").astype(object)
    return found


class _Store:
    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.key: Any = None
        self.seq = 0
        self.record: Record | None = None

    def get(self, now: datetime) -> Record:
        with self.lock:
            ground, local = _ground(), now.astimezone(ZoneInfo(setting("time_zone"))).replace(tzinfo=None)
            files = [(row, patrol.moved_days(row, local.date())) for row in patrol.histories("")]
            key = (ground.key, tuple((str(row.id), days) for row, days in files), setting("time_zone"))
            if key != self.key or self.record is None or calls.changed_since(0, look=False)[0] < self.seq:
                self.record = self._read(ground, files)
                self.key = key
            else:
                self.record = self._followed(self.record)
            return replace(self.record, now_s=int(np.datetime64(local, "s").astype(np.int64)))

    def _read(self, ground: Ground, files: Sequence[tuple[Any, int]]) -> Record:
        kinds, results = Words(), Words([""])
        self.seq = calls.changed_since(0, look=False)[0]
        parts = [_of_file(row, days, ground, kinds) for row, days in files]
        desk = _of_desk(calls.counted(), ground, kinds, results)
        return Record(ground, kinds, results, (*parts, desk), max((days for _row, days in files), default=0),
                      any(row.generated for row, _days in files), 0)  # fmt: skip

    def _followed(self, record: Record) -> Record:
        """The record with what the log says has changed."""
        self.seq, changed = calls.changed_since(self.seq)
        if not changed:
            return record
        *files, desk = record.parts
        fresh = calls.counted(changed if len(changed) <= MOST_AT_ONCE else None)
        told = _of_desk(fresh, record.ground, record.kinds, record.results)
        if len(changed) <= MOST_AT_ONCE:
            gone = set(changed)
            told = desk.take(np.array([one not in gone for one in desk.id], bool)).and_(told)
        return replace(record, parts=(*files, told))


_store = _Store()


def record(now: datetime) -> Record:
    """The record as it is now. Raises NoAnswer while there is no district."""
    return _store.get(now)


def forget() -> None:
    """Drops what is kept in memory."""
    _store.key = _store.record = None


def prepare() -> bool:
    """Works out where calls of newly taken in files lie, so that no reader waits for it. Returns whether it did."""
    if places.district() is None:
        return False
    key = _key()
    for row in patrol.histories(""):
        if not _kept(row.id, key).exists():
            told = patrol.record(row)
            _placed(row.id, told.lon, told.lat, _ground())
            return True
    return False


def _key() -> str:
    """What the ground is made of: other areas or streets make another."""
    network = places.network()
    return f"{zlib.crc32(repr((places.version(), network and str(network.id), CELL_M)).encode()):08x}"


def _ground() -> Ground:
    top = places.district()
    if top is None:
        raise NoAnswer("There is no district yet. Import areas first.")
    key = _key()
    if _store.record is not None and _store.record.ground.key == key:
        return _store.record.ground
    paths = places.locate_all(np.zeros(0), np.zeros(0))[0]
    districts = [shapely.geometry.shape(a.geometry) for a in places.areas("district")]
    names = [""]
    if places.network() is not None and (told := places.streets().name) is not None:
        names += sorted({str(name) for name in np.unique(told.astype(str))} - {""})
    return Ground(key, paths, Grid.over(shapely.union_all(districts), CELL_M), names)


def _of_file(row: Any, days: int, ground: Ground, kinds: Words) -> Part:
    told = patrol.record(row)
    area, cell, street = _placed(row.id, told.lon, told.lat, ground)
    number = np.array([kinds.number(kind) for kind in told.kinds] or [0], np.int16)
    left_out = np.array([kind in row.excluded_kinds for kind in told.kinds] or [False])
    n = len(told)
    none = np.zeros(n, np.int8)
    return Part(
        told.time_s + days * DAY_S, told.lon, told.lat, area, cell, street, number[told.kind],
        told.source.astype(np.int8), none, none.astype(np.int16), left_out[told.kind] | ~told.heard(),
        np.zeros(n, bool), np.full(n, None, object), np.zeros((n, 0)),
    )  # fmt: skip


def _of_desk(told: calls.Counted, ground: Ground, kinds: Words, results: Words) -> Part:
    at = {path: n for n, path in enumerate(ground.paths)}

    def area(path: str) -> int:
        """The deepest known area around a path: calls lie in cells too."""
        codes = path.split("/")[:-1]
        return next((at[p] for n in range(len(codes), 0, -1) if (p := "/".join(codes[:n]) + "/") in at), at[""])

    known = {path: area(path) for path in set(told.area)}
    cell = ground.grid.index(told.lon, told.lat).astype(np.int32)
    return Part(
        told.time.astype("datetime64[s]").astype(np.int64), told.lon, told.lat,
        np.array([known[path] for path in told.area], np.int16), cell, _streets_at(told.lon, told.lat, ground),
        kinds.numbers(told.type),
        np.array([SOURCES.index(s) for s in told.source], np.int8), told.severity.astype(np.int8),
        results.numbers(told.result), np.array([s == "patrol" for s in told.source], bool), told.drill, told.id,
        told.steps,
    )  # fmt: skip


def _folder() -> Path:
    return Path(settings.CONFIG.data) / "analysis"


def _kept(id: Any, key: str) -> Path:
    return _folder() / f"{id}-{key}.npz"


def _placed(id: Any, lon: FloatArray, lat: FloatArray, ground: Ground) -> tuple[AnyArray, AnyArray, AnyArray]:
    """Area, cell and street of each call of a file, from what was kept of it."""
    path = _kept(id, ground.key)
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        area, cell, street = _located(lon, lat, ground)
        part = path.with_suffix(f".{os.getpid()}.{threading.get_ident()}.part")
        with part.open("wb") as out:
            np.savez(out, area=area, cell=cell, street=street)
        os.replace(part, path)
        for old in _folder().glob(f"{id}-*.npz"):
            if old != path:
                old.unlink(missing_ok=True)
        return area, cell, street
    with np.load(path) as kept:
        return kept["area"], kept["cell"], kept["street"]


def _located(lon: FloatArray, lat: FloatArray, ground: Ground) -> tuple[AnyArray, AnyArray, AnyArray]:
    """Area, cell and street of points, each different point once: records come in on map points."""
    key = (np.round(lon * 1e6).astype(np.int64) << 32) + np.round(lat * 1e6).astype(np.int64)
    _points, first, back = np.unique(key, return_index=True, return_inverse=True)
    lon, lat = lon[first], lat[first]
    area = places.locate_all(lon, lat)[1].astype(np.int16)
    cell = ground.grid.index(lon, lat).astype(np.int32)
    return area[back], cell[back], _streets_at(lon, lat, ground)[back]


def _streets_at(lon: FloatArray, lat: FloatArray, ground: Ground) -> AnyArray:
    """The street nearest to each point."""
    if len(ground.streets) == 1 or not len(lon):
        return np.zeros(len(lon), np.int32)
    edges, nodes = ground.named
    spots = places.streets().snap(lon, lat)
    found: AnyArray = np.where(spots.edge >= 0, edges[np.maximum(spots.edge, 0)], nodes[np.maximum(spots.node, 0)])
    return found
