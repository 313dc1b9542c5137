"""Companies, people, stores and reference data; the append-only event log, durable timers and the touched log."""

from stores.models.catalogue import Carrier, Category, FxRate, Listing, RegisteredCarrier
from stores.models.companies import Company, Membership, Store, StorePeriod
from stores.models.ledger import Deadline, Event, Feed, Touched
from stores.models.people import ShownCode, User

__all__ = [
    "Carrier",
    "Category",
    "Company",
    "Deadline",
    "Event",
    "Feed",
    "FxRate",
    "Listing",
    "Membership",
    "RegisteredCarrier",
    "ShownCode",
    "Store",
    "StorePeriod",
    "Touched",
    "User",
]
