"""A program as an ERP's makers would write it: it keeps stores in step over a line that fails, by httpx alone."""

import itertools
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx

BATCH = 1_000
AGAIN = frozenset({409, 429, 500, 502, 503, 504})


class GivenUpError(Exception):
    """The server did not answer a batch."""


@dataclass
class Erp:
    """Pushes changed rows and reads orders back. ``wait`` is called with the seconds of a pause."""

    address: str
    token: str
    transport: httpx.BaseTransport
    wait: Callable[[float], None]
    attempts: int = 20
    sent: int = 0
    keys: Iterator[int] = field(default_factory=itertools.count)

    def __post_init__(self) -> None:
        headers = {"Authorization": f"Bearer {self.token}", "Accept-Language": "en"}
        self.client = httpx.Client(base_url=f"{self.address}/api/v1", headers=headers, transport=self.transport)

    def push(self, store_no: str, resource: str, items: list[dict[str, Any]], exported_at: str) -> list[str]:
        """Push rows in batches, each until it is answered; returns the verdicts."""
        found: list[str] = []
        for start in range(0, len(items), BATCH):
            batch = {"items": items[start : start + BATCH], "exported_at": exported_at}
            report = self._sent(f"/stores/{store_no}/{resource}", batch)
            found += [result["verdict"] for result in report["results"]]
        return found

    def orders(self, store_no: str) -> Iterator[dict[str, Any]]:
        """All orders of a store."""
        cursor: str | None = ""
        while cursor is not None:
            query = {"limit": "200", "cursor": cursor}
            page = self._answered(lambda query=query: self.client.get(f"/stores/{store_no}/orders", params=query))
            yield from page["items"]
            cursor = page["next_cursor"]

    def _sent(self, path: str, batch: dict[str, Any]) -> dict[str, Any]:
        headers = {"Idempotency-Key": f"erp-{next(self.keys)}", "Content-Type": "application/json"}
        body = json.dumps(batch)
        return self._answered(lambda: self.client.put(path, content=body, headers=headers))

    def _answered(self, send: Callable[[], httpx.Response]) -> dict[str, Any]:
        for attempt in range(self.attempts):
            self.sent += 1
            try:
                response = send()
            except httpx.TransportError:
                self.wait(2**attempt)
                continue
            if response.status_code in AGAIN:
                self.wait(float(response.headers.get("Retry-After", 2**attempt)))
                continue
            response.raise_for_status()
            return dict(response.json())
        raise GivenUpError
