"""Pages of baselines."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.db.models import QuerySet
from django.urls import reverse
from django.views.generic import DetailView

from tunix.api.exceptions import InvalidInput, ServiceError
from tunix.pages.lists import ListPage
from tunix.pages.verbs import VerbView
from tunix.runs.models import TunixRun

from .baseline_forms import BaselineForm, ChangeBaselineForm
from .baselines import change_baseline, create_baseline, delete_baseline
from .comparison import compare_with_baseline
from .filters import BaselineFilter
from .models import Baseline


class BaselineList(ListPage):
    """All baselines."""

    permission_required = "evaluation.view_baseline"
    queryset = Baseline.objects.with_relations()
    filterset_class = BaselineFilter
    template_name = "evaluation/baseline_list.html"
    title = "Baselines"
    columns = {"name": "name", "dataset": "dataset__key", "judge": "judge", "created_at": "created_at"}
    default_ordering = "name"


class BaselineDetail(PermissionRequiredMixin, DetailView):
    """One baseline, and with `?run=` a run held against it."""

    permission_required = "evaluation.view_baseline"
    template_name = "evaluation/baseline_detail.html"
    context_object_name = "baseline"
    slug_field = slug_url_kwarg = "name"

    def get_queryset(self) -> QuerySet[Baseline]:
        return Baseline.objects.with_relations()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs) | {"title": self.object.name}
        context["change_form"] = ChangeBaselineForm.of(self.object)
        if asked := self.request.GET.get("run", "").strip():
            context |= {"asked": asked} | comparison_context(self.object, asked)
        return context


def comparison_context(baseline: Baseline, asked: str) -> dict[str, Any]:
    """The comparison with the run of this id, or why there is none."""
    try:
        run = TunixRun.objects.with_relations().get(pk=UUID(asked))
        comparison = compare_with_baseline(baseline=baseline, run=run)
    except (ValueError, TunixRun.DoesNotExist):
        return {"refused": "There is no run with this id."}
    except ServiceError as error:
        return {"refused": error.detail}
    return {"run": run, "compared": comparison, "items": comparison.changed_items()}


class BaselineCreate(VerbView):
    """Give a run a name to be compared with."""

    permission_required = "evaluation.add_baseline"
    queryset = TunixRun.objects.with_relations()
    done = "The run is a baseline now."

    def act(self, target: TunixRun) -> Baseline:
        data = cleaned(BaselineForm(self.request.POST)) | {"run": str(target.pk), "project": target.project}
        return create_baseline(data=data, actor=self.request.user)


class BaselineVerb(VerbView):
    """What the buttons of a baseline's page have in common."""

    queryset = Baseline.objects.with_relations()
    slug_field = slug_url_kwarg = "name"


class BaselineChange(BaselineVerb):
    """Another run under the name, or another name."""

    permission_required = "evaluation.change_baseline"
    done = "The baseline is changed."

    def act(self, target: Baseline) -> Baseline:
        data = cleaned(ChangeBaselineForm(self.request.POST))
        changed = {name: value for name, value in data.items() if value != getattr(target, name)}
        return change_baseline(baseline=target, data=changed, actor=self.request.user)


class BaselineDelete(BaselineVerb):
    """Forget the name."""

    permission_required = "evaluation.delete_baseline"
    done = "The baseline is gone; its run stays."

    def act(self, target: Baseline) -> None:
        delete_baseline(baseline=target, actor=self.request.user)

    def next_url(self, target: Any, result: Any) -> str:
        return reverse("evaluation:baseline-list")


def cleaned(form: forms.Form) -> dict[str, Any]:
    """What a form holds, as the API would get it. Raises InvalidInput."""
    if not form.is_valid():
        raise InvalidInput({name: [str(text) for text in texts] for name, texts in form.errors.items()})
    return {name: str(value) for name, value in form.cleaned_data.items()}
