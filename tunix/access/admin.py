"""Tokens and the audit trail in the admin: read-only, except that tokens can be revoked."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from tunix.pages.admin import ReadOnlyAdmin

from .models import AuditEntry, AuthToken
from .tokens import revoke_tokens


@admin.register(AuthToken)
class AuthTokenAdmin(ReadOnlyAdmin):
    """The tokens of all users, without their keys."""

    list_display = ["name", "user", "prefix", "created", "expiry", "last_used_at"]
    list_filter = ["created", "expiry"]
    list_select_related = ["user"]
    search_fields = ["name", "user__username"]
    fields = ["name", "user", "prefix", "created", "expiry", "last_used_at"]
    actions = ["revoke"]

    @admin.action(description="Revoke the selected tokens", permissions=["remove"])
    def revoke(self, request: HttpRequest, tokens: QuerySet[AuthToken]) -> None:
        self.message_user(request, f"{revoke_tokens(tokens, actor=request.user)} revoked.")

    def has_remove_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("access.delete_authtoken")


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    """The audit trail. Jobs have events of their own."""

    list_display = ["created_at", "actor_name", "act", "subject_kind", "subject"]
    list_filter = ["act", "subject_kind", "created_at"]
    search_fields = ["actor_name", "subject", "=subject_id"]
