"""Pages of datasets."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.generic import DetailView, FormView

from tunix.api.exceptions import Conflict
from tunix.pages.lists import ListPage, page_of
from tunix.pipeline.data.rows import SPLITS

from .filters import DatasetFilter
from .forms import DatasetImportForm
from .models import Dataset
from .sharing import shared_rows
from .split_rows import SplitRows
from .summary import columns_in_words, groups_in_words, rows_in_words
from .uploads import TooLarge, refuse_too_large

ROWS_PER_PAGE = 20


class DatasetList(ListPage):
    """All datasets."""

    queryset = Dataset.objects.select_related("owner").defer("manifest_json")
    filterset_class = DatasetFilter
    template_name = "datasets/dataset_list.html"
    default_ordering = "key"
    title = "Datasets"


class DatasetDetail(PermissionRequiredMixin, DetailView):
    """One dataset: its splits, its manifest, its rows."""

    permission_required = "datasets.view_dataset"
    queryset = Dataset.objects.select_related("owner")
    template_name = "datasets/dataset_detail.html"
    slug_field = slug_url_kwarg = "key"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        splits = self.object.manifest_json["splits"]
        asked = self.request.GET.get("split", SPLITS[0])
        split = asked if asked in splits else SPLITS[0]
        return {
            **context,
            "title": self.object.key,
            "splits": splits,
            "columns": columns_in_words(self.object.manifest_json),
            "turns": rows_in_words(self.object.manifest_json),
            "groups": groups_in_words(self.object.manifest_json),
            "split": split,
            "page_obj": self._rows(split),
            "shared_with_train": shared_rows(self.object, "train", "test"),
        }

    def _rows(self, split: str) -> Any:
        """A page of rows; None if the files are missing."""
        try:
            return page_of(SplitRows(self.object, split), ROWS_PER_PAGE, self.request.GET.get("page"))
        except Conflict as error:
            messages.error(self.request, error.detail)
            return None


@method_decorator(csrf_exempt, name="dispatch")
class DatasetImport(PermissionRequiredMixin, FormView):
    """The form of an import.

    The CSRF check reads the whole body, so it comes after the checks of size and permission.
    """

    takes_uploads = True
    permission_required = "datasets.add_dataset"
    form_class = DatasetImportForm
    template_name = "datasets/dataset_import.html"
    extra_context = {"title": "Import dataset"}
    success_url = reverse_lazy("datasets:dataset-list")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            refuse_too_large(request)
        except TooLarge as error:
            context = {**self.extra_context, "form": DatasetImportForm(), "problem": error.detail}
            return render(request, self.template_name, context, status=error.status)
        if not self.has_permission():
            return self.handle_no_permission()
        return self._checked(request, *args, **kwargs)

    @method_decorator(csrf_protect)
    def _checked(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return super().dispatch(request, *args, **kwargs)

    def form_valid(self, form: DatasetImportForm) -> HttpResponse:
        dataset = form.save(self.request.user)
        if dataset is None:
            return self.form_invalid(form)
        messages.success(
            self.request,
            f"Imported {dataset.key}." if dataset.is_new else f"{dataset.key} already exists with the same rows.",
        )
        return redirect(dataset)
