"""The connectors that there are, by code."""

from intake.connectors.aliexpress.declared import ALIEXPRESS
from intake.connectors.kinds import ConnectorKind

KINDS: dict[str, ConnectorKind] = {kind.code: kind for kind in (ALIEXPRESS,)}
