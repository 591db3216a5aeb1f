"""The app of tokens, groups and the audit trail."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate

from tunix.pages.links import ACCOUNT, AUDIT, Link, register_links


class AccessConfig(AppConfig):
    """Registers the checks of its settings and its links, and fills the groups after each migrate."""

    name = "tunix.access"
    label = "access"

    def ready(self) -> None:
        from . import checks  # noqa: F401
        from .groups import grant_declared

        post_migrate.connect(grant_declared, dispatch_uid="tunix.access.groups")
        tab = Link("Datasets, runs and tokens", "access:audit", order=20, permission="access.view_auditentry")
        register_links(AUDIT, tab)
        register_links(ACCOUNT, Link("API tokens", "access:token-list", order=10))
