"""The forms of baselines. The service checks what they hold."""

from __future__ import annotations

from typing import Any

from django import forms

from tunix.pipeline.data.rows import SPLITS
from tunix.pipeline.judges import JUDGES
from tunix.runs.models import TunixRun

from ..baselines import NAME, NAME_RULE
from ..models import Baseline

NAME_FAULT = {"invalid": NAME_RULE}
NAME_HINT = {"pattern": "[A-Za-z0-9_\\-]+", "title": NAME_RULE}


class BaselineForm(forms.Form):
    """A name for a run; judge and split as the run was judged unless changed."""

    name = forms.RegexField(NAME, max_length=100, error_messages=NAME_FAULT, widget=forms.TextInput(NAME_HINT))
    judge = forms.ChoiceField(choices=[(name, name) for name in JUDGES])
    split = forms.ChoiceField(choices=[(name, name) for name in SPLITS])

    @classmethod
    def of(cls, run: TunixRun) -> BaselineForm:
        """The form with the choices that `run` was judged by."""
        asked: dict[str, Any] = run.config_json.get("evaluation", {})
        return cls(initial={name: asked.get(name) for name in ("judge", "split")}, auto_id="baseline_%s")


class ChangeBaselineForm(forms.Form):
    """Another run under the same name, or another name."""

    name = forms.RegexField(NAME, max_length=100, error_messages=NAME_FAULT, widget=forms.TextInput(NAME_HINT))
    run = forms.UUIDField(
        label="Run",
        error_messages={"invalid": "A run's id is asked for; it stands on the run's page, below its name."},
        widget=forms.TextInput({"size": 36, "list": "comparable-runs"}),
    )

    @classmethod
    def of(cls, baseline: Baseline) -> ChangeBaselineForm:
        """The form as the baseline stands."""
        return cls(initial={"name": baseline.name, "run": baseline.run_id})
