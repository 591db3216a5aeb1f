"""Routes of the API under /api/tuning/."""

from django.urls import re_path

from tunix.api.routers import OptionalSlashRouter

from .cloning import CloneJobView
from .events import EventListView
from .exports import ExportJobView
from .imports import SearchSpaceImportView
from .preflight import CheckJobView
from .promotion import PromoteWinnerView
from .reference import HyperparameterListView, MetricListView, ParameterKindListView, SearchSpaceValidateView
from .trial_verbs import ExcludeTrialView, IncludeTrialView, RetryTrialView
from .views import TuningJobViewSet, TuningTrialViewSet

router = OptionalSlashRouter()
router.register("jobs", TuningJobViewSet, basename="api-tuning-job")
router.register(r"jobs/(?P<job_id>[^/.]+)/trials", TuningTrialViewSet, basename="api-tuning-trial")

urlpatterns = [
    *router.urls,
    re_path(r"^jobs/(?P<pk>[^/.]+)/clone/?$", CloneJobView.as_view({"post": "create"}), name="api-tuning-job-clone"),
    re_path(r"^jobs/(?P<job_id>[^/.]+)/check/?$", CheckJobView.as_view(), name="api-tuning-job-check"),
    re_path(r"^jobs/(?P<job_id>[^/.]+)/promote/?$", PromoteWinnerView.as_view(), name="api-tuning-job-promote"),
    re_path(
        r"^jobs/(?P<job_id>[^/.]+)/trials/(?P<number>\d{1,9})/exclude/?$",
        ExcludeTrialView.as_view(),
        name="api-tuning-trial-exclude",
    ),
    re_path(
        r"^jobs/(?P<job_id>[^/.]+)/trials/(?P<number>\d{1,9})/include/?$",
        IncludeTrialView.as_view(),
        name="api-tuning-trial-include",
    ),
    re_path(r"^jobs/(?P<job_id>[^/.]+)/export/?$", ExportJobView.as_view(), name="api-tuning-job-export"),
    re_path(
        r"^jobs/(?P<job_id>[^/.]+)/trials/(?P<number>\d{1,9})/retry/?$",
        RetryTrialView.as_view(),
        name="api-tuning-trial-retry",
    ),
    re_path(r"^events/?$", EventListView.as_view(), name="api-tuning-event-list"),
    re_path(r"^search-space/validate/?$", SearchSpaceValidateView.as_view(), name="api-search-space-validate"),
    re_path(r"^search-space/import/?$", SearchSpaceImportView.as_view(), name="api-search-space-import"),
    re_path(r"^parameter-kinds/?$", ParameterKindListView.as_view(), name="api-parameter-kind-list"),
    re_path(r"^hyperparameters/?$", HyperparameterListView.as_view(), name="api-hyperparameter-list"),
    re_path(r"^metrics/?$", MetricListView.as_view(), name="api-metric-list"),
]
