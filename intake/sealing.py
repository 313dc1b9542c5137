"""The sealed columns of connections to marketplaces (RL-13)."""

from typing import Any

from core.sealing import declare_sealed
from intake.connectors.credentials import SECRETS, context_of
from intake.models import StoreConnection


def _declare(name: str) -> None:
    def context(row: Any) -> str:
        return context_of(row.key, name)

    declare_sealed(StoreConnection, name, context)


for secret in SECRETS:
    _declare(secret)
