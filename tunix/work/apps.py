"""The app of long-running work. Importing it loads the Celery application, so that tasks can be sent by name."""

from django.apps import AppConfig

import tunix.celery  # noqa: F401  (configures Celery before anything publishes)


class WorkConfig(AppConfig):
    """Tables for the heartbeats of reconciler and workers. Each kind of work is a model elsewhere: see LeasedWork."""

    name = "tunix.work"
    label = "work"

    def ready(self) -> None:
        from . import checks, shutdown  # noqa: F401  (importing registers them)
