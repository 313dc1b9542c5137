"""The documentation page of the API, from its OpenAPI document."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import pgettext

from api.problems import PROBLEMS, Problem
from api.scopes import SCOPES

Schema = Mapping[str, Any]
DEEPEST = 4
FORM = "multipart/form-data"


@dataclass(frozen=True, slots=True)
class Field:
    """A parameter, or a field of a body or an answer."""

    name: str
    kind: str
    is_required: bool
    text: str


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer by status; ``anchor``: the problem that explains it."""

    status: str
    text: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation with examples of its body and its answer as JSON."""

    anchor: str
    method: str
    path: str
    summary: str
    text: str
    scope: str
    scope_words: str
    parameters: list[Field]
    body: list[Field]
    body_example: str
    answer: list[Field]
    answer_example: str
    answers: list[Answer]
    curl: str


@dataclass(frozen=True, slots=True)
class ReferencePage:
    """What templates/api/docs.html reads."""

    groups: list[tuple[str, list[Operation]]]
    scopes: list[tuple[str, str]]
    problems: list[Problem]
    base: str
    document_url: str


def reference_page_of(document: Mapping[str, Any], *, base: str, document_url: str) -> ReferencePage:
    """The document, by subject in the order of the routes."""
    groups: dict[str, list[Operation]] = {}
    for path, methods in document["paths"].items():
        for method, details in methods.items():
            for tag in details.get("tags", ["–"])[:1]:
                groups.setdefault(tag, []).append(_operation(document, base, path, method, details))
    scopes = [(name, str(words)) for name, words in SCOPES.items()]
    return ReferencePage(list(groups.items()), scopes, list(PROBLEMS.values()), base, document_url)


def _operation(document: Schema, base: str, path: str, method: str, details: Schema) -> Operation:
    body = _content(details.get("requestBody", {}))
    done: Schema = next((answer for status, answer in details["responses"].items() if status.startswith("2")), {})
    answer = _content(done)
    scope = next((name for one in details.get("security", []) for names in one.values() for name in names), "")
    is_form = FORM in details.get("requestBody", {}).get("content", {})
    body_example = "" if is_form else _json(document, details.get("requestBody", {}), body)
    return Operation(
        anchor=details["operationId"],
        method=method.upper(),
        path=path,
        summary=details.get("summary", ""),
        text=details.get("description", ""),
        scope=scope,
        scope_words=str(SCOPES.get(scope, "")),
        parameters=[_parameter(document, one) for one in details.get("parameters", [])],
        body=list(_fields(document, body)),
        body_example=body_example,
        answer=list(_fields(document, answer)),
        answer_example=_json(document, done, answer),
        answers=[
            _answer(status, _resolved(document, answer), answer) for status, answer in details["responses"].items()
        ],
        curl=_curl(base, path, method, has_json=bool(body_example), is_form=is_form),
    )


def _curl(base: str, path: str, method: str, *, has_json: bool, is_form: bool) -> str:
    if method == "get":
        return f'curl -H "Authorization: Bearer $TOKEN" {base}{path}'
    lines = [f'curl -X {method.upper()} -H "Authorization: Bearer $TOKEN" \\']
    if has_json:
        lines += ['  -H "Content-Type: application/json" \\', "  --data @body.json \\"]
    if is_form:
        lines.append("  -F files=@trace.pdf \\")
    return "\n".join([*lines, f"  {base}{path}"])


def _answer(status: str, resolved: Schema, answer: Schema) -> Answer:
    return Answer(status, resolved.get("description", ""), str(answer.get("$ref", "")).rpartition("/")[2])


def _parameter(document: Schema, one: Schema) -> Field:
    where = {
        "path": pgettext("place of a parameter", "path"),
        "query": pgettext("place of a parameter", "query"),
        "header": pgettext("place of a parameter", "header"),
    }.get(one["in"], one["in"])
    kind = f"{where} · {kind_of(document, one.get('schema', {}))}"
    return Field(one["name"], kind, bool(one.get("required")), one.get("description", ""))


def _content(part: Schema) -> Schema:
    for content in part.get("content", {}).values():
        schema: Schema = content.get("schema", {})
        return schema
    return {}


def _fields(document: Schema, schema: Schema) -> Iterator[Field]:
    """The fields of an object, or of the objects in a list; nested ones by dotted names."""
    yield from _nested(document, schema, "", 0)


def _nested(document: Schema, schema: Schema, prefix: str, depth: int) -> Iterator[Field]:
    schema = _resolved(document, schema)
    if "items" in schema and depth < DEEPEST:
        yield from _nested(document, schema["items"], prefix, depth + 1)
        return
    required = schema.get("required", ())
    for name, inner in schema.get("properties", {}).items():
        resolved = _resolved(document, inner)
        text = inner.get("description") or resolved.get("description", "") if "properties" not in resolved else ""
        yield Field(prefix + name, kind_of(document, inner), name in required, text)
        if depth < DEEPEST:
            mark = "[]." if "items" in resolved else "."
            yield from _nested(document, resolved, f"{prefix}{name}{mark}", depth + 1)


def kind_of(document: Schema, schema: Schema) -> str:
    """A type in words, such as "list of text" or "text or nothing"."""
    schema = _resolved(document, schema)
    if choices := schema.get("anyOf") or schema.get("oneOf"):
        return " | ".join(dict.fromkeys(kind_of(document, choice) for choice in choices))
    if values := schema.get("enum"):
        return " | ".join(map(str, values))
    if schema.get("type") == "array":
        return pgettext("kind of value", "list of %(kind)s") % {"kind": kind_of(document, schema.get("items", {}))}
    return _words(schema)


def _words(schema: Schema) -> str:
    words = {
        "string": pgettext("kind of value", "text"),
        "integer": pgettext("kind of value", "whole number"),
        "number": pgettext("kind of value", "number"),
        "boolean": "true | false",
        "object": pgettext("kind of value", "object"),
        "null": pgettext("kind of value", "nothing"),
        "date": pgettext("kind of value", "date"),
        "date-time": pgettext("kind of value", "instant"),
    }
    return words.get(
        schema.get("format", ""), words.get(str(schema.get("type", "")), pgettext("kind of value", "any value"))
    )


def _json(document: Schema, part: Schema, schema: Schema) -> str:
    """The example of a body: the one that is given, else one made of its fields' examples."""
    for content in part.get("content", {}).values():
        if "example" in content:
            return _pretty(content["example"])
        if given := content.get("examples"):
            return _pretty(next(iter(given.values()))["value"])
    return _pretty(example_of(document, schema)) if schema else ""


def _pretty(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)


def example_of(document: Schema, schema: Schema, depth: int = 0) -> Any:
    """A value that fits the schema."""
    schema = _resolved(document, schema)
    for given in (schema.get("examples"), schema.get("enum")):
        if given:
            return given[0]
    if "default" in schema:
        return schema["default"]
    if choices := schema.get("anyOf") or schema.get("oneOf"):
        return example_of(document, choices[0], depth)
    if schema.get("type") == "array":
        return [example_of(document, schema.get("items", {}), depth + 1)] if depth < DEEPEST else []
    if "properties" in schema:
        inner = schema["properties"].items() if depth < DEEPEST else ()
        return {name: example_of(document, value, depth + 1) for name, value in inner}
    plain = {"date": "2026-11-30", "date-time": "2026-11-30T09:30:00Z"}
    return plain.get(
        schema.get("format", ""),
        {"string": "…", "integer": 1, "number": 1, "boolean": True}.get(str(schema.get("type"))),
    )


def _resolved(document: Schema, schema: Schema) -> Schema:
    """What a reference leads to."""
    reference = schema.get("$ref")
    if reference is None:
        return schema
    found: Any = document
    for part in reference.removeprefix("#/").split("/"):
        found = found[part]
    return _resolved(document, found)
