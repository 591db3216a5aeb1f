"""Pages of baselines."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.mixins import PermissionRequiredMixin
from django.db.models import QuerySet
from django.urls import reverse
from django.views.generic import DetailView

from tunix.api.exceptions import ServiceError
from tunix.pages.lists import ListPage
from tunix.pages.verbs import VerbView, cleaned_data
from tunix.runs.choices import RunStatus
from tunix.runs.models import TunixRun

from ..analysis.comparison import compare_with_baseline
from ..baselines import NO_RUN, change_baseline, create_baseline, delete_baseline
from ..filters import BaselineFilter
from ..models import Baseline
from .baseline_forms import WHERE_IDS_ARE, BaselineForm, ChangeBaselineForm
from .evaluations_tab import OnEvaluationsTab

RUNS_SUGGESTED = 50


class BaselineList(ListPage):
    """All baselines."""

    queryset = Baseline.objects.with_relations()
    filterset_class = BaselineFilter
    template_name = "evaluation/baseline_list.html"
    title = "Baselines"
    default_ordering = "name"


class BaselineDetail(PermissionRequiredMixin, DetailView):
    """One baseline, and with `?run=` the comparison of a run with it."""

    permission_required = "evaluation.view_baseline"
    template_name = "evaluation/baseline_detail.html"
    context_object_name = "baseline"
    slug_field = slug_url_kwarg = "name"

    def get_queryset(self) -> QuerySet[Baseline]:
        return Baseline.objects.with_relations()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs) | {"title": self.object.name}
        context["change_form"] = ChangeBaselineForm.of(self.object)
        if self.request.user.has_perm("runs.view_tunixrun"):
            context["comparable_runs"] = comparable_runs(self.object)
        context["max_drop"] = max_drop = self.request.GET.get("max_drop", "").strip()
        if asked := self.request.GET.get("run", "").strip():
            context |= {"asked": asked} | comparison_context(self.object, asked, max_drop)
        return context


def comparison_context(baseline: Baseline, asked: str, max_drop: str) -> dict[str, Any]:
    """The comparison with the run with this id, or why it was refused."""
    run = TunixRun.objects.with_id(asked)
    if run is None:
        return {"refused": f"{NO_RUN} {WHERE_IDS_ARE}"}
    allowed = _drop(max_drop)
    if allowed is None:
        return {"refused": "The allowed drop must be a number from 0 to 1."}
    try:
        comparison = compare_with_baseline(baseline=baseline, run=run, max_drop=allowed)
    except ServiceError as error:
        return {"refused": error.detail}
    return {"run": run, "compared": comparison, "items": comparison.changed_items()}


def _drop(text: str) -> float | None:
    try:
        drop = float(text or 0)
    except ValueError:
        return None
    return drop if 0 <= drop <= 1 else None


def comparable_runs(baseline: Baseline) -> QuerySet[TunixRun]:
    """The latest completed runs on the baseline's dataset, as suggestions."""
    runs = TunixRun.objects.filter(dataset=baseline.dataset_id, status=RunStatus.COMPLETED)
    return runs.only("id", "name").order_by("-created_at")[:RUNS_SUGGESTED]


class BaselineCreate(OnEvaluationsTab, VerbView):
    """Makes a run a baseline."""

    permission_required = "evaluation.add_baseline"
    queryset = TunixRun.objects.with_relations()
    done = "The run is now a baseline."

    def act(self, target: TunixRun) -> Baseline:
        data = cleaned_data(BaselineForm(self.request.POST)) | {"run": str(target.pk), "project": target.project}
        return create_baseline(data=data, actor=self.request.user)


class BaselineVerb(VerbView):
    """Shared by the buttons on a baseline's page."""

    queryset = Baseline.objects.with_relations()
    slug_field = slug_url_kwarg = "name"


class BaselineChange(BaselineVerb):
    """Changes the run or the name of a baseline."""

    permission_required = "evaluation.change_baseline"
    done = "The baseline was changed."

    def act(self, target: Baseline) -> Baseline:
        data = cleaned_data(ChangeBaselineForm(self.request.POST))
        asked, known = {"name": data["name"], "run": str(data["run"])}, {"name": target.name, "run": str(target.run_id)}
        # The same run again would reset the judge and split of the baseline to its own.
        changed = {name: value for name, value in asked.items() if value != known[name]}
        return change_baseline(baseline=target, data=changed, actor=self.request.user)


class BaselineDelete(BaselineVerb):
    """Deletes a baseline."""

    permission_required = "evaluation.delete_baseline"
    done = "The baseline was deleted, but not its run."

    def act(self, target: Baseline) -> None:
        delete_baseline(baseline=target, actor=self.request.user)

    def next_url(self, target: Any, result: Any) -> str:
        return reverse("evaluation:baseline-list")
