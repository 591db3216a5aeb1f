"""Pages of base models."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.generic import DetailView, View
from django.views.generic.detail import SingleObjectMixin

from tunix.pages.lists import ListPage
from tunix.pages.live import fragment
from tunix.pages.service_form import ServiceFormPage
from tunix.pages.verbs import VerbView
from tunix.pipeline.models.pretrained.description import in_a_line
from tunix.validation.sizes import bytes_in_words

from ..base_models.addition import UNDER_WAY, add_model_over_http, request_smoke_test
from ..base_models.card import without_escapes
from ..base_models.deletion import delete_model, deletion_question, why_not_delete
from ..base_models.files import read_card
from ..base_models.folders import NO_ROOTS, folders_offered
from ..choices import SmokeTestStatus
from ..filters import BaseModelFilter
from ..models import BaseModel
from .addition_form import AdditionForm

SHOWN_APART = frozenset({"license", "warnings"})
"""Facts about a folder that have another place on the page of the model."""


class ModelList(ListPage):
    """All base models."""

    queryset = BaseModel.objects.defer("lineage_json", "chat_template")
    filterset_class = BaseModelFilter
    template_name = "runs/model_list.html"
    title = "Models"
    default_ordering = "parameters"


class ModelDetail(PermissionRequiredMixin, DetailView):
    """One base model: lineage and model card if it was promoted, what its folder contains if it was added."""

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
            "facts": facts_of(model),
            "is_polling": model.smoke_test_state == SmokeTestStatus.PENDING,
            "why_not_test": why_not_test(model, self.request.user),
            "deletion_question": deletion_question(model),
            "why_not_delete": why_not_delete(model) if may_delete else "You have no permission to delete models.",
        }


class ModelSmokeTestProgress(PermissionRequiredMixin, SingleObjectMixin, View):
    """The state of the smoke test, as a fragment."""

    permission_required = "runs.view_basemodel"
    queryset = BaseModel.objects.defer("lineage_json", "chat_template")
    slug_field = slug_url_kwarg = "base_model_id"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        model = self.get_object()
        live = model.smoke_test_state == SmokeTestStatus.PENDING
        context = {"model": model, "is_polling": live, "why_not_test": why_not_test(model, request.user)}
        return fragment(request, "runs/partials/_smoke_test.html", context, live=live)


class ModelSmokeTest(VerbView):
    """Run the smoke test of an added model again."""

    permission_required = "runs.add_basemodel"
    queryset = BaseModel.objects.defer("lineage_json")
    slug_field = slug_url_kwarg = "base_model_id"
    done = "The smoke test is in the queue."

    def act(self, target: BaseModel) -> BaseModel:
        return request_smoke_test(model=target)


class ModelNew(ServiceFormPage):
    """The form that adds a folder."""

    permission_required = "runs.add_basemodel"
    form_class = AdditionForm
    template_name = "runs/model_form.html"
    extra_context = {"title": "Add model"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "folders": folders_offered(),
            "roots": settings.MODEL_ROOTS,
            "no_roots": NO_ROOTS,
        }

    def save(self, data: dict[str, Any]) -> BaseModel:
        model = add_model_over_http(data=data, actor=self.request.user)
        messages.success(self.request, "The model was added. Its files are being read.")
        return model


def facts_of(model: BaseModel) -> list[tuple[str, Any]]:
    """What was read in the folder of an added model, with readable names."""
    details = model.details_json.items()
    known = [(name, value) for name, value in details if name not in SHOWN_APART and value]
    return [
        (name.removeprefix("bytes_of_").replace("_", " "), bytes_in_words(value))
        if name.startswith("bytes_of_") and isinstance(value, int)
        else (name.replace("_", " "), in_a_line(value))
        for name, value in known
    ]


def why_not_test(model: BaseModel, user: Any) -> str:
    """Why the button is disabled; empty if it is enabled."""
    if not user.has_perm("runs.add_basemodel"):
        return "You have no permission to add models."
    return UNDER_WAY if model.smoke_test_state == SmokeTestStatus.PENDING else ""


class ModelDelete(VerbView):
    """Delete a promoted or added model."""

    permission_required = "runs.delete_basemodel"
    queryset = BaseModel.objects.defer("lineage_json")
    slug_field = slug_url_kwarg = "base_model_id"
    done = "The model was deleted. Runs that started from it are kept."

    def act(self, target: BaseModel) -> None:
        delete_model(model=target, actor=self.request.user)

    def next_url(self, target: Any, result: Any) -> str:
        return reverse("runs:model-list")
