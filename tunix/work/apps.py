"""The app of long work. Importing it makes the Celery application known, so that tasks can be sent by name."""

from django.apps import AppConfig

import tunix.celery  # noqa: F401  (configures Celery before anything publishes)


class WorkConfig(AppConfig):
    """Has one table, of the reconciler's turns: each kind of work is a model of another app that extends LeasedWork."""

    name = "tunix.work"
    label = "work"

    def ready(self) -> None:
        from . import checks, shutdown  # noqa: F401  (they register themselves)
