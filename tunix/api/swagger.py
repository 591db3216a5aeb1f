"""The API's documentation for people. Apart from `schema`, which drf-spectacular's views import while they load."""

from django.contrib.auth.mixins import LoginRequiredMixin
from drf_spectacular.views import SpectacularSwaggerSplitView


class DocsView(LoginRequiredMixin, SpectacularSwaggerSplitView):
    """Swagger UI: who is not signed in is asked to. Its script is a file, as the CSP demands."""
