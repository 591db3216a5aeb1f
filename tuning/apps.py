from django.apps import AppConfig


class TuningConfig(AppConfig):
    """The app of tuning jobs."""

    name = "tuning"
    verbose_name = "Tuning"
