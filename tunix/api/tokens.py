"""A user's own token. Its key is shown once, when it is made."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.authtoken.models import Token
from rest_framework.generics import ListAPIView
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from .exceptions import Conflict


class TokenSerializer(serializers.ModelSerializer):
    """A token without its secret."""

    prefix = serializers.SerializerMethodField(help_text="the first characters of the key, to know it by")
    created_at = serializers.DateTimeField(source="created", read_only=True)

    class Meta:
        model = Token
        fields = ["prefix", "created_at"]

    def get_prefix(self, token: Token) -> str:
        return token.key[:6]


class NewTokenSerializer(TokenSerializer):
    """A token that was just made."""

    class Meta(TokenSerializer.Meta):
        fields = [*TokenSerializer.Meta.fields, "key"]
        read_only_fields = fields


class TokenListView(ListAPIView):
    """The tokens of the user who asks, at most one. No permission is needed: a token may do what its user may.

    A POST takes no Idempotency-Key: kept answers would hold the key.
    """

    serializer_class = TokenSerializer
    permission_classes = [IsAuthenticated]
    filter_backends: list[Any] = []

    def get_queryset(self) -> QuerySet[Token]:
        if getattr(self, "swagger_fake_view", False):
            return Token.objects.none()
        return Token.objects.filter(user=self.request.user).order_by("created")

    @extend_schema(request=None, responses={201: NewTokenSerializer})
    def post(self, request: Request) -> Response:
        """Make a token. 409 when there is one: delete it first."""
        with transaction.atomic():
            token, is_new = Token.objects.get_or_create(user=request.user)
        if not is_new:
            raise Conflict("You have a token already. Delete it to get another one.")
        return Response(NewTokenSerializer(token).data, status=201)

    @extend_schema(responses={204: None})
    def delete(self, request: Request) -> Response:
        """Revoke it, at once."""
        self.get_queryset().delete()
        return Response(status=204)
