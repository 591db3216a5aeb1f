"""Routes of the API."""

from django.urls import re_path

from tunix.api.routers import OptionalSlashRouter

from .exports import ExportRunView
from .generations import GenerateView, GenerationViewSet
from .promotion import PromoteRunView
from .views import BaseModelViewSet, RunViewSet

router = OptionalSlashRouter()
router.register("models", BaseModelViewSet, basename="api-model")
router.register("runs", RunViewSet, basename="api-run")
router.register("generations", GenerationViewSet, basename="api-generation")
urlpatterns = [
    *router.urls,
    re_path(r"^runs/(?P<run_id>[0-9a-fA-F-]{36})/promote/?$", PromoteRunView.as_view(), name="api-run-promote"),
    re_path(r"^runs/(?P<run_id>[0-9a-fA-F-]{36})/export/?$", ExportRunView.as_view(), name="api-run-export"),
    re_path(r"^runs/(?P<run_id>[0-9a-fA-F-]{36})/generate/?$", GenerateView.as_view(), name="api-run-generate"),
]
