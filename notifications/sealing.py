"""The sealed columns of channels and webhooks (RL-13)."""

from core.sealing import declare_sealed
from notifications.channels.push.vapid import CONTEXT
from notifications.models import Connection, PushKey, PushSubscription, WebhookEndpoint
from notifications.services import browsers, connections
from notifications.webhooks import secrets

declare_sealed(Connection, "sealed_address", lambda row: connections.context_of(row, "address"))
declare_sealed(Connection, "sealed_secret", lambda row: connections.context_of(row, "secret"))
declare_sealed(PushKey, "sealed_private_key", lambda _row: CONTEXT)
declare_sealed(PushSubscription, "sealed", lambda row: browsers.context_of(row.key))
declare_sealed(WebhookEndpoint, "secret", lambda row: secrets.context_of(row.key))
declare_sealed(WebhookEndpoint, "former_secret", lambda row: secrets.context_of(row.key))
