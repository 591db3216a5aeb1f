"""Pages of base models."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.mixins import PermissionRequiredMixin
from django.db.models import QuerySet
from django.views.generic import DetailView

from tunix.pages.lists import ListPage

from .filters import BaseModelFilter
from .model_files import read_card
from .models import BaseModel


class ModelList(ListPage):
    """What a run can start from."""

    permission_required = "runs.view_basemodel"
    queryset = BaseModel.objects.defer("lineage_json")
    filterset_class = BaseModelFilter
    template_name = "runs/model_list.html"
    title = "Models"
    columns = {
        "base_model_id": "base_model_id",
        "family": "family",
        "parameters": "parameters",
        "created_at": "created_at",
    }
    default_ordering = "parameters"


class ModelDetail(PermissionRequiredMixin, DetailView):
    """One base model: what it is, and of a promoted one where it comes from, in rows and in its card."""

    permission_required = "runs.view_basemodel"
    template_name = "runs/model_detail.html"
    context_object_name = "model"
    slug_field = slug_url_kwarg = "base_model_id"

    def get_queryset(self) -> QuerySet[BaseModel]:
        return BaseModel.objects.select_related("owner", "run")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        model = self.object
        context = super().get_context_data(**kwargs)
        return context | {"title": model.base_model_id, "lineage": model.lineage_json, "card": read_card(model)}
