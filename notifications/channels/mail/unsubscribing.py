"""Links that switch off e-mails without signing in (RFC 8058). They are signed and say nothing about an account."""

from django.conf import settings
from django.core import signing
from django.urls import reverse

from notifications.rules import URGENT_GROUPS, MessageGroup
from stores.models import User

SIGNER = signing.Signer(salt="notifications.unsubscribe")
# Everything in a digest may be silenced.
EVERYTHING = "all"
SILENCEABLE = [group for group in MessageGroup if group not in URGENT_GROUPS]


def unsubscribe_url(user: User, group: str) -> str:
    """The link that switches a group off for a person, or `EVERYTHING`."""
    token = SIGNER.sign_object([user.pk, group])
    return f"{settings.BASE_URL}{reverse('notifications:unsubscribe', args=[token])}"


def read_token(token: str) -> tuple[int, list[MessageGroup]] | None:
    """Whose e-mails of which groups a link switches off; None for a link that we did not make."""
    try:
        user_id, group = SIGNER.unsign_object(token)
    except signing.BadSignature:
        return None
    return user_id, SILENCEABLE if group == EVERYTHING else [MessageGroup(group)]
