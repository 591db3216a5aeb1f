"""The app of tokens, groups and the audit trail."""

from django.apps import AppConfig

from tunix.pages.links import ACCOUNT, AUDIT, Link, register_links


class AccessConfig(AppConfig):
    """Registers the checks of its settings and its links."""

    name = "tunix.access"
    label = "access"

    def ready(self) -> None:
        from . import checks  # noqa: F401

        tab = Link("Datasets, runs and tokens", "access:audit", order=20, permission="access.view_auditentry")
        register_links(AUDIT, tab)
        register_links(ACCOUNT, Link("API tokens", "access:token-list", order=10))
