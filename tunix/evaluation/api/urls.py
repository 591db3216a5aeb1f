"""Routes of the API."""

from django.urls import re_path

from tunix.api.routers import OptionalSlashRouter

from .baselines import BaselineViewSet
from .views import EvaluateRunView, EvaluationViewSet, LeaderboardView

router = OptionalSlashRouter()
router.register("evaluations", EvaluationViewSet, basename="api-evaluation")
router.register("baselines", BaselineViewSet, basename="api-baseline")
urlpatterns = [
    *router.urls,
    re_path(
        r"^runs/(?P<run_id>[0-9a-fA-F-]{36})/evaluate/?$",
        EvaluateRunView.as_view(),
        name="api-run-evaluate",
    ),
    re_path(r"^leaderboard/?$", LeaderboardView.as_view(), name="api-leaderboard"),
]
