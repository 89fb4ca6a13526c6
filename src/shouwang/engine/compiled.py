"""Compiles numeric loops at first use and keeps the machine code between runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

Function = TypeVar("Function", bound=Callable[..., Any])


def compiled(function: Function) -> Function:
    """Compile without the interpreter and let other threads run meanwhile.

    The machine code is kept beside the package, else in the user's cache directory; where neither can be
    written, it is compiled anew in each run.
    """
    try:
        return cast(Function, numba.njit(nogil=True, cache=True)(function))
    except RuntimeError:  # numba found no place for its cache
        return cast(Function, numba.njit(nogil=True)(function))
