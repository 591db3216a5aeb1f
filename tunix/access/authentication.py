"""Authenticates API requests by token or session, and counts anonymous ones for throttling."""

from __future__ import annotations

import logging
import re
from typing import Any

from django.db import DatabaseError
from knox.auth import TokenAuthentication as KnoxAuthentication
from knox.crypto import hash_token
from rest_framework import exceptions
from rest_framework.authentication import SessionAuthentication as DjangoSessionAuthentication

from .models import AuthToken
from .throttles import count_anonymous
from .tokens import touch

logger = logging.getLogger(__name__)

KEY = re.compile(rb"[0-9A-Za-z]{20,128}")


class TokenAuthentication(KnoxAuthentication):
    """`Authorization: Token <key>`, looked up by its hash; refused if it has expired or its user is inactive."""

    def authenticate(self, request: Any) -> Any:
        try:
            return super().authenticate(request)
        except exceptions.AuthenticationFailed:
            count_anonymous(request)
            raise

    def authenticate_credentials(self, token: bytes) -> tuple[Any, AuthToken]:
        found = None
        if KEY.fullmatch(token):
            found = AuthToken.objects.select_related("user").filter(digest=hash_token(token.decode())).first()
        if found is None:
            raise exceptions.AuthenticationFailed("Invalid token.")
        if found.is_expired:
            raise exceptions.AuthenticationFailed("The token has expired.")
        self.validate_user(found)
        try:
            touch(found)
        except DatabaseError as error:  # the database may be busy, which must not fail the request
            logger.warning("the use of a token was not recorded: %s", error)
        return found.user, found


class SessionAuthentication(DjangoSessionAuthentication):
    """The session that the pages use."""

    def authenticate(self, request: Any) -> Any:
        found = super().authenticate(request)
        if found is None:
            count_anonymous(request)
        return found
