"""The addresses of the project: pages at the top, the API under /api/, operators under /admin/."""

from django.contrib import admin
from django.contrib.auth.views import LoginView, LogoutView
from django.urls import include, path
from django.views.generic import RedirectView

from tunix.pages.favicon import Favicon

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="tuning:job-list"), name="home"),
    # Our own door: admin's lets operators in only.
    path(
        "login/",
        LoginView.as_view(template_name="admin/login.html", redirect_authenticated_user=True),
        name="login",
    ),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("favicon.ico", Favicon.as_view(), name="favicon"),
    path("admin/", admin.site.urls),
    path("api/", include("tunix.api.urls")),
    path("", include("tunix.operations.urls")),
    path("", include("tunix.access.urls")),
    path("", include("tunix.datasets.urls")),
    path("", include("tunix.runs.urls")),
    path("", include("tunix.evaluation.urls")),
    path("", include("tuning.urls")),
]

handler400 = "tunix.api.fallbacks.bad_request"
handler403 = "tunix.api.fallbacks.permission_denied"
handler404 = "tunix.api.fallbacks.not_found"
handler500 = "tunix.api.fallbacks.server_error"
