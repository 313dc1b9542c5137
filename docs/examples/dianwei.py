"""A client of the Dianwei HTTP API, for a company's own program. It needs httpx and nothing else: copy it.

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

    def get_account(self) -> Any:
        """What this token may do."""
        return self._call("GET", "/api/v1/me")

    def list_orders(
        self,
        store_no: str,
        *,
        state: str | None = None,
        created_from: str | None = None,
        created_to: str | None = None,
        updated_since: str | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Any:
        """Orders of a store."""
        return self._call(
            "GET",
            f"/api/v1/stores/{_quoted(store_no)}/orders",
            params=_given(
                {
                    "state": state,
                    "created_from": created_from,
                    "created_to": created_to,
                    "updated_since": updated_since,
                    "cursor": cursor,
                    "limit": limit,
                }
            ),
        )

    def put_orders(self, store_no: str, items: Items, *, exported_at: str = "", key: str = "") -> Any:
        """Add and update orders."""
        return self._put(f"/api/v1/stores/{_quoted(store_no)}/orders", items, exported_at, key)

    def get_order(self, store_no: str, order_no: str) -> Any:
        """One order with what belongs to it."""
        return self._call("GET", f"/api/v1/stores/{_quoted(store_no)}/orders/{_quoted(order_no)}")

    def list_problem_orders(
        self,
        store_no: str,
        *,
        metric: str | None = None,
        first: str | None = None,
        last: str | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Any:
        """Orders that fail a metric, with the reasons."""
        return self._call(
            "GET",
            f"/api/v1/stores/{_quoted(store_no)}/problem-orders",
            params=_given({"metric": metric, "from": first, "to": last, "cursor": cursor, "limit": limit}),
        )

    def put_order_lines(self, store_no: str, items: Items, *, exported_at: str = "", key: str = "") -> Any:
        """Add and update order lines."""
        return self._put(f"/api/v1/stores/{_quoted(store_no)}/order-lines", items, exported_at, key)

    def put_shipments(self, store_no: str, items: Items, *, exported_at: str = "", key: str = "") -> Any:
        """Add and update shipments."""
        return self._put(f"/api/v1/stores/{_quoted(store_no)}/shipments", items, exported_at, key)

    def put_tracking_events(self, store_no: str, items: Items, *, exported_at: str = "", key: str = "") -> Any:
        """Add and update tracking events."""
        return self._put(f"/api/v1/stores/{_quoted(store_no)}/tracking-events", items, exported_at, key)

    def put_reviews(self, store_no: str, items: Items, *, exported_at: str = "", key: str = "") -> Any:
        """Add and update reviews."""
        return self._put(f"/api/v1/stores/{_quoted(store_no)}/reviews", items, exported_at, key)

    def put_disputes(self, store_no: str, items: Items, *, exported_at: str = "", key: str = "") -> Any:
        """Add and update disputes."""
        return self._put(f"/api/v1/stores/{_quoted(store_no)}/disputes", items, exported_at, key)

    def put_refunds(self, store_no: str, items: Items, *, exported_at: str = "", key: str = "") -> Any:
        """Add and update refunds."""
        return self._put(f"/api/v1/stores/{_quoted(store_no)}/refunds", items, exported_at, key)

    def put_returns(self, store_no: str, items: Items, *, exported_at: str = "", key: str = "") -> Any:
        """Add and update returns."""
        return self._put(f"/api/v1/stores/{_quoted(store_no)}/returns", items, exported_at, key)

    def put_settlements(self, store_no: str, items: Items, *, exported_at: str = "", key: str = "") -> Any:
        """Add and update settlements."""
        return self._put(f"/api/v1/stores/{_quoted(store_no)}/settlements", items, exported_at, key)

    def put_messages(self, store_no: str, items: Items, *, exported_at: str = "", key: str = "") -> Any:
        """Add and update messages."""
        return self._put(f"/api/v1/stores/{_quoted(store_no)}/messages", items, exported_at, key)

    def put_listings(self, store_no: str, items: Items, *, exported_at: str = "", key: str = "") -> Any:
        """Add and update listings."""
        return self._put(f"/api/v1/stores/{_quoted(store_no)}/listings", items, exported_at, key)

    def put_copyright_complaints(self, store_no: str, items: Items, *, exported_at: str = "", key: str = "") -> Any:
        """Add and update copyright complaints."""
        return self._put(f"/api/v1/stores/{_quoted(store_no)}/copyright-complaints", items, exported_at, key)

    def list_scorecards(
        self, store_no: str, *, first: str | None = None, last: str | None = None, metric: str | None = None
    ) -> Any:
        """Metrics by day."""
        return self._call(
            "GET",
            f"/api/v1/stores/{_quoted(store_no)}/scorecards",
            params=_given({"from": first, "to": last, "metric": metric}),
        )

    def list_ratings(self, store_no: str, *, first: str | None = None, last: str | None = None) -> Any:
        """Ratings by day."""
        return self._call(
            "GET", f"/api/v1/stores/{_quoted(store_no)}/ratings", params=_given({"from": first, "to": last})
        )

    def explain_metric(self, store_no: str, day: str, metric: str) -> Any:
        """Why a metric is what it is."""
        return self._call("GET", f"/api/v1/stores/{_quoted(store_no)}/scorecards/{_quoted(day)}/{_quoted(metric)}")

    def list_notices(
        self,
        store_no: str,
        *,
        state: str | None = None,
        level: str | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Any:
        """Notices."""
        return self._call(
            "GET",
            f"/api/v1/stores/{_quoted(store_no)}/notices",
            params=_given({"state": state, "level": level, "cursor": cursor, "limit": limit}),
        )

    def get_notice(self, store_no: str, number: str) -> Any:
        """One notice."""
        return self._call("GET", f"/api/v1/stores/{_quoted(store_no)}/notices/{_quoted(number)}")

    def list_notice_orders(
        self, store_no: str, number: str, *, cursor: str | None = None, limit: int | None = None
    ) -> Any:
        """Problem orders of a notice."""
        return self._call(
            "GET",
            f"/api/v1/stores/{_quoted(store_no)}/notices/{_quoted(number)}/orders",
            params=_given({"cursor": cursor, "limit": limit}),
        )

    def list_penalties(
        self, store_no: str, *, in_force: bool | None = None, cursor: str | None = None, limit: int | None = None
    ) -> Any:
        """Penalties."""
        return self._call(
            "GET",
            f"/api/v1/stores/{_quoted(store_no)}/penalties",
            params=_given({"in_force": in_force, "cursor": cursor, "limit": limit}),
        )

    def get_points(self, store_no: str) -> Any:
        """Penalty points of this year."""
        return self._call("GET", f"/api/v1/stores/{_quoted(store_no)}/points")

    def list_appeals(
        self, store_no: str, *, state: str | None = None, cursor: str | None = None, limit: int | None = None
    ) -> Any:
        """Appeals."""
        return self._call(
            "GET",
            f"/api/v1/stores/{_quoted(store_no)}/appeals",
            params=_given({"state": state, "cursor": cursor, "limit": limit}),
        )

    def start_appeal(self, store_no: str, *, kind: str, subject: str, key: str = "") -> Any:
        """Start an appeal."""
        return self._call(
            "POST",
            f"/api/v1/stores/{_quoted(store_no)}/appeals",
            key=key or uuid.uuid4().hex,
            json={"kind": kind, "subject": subject},
        )

    def get_appeal(self, store_no: str, number: str) -> Any:
        """One appeal."""
        return self._call("GET", f"/api/v1/stores/{_quoted(store_no)}/appeals/{_quoted(number)}")

    def save_appeal(
        self,
        store_no: str,
        number: str,
        *,
        version: int,
        orders: list[Any],
        statement: str,
        named_error: str | None = None,
        key: str = "",
    ) -> Any:
        """Save a draft."""
        return self._call(
            "PUT",
            f"/api/v1/stores/{_quoted(store_no)}/appeals/{_quoted(number)}",
            key=key or uuid.uuid4().hex,
            json={"version": version, "orders": orders, "statement": statement} | _given({"named_error": named_error}),
        )

    def submit_appeal(
        self, store_no: str, number: str, *, version: int, expedited: bool | None = None, key: str = ""
    ) -> Any:
        """Hand an appeal in."""
        return self._call(
            "POST",
            f"/api/v1/stores/{_quoted(store_no)}/appeals/{_quoted(number)}/submit",
            key=key or uuid.uuid4().hex,
            json={"version": version} | _given({"expedited": expedited}),
        )

    def supplement_appeal(
        self,
        store_no: str,
        number: str,
        *,
        version: int,
        answers: dict[str, Any] | None = None,
        given_up: list[Any] | None = None,
        key: str = "",
    ) -> Any:
        """Hand in what was asked for."""
        return self._call(
            "POST",
            f"/api/v1/stores/{_quoted(store_no)}/appeals/{_quoted(number)}/supplement",
            key=key or uuid.uuid4().hex,
            json={"version": version} | _given({"answers": answers, "given_up": given_up}),
        )

    def withdraw_appeal(self, store_no: str, number: str, *, version: int, key: str = "") -> Any:
        """Withdraw an appeal."""
        return self._call(
            "POST",
            f"/api/v1/stores/{_quoted(store_no)}/appeals/{_quoted(number)}/withdraw",
            key=key or uuid.uuid4().hex,
            json={"version": version},
        )

    def attach_appeal_files(self, store_no: str, number: str, files: Files, *, kind: str | None = None) -> Any:
        """Attach evidence."""
        return self._call(
            "POST",
            f"/api/v1/stores/{_quoted(store_no)}/appeals/{_quoted(number)}/files",
            params=_given({"kind": kind}),
            files=[("files", one) for one in files],
        )

    def detach_appeal_file(self, store_no: str, number: str, place: str) -> Any:
        """Take a file out again."""
        return self._call(
            "DELETE", f"/api/v1/stores/{_quoted(store_no)}/appeals/{_quoted(number)}/files/{_quoted(place)}"
        )

    def list_deadlines(
        self, store_no: str, *, kind: str | None = None, cursor: str | None = None, limit: int | None = None
    ) -> Any:
        """Deadlines that run."""
        return self._call(
            "GET",
            f"/api/v1/stores/{_quoted(store_no)}/deadlines",
            params=_given({"kind": kind, "cursor": cursor, "limit": limit}),
        )


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
