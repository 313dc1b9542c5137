"""API clients of a company, their grants and use (PG-16)."""

from collections.abc import Sequence
from datetime import date, timedelta

from django.db.models import Exists, Max, OuterRef, Prefetch, QuerySet

from api.models import ApiClient, ClientDay, Grant
from api.queries.tokens import standing_grants
from stores.models import Company

DAYS_SHOWN = 7


def clients_of(company: Company) -> QuerySet[ApiClient]:
    """The company's clients, those that are revoked last; each with ``last_at``, the instant of its last request, and
    ``stands``, whether a grant allows it something."""
    return (
        company.api_clients.select_related("company")
        .annotate(last_at=Max("days__last_at"), stands=Exists(standing_grants().filter(client=OuterRef("pk"))))
        .order_by("revoked_at", "name", "pk")
    )


def grants_of(client: ApiClient) -> Sequence[Grant]:
    """The client's grants, the newest first, with stores and owner; each with ``stands``."""
    stands = Exists(standing_grants().filter(pk=OuterRef("pk")))
    grants = client.grants.annotate(stands=stands).select_related("granted_by", "client")
    return list(grants.prefetch_related(Prefetch("stores")).order_by("-granted_at", "-pk")[:20])


def days_of(client: ApiClient, today: date) -> Sequence[ClientDay]:
    """The client's last days with requests, the newest first."""
    return list(client.days.filter(day__gt=today - timedelta(days=DAYS_SHOWN)).order_by("-day"))
