"""Pages."""

from django.urls import path

from . import baseline_views, views

app_name = "evaluation"
urlpatterns = [
    path("evaluations/", views.EvaluationList.as_view(), name="evaluation-list"),
    path("evaluations/<uuid:pk>/", views.EvaluationDetail.as_view(), name="evaluation-detail"),
    path("evaluations/<uuid:pk>/cancel/", views.EvaluationCancel.as_view(), name="evaluation-cancel"),
    path("leaderboard/", views.Leaderboard.as_view(), name="leaderboard"),
    path("runs/<uuid:pk>/evaluate/", views.RunEvaluate.as_view(), name="run-evaluate"),
    path("runs/<uuid:pk>/baseline/", baseline_views.BaselineCreate.as_view(), name="baseline-new"),
    path("baselines/", baseline_views.BaselineList.as_view(), name="baseline-list"),
    path("baselines/<slug:name>/", baseline_views.BaselineDetail.as_view(), name="baseline-detail"),
    path("baselines/<slug:name>/change/", baseline_views.BaselineChange.as_view(), name="baseline-change"),
    path("baselines/<slug:name>/delete/", baseline_views.BaselineDelete.as_view(), name="baseline-delete"),
]
