"""Pages."""

from django.urls import URLPattern

app_name = "tuning"
urlpatterns: list[URLPattern] = []
