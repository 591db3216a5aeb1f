"""Pages."""

from django.urls import path

from . import model_views, views

app_name = "runs"
urlpatterns = [
    path("runs/", views.RunList.as_view(), name="run-list"),
    path("runs/new/", views.RunNew.as_view(), name="run-new"),
    path("runs/<uuid:pk>/", views.RunDetail.as_view(), name="run-detail"),
    path("runs/<uuid:pk>/progress/", views.RunProgress.as_view(), name="run-progress"),
    path("runs/<uuid:pk>/cancel/", views.RunCancel.as_view(), name="run-cancel"),
    path("runs/<uuid:pk>/reproduce/", views.RunReproduce.as_view(), name="run-reproduce"),
    path("runs/<uuid:pk>/promote/", views.RunPromote.as_view(), name="run-promote"),
    path("models/", model_views.ModelList.as_view(), name="model-list"),
    path("models/<path:base_model_id>/delete/", model_views.ModelDelete.as_view(), name="model-delete"),
    path("models/<path:base_model_id>/", model_views.ModelDetail.as_view(), name="model-detail"),
]
