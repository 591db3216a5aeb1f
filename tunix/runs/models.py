"""Base models and fine-tuning runs."""

from __future__ import annotations

import shutil
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone

from tunix.datasets.models import Dataset
from tunix.pipeline.folder import run_dir
from tunix.pipeline.models.added import MOST_LOSS
from tunix.pipeline.reuse import REUSED_RUN
from tunix.pipeline.spec import PromptSpec, RunSpec
from tunix.work.json_process import MOST_SECONDS
from tunix.work.models import LeasedWork, OwnedModel

from .choices import (
    TERMINAL_GENERATION_STATUSES,
    TERMINAL_RUN_STATUSES,
    GenerationStatus,
    RunOrigin,
    RunStatus,
    SmokeTestStatus,
)

OF_A_FOLDER = "of a model that was added, or promoted from one"
SMOKE_TEST_LOST = (
    f"No worker finished within {MOST_SECONDS // 60} minutes: it was lost, or all are busy. Run the smoke test again."
)


class BaseModel(OwnedModel):
    """A model to start from: built in, promoted from a run, or added from a folder.

    A promoted model has its own folder, so the run that it came from can be deleted. An added one stays where it is,
    unless it was copied. It has a content hash once its files were read, and nothing starts from it before.
    """

    class Source(models.TextChoices):
        BUILT_IN = "built_in", "built in"
        PROMOTED = "promoted", "promoted"
        ADDED = "added", "added"

    base_model_id = models.CharField(max_length=200, unique=True)
    family = models.CharField(max_length=64)
    source = models.CharField(max_length=16, choices=Source.choices, default=Source.BUILT_IN)
    parameters = models.PositiveBigIntegerField(
        help_text="number of weights; of a built-in model without the embedding, whose size depends on the dataset"
    )
    description = models.CharField(max_length=500, blank=True)
    content_hash = models.CharField(
        max_length=64, blank=True, help_text="sha256 of everything that determines the weights"
    )
    name = models.CharField(max_length=63, blank=True, help_text="of a promoted model")
    version = models.PositiveIntegerField(null=True, blank=True, help_text="of a promoted model, counted per name")
    run = models.ForeignKey(
        "TunixRun", null=True, blank=True, on_delete=models.SET_NULL, related_name="promoted_models"
    )
    lineage_json = models.JSONField(default=dict, help_text="origin of a promoted model, as in its lineage.json")
    path = models.CharField(
        max_length=1000, blank=True, help_text="folder of the files, relative to the artifacts folder if it is inside"
    )
    license = models.CharField(max_length=200, blank=True, help_text=f"{OF_A_FOLDER}, as its folder states it")
    details_json = models.JSONField(default=dict, help_text=f"what was read in the folder {OF_A_FOLDER}")
    chat_template = models.TextField(blank=True, help_text=f"{OF_A_FOLDER}, as Jinja")
    smoke_test_status = models.CharField(
        max_length=12, choices=SmokeTestStatus.choices, blank=True, help_text="empty for models that were not added"
    )
    smoke_test_json = models.JSONField(default=dict, help_text="loss per token and a sentence, or the error")
    smoke_test_pending_since = models.DateTimeField(
        null=True, blank=True, help_text="when the smoke test was last requested or begun"
    )

    class Meta:
        ordering = ["parameters", "base_model_id"]
        constraints = [
            models.UniqueConstraint(fields=["name", "version"], name="versions_of_a_name_are_numbered"),
            models.UniqueConstraint(fields=["run", "name"], name="one_version_a_run_and_name"),
        ]

    def __str__(self) -> str:
        return self.base_model_id

    def get_absolute_url(self) -> str:
        return reverse("runs:model-detail", args=[self.base_model_id])

    def folder(self) -> Path | None:
        """The folder of the files; None for a built-in model."""
        return settings.ARTIFACTS_DIR / self.path if self.path else None

    @property
    def is_being_added(self) -> bool:
        """Whether its files still have to be read."""
        return self.source == self.Source.ADDED and not self.content_hash

    @property
    def smoke_test_state(self) -> str:
        """The status of the smoke test. One that is pending for too long counts as failed: its worker is gone."""
        return SmokeTestStatus.FAILED if self._is_smoke_test_lost() else self.smoke_test_status

    @property
    def smoke_test_result(self) -> dict[str, Any]:
        """What the smoke test found, or `{"error": ...}`; empty while it is pending."""
        return {"error": SMOKE_TEST_LOST} if self._is_smoke_test_lost() else self.smoke_test_json

    def _is_smoke_test_lost(self) -> bool:
        since = self.smoke_test_pending_since
        is_late = since is None or timezone.now() - since > timedelta(seconds=MOST_SECONDS)
        return self.smoke_test_status == SmokeTestStatus.PENDING and is_late

    @property
    def warnings(self) -> list[str]:
        """What is unusual about an added model."""
        found = list(self.details_json.get("warnings", []))
        loss = self.smoke_test_json.get("loss")
        if loss is not None and loss > MOST_LOSS:
            found.append(
                f"The smoke test found {loss:.1f} nats per token of plain English; a sound model needs less than "
                f"{MOST_LOSS:g}. The numbers of heads in config.json may be wrong, or the weights those of another "
                "model. Compare config.json with the original release."
            )
        return found


class ModelVersionCounter(models.Model):
    """The last version of promoted models with this name. It outlives the models, because runs refer to versions."""

    name = models.CharField(max_length=63, unique=True)
    last_version = models.PositiveIntegerField(default=0)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.name}@{self.last_version}"


def trained(prefix: str = "") -> models.Q:
    """Of runs, or of rows whose run `prefix` leads to: those whose result was not taken from an earlier run."""
    return models.Q(**{f"{prefix}environment_json__{REUSED_RUN}__isnull": True})


class TunixRunQuerySet(models.QuerySet["TunixRun"]):
    """Queries shared by pages, API and commands."""

    def with_relations(self) -> Self:
        """Loads dataset and owner in the same query."""
        return self.select_related("dataset", "owner")

    def with_id(self, text: object) -> TunixRun | None:
        """The run with this id; None if there is none, or if the text is not an id."""
        try:
            return self.with_relations().filter(pk=uuid.UUID(str(text))).first()
        except ValueError:
            return None

    def for_lists(self) -> Self:
        """Like `with_relations`, without the large columns."""
        return self.with_relations().defer(
            "config_json", "environment_json", "reproduction_json", "error", "dataset__manifest_json"
        )


class TunixRun(LeasedWork):
    """A fine-tuning run: its spec (`config_json`), its results and the folder of its files.

    The run of a trial is written by the job's ledger; a single run is work with its own lease.
    """

    KIND = "training_run"
    TASK = "tunix.runs.run_training"
    RUNNER = "tunix.evaluation.execution.run_training"  # it also records the evaluation
    WAITING = RunStatus.PENDING
    TERMINAL = TERMINAL_RUN_STATUSES

    origin = models.CharField(max_length=8, choices=RunOrigin.choices, default=RunOrigin.SINGLE, db_index=True)
    name = models.CharField(max_length=200, blank=True)
    status = models.CharField(max_length=12, choices=RunStatus.choices, default=RunStatus.PENDING, db_index=True)
    dataset = models.ForeignKey(Dataset, on_delete=models.PROTECT, related_name="runs")
    base_model_id = models.CharField(max_length=200, db_index=True)
    method = models.CharField(max_length=16, default="full")
    config_json = models.JSONField(help_text="the RunSpec")
    seed = models.PositiveBigIntegerField(default=0)
    metrics_json = models.JSONField(default=dict)
    output_dir = models.CharField(max_length=300, blank=True, help_text="relative to the artifacts folder")
    result_hash = models.CharField(max_length=64, blank=True, help_text="sha256 of result.json")
    environment_json = models.JSONField(default=dict, help_text="the environment snapshot")
    reproduces = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="reproductions", editable=False
    )
    reproduction_json = models.JSONField(default=dict, help_text="differences from the run that it reproduces")
    judge_usage_json = models.JSONField(null=True, help_text="usage of a judge service for the run's own evaluation")

    objects = TunixRunQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return self.name or str(self.id)

    def get_absolute_url(self) -> str:
        return reverse("runs:run-detail", args=[self.id])

    @property
    def run_id(self) -> str:
        return str(self.id)

    @property
    def spec(self) -> RunSpec:
        return RunSpec.model_validate(self.config_json)

    @property
    def prompt_json(self) -> dict[str, Any]:
        """The prompt of its spec, complete."""
        return PromptSpec.model_validate(self.config_json.get("prompt", {})).model_dump(mode="json")

    def work_dir(self) -> Path:
        return run_dir(settings.ARTIFACTS_DIR, self.id)

    @classmethod
    def leased(cls) -> models.QuerySet[Self]:
        return cls.objects.filter(origin=RunOrigin.SINGLE)

    @property
    def duration_seconds(self) -> float | None:
        """None while the run is pending, also if it is pending again after a restart."""
        if self.started_at is None or self.status == RunStatus.PENDING:
            return None
        return float(((self.finished_at or timezone.now()) - self.started_at).total_seconds())


KEPT = timedelta(hours=24)
"""How long a generation is kept."""


class GenerationQuerySet(models.QuerySet["Generation"]):
    """Queries shared by pages, API and commands."""

    def current(self) -> Self:
        """Those that have not expired, with what a page shows of their runs."""
        return self.filter(created_at__gt=timezone.now() - KEPT).select_related("run", "against", "owner")

    def expired(self) -> Self:
        """Those that have expired and are not under way."""
        ended = self.filter(status__in=TERMINAL_GENERATION_STATUSES)
        return ended.filter(created_at__lte=timezone.now() - KEPT)

    def remove_expired(self) -> None:
        """Removes those that have expired, and their folders."""
        for generation in self.expired().only("pk"):
            shutil.rmtree(generation.work_dir(), ignore_errors=True)
            generation.delete()


class Generation(LeasedWork):
    """A prompt that the model of a run answers in a worker process, beside that of another run if `against` names one.

    It expires after KEPT.
    """

    KIND = "generation"
    TASK = "tunix.runs.run_generation"
    RUNNER = "tunix.runs.generating.run_generation"
    WAITING = GenerationStatus.PENDING
    TERMINAL = TERMINAL_GENERATION_STATUSES
    FOLDER = "generations"
    TITLE_LENGTH = 60

    run = models.ForeignKey(TunixRun, on_delete=models.CASCADE, related_name="generations")
    against = models.ForeignKey(TunixRun, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    status = models.CharField(
        max_length=12, choices=GenerationStatus.choices, default=GenerationStatus.PENDING, db_index=True
    )
    prompt = models.TextField()
    max_new_tokens = models.PositiveIntegerField()
    temperature = models.FloatField(default=0)
    seed = models.PositiveBigIntegerField(default=0)
    answers_json = models.JSONField(default=list, help_text="an answer, or why there is none, for each run")

    objects = GenerationQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return f"{self.prompt[: self.TITLE_LENGTH]}..." if self.is_abridged else self.prompt

    def get_absolute_url(self) -> str:
        return f"{self.run.get_absolute_url()}?tab=try"

    @property
    def is_abridged(self) -> bool:
        """Whether its title is not the whole prompt."""
        return len(self.prompt) > self.TITLE_LENGTH

    @classmethod
    def repair_files(cls) -> None:
        cls.objects.remove_expired()

    def runs(self) -> list[TunixRun]:
        """The runs whose models answer, in the order of the answers."""
        return [self.run] if self.against is None else [self.run, self.against]

    def work_dir(self) -> Path:
        return settings.ARTIFACTS_DIR / self.FOLDER / str(self.id)
