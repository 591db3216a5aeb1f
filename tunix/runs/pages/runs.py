"""Pages of runs."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.generic import DetailView, View
from django.views.generic.detail import SingleObjectMixin

from tunix.api.exceptions import ServiceError
from tunix.pages.lists import ListPage, page_of
from tunix.pages.live import fragment
from tunix.pages.service_form import ServiceFormPage
from tunix.pages.verbs import VerbView, show_refusal
from tunix.pipeline.hyperparameters import HYPERPARAMETERS

from ..base_models.promotion import promote_single_run
from ..choices import RunOrigin, RunStatus
from ..filters import RunFilter
from ..kept_exports import began_as_folder
from ..models import BaseModel, TunixRun
from ..outputs import Predictions, curves_and_damage, read_log
from ..reproducing import reproduce_run
from ..services import cancel_run, create_run
from .charts import loss_figure
from .exports import export_context
from .forms import RunForm
from .generations import GenerationForm, send, try_context
from .predictions import predictions_context
from .promotion_form import PromotionForm, prefilled
from .snippets import snippets

LOG_LINES = 400
REPRODUCTIONS_SHOWN = 10
TABS = {
    "overview": "Overview",
    "predictions": "Predictions",
    "evaluations": "Evaluations",
    "try": "Try it",
    "log": "Log and environment",
}


class RunList(ListPage):
    """All runs: single ones and those of trials."""

    queryset = TunixRun.objects.for_lists()
    filterset_class = RunFilter
    template_name = "runs/run_list.html"
    title = "Runs"


class RunPage(PermissionRequiredMixin, SingleObjectMixin):
    """Shared by the page of a run and its fragment."""

    permission_required = "runs.view_tunixrun"

    def get_queryset(self) -> QuerySet[TunixRun]:
        return TunixRun.objects.with_relations()


class RunDetail(RunPage, DetailView):
    """One run: configuration, curves, predictions, evaluations, log."""

    template_name = "runs/run_detail.html"
    context_object_name = "run"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        run = self.object
        tab = self.tab()
        context = super().get_context_data(**kwargs) | progress_context(run, self.request.user)
        context |= {"title": run.name or f"Run {str(run.id)[:8]}", "tabs": TABS, "tab": tab}
        return context | getattr(self, f"{tab}_tab")(run)

    def tab(self) -> str:
        """The key of the tab that is shown."""
        asked = self.request.GET.get("tab", "")
        return asked if asked in TABS else "overview"

    def overview_tab(self, run: TunixRun) -> dict[str, Any]:
        reproductions = run.reproductions.for_lists()[:REPRODUCTIONS_SHOWN]
        context = {"known": HYPERPARAMETERS, "reproductions": reproductions, "is_from_folder": began_as_folder(run)}
        return context | export_context(run, self.request.user)

    def predictions_tab(self, run: TunixRun) -> dict[str, Any]:
        return predictions_context(Predictions(run.work_dir()), self.request.GET)

    def evaluations_tab(self, run: TunixRun) -> dict[str, Any]:
        evaluations = run.evaluations.select_related("owner").defer("item_scores", "item_groups")
        return {"page": page_of(evaluations, 50, self.request.GET.get("page"))}

    def try_tab(self, run: TunixRun) -> dict[str, Any]:
        return try_context(run, self.request.user)

    def log_tab(self, run: TunixRun) -> dict[str, Any]:
        return {"log": read_log(run.work_dir(), LOG_LINES)}


class RunGenerate(RunDetail):
    """Sends a prompt to the model of a run. A refusal shows the tab again, with the form as it was sent."""

    http_method_names = ["post", "options"]
    permission_required = ("runs.view_tunixrun", "runs.add_generation")

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.object = run = self.get_object()
        self.form = GenerationForm(run, request.POST)
        try:
            generation = send(self.form, run, request.user)
        except ServiceError as error:
            show_refusal(request, error)
            return self.render_to_response(self.get_context_data())
        messages.success(request, "The prompt is in the queue. The answer appears below.")
        return redirect(generation)

    def tab(self) -> str:
        return "try"

    def try_tab(self, run: TunixRun) -> dict[str, Any]:
        return super().try_tab(run) | {"form": self.form}


class RunProgress(RunPage, View):
    """The progress of a run, as a fragment."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        run = self.get_object()
        context = progress_context(run, request.user)
        return fragment(request, "runs/partials/_run_progress.html", context, live=not run.is_terminal)


def progress_context(run: TunixRun, user: Any) -> dict[str, Any]:
    """Status, metrics and curves of a run, and why its buttons are disabled."""
    curves, damaged = curves_and_damage(run.work_dir())
    return {
        "run": run,
        "is_polling": not run.is_terminal,
        "why_not_cancel": why_not_cancel(run, user),
        "why_not_reproduce": why_not_reproduce(run, user),
        "why_no_promotion": why_not_promote(run, user),
        "figure": loss_figure(curves),
        "damaged_metrics": damaged,
    }


def why_not_cancel(run: TunixRun, user: Any) -> str:
    """Why the button is disabled; empty if it is enabled."""
    if run.is_terminal:
        return f"The run is {run.get_status_display()}."
    if run.origin == RunOrigin.TRIAL:
        return "This is the run of a trial. Cancel its tuning job."
    if run.is_canceling:
        return "The run is being canceled."
    return "" if user.has_perm("runs.change_tunixrun") else "You have no permission to cancel runs."


def why_not_reproduce(run: TunixRun, user: Any) -> str:
    """Why the button is disabled; empty if it is enabled."""
    if run.status != RunStatus.COMPLETED:
        return f"Only a completed run can be reproduced; this one is {run.get_status_display()}."
    return "" if user.has_perm("runs.add_tunixrun") else "You have no permission to start runs."


class RunReproduce(VerbView):
    """Reproduces a completed run."""

    permission_required = "runs.add_tunixrun"
    queryset = TunixRun.objects.with_relations()
    done = "The reproduction is in the queue. When it has ended, this page shows the differences."

    def act(self, target: TunixRun) -> TunixRun:
        return reproduce_run(run=target, actor=self.request.user)


def why_not_promote(run: TunixRun, user: Any) -> str:
    """Why the button is disabled; empty if it is enabled."""
    if run.status != RunStatus.COMPLETED:
        return "Only a completed run can be promoted."
    return "" if user.has_perm("runs.add_basemodel") else "You have no permission to promote models."


class RunPromote(PromotionForm, VerbView):
    """Promotes a single run to a base model."""

    queryset = TunixRun.objects.with_relations()

    def act(self, target: TunixRun) -> BaseModel:
        return promote_single_run(run=target, data=self.asked(), actor=self.request.user)


class RunCancel(VerbView):
    """Cancels a single run."""

    permission_required = "runs.change_tunixrun"
    queryset = TunixRun.objects.all()
    done = "The run is canceled, or will be within seconds."

    def act(self, target: TunixRun) -> TunixRun:
        return cancel_run(run=target, actor=self.request.user)


class RunNew(ServiceFormPage):
    """The form of a new single run."""

    permission_required = "runs.add_tunixrun"
    form_class = RunForm
    template_name = "runs/run_form.html"
    extra_context = {"title": "New run", "known": HYPERPARAMETERS, "snippets": snippets()}

    def get_initial(self) -> dict[str, Any]:
        return super().get_initial() | prefilled(self.request.GET)

    def save(self, data: dict[str, Any]) -> TunixRun:
        run = create_run(data=data, owner=self.request.user)
        messages.success(self.request, "The run is in the queue.")
        return run
