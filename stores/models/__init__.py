"""Companies, people, stores and reference data."""

from stores.models.companies import Company, Invitation, Membership, Store, StorePeriod
from stores.models.feeds import Feed
from stores.models.filters import SavedFilter
from stores.models.listings import Listing, ListingSighting, ListingVersion
from stores.models.people import ShownCode, User
from stores.models.reference import Carrier, Category, FxRate, RegisteredCarrier

__all__ = [
    "Carrier",
    "Category",
    "Company",
    "Feed",
    "FxRate",
    "Invitation",
    "Listing",
    "ListingSighting",
    "ListingVersion",
    "Membership",
    "RegisteredCarrier",
    "SavedFilter",
    "ShownCode",
    "Store",
    "StorePeriod",
    "User",
]
