from django.apps import AppConfig

from tunix.pages.damage import Readable, register_readable
from tunix.pages.links import NAVIGATION, Link, register_links
from tunix.pages.slots import fill_slot


class EvaluationConfig(AppConfig):
    """The app of evaluations."""

    name = "tunix.evaluation"
    label = "evaluation"

    def ready(self) -> None:
        from . import checks  # noqa: F401  (registers them)

        register_links(
            NAVIGATION,
            Link("Leaderboard", "evaluation:leaderboard", order=30),
            Link("Evaluations", "evaluation:evaluation-list", order=40, current_on=("evaluation:evaluation",)),
            Link("Baselines", "evaluation:baseline-list", order=50, current_on=("evaluation:baseline",)),
        )
        register_readable(*readable_models())
        fill_slot("run.evaluations", "evaluation/slots/_run_evaluations.html")
        fill_slot("model.links", "evaluation/slots/_model_leaderboard.html")


def readable_models() -> list[Readable]:
    """What pages about damaged rows read."""
    from .models import Evaluation

    return [Readable(Evaluation, related=lambda evaluation: (evaluation.run, evaluation.run.dataset))]
