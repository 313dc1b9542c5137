"""The events of API clients and grants (TM-15)."""

from django.utils.translation import gettext_lazy as _

from api.models import ApiClient, Grant
from core.events import Detail, EventKind, choice_words, declare_events, details

CLIENT = details(
    name=Detail(_("name")),
    kind=Detail(_("kind"), choice_words(ApiClient.Kind.choices)),
    redirect_uris=Detail(_("redirect addresses"), " ".join),
)
GRANT = details(
    stores=Detail(_("stores"), " ".join),
    scopes=Detail(_("scopes"), " ".join),
    end=Detail(_("reason of the end"), choice_words(Grant.End.choices)),
)

declare_events(
    EventKind("api_client.registered", _("API client registered"), "api_client", describe=CLIENT),
    EventKind("api_client.changed", _("API client changed"), "api_client", describe=CLIENT),
    EventKind("api_client.secret_replaced", _("Secret of an API client replaced"), "api_client"),
    EventKind("api_client.revoked", _("API client revoked"), "api_client", describe=CLIENT),
    EventKind("api_grant.given", _("Access granted to an API client"), "api_client", describe=GRANT),
    EventKind("api_grant.ended", _("Access of an API client ended"), "api_client", describe=GRANT),
)
