"""Datasets in the admin, read-only: they are immutable, and those in use cannot be deleted."""

from __future__ import annotations

from django.contrib import admin

from tunix.pages.admin import ReadOnlyAdmin

from .models import Dataset


@admin.register(Dataset)
class DatasetAdmin(ReadOnlyAdmin):
    """Read-only; there is a page and a command for imports."""

    list_display = ["key", "schema", *Dataset.COUNTS, "license", "owner", "project", "created_at"]
    list_filter = ["schema", "project", "created_at", ("owner", admin.RelatedOnlyFieldListFilter)]
    search_fields = ["key", "source", "version"]
    list_select_related = ["owner"]
