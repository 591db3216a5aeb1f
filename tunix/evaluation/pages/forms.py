"""The form to rejudge a run."""

from __future__ import annotations

from typing import Any

from django import forms

from tunix.pages.json_field import JSONTextField
from tunix.pipeline.data.rows import SPLITS
from tunix.pipeline.judges import JUDGES
from tunix.runs.models import TunixRun
from tunix.runs.pages.forms import OPTIONS_HELP

MAX_ITEMS = 100_000
"""The limit of a spec."""


class EvaluateForm(forms.Form):
    """Judge and rows, initially those of the run."""

    judge = forms.ChoiceField(choices=[(name, name) for name in JUDGES])
    judge_options = JSONTextField(rows=1, required=False, label="Judge options", help_text=OPTIONS_HELP)
    split = forms.ChoiceField(choices=[(name, name) for name in SPLITS])
    max_items = forms.IntegerField(label="Max rows", min_value=1, max_value=MAX_ITEMS)

    @classmethod
    def of(cls, run: TunixRun) -> EvaluateForm:
        """The form with the values of `run`."""
        asked: dict[str, Any] = run.config_json.get("evaluation", {})
        return cls(initial={name: asked.get(name) for name in cls.base_fields})
