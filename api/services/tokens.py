"""Codes and tokens: issued, exchanged once, revoked, forgotten (IX-20)."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from api.models import AuthorizationCode, Grant, Token
from api.rules import hash_token, hint_of
from api.services.granting import end_grant
from core.events import SYSTEM
from core.rules import has_lapsed

CODE_LIFE = timedelta(minutes=1)
# A program whose connection broke, or two of its processes, may send a refresh token again within this time.
REFRESH_AGAIN = timedelta(seconds=30)
# How long what can't be used any more is kept, for questions.
KEPT_FOR = timedelta(days=7)


def access_life() -> timedelta:
    """How long an access token is valid."""
    return timedelta(minutes=settings.API_ACCESS_TOKEN_MINUTES)


def refresh_life() -> timedelta:
    """How long a refresh token is valid that is not used."""
    return timedelta(days=settings.API_REFRESH_TOKEN_DAYS)


def issue_code(*, grant: Grant, code: str, redirect_uri: str, code_challenge: str, at: datetime) -> AuthorizationCode:
    """Keep the hash of a code."""
    return AuthorizationCode.objects.create(
        grant=grant,
        code_hash=hash_token(code),
        redirect_uri=redirect_uri,
        code_challenge=code_challenge,
        expires_at=at + CODE_LIFE,
    )


def use_code(*, code: AuthorizationCode, at: datetime) -> bool:
    """Exchange a code, once. Whoever brings it again ends its grant, as one of the two stole it."""
    if AuthorizationCode.objects.filter(pk=code.pk, used_at=None).update(used_at=at) == 1:
        return not has_lapsed(code.expires_at, at)
    end_grant(grant=code.grant, end=Grant.End.CODE, actor=SYSTEM, at=at)
    return False


def use_refresh_token(*, token: Token, at: datetime) -> bool:
    """Exchange a refresh token, once. It is accepted again for `REFRESH_AGAIN` as long as no successor was used;
    after that, whoever brings it ends its grant, as one of the two stole it."""
    if Token.objects.filter(pk=token.pk, used_at=None, revoked_at=None).update(used_at=at) == 1:
        return True
    token.refresh_from_db()
    if token.revoked_at is not None or token.used_at is None:
        return False
    if at - token.used_at <= REFRESH_AGAIN and not token.successors.exclude(used_at=None).exists():
        return True
    end_grant(grant=token.grant, end=Grant.End.REFRESH, actor=SYSTEM, at=at)
    return False


@transaction.atomic
def issue_tokens(
    *, grant: Grant, tokens: Mapping[str, str], scopes: Sequence[str], parent: Token | None, at: datetime
) -> None:
    """Keep the hashes of new tokens, by kind. A successor of a refresh token keeps its scopes, whatever was asked for
    the access token (RFC 6749, 6)."""
    lives = {Token.Kind.ACCESS: access_life(), Token.Kind.REFRESH: refresh_life()}
    Token.objects.bulk_create(
        Token(
            grant=grant,
            kind=kind,
            token_hash=hash_token(tokens[kind]),
            hint=hint_of(tokens[kind]),
            scopes=list(parent.scopes if parent and kind == Token.Kind.REFRESH else scopes),
            parent=parent,
            issued_at=at,
            expires_at=at + life,
        )
        for kind, life in lives.items()
        if kind in tokens
    )


@transaction.atomic
def revoke_token(*, token: Token, at: datetime) -> None:
    """What a program gives back (RFC 7009): an access token alone; with a refresh token the whole grant that a person
    gave. A company's own program keeps its grant."""
    Token.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=at)
    if token.kind == Token.Kind.REFRESH:
        actor = f"program:{token.grant.client.client_id}"
        end_grant(grant=token.grant, end=Grant.End.PROGRAM, actor=actor, at=at)


def forget_old(*, at: datetime, most: int = 5_000) -> int:
    """Delete codes and tokens that ended some time ago; returns how many."""
    old = Q(expires_at__lt=at - KEPT_FOR)
    count = 0
    for model in (AuthorizationCode, Token):
        keys = list(model._default_manager.filter(old).order_by("expires_at").values_list("pk", flat=True)[:most])
        count += model._default_manager.filter(pk__in=keys).delete()[0]
    return count
