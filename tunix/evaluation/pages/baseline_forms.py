"""The forms of baselines. The service validates their data."""

from __future__ import annotations

from typing import Any

from django import forms

from tunix.pipeline.data.rows import SPLITS
from tunix.pipeline.judges import JUDGES
from tunix.runs.models import TunixRun

from ..baselines import NAME, NAME_RULE
from ..models import Baseline

NAME_ERRORS = {"invalid": NAME_RULE}
NAME_ATTRIBUTES = {"pattern": "[A-Za-z0-9_\\-]+", "title": NAME_RULE}

WHERE_IDS_ARE = "The page of a run shows it below the name."


class BaselineForm(forms.Form):
    """Makes a run a baseline; judge and split are initially those of the run."""

    name = forms.RegexField(NAME, max_length=100, error_messages=NAME_ERRORS, widget=forms.TextInput(NAME_ATTRIBUTES))
    judge = forms.ChoiceField(choices=[(name, name) for name in JUDGES])
    split = forms.ChoiceField(choices=[(name, name) for name in SPLITS])

    @classmethod
    def of(cls, run: TunixRun) -> BaselineForm:
        """The form with the judge and split of `run`."""
        asked: dict[str, Any] = run.config_json.get("evaluation", {})
        return cls(initial={name: asked.get(name) for name in ("judge", "split")}, auto_id="baseline_%s")


class ChangeBaselineForm(forms.Form):
    """Changes the run or the name of a baseline."""

    name = forms.RegexField(NAME, max_length=100, error_messages=NAME_ERRORS, widget=forms.TextInput(NAME_ATTRIBUTES))
    run = forms.UUIDField(
        label="Run",
        error_messages={"invalid": f"Must be the id of a run. {WHERE_IDS_ARE}"},
        widget=forms.TextInput({"size": 36, "list": "comparable-runs"}),
    )

    @classmethod
    def of(cls, baseline: Baseline) -> ChangeBaselineForm:
        """The form with the values of the baseline."""
        return cls(initial={"name": baseline.name, "run": baseline.run_id})
