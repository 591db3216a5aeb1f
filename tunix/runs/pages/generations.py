"""The tab *Try it* of a run: a form for a prompt, and the answers."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.http import HttpRequest, HttpResponse
from django.views.generic import View
from django.views.generic.detail import SingleObjectMixin

from tunix.pages.live import fragment
from tunix.pages.verbs import VerbView, cleaned_data
from tunix.pipeline.spec import MAX_TEMPERATURE

from ..choices import RunStatus
from ..generations import (
    GENERATION_FIELDS,
    MAX_GENERATED_TOKENS,
    MAX_PROMPT_LENGTH,
    MAX_SEED,
    cancel_generation,
    generate,
    usual_tokens,
    why_no_answer,
)
from ..models import Generation, TunixRun

SHOWN = 10
OFFERED = 50
"""Runs to compare with; any other is reached over the API or on the server."""


class GenerationForm(forms.Form):
    """A prompt, and how it is answered. Empty fields have the values of the run."""

    prompt = forms.CharField(
        max_length=MAX_PROMPT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Written into the run's template, as its rows were.",
    )
    against = forms.ChoiceField(required=False, label="Beside")
    max_new_tokens = forms.IntegerField(
        required=False, label="Max new tokens", min_value=1, max_value=MAX_GENERATED_TOKENS
    )
    temperature = forms.FloatField(
        required=False,
        min_value=0,
        max_value=MAX_TEMPERATURE,
        widget=forms.NumberInput(attrs={"step": "any"}),
        help_text="0: the most likely token each time.",
    )
    seed = forms.IntegerField(required=False, min_value=0, max_value=MAX_SEED, help_text="Only above temperature 0.")

    def __init__(self, run: TunixRun, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["against"].choices = [("", "no other run"), *_others(run)]  # type: ignore[attr-defined]


def _others(run: TunixRun) -> list[tuple[str, str]]:
    """The newest completed runs on the same dataset."""
    same = TunixRun.objects.filter(dataset=run.dataset_id, status=RunStatus.COMPLETED).exclude(pk=run.pk)
    return [
        (str(pk), f"{name or 'Run'} ({str(pk)[:8]}, {base})")
        for pk, name, base in same.values_list("pk", "name", "base_model_id")[:OFFERED]
    ]


def try_context(run: TunixRun, user: Any) -> dict[str, Any]:
    """The context of the tab. Prompts and answers are left out for a user who may not view them."""
    initial = {"max_new_tokens": usual_tokens(run), "temperature": 0, "seed": 0}
    answers = answers_context(run) if user.has_perm("runs.view_generation") else {}
    return answers | {"form": GenerationForm(run, initial=initial), "reason": why_not_try(run, user)}


def answers_context(run: TunixRun) -> dict[str, Any]:
    """The newest generations that have not expired, each with its runs beside their answers."""
    found = list(run.generations.current()[:SHOWN])
    for generation in found:
        generation.sides = list(zip(generation.runs(), generation.answers_json, strict=False))
    return {"run": run, "generations": found, "is_polling": any(not one.is_terminal for one in found)}


def why_not_try(run: TunixRun, user: Any) -> str:
    """Why the button is disabled; empty if it is enabled."""
    if not user.has_perm("runs.add_generation"):
        return "You have no permission to send prompts to models."
    return why_no_answer(run)


def send(form: GenerationForm, run: TunixRun, user: Any) -> Generation:
    """Sends the prompt of a form. Raises ServiceError."""
    given = cleaned_data(form)
    data = {name: given[name] for name in GENERATION_FIELDS if given[name] not in (None, "")}
    return generate(run=run, data=data, actor=user)


class RunAnswers(PermissionRequiredMixin, SingleObjectMixin, View):
    """The answers of a run, as a fragment."""

    permission_required = "runs.view_generation"
    queryset = TunixRun.objects.with_relations()

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        context = answers_context(self.get_object())
        return fragment(request, "runs/partials/_answers.html", context, live=context["is_polling"])


class GenerationCancel(VerbView):
    """Cancels a generation."""

    permission_required = "runs.change_generation"
    queryset = Generation.objects.select_related("run")
    done = "The generation is canceled, or will be within seconds."

    def act(self, target: Generation) -> Generation:
        return cancel_generation(target)
