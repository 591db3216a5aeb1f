"""The icon of the site under the name that browsers ask for by themselves."""

from __future__ import annotations

from typing import Any

from django.templatetags.static import static
from django.views.generic import RedirectView


class Favicon(RedirectView):
    """Leads to the static icon. The address is computed per request: in production it contains the file's hash."""

    http_method_names = ["get", "head", "options"]

    def get_redirect_url(self, *args: Any, **kwargs: Any) -> str:
        return static("site/mark.svg")
