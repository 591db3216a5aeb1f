from django.apps import AppConfig


class EvaluationConfig(AppConfig):
    """The app of evaluations."""

    name = "tunix.evaluation"
    label = "evaluation"

    def ready(self) -> None:
        from . import checks  # noqa: F401  (registers them)
