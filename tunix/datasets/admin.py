"""Data sets for operators: to look at. Rows never change, and what jobs and runs refer to is not deleted."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from .models import Dataset


@admin.register(Dataset)
class DatasetAdmin(admin.ModelAdmin):
    """Read-only; importing has its own page and command."""

    list_display = ["key", "schema", *Dataset.COUNTS, "license", "owner", "project", "created_at"]
    list_filter = ["schema", "project", "created_at", ("owner", admin.RelatedOnlyFieldListFilter)]
    search_fields = ["key", "source", "version"]
    list_select_related = ["owner"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
