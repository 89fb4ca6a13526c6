"""The API holds against anything its document allows: no answer of 500 or above, whoever asks."""
from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest
import schemathesis
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis.strategies import sampled_from
from schemathesis.core import NotSet

from shouwang.desk.api import api

DOCUMENT = api.get_openapi_schema(path_prefix="/api/")
SCHEMA = schemathesis.openapi.from_dict(DOCUMENT)
METHODS = ("get", "post", "put", "patch", "delete")
OPERATIONS = sorted((method, path) for path, item in DOCUMENT["paths"].items() for method in item if method in METHODS)
EXAMPLES = 8  # of each operation; tests/slow/test_fuzz_long.py asks for more


def send(client: Client, case: Any) -> Any:
    body = b"" if isinstance(case.body, NotSet) else json.dumps(case.body).encode()
    query = {k: v for k, v in (case.query or {}).items() if v is not None}
    return client.generic(case.method.upper(), case.formatted_path, data=body, content_type="application/json",
                          QUERY_STRING=urlencode(query, doseq=True))


# By the first part of the address: a town is dear to make, and what one operation leaves may trip another.
ROOMS = sorted({path.split("/")[2] for _method, path in OPERATIONS})


@pytest.mark.parametrize("room", ROOMS)
def test_no_answer_breaks(room: str, cast: Any, town: Any) -> None:
    for method, path in OPERATIONS:
        if path.split("/")[2] == room:
            ask(method, path, cast, EXAMPLES)


def ask(method: str, path: str, cast: Any, examples: int) -> None:
    """Ask for one operation in so many ways that its document allows."""
    clients = {who: getattr(cast, who).client for who in ("dispatcher", "admin")}
    for client in clients.values():
        client.raise_request_exception = False

    @settings(max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(case=SCHEMA[path][method.upper()].as_strategy(), who=sampled_from(sorted(clients)))
    def fuzz(case: Any, who: str) -> None:
        answer = send(clients[who], case)
        assert answer.status_code < 500, f"{method} {path} by {who}: {answer.status_code} {answer.content[:300]!r}"

    fuzz()
