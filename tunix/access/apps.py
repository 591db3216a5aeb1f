"""The app of tokens, groups and the audit trail."""

from django.apps import AppConfig


class AccessConfig(AppConfig):
    """Registers the checks of its settings."""

    name = "tunix.access"
    label = "access"

    def ready(self) -> None:
        from . import checks  # noqa: F401
