"""Writes docs/examples/dianwei.py, a client of the HTTP API, from its OpenAPI document: `python -m tools.api_client
[--check]`."""

import re
import subprocess
import sys
import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

from tools.generated import DOCS, run, setup_django

DOCUMENT = DOCS / "examples" / "dianwei.py"
_TYPES = {
    "integer": "int",
    "boolean": "bool",
    "string": "str",
    "number": "float",
    "array": "list[Any]",
    "object": "dict[str, Any]",
}

HEAD = '''"""A client of the Dianwei HTTP API, for a company's own program. It needs httpx and nothing else: copy it.

Written by `python -m tools.api_client` from the OpenAPI document; change that instead.

    with Dianwei("https://dianwei.example", client_id, client_secret) as api:
        for notice in api.each(api.list_notices, "S1001", state="issued"):
            print(notice["number"], notice["metric"], notice["level"])
"""

import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from urllib.parse import quote

import httpx

Items = Iterable[dict[str, Any]]
# Names and contents.
Files = Iterable[tuple[str, bytes]]

# Answers after which the same request may succeed, and how often it is sent in all.
AGAIN = frozenset({409, 429, 500, 502, 503, 504})
ATTEMPTS = 5


class ProblemError(Exception):
    """The API refused: a problem document (RFC 9457). ``errors`` says which values are wrong."""

    def __init__(self, status: int, document: dict[str, Any]) -> None:
        super().__init__(f"{status} {document.get('code', '')}: {document.get('detail', '')}")
        self.status = status
        self.code = document.get("code", "")
        self.errors = document.get("errors", [])


class Dianwei:
    """Gets tokens by client credentials, waits when it is asked to, and sends again what was not answered."""

    def __init__(self, base_url: str, client_id: str, client_secret: str, **options: Any) -> None:
        """``options``: those of `httpx.Client`, such as ``timeout`` in seconds."""
        self._http = httpx.Client(base_url=base_url, **{"timeout": 30, **options})
        self._client = (client_id, client_secret)
        self._token, self._until = "", 0.0

    def __enter__(self) -> "Dianwei":
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def each(self, read: Callable[..., Any], *place: str, **query: Any) -> Iterator[dict[str, Any]]:
        """All items of a list, page after page."""
        cursor = ""
        while cursor is not None:
            page = read(*place, cursor=cursor, **query)
            yield from page["items"]
            cursor = page["next_cursor"]

    def updated_orders(self, store_no: str, since: str) -> tuple[list[dict[str, Any]], str]:
        """The orders that were updated since an instant, and the instant for the next time."""
        orders: list[dict[str, Any]] = []
        page: dict[str, Any] = {"next_cursor": ""}
        while (cursor := page["next_cursor"]) is not None:
            page = self.list_orders(store_no, updated_since=since, cursor=cursor, limit=200)
            orders += page["items"]
        return orders, page["updated_until"]

    def _call(self, method: str, path: str, *, key: str = "", **what: Any) -> Any:
        """Send a request until it is answered for good. Raises ProblemError, or the error of httpx after the last
        attempt."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                headers = {"Authorization": f"Bearer {self._access_token()}"} | _given({"Idempotency-Key": key})
                answer = self._http.request(method, path, headers=headers, **what)
            except httpx.TransportError:
                if attempt == ATTEMPTS:
                    raise
                time.sleep(2**attempt / 4)
                continue
            if answer.is_success:
                return answer.json()
            if answer.status_code == 401 and attempt == 1:
                self._token = ""
                continue
            # Without Retry-After, 409 is somebody else's change, which stays.
            is_settled = answer.status_code == 409 and "Retry-After" not in answer.headers
            if answer.status_code not in AGAIN or is_settled or attempt == ATTEMPTS:
                raise ProblemError(answer.status_code, _document(answer))
            time.sleep(float(answer.headers.get("Retry-After", 2**attempt / 4)))
        raise AssertionError("not reached")

    def _put(self, path: str, items: Items, exported_at: str, key: str) -> Any:
        """Send a batch: the key makes sure that it has its effect once, however often it is sent."""
        batch = {"items": list(items)} | _given({"exported_at": exported_at})
        return self._call("PUT", path, key=key or uuid.uuid4().hex, json=batch)

    def _access_token(self) -> str:
        if not self._token or time.monotonic() > self._until:
            answer = self._http.post("/oauth/token", data={"grant_type": "client_credentials"}, auth=self._client)
            if not answer.is_success:
                raise ProblemError(answer.status_code, _document(answer))
            token = answer.json()
            self._token, self._until = token["access_token"], time.monotonic() + token["expires_in"] - 60
        return self._token
'''

TAIL = '''

def _document(answer: httpx.Response) -> dict[str, Any]:
    """The problem document, or what stands for one where something before the API answered."""
    try:
        found = answer.json()
    except ValueError:
        return {"detail": answer.text[:200]}
    return found if isinstance(found, dict) else {}


def _given(query: dict[str, Any]) -> dict[str, Any]:
    """Parameters that have a value."""
    return {name: value for name, value in query.items() if value not in (None, "")}


def _quoted(part: str) -> str:
    return quote(str(part), safe="")
'''


def document() -> str:
    """The client's source, formatted."""
    setup_django()
    from django.utils import translation

    from api.api import api

    with translation.override("en"):
        schema = api.get_openapi_schema(path_prefix="/api/v1")
    methods = [
        _method(path, verb, operation)
        for path, operations in schema["paths"].items()
        for verb, operation in operations.items()
    ]
    return _formatted("\n".join([HEAD.rstrip("\n"), *methods]) + "\n" + TAIL)


def _method(path: str, verb: str, operation: Mapping[str, Any]) -> str:
    """A method of the client for an operation."""
    parameters = operation.get("parameters", [])
    place = [one["name"] for one in parameters if one["in"] == "path"]
    address = 'f"' + re.sub(r"\{(\w+)\}", r"{_quoted(\1)}", path) + '"' if place else f'"{path}"'
    arguments, call = _sending(verb, address, operation)
    words = textwrap.fill(str(operation["summary"]).rstrip(".") + ".", 100)
    names = ["self", *(f"{name}: str" for name in place), *arguments]
    return (
        f"\n    def {_snake(operation['operationId'])}({', '.join(names)}) -> Any:\n"
        f'        """{words}"""\n        return {call}'
    )


def _sending(verb: str, address: str, operation: Mapping[str, Any]) -> tuple[list[str], str]:
    """What a method takes beside the parts of the address, and its call."""
    query = [one for one in operation.get("parameters", []) if one["in"] == "query"]
    options = [f"{_name(one)}: {_type(one['schema'])} | None = None" for one in query]
    given = ", ".join(f'"{one["name"]}": {_name(one)}' for one in query)
    start = f'self._call("{verb.upper()}", {address}'
    parameters = f", params=_given({{{given}}})" if query else ""
    content = operation.get("requestBody", {}).get("content", {})
    if "multipart/form-data" in content:
        sent = '[("files", one) for one in files]'
        return ["files: Files", "*", *options], f"{start}{parameters}, files={sent})"
    if "application/json" in content:
        return _sending_json(start, address, content["application/json"]["schema"])
    return (["*", *options] if options else []), f"{start}{parameters})"


def _sending_json(start: str, address: str, schema: Mapping[str, Any]) -> tuple[list[str], str]:
    if "items" in schema["properties"]:
        arguments = ["items: Items", "*", 'exported_at: str = ""', 'key: str = ""']
        return arguments, f"self._put({address}, items, exported_at, key)"
    required = {name: one for name, one in schema["properties"].items() if name in schema["required"]}
    others = {name: one for name, one in schema["properties"].items() if name not in required}
    arguments = [*(f"{name}: {_type(one)}" for name, one in required.items())]
    arguments += [f"{name}: {_type(one)} | None = None" for name, one in others.items()]
    said = ", ".join(f'"{name}": {name}' for name in required)
    more = ", ".join(f'"{name}": {name}' for name in others)
    body = f"{{{said}}}" + (f" | _given({{{more}}})" if more else "")
    return ["*", *arguments, 'key: str = ""'], f"{start}, key=key or uuid.uuid4().hex, json={body})"


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def _name(parameter: Mapping[str, Any]) -> str:
    """The parameter as a name of Python."""
    name = str(parameter["name"])
    return {"from": "first", "to": "last"}.get(name, name)


def _type(schema: Mapping[str, Any]) -> str:
    return next((_TYPES[one] for one in _kinds(schema) if one in _TYPES), "str")


def _kinds(schema: Mapping[str, Any]) -> Iterator[str]:
    if "type" in schema:
        yield schema["type"]
    for option in schema.get("anyOf", ()):
        yield from _kinds(option)


def _formatted(source: str) -> str:
    ruff = [sys.executable, "-m", "ruff", "format", "--stdin-filename", DOCUMENT.name, "-"]
    return subprocess.run(ruff, input=source, capture_output=True, text=True, check=True).stdout


if __name__ == "__main__":
    sys.exit(run(__doc__, DOCUMENT, document))
