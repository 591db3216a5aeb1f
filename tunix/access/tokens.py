"""Creates and revokes tokens, for page, API and command."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from tunix.api.exceptions import Conflict, InvalidInput
from tunix.validation.values import line_fault

from .audit import record_act
from .models import Act, AuditKind, AuthToken

MAX_DAYS = 3650


def make_token(
    *, user: Any, name: str, expires_at: datetime | None = None, by: AuthToken | None = None
) -> tuple[AuthToken, str]:
    """Creates a token for `user`; returns it with its key, which is not stored. Without `expires_at` it never expires.

    `by` is the token that authenticated the request, if any; the new one must not outlive it. The user's expired tokens
    are deleted. Raises InvalidInput, and Conflict if the user already has MAX_TOKENS.
    """
    _check_expiry(expires_at, by)
    with transaction.atomic():
        # Serialises requests of one user, so that the checks of number and names hold.
        get_user_model().objects.select_for_update(no_key=True).filter(pk=user.pk).first()
        AuthToken.objects.filter(user=user, expiry__lte=timezone.now()).delete()
        _check_name(user, name)
        if AuthToken.objects.filter(user=user).count() >= settings.MAX_TOKENS:
            raise Conflict(f"You have {settings.MAX_TOKENS} tokens, which is the maximum. Revoke one first.")
        token, key = AuthToken.objects.create(user=user, expiry=None, name=name)
        if expires_at is not None:
            token.expiry = expires_at
            token.save(update_fields=["expiry"])
        record_act(Act.TOKEN_MADE, token, kind=AuditKind.TOKEN, actor=user)
    return token, key


def revoke_tokens(tokens: QuerySet[AuthToken], *, actor: Any) -> int:
    """Deletes `tokens` with immediate effect and returns how many there were."""
    with transaction.atomic():
        found = list(tokens.select_for_update())
        for token in found:
            record_act(Act.TOKEN_REVOKED, token, kind=AuditKind.TOKEN, actor=actor)
            token.delete()
    return len(found)


def expiry_in_days(days: int | None) -> datetime | None:
    """The time in `days` days; None for None."""
    return None if days is None else timezone.now() + timedelta(days=days)


def touch(token: AuthToken) -> None:
    """Records that `token` was used, at most once per TOKEN_USE_SECONDS, so that reads cause few writes."""
    now = timezone.now()
    before = now - timedelta(seconds=settings.TOKEN_USE_SECONDS)
    if token.last_used_at is None or token.last_used_at < before:
        outdated = Q(last_used_at=None) | Q(last_used_at__lt=before)
        AuthToken.objects.filter(outdated, pk=token.pk).update(last_used_at=now)


def _check_expiry(expires_at: datetime | None, by: AuthToken | None) -> None:
    if expires_at is not None and expires_at <= timezone.now():
        raise InvalidInput({"expires_at": ["Must be in the future."]})
    if by is not None and by.expiry is not None and (expires_at is None or expires_at > by.expiry):
        last = by.expiry.isoformat(timespec="seconds")
        raise InvalidInput({"expires_at": [f"Must not be later than {last}, when the token you use expires."]})


def _check_name(user: Any, name: str) -> None:
    if not name.strip() or len(name) > 100:
        raise InvalidInput({"name": ["Must have 1 to 100 characters."]})
    if fault := line_fault(name):
        raise InvalidInput({"name": [fault]})
    if AuthToken.objects.filter(user=user, name=name).exists():
        raise InvalidInput(
            {"name": ["You already have a token with this name. Choose another name, or revoke that token."]}
        )
