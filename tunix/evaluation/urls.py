"""Pages."""

from django.urls import path

from . import views

app_name = "evaluation"
urlpatterns = [
    path("evaluations/", views.EvaluationList.as_view(), name="evaluation-list"),
    path("evaluations/<uuid:pk>/", views.EvaluationDetail.as_view(), name="evaluation-detail"),
    path("evaluations/<uuid:pk>/cancel/", views.EvaluationCancel.as_view(), name="evaluation-cancel"),
    path("leaderboard/", views.Leaderboard.as_view(), name="leaderboard"),
    path("runs/<uuid:pk>/evaluate/", views.RunEvaluate.as_view(), name="run-evaluate"),
]
