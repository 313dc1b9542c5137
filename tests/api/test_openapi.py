"""The OpenAPI document is one of 3.1, and its examples are examples of their schemas (IX-20, IX-24)."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from jsonschema import Draft202012Validator, FormatChecker
from openapi_spec_validator import OpenAPIV31SpecValidator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

pytestmark = [pytest.mark.sqlite_only, pytest.mark.rule("IX-24")]
ADDRESS = "https://dianwei.example/openapi.json"


@pytest.fixture(scope="module")
def document() -> Any:
    return Client().get("/api/v1/openapi.json", headers={"Accept-Language": "en"}).json()


def test_document_is_valid_against_the_schema_of_openapi(document: Any) -> None:
    assert document["openapi"].startswith("3.1.")
    assert [error.message for error in OpenAPIV31SpecValidator(document).iter_errors()] == []


def test_examples_are_valid_against_their_schemas(document: Any) -> None:
    registry: Any = Registry().with_resource(ADDRESS, Resource(document, DRAFT202012))
    wrong, count = [], 0
    for place, schema, example in examples(document, "#"):
        # References are of the whole document.
        whole = {"$id": f"{ADDRESS}/{count}", **absolute(schema)}
        validator = Draft202012Validator(whole, registry=registry, format_checker=FormatChecker())
        wrong += [f"{place}: {error.message}" for error in validator.iter_errors(example)]
        count += 1
    assert wrong == []
    assert count > 100


def examples(part: Any, place: str) -> Iterator[tuple[str, Any, Any]]:
    """Every example with its schema: of a schema itself, of a parameter, of a body."""
    if isinstance(part, list):
        for number, one in enumerate(part):
            yield from examples(one, f"{place}/{number}")
    if not isinstance(part, dict):
        return
    is_schema = "type" in part or "$ref" in part or "anyOf" in part
    schema = part if is_schema and "in" not in part else part.get("schema")
    if schema is not None:
        many = part.get("examples", [])
        for example in [*many, part["example"]] if "example" in part else many:
            yield place, schema, example
    for name, one in part.items():
        if name not in {"example", "examples", "enum", "default", "const"}:
            yield from examples(one, f"{place}/{name}")


def absolute(part: Any) -> Any:
    if isinstance(part, list):
        return [absolute(one) for one in part]
    if not isinstance(part, dict):
        return part
    return {
        name: f"{ADDRESS}{one}" if name == "$ref" and isinstance(one, str) else absolute(one)
        for name, one in part.items()
    }
