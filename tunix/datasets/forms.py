"""The form of an import."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms

from tunix.api.exceptions import ServiceError

from .importing.columns import GROUP_HELP, INPUT_HELP, USUAL_ANSWERS, USUAL_PROMPTS
from .importing.layouts import FORMATS
from .importing.options import DEFAULT_FRACTION
from .models import Dataset
from .uploads import import_uploads


class DatasetImportForm(forms.Form):
    """The same fields as `POST /api/datasets`. The service checks them; its errors are shown next to the fields."""

    key = forms.CharField(
        max_length=64, help_text="A permanent name: lower-case letters, digits, dots, hyphens, underscores."
    )
    file = forms.FileField(required=False, label="Single file", help_text="It is split into three by hash.")
    train = forms.FileField(
        required=False, label="Or train", help_text="JSON, CSV or TSV in UTF-8, also compressed by gzip, or Parquet."
    )
    validation = forms.FileField(required=False, help_text="If omitted, part of train is taken, by hash of the prompt.")
    test = forms.FileField(required=False, help_text="Used only to confirm winners.")
    prompt_column = forms.CharField(required=False, max_length=200, help_text=f"Default: {USUAL_PROMPTS}.")
    answer_column = forms.CharField(required=False, max_length=200, help_text=f"Default: {USUAL_ANSWERS}.")
    input_column = forms.CharField(required=False, max_length=200, help_text=f"{INPUT_HELP.capitalize()}.")
    group_column = forms.CharField(required=False, max_length=200, help_text=f"{GROUP_HELP.capitalize()}.")
    answer_pattern = forms.CharField(
        required=False,
        strip=False,
        help_text="A regular expression with one group, such as #### (.+), that finds the answer in longer text.",
    )
    format = forms.ChoiceField(
        required=False, choices=[("", "detect by file name and first line"), *((f, f) for f in FORMATS)]
    )
    delimiter = forms.CharField(
        required=False, strip=False, max_length=3, help_text="For CSV: one character, or tab. Default: a comma."
    )
    validation_fraction = forms.FloatField(
        required=False, help_text=f"Default: {DEFAULT_FRACTION} if there is no validation file."
    )
    test_fraction = forms.FloatField(
        required=False, help_text=f"Default: {DEFAULT_FRACTION} if there is a single file."
    )
    allow_overlap = forms.BooleanField(required=False, help_text="Import even if prompts are in two splits.")
    drop_overlap = forms.BooleanField(
        required=False, help_text="Drop validation and test rows whose prompt is in another split."
    )
    source = forms.CharField(required=False, max_length=500, help_text="Where the rows come from.")
    license = forms.CharField(required=False, max_length=200)
    project = forms.SlugField(max_length=64, initial="default")

    FIELDSETS = {
        "Name": ("key", "source", "license", "project"),
        "Files": ("file", "train", "validation", "test", "format", "delimiter"),
        "Rows": ("prompt_column", "answer_column", "input_column", "group_column", "answer_pattern"),
        "Fractions of missing splits": ("validation_fraction", "test_fraction"),
        "Prompts in two splits": ("drop_overlap", "allow_overlap"),
    }

    def fieldsets(self) -> Iterator[tuple[str, list[forms.BoundField]]]:
        """The fields in groups, each with a legend."""
        for legend, names in self.FIELDSETS.items():
            yield legend, [self[name] for name in names]

    def save(self, owner: Any) -> Dataset | None:
        """Imports the dataset; None if the service refused, with its errors added to the form."""
        try:
            return import_uploads(self.cleaned_data, owner)
        except ServiceError as error:
            self._show(error)
            return None

    def _show(self, error: ServiceError) -> None:
        """Adds the errors to their fields; `train.12` becomes line 12 of the field `train`, `train.row 12` its row."""
        if not error.errors:
            self.add_error("key" if error.status == 409 else None, error.detail)
        for path, messages in error.errors.items():
            field, _, line = path.partition(".")
            place = f"{line.capitalize() if line.startswith('row') else f'Line {line}'}: " if line else ""
            for message in messages:
                self.add_error(field if field in self.fields else None, f"{place}{message}")
