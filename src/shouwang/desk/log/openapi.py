"""The document of the HTTP API. Rooms name their shapes without asking one another, so that two of one name are told
apart here: the first keeps it, another has that of its room before it. Ninja alone would let the last one win."""
from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeVar

from ninja import NinjaAPI
from ninja.openapi.schema import REF_TEMPLATE, OpenAPISchema
from ninja.operation import Operation

T = TypeVar("T")
REF = REF_TEMPLATE.removesuffix("{model}")


class API(NinjaAPI):
    def get_openapi_schema(self, *, path_prefix: str | None = None, path_params: Any = None) -> OpenAPISchema:
        return Document(self, self.get_root_path(path_params or {}) if path_prefix is None else path_prefix)


class Document(OpenAPISchema):
    """`placed`: the name of each shape by what it says, shapes within it written out."""

    def __init__(self, api: NinjaAPI, path_prefix: str) -> None:
        self.placed: dict[tuple[str, str], str] = {}
        self.room = ""
        super().__init__(api, path_prefix)

    def operation_details(self, operation: Operation) -> dict[str, Any]:
        self.room = operation.view_func.__module__.split(".")[2].capitalize()
        return super().operation_details(operation)

    def _create_schema_from_model(self, *args: Any, **given: Any) -> tuple[dict[str, Any], bool]:
        make = super()._create_schema_from_model
        return self._apart(lambda: make(*args, **given))

    def _extract_parameters(self, model: Any) -> list[dict[str, Any]]:
        make = super()._extract_parameters
        return self._apart(lambda: make(model))

    def _apart(self, make: Callable[[], T]) -> T:
        """What `make` gives, its shapes under names that nobody else has."""
        kept, self.schemas = self.schemas, {}
        made, own = make(), self.schemas
        self.schemas = kept
        names = {name: self._name(name, _whole(shape, own)) for name, shape in own.items()}
        self.schemas.update({names[name]: _renamed(shape, names) for name, shape in own.items()})
        renamed: T = _renamed(made, names)
        return renamed

    def _name(self, name: str, says: str) -> str:
        if (name, says) not in self.placed:
            taken, n, free = set(self.placed.values()), 1, name
            while free in taken:
                free, n = f"{self.room}{name}{n if n > 1 else ''}", n + 1
            self.placed[name, says] = free
        return self.placed[name, says]


def _whole(shape: Any, own: dict[str, Any], within: tuple[str, ...] = ()) -> str:
    """A shape with those it refers to written out; one that holds itself is named."""
    def told(value: Any) -> Any:
        if isinstance(value, dict):
            if name := _referred(value):
                return f"→{name}" if name in within else _whole(own[name], own, (*within, name))
            return {key: told(part) for key, part in value.items()}
        return [told(part) for part in value] if isinstance(value, list) else value

    return json.dumps(told(shape), sort_keys=True, default=str)


def _renamed(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, dict):
        name = _referred(value)
        return {key: REF + names.get(name, name) if name and key == "$ref" else _renamed(part, names)
                for key, part in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_renamed(part, names) for part in value)
    return value


def _referred(value: dict[str, Any]) -> str:
    """The shape that a reference names, "" for anything else."""
    ref = value.get("$ref")
    return ref.removeprefix(REF) if isinstance(ref, str) and ref.startswith(REF) else ""
