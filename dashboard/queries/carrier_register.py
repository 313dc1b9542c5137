"""The carriers that a store registered, and those that its parcels under way have (TM-18)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count

from orders.queries.tabs import TRANSIT
from stores.models import Carrier, RegisteredCarrier, Store


@dataclass(frozen=True, slots=True)
class CarrierRegister:
    """``registered``: since when, by code; ``under_way``: how many orders the list shows for a code; ``carriers``: the
    known ones by code."""

    registered: Mapping[str, datetime]
    under_way: Mapping[str, int]
    carriers: Mapping[str, Carrier]

    @property
    def unregistered(self) -> list[str]:
        """Codes that parcels under way have, most of them first."""
        codes = [code for code in self.under_way if code not in self.registered]
        return sorted(codes, key=lambda code: (-self.under_way[code], code))

    @property
    def choices(self) -> list[str]:
        """Codes that may be registered: the known ones, and what orders say."""
        return sorted(({*self.carriers} | {*self.under_way}) - {*self.registered})


def carrier_register_of(store: Store, at: datetime) -> CarrierRegister:
    """The register, and who carries what is under way."""
    rows = TRANSIT.rows(store, at).exclude(carrier="").order_by().values("carrier").annotate(count=Count("pk"))
    registered = RegisteredCarrier.objects.filter(store=store).order_by("carrier_code")
    return CarrierRegister(
        registered=dict(registered.values_list("carrier_code", "registered_at")),
        under_way=dict(rows.values_list("carrier", "count")),
        carriers={carrier.code: carrier for carrier in Carrier.objects.order_by("name", "code")},
    )
