"""The app of operation. It stands above all others, since it reads the rows of all of them."""

from django.apps import AppConfig


class OperationsConfig(AppConfig):
    """Has no tables of its own."""

    name = "tunix.operations"
    label = "operations"

    def ready(self) -> None:
        from . import checks  # noqa: F401  (registers them)
