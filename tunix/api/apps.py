from django.apps import AppConfig


class ApiConfig(AppConfig):
    """The ground floor of the HTTP API; owns the answers kept for idempotency keys."""

    name = "tunix.api"
    label = "api"
