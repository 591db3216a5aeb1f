from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class RunsConfig(AppConfig):
    """The app of base models and runs. Each migration also updates the rows of built-in base models."""

    name = "tunix.runs"
    label = "runs"

    def ready(self) -> None:
        post_migrate.connect(update_built_in_base_models, sender=self)


def update_built_in_base_models(**_: Any) -> None:
    """A receiver of `post_migrate`."""
    from .services import ensure_base_models  # models cannot be imported before the apps are ready

    ensure_base_models()
