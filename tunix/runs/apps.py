from operator import attrgetter
from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate

from tunix.pages.damage import Readable, register_readable
from tunix.pages.links import NAVIGATION, Link, register_links
from tunix.pages.slots import fill_slot


class RunsConfig(AppConfig):
    """The app of base models and runs. Each migration also updates the rows of built-in base models."""

    name = "tunix.runs"
    label = "runs"

    def ready(self) -> None:
        from . import checks  # noqa: F401  (registers them)

        post_migrate.connect(update_built_in_base_models, sender=self)
        register_links(
            NAVIGATION,
            Link("Runs", "runs:run-list", order=20, current_on=("runs:run",)),
            Link("Models", "runs:model-list", order=70, current_on=("runs:model",)),
        )
        register_readable(*readable_models())
        fill_slot("model.links", "runs/slots/_model_runs.html")
        fill_slot("dataset.uses", "runs/slots/_dataset_runs.html")


def update_built_in_base_models(**_: Any) -> None:
    """A receiver of `post_migrate`."""
    from .services import ensure_base_models  # models cannot be imported before the apps are ready

    ensure_base_models()


def readable_models() -> list[Readable]:
    """What pages about damaged rows read."""
    from tunix.datasets.models import Dataset
    from tunix.datasets.summary import summary

    from .models import BaseModel, TunixRun

    return [
        Readable(Dataset, ("key",), values={"manifest_json": summary}),
        Readable(BaseModel, ("base_model_id",), related=lambda model: (model.run,)),
        Readable(
            TunixRun,
            values={"config_json": attrgetter("spec")},
            related=lambda run: (run.dataset, *run.evaluations.all()[:100]),
        ),
    ]
