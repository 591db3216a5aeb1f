from django.apps import AppConfig


class DatasetsConfig(AppConfig):
    """The app of data sets."""

    name = "tunix.datasets"
    label = "datasets"
