"""The app of tokens, groups and the audit trail."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AccessConfig(AppConfig):
    """Registers checks of the settings, and fills the groups after each migration."""

    name = "tunix.access"
    label = "access"

    def ready(self) -> None:
        from . import checks  # noqa: F401
        from .groups import grant_declared

        post_migrate.connect(grant_declared, dispatch_uid="tunix.access.groups")
