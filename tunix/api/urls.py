"""Everything under /api/. Routes of apps are included by name, because this package imports no app."""

from django.urls import include, path, re_path
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularAPIView

from .fallbacks import unknown_route
from .swagger import DocsView

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="api-docs"), name="api-root"),
    re_path(r"^schema/?$", SpectacularAPIView.as_view(), name="api-schema"),
    re_path(r"^docs/?$", DocsView.as_view(url_name="api-schema"), name="api-docs"),
    path("", include("tunix.access.api.urls")),
    path("", include("tunix.datasets.api.urls")),
    path("", include("tunix.runs.api.urls")),
    path("", include("tunix.evaluation.api.urls")),
    path("tuning/", include("tuning.api.urls")),
    re_path(r"", unknown_route),
]
