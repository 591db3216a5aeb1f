"""The Celery application: `celery -A tunix.celery worker`. Messages are wake-ups; the database is the truth."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tunix.settings")

app = Celery("tunix")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
# By name: its module imports models, which are not loaded yet.
app.steps["worker"].add("tunix.work.worker_look:LookForWork")
