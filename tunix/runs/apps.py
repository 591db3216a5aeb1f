from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class RunsConfig(AppConfig):
    """The app of base models and runs. Migrating also makes the rows of the built-in base models."""

    name = "tunix.runs"
    label = "runs"

    def ready(self) -> None:
        post_migrate.connect(make_built_in_base_models, sender=self)


def make_built_in_base_models(**_: Any) -> None:
    """Django's hook after a migration."""
    from .services import ensure_base_models  # models cannot be imported before the apps are ready

    ensure_base_models()
