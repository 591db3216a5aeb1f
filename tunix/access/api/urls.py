"""Routes of the API."""

from django.urls import re_path

from .. import schema  # noqa: F401  (registers the authentication schemes; imported here because it is slow to load)
from .views import AuditListView, TokenListView, TokenView

urlpatterns = [
    re_path(r"^audit/?$", AuditListView.as_view(), name="api-audit-list"),
    re_path(r"^tokens/?$", TokenListView.as_view(), name="api-token-list"),
    re_path(r"^tokens/(?P<token_id>[0-9a-fA-F-]{36})/?$", TokenView.as_view(), name="api-token-detail"),
]
