"""Pages of evaluations, and the leaderboard."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.mixins import PermissionRequiredMixin
from django.db.models import QuerySet
from django.views.generic import DetailView

from tunix.pages.lists import ListPage
from tunix.pages.verbs import VerbView, cleaned_data
from tunix.runs.models import TunixRun
from tunix.runs.outputs import Predictions
from tunix.runs.pages.predictions import predictions_context

from ..analysis.intervals import fill_interval
from ..analysis.ties import mark_ties
from ..filters import EvaluationFilter, LeaderboardFilter
from ..models import Evaluation
from ..services import cancel_evaluation, evaluate_run
from .evaluations_tab import OnEvaluationsTab
from .forms import EvaluateForm


class EvaluationList(ListPage):
    """All evaluations."""

    queryset = Evaluation.objects.with_relations()
    filterset_class = EvaluationFilter
    template_name = "evaluation/evaluation_list.html"
    title = "Evaluations"


class Leaderboard(ListPage):
    """The latest verdict of each run, judge and split, best first."""

    queryset = Evaluation.objects.leaderboard()
    filterset_class = LeaderboardFilter
    template_name = "evaluation/leaderboard.html"
    title = "Leaderboard"
    default_ordering = "-score_mean"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        page = context["page_obj"]
        page.object_list = list(page.object_list)
        mark_ties(page.object_list, self.object_list)
        return context


class EvaluationDetail(PermissionRequiredMixin, DetailView):
    """One evaluation, item by item."""

    permission_required = "evaluation.view_evaluation"
    template_name = "evaluation/evaluation_detail.html"
    context_object_name = "evaluation"

    def get_queryset(self) -> QuerySet[Evaluation]:
        return Evaluation.objects.select_related("owner", "run__dataset")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        evaluation = self.object
        fill_interval(evaluation, evaluation.item_scores)
        context = super().get_context_data(**kwargs) | {"title": str(evaluation), "run": evaluation.run}
        context["is_polling"] = not evaluation.is_terminal
        context["can_cancel"] = evaluation.own_lease and not evaluation.is_terminal and not evaluation.is_canceling
        return context | predictions_context(Predictions(evaluation.outputs_dir()), self.request.GET)


class EvaluationCancel(VerbView):
    """Cancels an evaluation."""

    permission_required = "evaluation.change_evaluation"
    queryset = Evaluation.objects.select_related("run")
    done = "The evaluation is canceled, or will be within seconds."

    def act(self, target: Evaluation) -> Evaluation:
        return cancel_evaluation(evaluation=target, actor=self.request.user)


class RunEvaluate(OnEvaluationsTab, VerbView):
    """Rejudges a run."""

    permission_required = "evaluation.add_evaluation"
    queryset = TunixRun.objects.select_related("dataset")
    done = "The evaluation is in the queue. When it has ended, this page shows it."

    def act(self, target: TunixRun) -> Evaluation:
        return evaluate_run(run=target, data=cleaned_data(EvaluateForm(self.request.POST)), actor=self.request.user)
