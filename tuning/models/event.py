"""The history of a job."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from ..choices import EventKind
from .job import TuningJob


class TuningEvent(models.Model):
    """What happened to a job, when, by whom. Rows are only ever added; they outlive the job and the user."""

    job = models.ForeignKey(TuningJob, null=True, on_delete=models.SET_NULL, related_name="events")
    subject = models.CharField(max_length=200, blank=True, help_text="name of the job at that time")
    subject_id = models.UUIDField(null=True, db_index=True, help_text="id of the job, also when it is gone")
    kind = models.CharField(max_length=32, choices=EventKind.choices)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    actor_name = models.CharField(max_length=150, blank=True, help_text="empty for the machine")
    detail = models.CharField(max_length=1000, blank=True)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.kind
