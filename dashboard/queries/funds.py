"""The funds of a store with the average time from payment to release (PG-13, TM-04)."""

from dataclasses import dataclass
from datetime import datetime

from dashboard.queries.trade import TradeRow, trade_row
from orders.queries.funds import Funds, funds_of
from stores.models import Store

COLLECTION = "avg_collection_days"


@dataclass(frozen=True, slots=True)
class FundsFound:
    """What the funds page shows."""

    funds: Funds
    collection: TradeRow


def funds_page(*, store: Store, at: datetime) -> FundsFound:
    """Load the funds page; the number of queries does not depend on the data but for its currencies."""
    return FundsFound(funds_of(store, at), trade_row(store=store, at=at, code=COLLECTION))
