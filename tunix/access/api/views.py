"""The user's own tokens, which need no permission because a token can do what its user can; and the audit trail."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView, ListAPIView, get_object_or_404
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from tunix.api.bodies import object_body

from ..filters import AuditEntryFilter
from ..models import AuditEntry, AuthToken
from ..tokens import make_token, revoke_tokens
from .serializers import AuditEntrySerializer, NewTokenSerializer, TokenInputSerializer, TokenSerializer


class OwnTokens(GenericAPIView):
    """The tokens of the current user."""

    serializer_class = TokenSerializer
    permission_classes = [IsAuthenticated]
    filter_backends: list[Any] = []

    def get_queryset(self) -> QuerySet[AuthToken]:
        if getattr(self, "swagger_fake_view", False):
            return AuthToken.objects.none()
        return AuthToken.objects.filter(user=self.request.user)


class TokenListView(OwnTokens):
    """All of them. POST has no Idempotency-Key, because a stored response would contain the key."""

    @extend_schema(operation_id="tokens_list", responses=TokenSerializer(many=True))
    def get(self, request: Request) -> Response:
        """List your tokens, without their keys."""
        page = self.paginate_queryset(self.get_queryset())
        return self.get_paginated_response(TokenSerializer(page, many=True).data)

    @extend_schema(request=TokenInputSerializer, responses={201: NewTokenSerializer})
    def post(self, request: Request) -> Response:
        """Create a token. Its key is only in this response. 409: you have the maximum number of tokens."""
        asked = TokenInputSerializer(data=object_body(request))
        asked.is_valid(raise_exception=True)
        by = request.auth if isinstance(request.auth, AuthToken) else None
        token, key = make_token(user=request.user, name=asked.validated_data["name"], expires_at=asked.expiry, by=by)
        token.key = key
        answer = Response(NewTokenSerializer(token).data, status=201)
        answer["Cache-Control"] = "no-store"
        return answer

    @extend_schema(operation_id="tokens_destroy_all", responses={204: None})
    def delete(self, request: Request) -> Response:
        """Revoke all your tokens, with immediate effect."""
        revoke_tokens(self.get_queryset(), actor=request.user)
        return Response(status=204)


class TokenView(OwnTokens):
    """One of the user's tokens."""

    @extend_schema(responses={204: None})
    def delete(self, request: Request, token_id: str) -> Response:
        """Revoke the token, with immediate effect."""
        found = get_object_or_404(self.get_queryset(), pk=token_id)
        revoke_tokens(self.get_queryset().filter(pk=found.pk), actor=request.user)
        return Response(status=204)


class AuditListView(ListAPIView):
    """Who did what to datasets, base models, runs, evaluations, baselines and tokens, latest first.

    Jobs have events of their own.
    """

    queryset = AuditEntry.objects.all()
    serializer_class = AuditEntrySerializer
    filterset_class = AuditEntryFilter
