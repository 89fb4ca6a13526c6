"""Compiles numeric loops at first use and keeps the machine code between runs."""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
from numba.core.compiler_lock import global_compiler_lock

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
    try:
        made: Any = numba.njit(nogil=True, cache=True, **options)(function)
    except RuntimeError:  # numba found no place for its cache
        return cast(Function, numba.njit(nogil=True, **options)(function))
    kept = Path(made._cache.cache_path)
    _drop_old(function, kept)
    compile_alone = made.compile

    def compile_one(signature: Any) -> Any:
        # numba's own lock first, which its threads hold while they ask for what a function calls
        with global_compiler_lock, _locked(kept / f"{_name(function)}.lock"):
            return compile_alone(signature)

    made.compile = compile_one
    return cast(Function, made)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Held by one process at a time; by none where no file can be made."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("w")
    except OSError:
        yield
        return
    with file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _name(function: Callable[..., Any]) -> str:
    return f"{Path(function.__code__.co_filename).stem}.{function.__qualname__}"


def _drop_old(function: Callable[..., Any], kept: Path) -> None:
    """Deletes what was kept of a function before any file of the engine changed.

    Numba watches the function's own file alone: it would go on with an older copy of what another file gave
    it, and stop at the name of a class that is gone.
    """
    source = Path(function.__code__.co_filename)
    changed_s = max(_CHANGED_S, source.stat().st_mtime)
    for index in kept.glob(f"{_name(function)}-*.nbi"):
        if index.stat().st_mtime < changed_s:
            index.unlink(missing_ok=True)
