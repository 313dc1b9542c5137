"""The authorization server: which grants there are, and what each step does to our rows (RFC 6749, 7636, 7009)."""

from datetime import datetime
from typing import Any

from authlib.integrations.django_oauth2.requests import DjangoOAuth2Payload
from authlib.oauth2.rfc6749 import (
    AuthorizationCodeGrant,
    AuthorizationServer,
    ClientCredentialsGrant,
    InvalidClientError,
    InvalidGrantError,
    InvalidRequestError,
    InvalidScopeError,
    OAuth2Error,
    OAuth2Request,
    RefreshTokenGrant,
)
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7636 import CodeChallenge
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from api.models import ApiClient, AuthorizationCode, Grant, Token
from api.oauth.parties import OAuthClient, OAuthCode, OAuthToken
from api.queries.tokens import standing_grants
from api.rules import hash_token, make_token
from api.scopes import known_scopes
from api.services import tokens
from api.services.usage import count_request
from stores.models import User

AUTH_METHODS = ["client_secret_basic", "client_secret_post", "none"]


class SlowDownError(OAuth2Error):
    """The client made more requests than it may."""

    error = "temporarily_unavailable"
    status_code = 429

    def __init__(self, seconds: int) -> None:
        super().__init__("Too many requests. Wait as many seconds as Retry-After says.")
        self.seconds = seconds

    def get_headers(self) -> list[tuple[str, str]]:
        return [*super().get_headers(), ("Retry-After", str(self.seconds))]


class Request(OAuth2Request):
    """A request with the instant at which it came, and the grant that its tokens are for."""

    def __init__(self, request: HttpRequest) -> None:
        # Authlib refuses plain http by the address. Whether this site takes it is decided by BASE_URL for all pages.
        super().__init__(method=request.method, uri="https://localhost", headers=request.headers)
        self.payload = DjangoOAuth2Payload(request)
        self.at: datetime = timezone.now()
        self.grant: Grant | None = None
        self._request = request

    @property
    def args(self) -> Any:
        return self._request.GET

    @property
    def form(self) -> Any:
        return self._request.POST


class Server(AuthorizationServer):
    """Authlib's server on Django's requests and our rows."""

    def query_client(self, client_id: str) -> OAuthClient | None:
        row = _row(ApiClient.objects.filter(revoked_at=None).select_related("company"), client_id=client_id)
        return OAuthClient(row, timezone.now()) if row else None

    def authenticate_client(self, request: Request, methods: list[str], endpoint: str = "token") -> OAuthClient:
        """The client; one answer for clients that don't exist and secrets that are wrong."""
        try:
            client: OAuthClient = super().authenticate_client(request, methods, endpoint)
        except InvalidClientError as error:
            raise InvalidClientError(status_code=401, description="Unknown client or wrong secret.") from error
        rate = count_request(client=client.row, at=request.at)
        if rate.is_over:
            raise SlowDownError(rate.reset)
        return client

    def save_token(self, token: dict[str, Any], request: Request) -> None:
        if request.grant is None:
            raise InvalidGrantError
        kinds = {Token.Kind.ACCESS: "access_token", Token.Kind.REFRESH: "refresh_token"}
        tokens.issue_tokens(
            grant=request.grant,
            tokens={kind: token[name] for kind, name in kinds.items() if name in token},
            scopes=known_scopes(token["scope"]),
            parent=request.refresh_token.row if request.refresh_token else None,
            at=request.at,
        )

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        """Nobody listens."""

    def create_oauth2_request(self, request: HttpRequest | Request) -> Request:
        return request if isinstance(request, Request) else Request(request)

    def handle_response(self, status: int, body: Any, headers: list[tuple[str, str]]) -> HttpResponse:
        kind = JsonResponse if isinstance(body, dict) else HttpResponse
        response = kind(body, status=status)
        for name, value in headers:
            response[name] = value
        return response


def make_tokens(
    *,
    grant_type: str,
    client: OAuthClient,
    user: User | None = None,
    scope: str | None = None,
    expires_in: int | None = None,
    include_refresh_token: bool = True,
) -> dict[str, Any]:
    """The answer of the token endpoint. What a client asks for beyond its scopes is left out."""
    allowed = client.get_allowed_scope(scope)
    if allowed is None:
        raise InvalidScopeError
    token: dict[str, Any] = {
        "token_type": "Bearer",
        "access_token": make_token("a"),
        "expires_in": int(tokens.access_life().total_seconds()),
        "scope": allowed,
    }
    return {**token, "refresh_token": make_token("r")} if include_refresh_token else token


class CodeGrant(AuthorizationCodeGrant):
    """Authorization code: the consent page makes the grant before the code."""

    TOKEN_ENDPOINT_AUTH_METHODS = AUTH_METHODS

    def generate_authorization_code(self) -> str:
        return make_token("c")

    def save_authorization_code(self, code: str, request: Request) -> None:
        if request.grant is None:
            raise InvalidGrantError
        tokens.issue_code(
            grant=request.grant,
            code=code,
            redirect_uri=request.payload.redirect_uri,
            code_challenge=request.payload.data["code_challenge"],
            at=request.at,
        )

    def query_authorization_code(self, code: str, client: OAuthClient) -> OAuthCode | None:
        """The client's code, used ones too: bringing one again has an effect."""
        rows = AuthorizationCode.objects.filter(grant__client=client.row, grant__in=standing_grants())
        row = _row(rows.select_related("grant__client__company", "grant__granted_by"), code_hash=hash_token(code))
        return OAuthCode(row) if row else None

    def authenticate_user(self, authorization_code: OAuthCode) -> User:
        row = authorization_code.row
        if not tokens.use_code(code=row, at=self.request.at) or row.grant.granted_by is None:
            raise InvalidGrantError("The code is expired or was used before.")
        self.request.grant = row.grant
        return row.grant.granted_by

    def delete_authorization_code(self, authorization_code: OAuthCode) -> None:
        """It stays, marked as used, so that a replay is recognised."""


class RefreshGrant(RefreshTokenGrant):
    """Refresh tokens rotate: each is exchanged once for a new pair."""

    TOKEN_ENDPOINT_AUTH_METHODS = AUTH_METHODS
    INCLUDE_NEW_REFRESH_TOKEN = True

    def authenticate_refresh_token(self, refresh_token: str) -> OAuthToken | None:
        row = find_token(refresh_token)
        if row is None or row.kind != Token.Kind.REFRESH or row.expires_at < self.request.at:
            return None
        return OAuthToken(row) if standing_grants().filter(pk=row.grant_id).exists() else None

    def authenticate_user(self, refresh_token: OAuthToken) -> User:
        row = refresh_token.row
        if not tokens.use_refresh_token(token=row, at=self.request.at) or row.grant.granted_by is None:
            raise InvalidGrantError("The refresh token was used before.")
        self.request.grant = row.grant
        return row.grant.granted_by

    def revoke_old_credential(self, refresh_token: OAuthToken) -> None:
        """It was marked as used before the new ones were made."""


class OwnProgramGrant(ClientCredentialsGrant):
    """Client credentials: a company's own program, for what an owner granted it."""

    TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic", "client_secret_post"]

    def validate_token_request(self) -> None:
        super().validate_token_request()
        self.request.grant = self.client.grant_of_own_program()
        if self.request.grant is None:
            raise InvalidGrantError("No owner of the company grants this program anything.")


class RequireS256(CodeChallenge):
    """PKCE for every client, by S256 alone (RFC 9700)."""

    SUPPORTED_CODE_CHALLENGE_METHOD = ["S256"]

    def validate_code_challenge(self, grant: CodeGrant, redirect_uri: str) -> None:
        data = grant.request.payload.data
        if not data.get("code_challenge"):
            raise InvalidRequestError("Missing 'code_challenge'")
        if data.get("code_challenge_method") != "S256":
            raise InvalidRequestError("'code_challenge_method' has to be S256")
        super().validate_code_challenge(grant, redirect_uri)


class Revocation(RevocationEndpoint):
    """RFC 7009."""

    CLIENT_AUTH_METHODS = AUTH_METHODS

    def query_token(self, token_string: str, token_type_hint: str | None) -> OAuthToken | None:
        row = find_token(token_string)
        return OAuthToken(row) if row else None

    def revoke_token(self, token: OAuthToken, request: Request) -> None:
        tokens.revoke_token(token=token.row, at=request.at)


def find_token(text: str) -> Token | None:
    """The token with this text, whatever became of it."""
    rows = Token.objects.select_related("grant__client__company", "grant__granted_by")
    return rows.filter(token_hash=hash_token(text)).first()


def _row(rows: Any, **key: str) -> Any:
    # PostgreSQL refuses text with NUL as an error of the query.
    return None if any("\x00" in value for value in key.values()) else rows.filter(**key).first()


server = Server(scopes_supported=None)
server.register_token_generator("default", make_tokens)
server.register_grant(CodeGrant, [RequireS256(required=True)])
server.register_grant(RefreshGrant)
server.register_grant(OwnProgramGrant)
server.register_endpoint(Revocation)
