"""Pages."""

from django.urls import path

from . import views

app_name = "access"
urlpatterns = [
    path("audit/others/", views.OtherAudit.as_view(), name="audit"),
    path("tokens/", views.TokenList.as_view(), name="token-list"),
    path("tokens/<uuid:pk>/revoke/", views.TokenRevoke.as_view(), name="token-revoke"),
]
