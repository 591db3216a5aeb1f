"""Making and revoking tokens: one service behind page, API and command."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from tunix.api.exceptions import Conflict, InvalidInput

from .audit import record_act
from .models import Act, AuditKind, AuthToken

MAX_DAYS = 3650


def make_token(
    *, user: Any, name: str, expires_at: datetime | None = None, by: AuthToken | None = None
) -> tuple[AuthToken, str]:
    """A token of `user` and its key, which nobody can be told again. `expires_at` None: it never expires.

    `by` is the token that asks, if one does: what it makes must not outlive it. Expired tokens of the user go.
    Raises InvalidInput, and Conflict where the user has MAX_TOKENS.
    """
    _check_expiry(expires_at, by)
    with transaction.atomic():
        _lock(user)
        AuthToken.objects.filter(user=user, expiry__lte=timezone.now()).delete()
        _check_name(user, name)
        if AuthToken.objects.filter(user=user).count() >= settings.MAX_TOKENS:
            raise Conflict(f"You have {settings.MAX_TOKENS} tokens, which is the most. Revoke one first.")
        token, key = AuthToken.objects.create(user=user, expiry=None, name=name)
        if expires_at is not None:
            token.expiry = expires_at
            token.save(update_fields=["expiry"])
        record_act(Act.TOKEN_MADE, token, kind=AuditKind.TOKEN, actor=user)
    return token, key


def revoke_tokens(tokens: QuerySet[AuthToken], *, actor: Any) -> int:
    """Delete `tokens`, at once; how many there were."""
    with transaction.atomic():
        found = list(tokens.select_for_update())
        for token in found:
            record_act(Act.TOKEN_REVOKED, token, kind=AuditKind.TOKEN, actor=actor)
            token.delete()
    return len(found)


def expiry_in_days(days: int | None) -> datetime | None:
    """The moment that lies so many days ahead; None for None."""
    return None if days is None else timezone.now() + timedelta(days=days)


def touch(token: AuthToken) -> None:
    """Note that `token` was used, at most once in TOKEN_USE_SECONDS, so that reading writes next to nothing."""
    now = timezone.now()
    before = now - timedelta(seconds=settings.TOKEN_USE_SECONDS)
    if token.last_used_at is None or token.last_used_at < before:
        unnoted = Q(last_used_at=None) | Q(last_used_at__lt=before)
        AuthToken.objects.filter(unnoted, pk=token.pk).update(last_used_at=now)


def _check_expiry(expires_at: datetime | None, by: AuthToken | None) -> None:
    if expires_at is not None and expires_at <= timezone.now():
        raise InvalidInput({"expires_at": ["Must lie ahead."]})
    if by is not None and by.expiry is not None and (expires_at is None or expires_at > by.expiry):
        last = by.expiry.isoformat(timespec="seconds")
        raise InvalidInput({"expires_at": [f"Must not be later than {last}, when the token you use expires."]})


def _check_name(user: Any, name: str) -> None:
    if not name.strip() or len(name) > 100:
        raise InvalidInput({"name": ["Must have 1 to 100 characters."]})
    if AuthToken.objects.filter(user=user, name=name).exists():
        raise InvalidInput({"name": ["You have a token of this name. Choose another, or revoke that one."]})


def _lock(user: Any) -> None:
    """Two requests of one user wait for each other, so that counts and names hold."""
    get_user_model().objects.select_for_update(no_key=True).filter(pk=user.pk).first()
