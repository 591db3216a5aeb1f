"""The app of the shared template tags."""

from django.apps import AppConfig


class PagesConfig(AppConfig):
    name = "tunix.pages"
    label = "pages"
