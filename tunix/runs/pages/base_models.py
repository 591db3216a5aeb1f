"""Pages of base models."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.mixins import PermissionRequiredMixin
from django.db.models import QuerySet
from django.urls import reverse
from django.views.generic import DetailView

from tunix.pages.lists import ListPage
from tunix.pages.verbs import VerbView

from ..base_models.card import without_escapes
from ..base_models.deletion import delete_model, why_not_delete
from ..base_models.files import read_card
from ..filters import BaseModelFilter
from ..models import BaseModel


class ModelList(ListPage):
    """All base models."""

    queryset = BaseModel.objects.defer("lineage_json")
    filterset_class = BaseModelFilter
    template_name = "runs/model_list.html"
    title = "Models"
    default_ordering = "parameters"


class ModelDetail(PermissionRequiredMixin, DetailView):
    """One base model, with lineage and model card if it was promoted."""

    permission_required = "runs.view_basemodel"
    template_name = "runs/model_detail.html"
    context_object_name = "model"
    slug_field = slug_url_kwarg = "base_model_id"

    def get_queryset(self) -> QuerySet[BaseModel]:
        return BaseModel.objects.select_related("owner", "run")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        model = self.object
        ancestors = [ancestor["base_model_id"] for ancestor in model.lineage_json.get("ancestors", [])]
        known = BaseModel.objects.filter(base_model_id__in=ancestors).values_list("base_model_id", flat=True)
        may_delete = self.request.user.has_perm("runs.delete_basemodel")
        return super().get_context_data(**kwargs) | {
            "title": model.base_model_id,
            "lineage": model.lineage_json,
            "known": set(known),
            "card": without_escapes(read_card(model)),
            "why_not_delete": why_not_delete(model) if may_delete else "You have no permission to delete models.",
        }


class ModelDelete(VerbView):
    """Delete a promoted model."""

    permission_required = "runs.delete_basemodel"
    queryset = BaseModel.objects.defer("lineage_json")
    slug_field = slug_url_kwarg = "base_model_id"
    done = "The model was deleted. Runs that started from it are kept."

    def act(self, target: BaseModel) -> None:
        delete_model(model=target, actor=self.request.user)

    def next_url(self, target: Any, result: Any) -> str:
        return reverse("runs:model-list")
