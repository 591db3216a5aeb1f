"""Datasets for operators: to look at. Rows never change, and what jobs and runs refer to is not deleted."""

from __future__ import annotations

from django.contrib import admin

from tunix.pages.admin import ReadOnlyAdmin

from .models import Dataset


@admin.register(Dataset)
class DatasetAdmin(ReadOnlyAdmin):
    """Read-only; importing has its own page and command."""

    list_display = ["key", "schema", *Dataset.COUNTS, "license", "owner", "project", "created_at"]
    list_filter = ["schema", "project", "created_at", ("owner", admin.RelatedOnlyFieldListFilter)]
    search_fields = ["key", "source", "version"]
    list_select_related = ["owner"]
