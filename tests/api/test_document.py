"""The document of the API says of each operation what that operation takes and gives."""
from __future__ import annotations

from typing import Any

from ninja.openapi.schema import REF_TEMPLATE, OpenAPISchema

from shouwang.desk.api import api

DOCUMENT = api.get_openapi_schema(path_prefix="/api/")
REF = REF_TEMPLATE.removesuffix("{model}")


def whole(value: Any, shapes: dict[str, Any], within: tuple[str, ...] = ()) -> Any:
    """A shape with those it refers to written out, four deep at most of one that holds itself."""
    if isinstance(value, dict):
        if str(value.get("$ref", "")).startswith(REF):
            name = value["$ref"].removeprefix(REF)
            return "…" if within.count(name) > 3 else whole(shapes[name], shapes, (*within, name))
        return {key: whole(part, shapes, within) for key, part in value.items()}
    return [whole(part, shapes, within) for part in value] if isinstance(value, list) else value


def test_each_operation_is_told_with_its_own_shapes() -> None:
    """Rooms have shapes of one name: each operation alone, where none can be taken for another, says the truth."""
    alone, wrong, seen = OpenAPISchema(api, "/api/"), [], 0
    for bound in api._get_bound_routers():
        for view in bound.path_operations.values():
            for operation in view.operations:
                if not operation.include_in_schema:
                    continue
                id = operation.operation_id or api.get_openapi_operation_id(operation)
                told = next(m for item in DOCUMENT["paths"].values() for m in item.values() if m["operationId"] == id)
                for part, make in (("requestBody", alone.request_body), ("responses", alone.responses),
                                   ("parameters", alone.operation_parameters)):
                    alone.schemas = {}
                    true = whole(make(operation), alone.schemas)
                    seen += 1
                    if whole(told.get(part) or type(true)(), DOCUMENT["components"]["schemas"]) != true:
                        wrong.append(f"{part} of {id}")
    assert seen > 400 and wrong == []


def test_no_shape_is_referred_to_that_is_not_there() -> None:
    def named(value: Any) -> set[str]:
        parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        own = {value["$ref"]} if isinstance(value, dict) and isinstance(value.get("$ref"), str) else set()
        return own.union(*map(named, parts))

    assert named(dict(DOCUMENT)) <= {REF + name for name in DOCUMENT["components"]["schemas"]}


def test_each_body_refuses_what_it_does_not_know() -> None:
    def open_shapes(value: Any, within: str) -> list[str]:
        if isinstance(value, list):
            return [name for part in value for name in open_shapes(part, within)]
        if not isinstance(value, dict):
            return []
        own = [within] if "properties" in value and value.get("additionalProperties", True) is not False else []
        return own + [name for part in value.values() for name in open_shapes(part, value.get("title", within))]

    shapes, bodies = DOCUMENT["components"]["schemas"], 0
    for path, item in DOCUMENT["paths"].items():
        for operation in item.values():
            content = operation.get("requestBody", {}).get("content", {})
            if "application/json" in content:
                bodies += 1
                assert not open_shapes(whole(content["application/json"]["schema"], shapes), path), path
    assert bodies > 200
