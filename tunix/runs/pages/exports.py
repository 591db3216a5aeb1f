"""The export on the page of a run: its state, its folders, and a button."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.mixins import PermissionRequiredMixin
from django.http import HttpRequest, HttpResponse
from django.views.generic import View
from django.views.generic.detail import SingleObjectMixin

from tunix.pages.live import fragment
from tunix.pages.verbs import VerbView

from ..export_requests import request_export, why_no_export
from ..kept_exports import read_export
from ..models import TunixRun


def export_context(run: TunixRun, user: Any) -> dict[str, Any]:
    """The context of the section."""
    kept = read_export(run)
    return {
        "run": run,
        "export": kept,
        "is_exporting": kept is not None and kept.is_live,
        "why_not_export": why_not_export(run, user),
    }


def why_not_export(run: TunixRun, user: Any) -> str:
    """Why the button is disabled; empty if it is enabled."""
    if not user.has_perm("runs.add_basemodel"):
        return "You have no permission to export models."
    return why_no_export(run)


class RunExport(VerbView):
    """Exports a completed run by a worker."""

    permission_required = "runs.add_basemodel"
    queryset = TunixRun.objects.with_relations()
    done = "The export is in the queue. Its folders are shown below once they are written."

    def act(self, target: TunixRun) -> TunixRun:
        return request_export(run=target, actor=self.request.user)


class RunExportProgress(PermissionRequiredMixin, SingleObjectMixin, View):
    """The state of the export, as a fragment."""

    permission_required = "runs.view_tunixrun"
    queryset = TunixRun.objects.with_relations()

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        context = export_context(self.get_object(), request.user)
        return fragment(request, "runs/partials/_export.html", context, live=context["is_exporting"])
