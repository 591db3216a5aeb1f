"""The app of data sets."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.db import DEFAULT_DB_ALIAS
from django.db.models.signals import post_migrate

from tunix.pages.links import NAVIGATION, Link, register_links


class DatasetsConfig(AppConfig):
    """Sees to it that the built-in data sets are there after every migration."""

    name = "tunix.datasets"
    label = "datasets"

    def ready(self) -> None:
        post_migrate.connect(_make_builtin_datasets, sender=self, dispatch_uid="builtin datasets")
        register_links(NAVIGATION, Link("Datasets", "datasets:dataset-list", order=60, current_on=("datasets:",)))


def _make_builtin_datasets(using: str = DEFAULT_DB_ALIAS, plan: Any = (), **kwargs: Any) -> None:
    """Nothing is made when the app was just migrated away, or in another database than the default."""
    from .models import Dataset
    from .services import ensure_builtin_datasets

    if using == DEFAULT_DB_ALIAS and _has_table(Dataset._meta.db_table):
        ensure_builtin_datasets()


def _has_table(name: str) -> bool:
    from django.db import connection

    return name in connection.introspection.table_names()
