"""What pages of other apps show of evaluations."""

from __future__ import annotations

from typing import Any

from django import template

from tunix.runs.models import TunixRun

from ..forms import EvaluateForm

register = template.Library()


@register.inclusion_tag("evaluation/partials/_judge_again.html", takes_context=True)
def judge_again(context: template.Context, run: TunixRun) -> dict[str, Any]:
    """The form to judge `run` again, with its button; disabled with the reason where that is not possible."""
    allowed = context["request"].user.has_perm("evaluation.add_evaluation")
    reason = "" if run.status == "completed" else f"The run is {run.get_status_display()}."
    return {
        "form": EvaluateForm.of(run),
        "run": run,
        "reason": reason if allowed else "You have no permission to judge runs.",
        "csrf_token": context.get("csrf_token"),
    }
