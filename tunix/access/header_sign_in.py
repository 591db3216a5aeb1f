"""Sign-in by a header that a trusted proxy sets; off unless TRUSTED_USER_HEADER is set."""

from __future__ import annotations

import re
from typing import Any

from django.conf import settings
from django.contrib.auth.backends import RemoteUserBackend
from django.contrib.auth.middleware import RemoteUserMiddleware
from django.contrib.auth.models import Group

from .addresses import is_trusted

NAME = re.compile(r"[\w.@+-]{1,150}", re.ASCII)  # ASCII only, because a header has no declared encoding


class HeaderSignIn(RemoteUserMiddleware):
    """Signs in the user named in the header if a trusted proxy sent it, and signs out a user no longer named.

    From any other address the header is ignored.
    """

    async_capable = False

    def process_request(self, request: Any) -> None:
        if not settings.TRUSTED_USER_HEADER:
            return
        given = self.header in request.META
        if given and not (is_trusted(request.META.get("REMOTE_ADDR", "")) and request.META[self.header].strip()):
            del request.META[self.header]
        super().process_request(request)

    @property
    def header(self) -> str:
        """The header's key in `request.META`."""
        return "HTTP_" + settings.TRUSTED_USER_HEADER.upper().replace("-", "_")


class HeaderBackend(RemoteUserBackend):
    """Creates users whom a trusted proxy names for the first time, in the group viewer."""

    def authenticate(self, request: Any, remote_user: str | None) -> Any:
        if remote_user is None or not NAME.fullmatch(self.clean_username(remote_user)):
            return None
        return super().authenticate(request, remote_user)

    def clean_username(self, username: str) -> str:
        return username.strip()

    def configure_user(self, request: Any, user: Any, created: bool = True) -> Any:
        if created:
            user.set_unusable_password()
            user.save(update_fields=["password"])
            user.groups.add(*Group.objects.filter(name="viewer"))  # the group may have been deleted
        return user
