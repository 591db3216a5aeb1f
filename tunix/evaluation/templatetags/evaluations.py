"""Template tags with which pages of other apps show evaluations and baselines."""

from __future__ import annotations

from typing import Any

from django import template

from tunix.runs.models import TunixRun

from ..models import Baseline
from ..pages.baseline_forms import BaselineForm
from ..pages.forms import EvaluateForm

register = template.Library()


@register.inclusion_tag("evaluation/partials/_judge_again.html", takes_context=True)
def judge_again(context: template.Context, run: TunixRun) -> dict[str, Any]:
    """The form to rejudge `run`; its button is disabled, with the reason, if that is not possible."""
    allowed = context["request"].user.has_perm("evaluation.add_evaluation")
    reason = "" if run.status == "completed" else f"The run is {run.get_status_display()}."
    return {
        "form": EvaluateForm.of(run),
        "run": run,
        "reason": reason if allowed else "You have no permission to judge runs.",
        "csrf_token": context.get("csrf_token"),
    }


@register.inclusion_tag("evaluation/partials/_baselines.html", takes_context=True)
def baselines_for(context: template.Context, run: TunixRun) -> dict[str, Any]:
    """The baselines that `run` can be compared with, and the form that makes it a baseline."""
    user = context["request"].user
    known = Baseline.objects.filter(dataset=run.dataset_id) if user.has_perm("evaluation.view_baseline") else []
    allowed = user.has_perm("evaluation.add_baseline")
    reason = "" if run.status == "completed" else f"The run is {run.get_status_display()}."
    return {
        "baselines": known,
        "form": BaselineForm.of(run),
        "run": run,
        "reason": reason if allowed else "You have no permission to make baselines.",
        "csrf_token": context.get("csrf_token"),
    }
