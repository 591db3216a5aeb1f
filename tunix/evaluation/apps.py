from django.apps import AppConfig


class EvaluationConfig(AppConfig):
    """The app of evaluations."""

    name = "tunix.evaluation"
    label = "evaluation"
