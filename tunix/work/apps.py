"""The app of long-running work. Importing it loads the Celery application, so that tasks can be sent by name."""

from django.apps import AppConfig

import tunix.celery  # noqa: F401  (configures Celery before anything publishes)


class WorkConfig(AppConfig):
    """Has one table, for the reconciler's heartbeat. Each kind of work is a model of another app: see LeasedWork."""

    name = "tunix.work"
    label = "work"

    def ready(self) -> None:
        from . import checks, shutdown  # noqa: F401  (importing registers them)
