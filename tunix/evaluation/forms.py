"""The form to judge a run again."""

from __future__ import annotations

from typing import Any

from django import forms

from tunix.pipeline.data.rows import SPLITS
from tunix.pipeline.judges import JUDGES
from tunix.runs.models import TunixRun

MAX_ITEMS = 100_000
"""As many as a spec may ask for."""


class EvaluateForm(forms.Form):
    """Which judge, on which rows; as the run was judged unless changed."""

    judge = forms.ChoiceField(choices=[(name, name) for name in JUDGES])
    split = forms.ChoiceField(choices=[(name, name) for name in SPLITS])
    max_items = forms.IntegerField(label="Max rows", min_value=1, max_value=MAX_ITEMS)

    @classmethod
    def of(cls, run: TunixRun) -> EvaluateForm:
        """The form with the choices that `run` was judged by."""
        asked: dict[str, Any] = run.config_json.get("evaluation", {})
        return cls(initial={name: asked.get(name) for name in cls.base_fields})
