"""Who acts, and what they may do where. A plain value: actions ask it, views build it, tests write it down."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from .errors import Denied

Kind = Literal["user", "system", "drill"]


@dataclass(frozen=True)
class Actor:
    """`grants`: permission → area paths it holds in. An area path is the codes from the top, each closed by a
    slash ("stlouis/3/12/"), so "in this area or below" is a prefix. `everything` is for the centre's own workers."""

    id: str
    name: str
    kind: Kind = "user"
    grants: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    everything: bool = False
    unit: str = ""  # the unit whose crew this person is in while clocked on

    def may(self, permission: str, area: str | None = None) -> bool:
        """Whether the permission is held in `area` (None: anywhere at all)."""
        if self.everything:
            return True
        held = self.grants.get(permission, ())
        return bool(held) if area is None else any(area.startswith(prefix) for prefix in held)

    def require(self, permission: str, area: str | None = None) -> None:
        if not self.may(permission, area):
            raise Denied(permission, area or "")

    def areas(self, *permissions: str) -> tuple[str, ...]:
        """Area paths in which any of the permissions is held; ("",) is everywhere."""
        if self.everything:
            return ("",)
        return tuple(sorted({path for p in permissions for path in self.grants.get(p, ())}))


def system(name: str, kind: Kind = "system") -> Actor:
    return Actor(id=f"{kind}:{name}", name=name, kind=kind, everything=True)
