"""The app for operators. It is above all other apps, because it reads the rows of all of them."""

from django.apps import AppConfig


class OperationsConfig(AppConfig):
    """Has no tables of its own."""

    name = "tunix.operations"
    label = "operations"

    def ready(self) -> None:
        from . import checks  # noqa: F401  (registers them)
