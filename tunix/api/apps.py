from django.apps import AppConfig


class ApiConfig(AppConfig):
    """The app below the APIs of all others; it stores the responses for idempotency keys."""

    name = "tunix.api"
    label = "api"
