"""Routes of the API under /api/tuning/."""

from django.urls import re_path

from tunix.api.routers import OptionalSlashRouter

from .events import EventListView
from .reference import (
    HyperparameterListView,
    MetricListView,
    ParameterKindListView,
    SearchSpaceImportView,
    SearchSpaceValidateView,
)
from .trials import TuningTrialViewSet
from .views import TuningJobViewSet

router = OptionalSlashRouter()
router.register("jobs", TuningJobViewSet, basename="api-tuning-job")
router.register(r"jobs/(?P<job_id>[^/.]+)/trials", TuningTrialViewSet, basename="api-tuning-trial")

urlpatterns = [
    *router.urls,
    re_path(r"^events/?$", EventListView.as_view(), name="api-tuning-event-list"),
    re_path(r"^search-space/validate/?$", SearchSpaceValidateView.as_view(), name="api-search-space-validate"),
    re_path(r"^search-space/import/?$", SearchSpaceImportView.as_view(), name="api-search-space-import"),
    re_path(r"^parameter-kinds/?$", ParameterKindListView.as_view(), name="api-parameter-kind-list"),
    re_path(r"^hyperparameters/?$", HyperparameterListView.as_view(), name="api-hyperparameter-list"),
    re_path(r"^metrics/?$", MetricListView.as_view(), name="api-metric-list"),
]
