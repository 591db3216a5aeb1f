"""The app that brings the template tags of pages."""

from django.apps import AppConfig


class PagesConfig(AppConfig):
    name = "tunix.pages"
    label = "pages"
