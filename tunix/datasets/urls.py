"""Pages."""

from django.urls import path, re_path

from .models import KEY_PATTERN
from .views import DatasetDetail, DatasetImport, DatasetList

app_name = "datasets"
urlpatterns = [
    path("datasets/", DatasetList.as_view(), name="dataset-list"),
    path("datasets/import/", DatasetImport.as_view(), name="dataset-import"),
    re_path(rf"^datasets/(?P<key>{KEY_PATTERN})/$", DatasetDetail.as_view(), name="dataset-detail"),
]
