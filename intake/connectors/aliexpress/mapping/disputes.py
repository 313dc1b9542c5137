"""Disputes as canonical rows."""

from collections.abc import Sequence

from intake.connectors.aliexpress import words
from intake.connectors.aliexpress.mapping.fields import DISPUTE, Json, Reading, Row, dollars, instant, read
from intake.connectors.aliexpress.values import Money, first_of, money_of, rows_of, text_of


def dispute_row(listed: Json, detail: Json, order_no: str, reading: Reading) -> Row:
    """A dispute: its row of the list has the state, the detail who did what when."""
    reading = reading.at(text_of(first_of(listed, "issue_id")))
    steps = rows_of(detail.get("process_dto_list"))
    reached = reached_solution(detail)
    state = dispute_state(text_of(listed.get("issue_status")), steps)
    row = read(DISPUTE, {**listed, **detail}, reading) | {"order_no": order_no, "state": state}
    row["kind"] = _kind(listed, detail, steps, reading)
    row["responded_at"] = min((at for at in _times(steps, words.SELLER_SIDE, reading)), default="")
    row["closed_at"] = _closed_at(listed, reached, reading) if state in ("closed", "withdrawn") else ""
    row["liability"] = liability_of(reached)
    row["claimed_usd"] = dollars(
        money_of(detail.get("refund_money_max")), text_of(detail.get("refund_money_max_currency"))
    )
    row["outcome_usd"] = dollars(paid_by(reached), text_of((reached or {}).get("refund_money_post_currency")))
    return row


def dispute_state(status: str, steps: Sequence[Json]) -> str:
    """The state here: the platform's own says only whether a dispute is over."""
    if status in words.OVER:
        return "withdrawn" if status == words.WITHDRAWN else "closed"
    sides = {text_of(step.get("submit_member_type")) for step in steps}
    if words.PLATFORM_SIDE in sides:
        return "arbitration"
    return "responded" if words.SELLER_SIDE in sides else "open"


def reached_solution(detail: Json) -> Json | None:
    """The solution that both sides or the platform settled on."""
    lists = ("platform_solution_list", "seller_solution_list", "buyer_solution_list")
    solutions = [solution for name in lists for solution in rows_of(detail.get(name))]
    return next((one for one in solutions if text_of(one.get("status")) in words.REACHED), None)


def paid_by(solution: Json | None) -> Money | None:
    return None if solution is None else money_of(first_of(solution, "refund_money_post", "refund_money"))


def liability_of(solution: Json | None) -> str:
    """Who is liable, as far as the end says it: the platform never does."""
    how = text_of((solution or {}).get("reached_type"))
    if how == words.TIMED_OUT:
        return "seller"
    paid = paid_by(solution)
    return "buyer" if how == words.ARBITRATED and paid is not None and not paid.amount else ""


def _times(steps: Sequence[Json], side: str, reading: Reading) -> list[str]:
    own = (step for step in steps if text_of(step.get("submit_member_type")) == side)
    return [at for step in own if (at := instant(step.get("gmt_create"), reading, "responded_at"))]


def _closed_at(listed: Json, reached: Json | None, reading: Reading) -> str:
    agreed = instant((reached or {}).get("reached_time"), reading, "reached_time")
    return agreed or instant(listed.get("gmt_modified"), reading, "gmt_modified")


def _kind(listed: Json, detail: Json, steps: Sequence[Json], reading: Reading) -> str:
    """By the words of the reason, else by whether the buyer says that the goods came."""
    texts = (first_of(listed, "reason_english"), first_of(listed, "reason_chinese"), detail.get("issue_reason"))
    found = next((kind for one in texts if (kind := words.dispute_kind(text_of(one)))), None)
    if found is not None:
        return found
    reading.note("issue_reason_id", text_of(detail.get("issue_reason_id")))
    received = {text_of(step.get("receive_goods")).lower() for step in steps}
    kinds = words.DisputeKind
    return (kinds.NOT_RECEIVED if received & {"n", "no", "false"} else kinds.NOT_AS_DESCRIBED).value
