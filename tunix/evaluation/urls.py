"""Routes of the pages of evaluations, baselines and the leaderboard."""

from django.urls import path

from .pages import baselines, evaluations

app_name = "evaluation"
urlpatterns = [
    path("evaluations/", evaluations.EvaluationList.as_view(), name="evaluation-list"),
    path("evaluations/<uuid:pk>/", evaluations.EvaluationDetail.as_view(), name="evaluation-detail"),
    path("evaluations/<uuid:pk>/cancel/", evaluations.EvaluationCancel.as_view(), name="evaluation-cancel"),
    path("leaderboard/", evaluations.Leaderboard.as_view(), name="leaderboard"),
    path("runs/<uuid:pk>/evaluate/", evaluations.RunEvaluate.as_view(), name="run-evaluate"),
    path("runs/<uuid:pk>/baseline/", baselines.BaselineCreate.as_view(), name="baseline-new"),
    path("baselines/", baselines.BaselineList.as_view(), name="baseline-list"),
    path("baselines/<slug:name>/", baselines.BaselineDetail.as_view(), name="baseline-detail"),
    path("baselines/<slug:name>/change/", baselines.BaselineChange.as_view(), name="baseline-change"),
    path("baselines/<slug:name>/delete/", baselines.BaselineDelete.as_view(), name="baseline-delete"),
]
