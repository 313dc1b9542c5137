"""Our rows as Authlib's protocol sees them."""

from dataclasses import dataclass
from datetime import datetime

from authlib.oauth2.rfc6749 import AuthorizationCodeMixin, ClientMixin, TokenMixin

from api.models import ApiClient, AuthorizationCode, Grant, Token
from api.queries.tokens import standing_grants
from api.rules import is_token, matches_redirect_uri
from api.scopes import known_scopes
from core.rules import has_lapsed

Kind = ApiClient.Kind
GRANT_TYPES = {
    Kind.OWN: frozenset({"client_credentials"}),
    Kind.ERP: frozenset({"authorization_code", "refresh_token"}),
    Kind.NATIVE: frozenset({"authorization_code", "refresh_token"}),
}


@dataclass
class OAuthClient(ClientMixin):
    """A client that is not revoked."""

    row: ApiClient
    at: datetime

    def get_client_id(self) -> str:
        return self.row.client_id

    def get_default_redirect_uri(self) -> None:
        # Always named, so that it can be compared.
        return None

    def get_allowed_scope(self, scope: str | None) -> str | None:
        """The scopes that are asked for and known. Of an own program's those that it was granted, all of them when it
        names none. None: no scope is left, which is an error."""
        asked = known_scopes(scope)
        if self.row.kind == Kind.OWN:
            granted = self.grant_of_own_program()
            mine = known_scopes(" ".join(granted.scopes)) if granted else []
            asked = [name for name in mine if name in asked] if scope else mine
        return " ".join(asked) or None

    def grant_of_own_program(self) -> Grant | None:
        """What its owner granted a program of the company's own, the newest first."""
        return standing_grants().filter(client=self.row).order_by("-granted_at", "-pk").first()

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return any(matches_redirect_uri(registered, redirect_uri) for registered in self.row.redirect_uris)

    def check_client_secret(self, client_secret: str) -> bool:
        former = self.row.former_until
        still = former is not None and not has_lapsed(former, self.at)
        return is_token(client_secret, self.row.secret_hash) or (
            still and is_token(client_secret, self.row.former_hash)
        )

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return (method == "none") == (self.row.kind == Kind.NATIVE)

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code" and self.row.kind != Kind.OWN

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type in GRANT_TYPES[Kind(self.row.kind)]


@dataclass
class OAuthCode(AuthorizationCodeMixin):
    """A code that was not yet exchanged, or was before."""

    row: AuthorizationCode
    code_challenge_method = "S256"

    def get_redirect_uri(self) -> str:
        return self.row.redirect_uri

    def get_scope(self) -> str:
        return " ".join(self.row.grant.scopes)

    @property
    def code_challenge(self) -> str:
        return self.row.code_challenge


@dataclass
class OAuthToken(TokenMixin):
    """A token of a grant."""

    row: Token

    def check_client(self, client: OAuthClient) -> bool:
        return self.row.grant.client_id == client.row.pk

    def get_scope(self) -> str:
        return " ".join(self.row.scopes)
