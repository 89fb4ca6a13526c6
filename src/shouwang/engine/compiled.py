"""Compiles numeric loops at first use and keeps the machine code between runs."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
from numba.core.caching import FunctionCache

Function = TypeVar("Function", bound=Callable[..., Any])

_ENGINE = Path(__file__).parent
_CHANGED_S = max(path.stat().st_mtime for path in _ENGINE.rglob("*.py"))


def compiled(function: Function) -> Function:
    """Compile without the interpreter and let other threads run meanwhile.

    The machine code is kept beside the package, else in the user's cache directory; where neither can be
    written, it is compiled anew in each run. Code kept before the engine last changed is dropped. Of several
    processes that want it at once, one compiles and the others wait for what it keeps.
    """
    return _kept(function)


def compiled_inside(function: Function) -> Function:
    """The same for a function that only compiled ones call and that makes no array.

    It has no door to the interpreter, which halves the time to compile, does not count references to the
    arrays it is given (its caller holds them), and becomes a part of its caller. Counting them, and handing many
    arrays over, took most of the time of short functions.
    """
    return _kept(function, no_cpython_wrapper=True, no_cfunc_wrapper=True, _nrt=False, forceinline=True)


def _kept(function: Function, **options: Any) -> Function:
    made = numba.njit(nogil=True, **options)(function)
    with suppress(RuntimeError):  # numba found no place for its cache
        made._cache = _Shared(function)
        _drop_old(function, Path(made._cache.cache_path))
    return cast(Function, made)


class _Shared(FunctionCache):  # type: ignore[misc]
    """Numba's cache with a lock per function, held from a miss until the code is kept."""

    _held: int | None = None

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__(function)  # type: ignore[no-untyped-call]
        stem = Path(function.__code__.co_filename).stem
        self._lock = Path(self.cache_path, f"{stem}.{function.__qualname__}.lock")

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        found = super().load_overload(sig, target_context)  # type: ignore[no-untyped-call]
        if found is None and self._held is None:
            with suppress(OSError):
                self._lock.parent.mkdir(parents=True, exist_ok=True)
                self._held = os.open(self._lock, os.O_CREAT | os.O_WRONLY)
                fcntl.flock(self._held, fcntl.LOCK_EX)
            found = super().load_overload(sig, target_context)  # type: ignore[no-untyped-call]
            if found is not None:
                self._let_go()
        return found

    def save_overload(self, sig: Any, data: Any) -> None:
        super().save_overload(sig, data)  # type: ignore[no-untyped-call]
        self._let_go()

    def _let_go(self) -> None:
        if self._held is not None:
            os.close(self._held)
            self._held = None


def _drop_old(function: Callable[..., Any], kept: Path) -> None:
    """Deletes what was kept of a function before any file of the engine changed.

    Numba watches the function's own file alone: it would go on with an older copy of what another file gave
    it, and stop at the name of a class that is gone.
    """
    source = Path(function.__code__.co_filename)
    changed_s = max(_CHANGED_S, source.stat().st_mtime)
    for index in kept.glob(f"{source.stem}.{function.__qualname__}-*.nbi"):
        if index.stat().st_mtime < changed_s:
            index.unlink(missing_ok=True)
