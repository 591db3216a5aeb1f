"""Routes of the pages of runs and base models."""

from django.urls import path

from .pages import base_models, exports, generations, runs

app_name = "runs"
urlpatterns = [
    path("runs/", runs.RunList.as_view(), name="run-list"),
    path("runs/new/", runs.RunNew.as_view(), name="run-new"),
    path("runs/<uuid:pk>/", runs.RunDetail.as_view(), name="run-detail"),
    path("runs/<uuid:pk>/progress/", runs.RunProgress.as_view(), name="run-progress"),
    path("runs/<uuid:pk>/cancel/", runs.RunCancel.as_view(), name="run-cancel"),
    path("runs/<uuid:pk>/reproduce/", runs.RunReproduce.as_view(), name="run-reproduce"),
    path("runs/<uuid:pk>/promote/", runs.RunPromote.as_view(), name="run-promote"),
    path("runs/<uuid:pk>/export/", exports.RunExport.as_view(), name="run-export"),
    path("runs/<uuid:pk>/export/progress/", exports.RunExportProgress.as_view(), name="run-export-progress"),
    path("runs/<uuid:pk>/generate/", runs.RunGenerate.as_view(), name="run-generate"),
    path("runs/<uuid:pk>/answers/", generations.RunAnswers.as_view(), name="run-answers"),
    path("generations/<uuid:pk>/cancel/", generations.GenerationCancel.as_view(), name="generation-cancel"),
    path("models/", base_models.ModelList.as_view(), name="model-list"),
    path("models/new/", base_models.ModelNew.as_view(), name="model-new"),
    path("models/<path:base_model_id>/smoke_test/", base_models.ModelSmokeTest.as_view(), name="model-smoke-test"),
    path(
        "models/<path:base_model_id>/smoke_test/progress/",
        base_models.ModelSmokeTestProgress.as_view(),
        name="model-smoke-test-progress",
    ),
    path("models/<path:base_model_id>/delete/", base_models.ModelDelete.as_view(), name="model-delete"),
    path("models/<path:base_model_id>/", base_models.ModelDetail.as_view(), name="model-detail"),
]
