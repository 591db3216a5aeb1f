"""The database row of a dataset; its files are in `artifacts/datasets/<key>/`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.urls import reverse

from tunix.work.models import OwnedModel

KEY_PATTERN = r"[a-z0-9][a-z0-9._-]{0,62}[a-z0-9]"
RESERVED_KEYS = {"import"}
"""Parts of page addresses."""


def refuse_reserved_key(key: str) -> None:
    """A validator of the field `key`."""
    if key in RESERVED_KEYS:
        raise ValidationError(f"The key '{key}' is reserved.")


class Dataset(OwnedModel):
    """Imported rows and their splits. Immutable: different rows need a different key."""

    class Schema(models.TextChoices):
        PAIRS = "pairs", "prompt and answer"
        CONVERSATIONS = "conversations", "conversations"

    COUNTS: ClassVar = ("train_rows", "validation_rows", "test_rows")
    is_new: bool = False
    """Whether the call of `import_dataset` that returned it also created it."""

    key = models.CharField(
        max_length=64,
        unique=True,
        validators=[
            RegexValidator(
                rf"^{KEY_PATTERN}\Z",
                "Use 2 to 64 lower-case letters, digits, dots, hyphens and underscores;"
                " the first and last character must be a letter or digit.",
            ),
            refuse_reserved_key,
        ],
    )
    schema = models.CharField(max_length=16, choices=Schema.choices, default=Schema.PAIRS)
    version = models.CharField(max_length=64, help_text="sha256 of the sha256 of its splits")
    train_rows = models.PositiveIntegerField()
    validation_rows = models.PositiveIntegerField()
    test_rows = models.PositiveIntegerField()
    source = models.CharField(max_length=500, blank=True)
    license = models.CharField(max_length=200, blank=True)
    manifest_json = models.JSONField(default=dict)

    class Meta:
        ordering = ["key"]

    def __str__(self) -> str:
        return self.key

    def get_absolute_url(self) -> str:
        return reverse("datasets:dataset-detail", args=[self.key])

    @property
    def folder(self) -> Path:
        return settings.ARTIFACTS_DIR / "datasets" / self.key

    def rows_of(self, split: str) -> int:
        """The number of rows in `split`: train, validation or test."""
        return int(getattr(self, f"{split}_rows"))

    def describe(self, manifest: Mapping[str, Any]) -> None:
        """Sets schema, version and counts from the manifest of its files."""
        self.manifest_json = dict(manifest)
        self.schema = manifest["schema"]
        self.version = manifest["sha256"]
        for count in self.COUNTS:
            split = manifest["splits"].get(count.removesuffix("_rows"), {})
            setattr(self, count, split.get("rows", 0))
