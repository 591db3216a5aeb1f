"""The page that translates a search space of another tool and fills in a new job with it."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.mixins import PermissionRequiredMixin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.generic import View

from tunix.api.exceptions import InvalidInput
from tunix.pipeline.hyperparameters import HYPERPARAMETERS
from tunix.pipeline.metrics import METRICS
from tunix.runs.pages.snippets import snippets

from ..domain.importers.importing import TOOLS
from ..domain.importers.report import Imported
from ..domain.job_definition import default_num_samples
from ..domain.sampling.algorithm import Algorithm
from ..domain.space.search_space import SearchSpace
from ..services.import_space import import_search_space
from .forms import JobForm
from .job_request import BUDGET


class JobImport(PermissionRequiredMixin, View):
    """Paste a definition; the answer is the report and the form of a new job. Nothing is stored."""

    permission_required = "tuning.add_tuningjob"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page(request, {})

    def post(self, request: HttpRequest) -> HttpResponse:
        asked = asked_of(request)
        try:
            imported = import_search_space(data=asked)
        except InvalidInput as error:
            return self.page(request, {"errors": error.errors, **asked})
        found = {"imported": imported, "mapping": mapping_of(imported), **asked}
        if imported.space:
            found["form"] = JobForm(initial=form_values(imported))
        return self.page(request, found)

    def page(self, request: HttpRequest, found: dict[str, Any]) -> HttpResponse:
        context = {"title": "Import a search space", "tools": sorted(TOOLS), "known": HYPERPARAMETERS}
        return render(request, "tuning/job_import.html", context | {"snippets": snippets()} | found)


def asked_of(request: HttpRequest) -> dict[str, Any]:
    """The request body that the API would get. Names come as two lists; an empty name is left out."""
    posted = request.POST
    pairs = zip(posted.getlist("there"), posted.getlist("here"), strict=False)
    return {
        "definition": posted.get("definition", ""),
        "tool": posted.get("tool") or None,
        "names": {there: here for there, here in pairs if here},
    }


def mapping_of(imported: Imported) -> list[dict[str, Any]]:
    """One row for each name of the other tool: its name there, the options here, and what is chosen."""
    kinds = {"parameter": list(HYPERPARAMETERS), "metric": list(METRICS)}
    rows = [(name, "metric" if ours in METRICS else "parameter", ours) for name, ours in imported.names.items()]
    rows += [(item.name, item.kind, item.suggestion) for item in imported.unmapped]
    return [{"name": name, "options": kinds[kind], "chosen": chosen} for name, kind, chosen in rows]


def form_values(imported: Imported) -> dict[str, Any]:
    """Initial values of the form of a new job."""
    job = dict(imported.job)
    algorithm = Algorithm.parse(job.pop("algorithm_json", None))
    space = SearchSpace.parse(imported.space, imported.constraints)
    budget = job.pop("budget_json", {})
    stopping = job.pop("early_stopping_json", None)
    return {
        "name": f"imported from {imported.tool}",
        "search_space_json": imported.space,
        "constraints_json": imported.constraints,
        "fixed_params_json": {},
        "metric_mode": "",
        "num_samples": default_num_samples(space, algorithm),
        "sampler": algorithm.name,
        **({"stopper": stopping["name"]} if stopping else {}),
        **job,
        **{name: value for name, value in budget.items() if name in BUDGET},
    }
