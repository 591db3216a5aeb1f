"""What a job's sampler learned from other jobs."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from .job import TuningJob


class WarmStart(models.Model):
    """What the sampler of a job knew of other jobs when it started. A row of its own: it may be long."""

    job = models.OneToOneField(TuningJob, on_delete=models.CASCADE, related_name="warm_start")
    observations_json = models.JSONField(help_text="params, outcome, value, values, step; in the order of the slots")
    known = models.PositiveIntegerField(help_text="how many observations there are")
    finished = models.PositiveIntegerField(help_text="finished trials of the other jobs, also those outside the space")
    jobs_json = models.JSONField(help_text="the other jobs as they were: id, name, known, finished")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    def __str__(self) -> str:
        return self.sentence

    @property
    def sentence(self) -> str:
        """For pages and the history."""
        count = len(self.jobs_json)
        jobs = f"{count} job{'s' * (count != 1)}"
        return f"{self.known} of {self.finished} trials of {jobs} are known to the sampler"
