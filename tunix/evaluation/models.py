"""A judge's verdict on a run, access to test splits, and named runs to compare with."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery, Window
from django.db.models.functions import Rank
from django.urls import reverse
from django.utils import timezone

from tunix.datasets.models import Dataset
from tunix.runs.models import TunixRun, trained
from tunix.work.models import LeasedWork, OwnedModel

from .choices import TERMINAL_EVALUATION_STATUSES, EvaluationStatus

COMPARABLE = ["run__dataset", "split", "judge", "judge_version"]
"""What two verdicts must have in common for their scores to be comparable."""


class EvaluationQuerySet(models.QuerySet["Evaluation"]):
    """Queries shared by pages, API and commands."""

    def with_relations(self) -> Self:
        """Loads owner, run and the run's dataset and owner in the same query, without the large columns."""
        return self.select_related("owner", "run__dataset", "run__owner").defer(
            "item_scores",
            "item_groups",
            "run__config_json",
            "run__environment_json",
            "run__reproduction_json",
            "run__dataset__manifest_json",
        )

    def recorded_with_run(self) -> Self:
        """The completed verdicts that were recorded with their runs, without those of rejudging."""
        return self.filter(status=EvaluationStatus.COMPLETED, own_lease=False)

    def leaderboard(self) -> Self:
        """The latest completed verdict of each run, judge, version of the judge, and split; of all its rows.

        Best first, equal scores by age, without reproductions of other runs and runs that were taken from them. Adds
        `rank`, which equal scores share: it counts, after all filters, within a dataset, split and judge version,
        because only such scores are comparable. Also adds `newest_version` of the judge with its options, for
        `of_newest_judges`.
        """
        completed = Q(status=EvaluationStatus.COMPLETED, score_mean__isnull=False, planned_items=None)
        columns = ("run", "judge", "judge_version", "split")
        same = Evaluation.objects.filter(completed, **{name: OuterRef(name) for name in columns})
        alike = {name: OuterRef(name) for name in ("judge", "judge_options")}
        newest = Evaluation.objects.filter(completed, **alike).order_by("-created_at", "-id")
        later = Q(created_at__gt=OuterRef("created_at")) | Q(created_at=OuterRef("created_at"), id__gt=OuterRef("id"))
        return (
            self.with_relations()
            .filter(completed, ~Exists(same.filter(later)), run__reproduces=None)
            .filter(trained("run__"))
            .annotate(
                newest_version=Subquery(newest.values("judge_version")[:1]),
                rank=Window(Rank(), partition_by=COMPARABLE, order_by=F("score_mean").desc()),
            )
            .order_by("-score_mean", "created_at", "id")
        )

    def of_newest_judges(self) -> Self:
        """Restricts the leaderboard to the newest version of each judge with its options, by their latest verdict."""
        return self.filter(judge_version=F("newest_version"))


class Evaluation(LeasedWork):
    """A verdict: the mean of the per-item scores (0 to 1), and each of them.

    Only verdicts with the same `row_order` have the same rows at the same index. An item without a score counts 0 in
    the mean; verdicts from before that was so have no `score_best`, and left such items out.

    `own_lease` is false for the verdict that is recorded with a run, and true for rejudging.
    """

    KIND = "evaluation"
    TASK = "tunix.evaluation.run_evaluation"
    RUNNER = "tunix.evaluation.execution.run_evaluation"
    WAITING = EvaluationStatus.PENDING
    TERMINAL = TERMINAL_EVALUATION_STATUSES

    run = models.ForeignKey(TunixRun, on_delete=models.CASCADE, related_name="evaluations")
    status = models.CharField(
        max_length=12, choices=EvaluationStatus.choices, default=EvaluationStatus.PENDING, db_index=True
    )
    own_lease = models.BooleanField(default=False, editable=False)
    judge = models.CharField(max_length=64, db_index=True)
    judge_version = models.CharField(max_length=200, blank=True)
    judge_options = models.JSONField(default=dict, blank=True)
    split = models.CharField(max_length=12, db_index=True)
    max_items = models.PositiveIntegerField(default=256)
    max_new_tokens = models.PositiveIntegerField(default=32)
    temperature = models.FloatField(default=0, help_text="0: the most likely token each time")
    samples = models.PositiveIntegerField(default=1, help_text="answers per row")
    items = models.PositiveIntegerField(default=0)
    planned_items = models.PositiveIntegerField(
        null=True, help_text="of a run that was raced out: how many items it has; score_mean is the estimate for all"
    )
    score_mean = models.FloatField(null=True, db_index=True)
    score_low = models.FloatField(null=True, help_text="of the 95% interval of the mean")
    score_high = models.FloatField(null=True)
    interval_method = models.CharField(max_length=100, blank=True)
    metrics_json = models.JSONField(default=dict)
    item_scores = models.JSONField(default=list, help_text="null: the judge could not judge the item")
    row_order = models.CharField(max_length=20, default="file", help_text="file: the first rows; prompt_hash: a sample")
    item_groups = models.JSONField(null=True, help_text="a number for each item; null: the rows have no groups")
    score_best = models.FloatField(
        null=True, help_text="if all items without a score had the best one; score_mean counts them 0"
    )
    failed_items = models.PositiveIntegerField(default=0, help_text="items without a score")
    failures_json = models.JSONField(default=list, help_text="the most frequent reasons")
    usage_json = models.JSONField(null=True, help_text="usage of a judge service")
    judge_noise = models.FloatField(null=True, help_text="of the mean score; known if outputs were judged twice")
    verdict = models.CharField(max_length=200, blank=True)

    objects = EvaluationQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["judge", "status", "-created_at", "-id"], name="newest_of_a_judge")]

    def __str__(self) -> str:
        return f"{self.judge} on {self.split}"

    @property
    def answers(self) -> int:
        """How many answers were judged: one for each row, or several samples."""
        is_sampled = self.judge_options.get("decode") != "likelihood"
        return self.items * (self.samples if is_sampled else 1)

    @property
    def unjudged_answers(self) -> int:
        """How many of them have no score. A row of which some answers have one has a score."""
        if self.score_best is None or self.score_mean is None:
            return self.failed_items
        return max(self.failed_items, round((self.score_best - self.score_mean) * self.answers))

    def get_absolute_url(self) -> str:
        return reverse("evaluation:evaluation-detail", args=[self.id])

    def work_dir(self) -> Path:
        return self.run.work_dir() / "evaluations" / str(self.id)

    def outputs_dir(self) -> Path:
        """The folder of the judged predictions: the run's, or the evaluation's own if the run was rejudged."""
        return self.work_dir() if self.own_lease else self.run.work_dir()

    @classmethod
    def leased(cls) -> models.QuerySet[Self]:
        return cls.objects.filter(own_lease=True)


class TestLook(models.Model):
    """One access to the test split of a dataset: by whom, to which version, for which job or run.

    A score on the test split is unbiased only as long as no one chooses by it, so each access is counted and shown.
    """

    __test__ = False  # not a test, despite its name

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="test_looks")
    dataset_version = models.CharField(max_length=64)
    subject = models.CharField(max_length=300, help_text="the job or run that read it")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return self.subject


class BaselineQuerySet(models.QuerySet["Baseline"]):
    """Queries shared by pages, API and commands."""

    def with_relations(self) -> Self:
        """Loads dataset, run and owner in the same query, without the large columns."""
        return self.select_related("dataset", "run", "owner").defer(
            "dataset__manifest_json", "run__environment_json", "run__reproduction_json"
        )


class Baseline(OwnedModel):
    """A named run that others are compared with, for one dataset, judge with its version, and split."""

    name = models.SlugField(max_length=100, unique=True)
    dataset = models.ForeignKey(Dataset, on_delete=models.PROTECT, related_name="baselines")
    judge = models.CharField(max_length=64)
    judge_version = models.CharField(max_length=200, blank=True)
    split = models.CharField(max_length=12, default="validation")
    run = models.ForeignKey(TunixRun, on_delete=models.PROTECT, related_name="baselines")

    objects = BaselineQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("evaluation:baseline-detail", args=[self.name])
