"""The description of the service says what it does; requests drawn from it never bring it down."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from pydantic import TypeAdapter

from tests.serving.conftest import CLEAN, DOUBTFUL, FRAMED, TRUNCATED, Client, Serve
from unframe.serving import schema
from unframe.serving.app import DESCRIPTION
from unframe.serving.problems import MEANINGS, STATUS


def test_the_words_of_the_description_are_those_of_the_detectors() -> None:
    for described, words in schema.WORDS.items():
        assert set(get_args(described)) == set(words)


def test_records_have_the_shape_that_is_described(ask: Client) -> None:
    found = ask.form("/v1/detect", ("a", FRAMED), ("b", CLEAN), ("c", DOUBTFUL), ("d", TRUNCATED)).json()
    TypeAdapter(list[schema.Record | schema.Failure]).validate_python(found, strict=True)
    schema.Problem.model_validate(ask.post("/v1/detect", TRUNCATED).json(), strict=True)
    for example, model in ((schema.FRAMED, schema.Record), (schema.FAILED, schema.Failure)):
        model.model_validate(example, strict=True)
    schema.Problem.model_validate(schema.OVERLOADED, strict=True)
    assert schema.OVERLOADED["title"] == MEANINGS["overloaded"]


def test_every_code_has_a_status_and_a_meaning() -> None:
    assert set(STATUS) <= set(MEANINGS)
    assert {"review", "still-framed", "exists", "collision", "outside"} == set(MEANINGS) - set(STATUS)


def test_the_description_has_examples_and_no_pages_from_elsewhere(ask: Client) -> None:
    document = ask("GET", "/openapi.json").json()
    assert document["info"]["description"] == DESCRIPTION
    assert set(document["paths"]) == {"/health/live", "/health/ready", "/metrics", "/v1/detect", "/v1/remove"}
    for name in ("Record", "Failure", "Problem", "Health"):
        assert document["components"]["schemas"][name]["examples"]
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            assert operation["summary"], (path, method)
            assert "application/problem+json" in str(operation["responses"]) or "200" in operation["responses"]
    for path in ("/docs", "/redoc"):
        assert ask("GET", path).status_code == 404


def test_requests_drawn_from_the_description_are_answered_as_it_says(serve: Serve) -> None:
    schemathesis: Any = pytest.importorskip("schemathesis")
    from hypothesis import HealthCheck, given, settings
    from schemathesis.checks import not_a_server_error
    from schemathesis.specs.openapi.checks import (
        content_type_conformance,
        response_schema_conformance,
        status_code_conformance,
    )

    server = serve()
    described = schemathesis.openapi.from_url(f"{server.url}/openapi.json")
    checks = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
    operations = [each.ok() for each in described.get_all_operations()]
    assert len(operations) == 6
    for operation in operations:

        @given(case=operation.as_strategy())
        @settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck), database=None)
        def ask(case: Any) -> None:
            case.call_and_validate(checks=checks, timeout=60)

        ask()
