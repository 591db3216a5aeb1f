"""The page of the API documentation. It is not in `schema`, which drf-spectacular's views import while they load."""

from django.contrib.auth.mixins import LoginRequiredMixin
from drf_spectacular.views import SpectacularSwaggerSplitView


class DocsView(LoginRequiredMixin, SpectacularSwaggerSplitView):
    """Swagger UI for signed-in users. Its script is a file, because the CSP forbids inline scripts."""
