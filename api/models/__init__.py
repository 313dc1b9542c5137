"""What owners granted to programs, and what programs did with it (IX-20)."""

from api.models.clients import ApiClient, Grant
from api.models.idempotency import AnsweredRequest
from api.models.tokens import AuthorizationCode, Token
from api.models.usage import ClientDay

__all__ = ["AnsweredRequest", "ApiClient", "AuthorizationCode", "ClientDay", "Grant", "Token"]
