"""The app of tokens, groups and the audit trail."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AccessConfig(AppConfig):
    """Registers the checks of its settings, and fills the groups after each migrate."""

    name = "tunix.access"
    label = "access"

    def ready(self) -> None:
        from . import checks  # noqa: F401
        from .groups import grant_declared

        post_migrate.connect(grant_declared, dispatch_uid="tunix.access.groups")
