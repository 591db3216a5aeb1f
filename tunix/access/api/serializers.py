"""The representation of tokens and audit entries in the API."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from rest_framework import serializers

from ..models import AuditEntry, AuthToken
from ..tokens import MAX_DAYS, expiry_in_days


class TokenSerializer(serializers.ModelSerializer):
    """A token without its secret."""

    prefix = serializers.CharField(read_only=True, help_text="the first characters of the key, to recognise it by")
    created_at = serializers.DateTimeField(source="created", read_only=True)
    expires_at = serializers.DateTimeField(source="expiry", read_only=True, allow_null=True)

    class Meta:
        model = AuthToken
        fields = ["id", "name", "prefix", "created_at", "expires_at", "last_used_at"]
        read_only_fields = fields


class NewTokenSerializer(TokenSerializer):
    """A new token with its key."""

    key = serializers.CharField(read_only=True, help_text="shown only once")

    class Meta(TokenSerializer.Meta):
        fields = [*TokenSerializer.Meta.fields, "key"]
        read_only_fields = fields


class TokenInputSerializer(serializers.Serializer):
    """Name and expiry of a new token; it never expires if neither of the last two fields is given."""

    name = serializers.CharField(max_length=100, default="token")
    expires_at = serializers.DateTimeField(required=False, allow_null=True)
    expires_in_days = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=MAX_DAYS)

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        if data.get("expires_at") and data.get("expires_in_days"):
            raise serializers.ValidationError({"expires_in_days": ["Give this or expires_at, not both."]})
        unknown = set(self.initial_data) - set(self.fields)
        if unknown:
            raise serializers.ValidationError({name: ["Unknown field."] for name in sorted(unknown)})
        return data

    @property
    def expiry(self) -> datetime | None:
        """When the token expires; None for never."""
        return self.validated_data.get("expires_at") or expiry_in_days(self.validated_data.get("expires_in_days"))


class AuditEntrySerializer(serializers.ModelSerializer):
    """An entry of the audit trail. `actor` is empty for commands on the server."""

    actor = serializers.CharField(source="actor_name")

    class Meta:
        model = AuditEntry
        fields = ["id", "created_at", "actor", "act", "subject_kind", "subject_id", "subject"]
