"""The family of errors that the engine and the table readers raise.

Bad input is gathered whole and raised once: a person who mends a file wants all of its faults, not the first.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


class ShouwangError(Exception):
    """Anything that Shouwang itself refuses or cannot do. Its text is meant to be read by a user."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with an input.

    `what` and `remedy` are constant sentences, so that they can be translated; whatever varies stands in
    `where` (file, row and column, or the name of the argument) and in `value`.
    """

    where: str
    what: str
    value: object = None
    remedy: str = ""

    def __str__(self) -> str:
        found = "" if self.value is None else f" (got {self.value!r})"
        remedy = f" {self.remedy}" if self.remedy else ""
        return f"{self.where}: {self.what}{found}.{remedy}"


class BadInput(ShouwangError, ValueError):
    """The input cannot be used. `faults` names each thing wrong; `more` counts those that were not kept."""

    def __init__(self, faults: Iterable[Fault], more: int = 0) -> None:
        self.faults = tuple(faults)
        self.more = more
        super().__init__(self.faults, more)

    def __str__(self) -> str:
        lines = [str(fault) for fault in self.faults]
        if self.more:
            lines.append(f"… and {self.more} more faults.")
        return "\n".join(lines)


class NoAnswer(ShouwangError):
    """The input is sound, but no answer exists."""


class Faults:
    """Gathers faults while an input is checked.

    With `keep`, only the first so many are held and the others counted, for files of millions of bad rows.
    """

    def __init__(self, keep: int | None = None) -> None:
        self._keep = keep
        self._kept: list[Fault] = []
        self._count = 0

    def add(self, where: str, what: str, value: object = None, remedy: str = "") -> None:
        """Note one fault. NumPy scalars become plain Python values, so that they print plainly."""
        self._count += 1
        if self._keep is None or len(self._kept) < self._keep:
            plain = value.item() if hasattr(value, "item") else value
            self._kept.append(Fault(where, what, plain, remedy))

    def extend(self, error: BadInput) -> None:
        """Take over all faults of an error raised by a part of the input."""
        for fault in error.faults:
            self.add(fault.where, fault.what, fault.value, fault.remedy)
        self._count += error.more

    def __len__(self) -> int:
        return self._count

    def raise_if_any(self) -> None:
        """Raise `BadInput` with everything gathered, or do nothing."""
        if self._count:
            raise BadInput(self._kept, self._count - len(self._kept))
