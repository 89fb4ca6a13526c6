"""What an action may answer instead of doing its work. Views and API turn these into messages; nothing else is
caught."""

from __future__ import annotations

from typing import Any

from shouwang.engine.errors import ShouwangError


class Denied(ShouwangError):
    """The actor may not do this in this area."""

    def __init__(self, permission: str, area: str = "") -> None:
        super().__init__(f"{permission} is not granted in {area or 'any area'}")
        self.permission = permission
        self.area = area


class Refused(ShouwangError):
    """The action cannot be done as asked: `message` (translated) says why and what to do; `field` where it belongs."""

    status = 422

    def __init__(self, message: Any, *, field: str = "", code: str = "") -> None:
        super().__init__(str(message))
        self.message = message
        self.field = field
        self.code = code


class Conflict(Refused):
    """Somebody else was first, or the record has moved on."""

    status = 409


class Missing(Refused):
    """No such record in the actor's areas."""

    status = 404
