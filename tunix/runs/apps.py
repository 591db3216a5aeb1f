from django.apps import AppConfig


class RunsConfig(AppConfig):
    """The app of base models and runs."""

    name = "tunix.runs"
    label = "runs"
