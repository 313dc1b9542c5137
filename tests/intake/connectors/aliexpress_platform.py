"""A platform on loopback that speaks the wire facts of AliExpress's seller API: signatures, tokens, windows, wrapped
lists, bans, and the ways in which it fails. It shares no code with the connector."""

import hashlib
import hmac
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

PACIFIC = ZoneInfo("America/Los_Angeles")
APP_KEY, APP_SECRET = "12345678", "helloworld"
LIST = "aliexpress.trade.seller.orderlist.get"
DETAIL = "aliexpress.trade.new.redefining.findorderbyid"
TRACKING = "aliexpress.logistics.redefining.querytrackingresult"
DISPUTES = "aliexpress.issue.issuelist.get"
DISPUTE = "aliexpress.issue.detail.get"
EVALUATIONS = "aliexpress.evaluation.listorderevaluation.get"
FUNDS = "aliexpress.trade.redefining.findloanlistquery"
# Columns of the list; the detail has them all.
LISTED = (
    "order_id", "order_status", "biz_type", "buyer_login_id", "gmt_create", "gmt_pay_time", "gmt_update",
    "gmt_send_goods_time", "pay_amount", "issue_status",
)  # fmt: skip
ERRORS = {
    "permission": {"code": 15, "msg": "Remote service error", "sub_code": "isv.insufficient-permission"},
    "retired": {"code": "InvalidApiPath", "msg": "The specified API does not exist"},
    "session": {"code": "IllegalAccessToken", "msg": "The specified access token is invalid or expired"},
    "arguments": {"code": 41, "msg": "Invalid arguments"},
    "signature": {"code": "IncompleteSignature", "msg": "The request signature does not conform to platform standards"},
    "remote": {"code": 15, "type": "ISP", "msg": "Remote service error", "sub_code": "isp.null-pointer"},
}


def pacific(at: datetime) -> str:
    return at.astimezone(PACIFIC).strftime("%Y-%m-%d %H:%M:%S")


def instant(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=PACIFIC).astimezone(UTC)


class FailError(Exception):
    """An error answer."""

    def __init__(self, **said: Any) -> None:
        self.said = said


@dataclass
class Platform:
    """What the seller has there, and how it behaves. ``faults``: by method, what the next calls get instead of an
    answer: a name of `ERRORS`, ``ban N``, ``limited``, ``500``, ``hang``, ``cut``, ``not json``."""

    port: int = 0
    orders: dict[str, dict[str, Any]] = field(default_factory=dict)
    traces: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    disputes: dict[str, dict[str, Any]] = field(default_factory=dict)
    evaluations: list[dict[str, Any]] = field(default_factory=list)
    funds: list[dict[str, Any]] = field(default_factory=list)
    faults: dict[str, list[str]] = field(default_factory=dict)
    refusing: dict[str, str] = field(default_factory=dict)
    ignores_filter: bool = False
    shuffled: bool = False
    rotates: bool = True
    account: str = "2671514005"
    access: str = "access-0"
    refresh: str = "refresh-0"
    access_seconds: int = 30 * 86_400
    refresh_seconds: int = 60 * 86_400
    refreshed: int = 0
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    during: dict[str, Any] = field(default_factory=dict)
    closing: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def count(self, method: str) -> int:
        return sum(name == method for name, _query in self.calls)

    # ── Requests ───────────────────────────────────────────────────────────────────────────────────────────────────

    def answer(self, path: str, params: dict[str, str]) -> dict[str, Any] | str:
        method = params.get("method", path)
        with self.lock:
            fault = self.refusing.get(method) or next(iter(self.faults.get(method, [])), "")
            if self.faults.get(method) and not self.refusing.get(method):
                self.faults[method].pop(0)
            try:
                self.check(path, params)
                if fault:
                    return self.fault(fault)
                return self.system(path, params) if path.startswith("/rest") else self.business(method, params)
            except FailError as error:
                if path.startswith("/rest"):
                    return {"type": "ISV", "message": error.said.get("msg", ""), **error.said}
                return {"error_response": {"type": "ISV", "request_id": "1", **error.said}}

    def check(self, path: str, params: dict[str, str]) -> None:
        """The signature, the age of the request, and the token."""
        api = path.removeprefix("/rest") if path.startswith("/rest") else ""
        text = api + "".join(f"{name}{params[name]}" for name in sorted(params) if name != "sign")
        expected = hmac.new(APP_SECRET.encode(), text.encode(), hashlib.sha256).hexdigest().upper()
        if params["sign"] != expected or params["app_key"] != APP_KEY:
            raise FailError(**ERRORS["signature"])
        if abs(time.time() * 1000 - int(params["timestamp"])) > 7_200_000:
            raise FailError(code="IllegalTimestamp", msg="The request timestamp is too old")
        if path == "/sync" and params.get("session") != self.access:
            raise FailError(**ERRORS["session"])

    def fault(self, name: str) -> dict[str, Any] | str:
        kind, _space, number = name.partition(" ")
        if kind == "ban":
            text = f"This ban will last for {number} more seconds"
            raise FailError(code=7, msg="App Call Limited", sub_code="accesscontrol.limited-by-app-api-access-count",
                            sub_msg=text)  # fmt: skip
        if name in ERRORS:
            raise FailError(**ERRORS[name])
        return name

    def system(self, path: str, params: dict[str, str]) -> dict[str, Any]:
        if path == "/rest/auth/token/create":
            if params.get("code") != "0_12345678_code":
                raise FailError(code="InvalidCode", msg="Invalid authorization code")
        elif params.get("refresh_token") != self.refresh:
            raise FailError(code="IllegalRefreshToken", msg="The specified refresh token is invalid or expired")
        self.refreshed += 1
        self.access = f"access-{secrets.token_hex(8)}"
        said = {
            "access_token": self.access,
            "expires_in": str(self.access_seconds),
            "refresh_expires_in": self.refresh_seconds,
            "seller_id": self.account,
            "user_nick": "cn1000000000",
            "account_platform": "seller_center",
            "code": "0",
            "request_id": "1",
        }
        if self.rotates or path == "/rest/auth/token/create":
            self.refresh = f"refresh-{secrets.token_hex(8)}"
            said["refresh_token"] = self.refresh
        return said

    def business(self, method: str, params: dict[str, str]) -> dict[str, Any]:
        said = {name: json.loads(text) if text[:1] in "{[" else text for name, text in params.items()}
        query = next((value for value in said.values() if isinstance(value, dict)), said)
        self.calls.append((method, query))
        if method in self.during:
            self.during.pop(method)(self)
        answers = {
            LIST: self.list_orders,
            DETAIL: self.order,
            TRACKING: self.trace,
            DISPUTES: self.list_disputes,
            DISPUTE: self.dispute,
            EVALUATIONS: self.evaluate,
            FUNDS: self.list_funds,
        }
        return {method.replace(".", "_") + "_response": {"request_id": "1", **answers[method](query)}}

    # ── Orders ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def list_orders(self, query: dict[str, Any]) -> dict[str, Any]:
        if query["page_size"] > 50 or "create_date_start" not in query:
            raise FailError(**ERRORS["arguments"])
        finished = query.get("order_status") == "FINISH"
        created = instant(query["create_date_start"]), instant(query["create_date_end"])
        by_change = "modified_date_start" in query
        reach = timedelta(days=30 if finished and by_change else 180)
        if created[1] - created[0] > reach or datetime.now(UTC) - created[0] > timedelta(
            days=30 if by_change and finished else 181
        ):
            raise FailError(code=41, msg="the range of creation is too long")
        rows = [
            row for row in self.orders.values() if (row["order_status"] in ("FINISH", "FUND_PROCESSING")) == finished
        ]
        if not self.ignores_filter:
            rows = [row for row in rows if created[0] <= instant(row["gmt_create"]) <= created[1]]
            if by_change:
                low, high = instant(query["modified_date_start"]), instant(query["modified_date_end"])
                rows = [row for row in rows if low <= instant(row["gmt_update"]) <= high]
        listed = [{name: row[name] for name in LISTED if name in row} for row in rows]
        listed = [{**row, "order_status": "FINISH" if finished else row["order_status"]} for row in listed]
        return self.page(listed, query, "target_list", "aeop_order_item_dto")

    def page(self, rows: list[Any], query: dict[str, Any], name: str, inner: str) -> dict[str, Any]:
        if self.shuffled:
            rows = sorted(rows, key=lambda row: hashlib.sha256(str(row).encode()).hexdigest())
        size, number = query["page_size"], query.get("current_page") or query["page"]
        chosen = rows[(number - 1) * size : number * size]
        # An empty list is an empty wrapper.
        wrapped = {inner: chosen} if chosen else {}
        pages = -(-len(rows) // size)
        return {"result": {"success": "true", "total_count": len(rows), "total_page": pages, name: wrapped}}

    def order(self, query: dict[str, Any]) -> dict[str, Any]:
        found = self.orders.get(str(query["order_id"]))
        if found is None:
            return {"result": {"success": False, "error_code": "ORDER_NOT_FOUND", "error_message": "no such order"}}
        return {"target": {"id": int(found["order_id"]), **found}}

    def trace(self, query: dict[str, Any]) -> dict[str, Any]:
        details = self.traces.get(query["logistics_no"])
        if details is None:
            return {"result_success": False, "error_desc": "no tracking information yet"}
        return {"result_success": True, "details": {"details": details}, "official_website": "www.example.com"}

    # ── Disputes, reviews, funds ───────────────────────────────────────────────────────────────────────────────────

    def list_disputes(self, query: dict[str, Any]) -> dict[str, Any]:
        rows = [dispute["listed"] for dispute in self.disputes.values()]
        rows = [row for row in rows if row["issue_status"] == query["issue_status"]]
        if order_no := query.get("order_no"):
            rows = [row for row in rows if str(row["order_id"]) == order_no]
        found = self.page(rows, query, "data_list", "issue_api_issue_dto")["result"]
        return {"result": {"success": True, "total_item": found["total_count"], "data_list": found["data_list"]}}

    def dispute(self, query: dict[str, Any]) -> dict[str, Any]:
        return {"result_object": self.disputes[query["issue_id"]]["detail"], "success": True}

    def evaluate(self, query: dict[str, Any]) -> dict[str, Any]:
        asked = {str(number) for number in query["parent_order_ids"]}
        if len(asked) > 50:
            raise FailError(**ERRORS["arguments"])
        rows = [row for row in self.evaluations if str(row["parent_order_id"]) in asked]
        return {"result": {"success": True, "target_list": {"trade_evaluation_open_dto": rows} if rows else {}}}

    def list_funds(self, query: dict[str, Any]) -> dict[str, Any]:
        low, high = instant(query["create_date_start"]), instant(query["create_date_end"])
        rows = [row for row in self.funds if low <= instant(self.orders[str(row["order_id"])]["gmt_create"]) <= high]
        return self.page(rows, query, "son_order_list", "aeop_loan_dto")


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        platform: Platform = vars(self.server)["platform"]
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        params = {name: values[0] for name, values in parse_qs(body, keep_blank_values=True).items()}
        answer = platform.answer(urlsplit(self.path).path, params)
        if answer == "hang":
            platform.closing.wait(20)
        elif answer == "cut":
            self.wfile.write(b'HTTP/1.1 200 OK\r\nContent-Length: 400\r\n\r\n{"aliexpress')
        elif answer == "500":
            self.reply(500, b"<html>oops</html>")
        elif answer == "not json":
            self.reply(200, b"<html>maintenance</html>")
        elif answer == "limited":
            self.reply(429, b"")
        else:
            self.reply(200, json.dumps(answer).encode())

    def reply(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_said: Any) -> None:
        """Nothing on the terminal."""


@contextmanager
def aliexpress_platform() -> Iterator[Platform]:
    """A platform that listens until the end of the block."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    server.block_on_close = False
    platform = Platform(port=server.server_address[1])
    vars(server)["platform"] = platform
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield platform
    finally:
        platform.closing.set()
        server.shutdown()
        server.server_close()
