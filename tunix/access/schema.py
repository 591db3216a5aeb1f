"""Describes authentication by token and by session in the OpenAPI description."""

from __future__ import annotations

from typing import Any

from drf_spectacular.authentication import SessionScheme
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.plumbing import build_bearer_security_scheme_object


class TokenScheme(OpenApiAuthenticationExtension):
    """`Authorization: Token <key>`"""

    target_class = "tunix.access.authentication.TokenAuthentication"
    name = "tokenAuth"

    def get_security_definition(self, auto_schema: Any) -> Any:
        keyword = self.target.authenticate_header(None)
        return build_bearer_security_scheme_object(header_name="Authorization", token_prefix=keyword)


class CookieScheme(SessionScheme):
    """The session that the pages use."""

    target_class = "tunix.access.authentication.SessionAuthentication"
