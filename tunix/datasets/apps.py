"""The app of datasets."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models.signals import post_migrate

from tunix.pages.links import NAVIGATION, Link, register_links


class DatasetsConfig(AppConfig):
    """Creates missing built-in datasets after every migration."""

    name = "tunix.datasets"
    label = "datasets"

    def ready(self) -> None:
        post_migrate.connect(_create_builtin_datasets, sender=self, dispatch_uid="builtin datasets")
        register_links(NAVIGATION, Link("Datasets", "datasets:dataset-list", order=60, current_on=("datasets:",)))


def _create_builtin_datasets(using: str = DEFAULT_DB_ALIAS, plan: Any = (), **kwargs: Any) -> None:
    """A receiver of `post_migrate`. Does nothing if the app was migrated to zero, or outside the default database."""
    from .models import Dataset
    from .services import ensure_builtin_datasets

    if using == DEFAULT_DB_ALIAS and Dataset._meta.db_table in connection.introspection.table_names():
        ensure_builtin_datasets()
