"""The verbs of the table behind buttons: one view for jobs and one for trials."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse

from tunix.pages.verbs import VerbView, number_or_text

from ..models import TuningJob, TuningTrial
from ..services.verb import Verb


class TableVerb(VerbView):
    """Performs the verb that `as_view(verb=...)` names."""

    verb: Verb = None  # type: ignore[assignment]  # as_view takes only names that the class has

    @property
    def done(self) -> str:  # type: ignore[override]
        return self.verb.done

    def get_permission_required(self) -> tuple[str, ...]:
        return (self.verb.permission,)

    def act(self, target: TuningJob | TuningTrial) -> Any:
        return self.verb.perform(target, actor=self.request.user, data=body_of(self.verb, self.request.POST))


class JobVerb(TableVerb):
    """A verb on a job."""

    queryset = TuningJob.objects.all()

    def next_url(self, target: TuningJob, result: Any) -> Any:
        """What the service returned: the job, a new base model, or nothing after a deletion."""
        return result or reverse("tuning:job-list")


class TrialVerb(TableVerb):
    """A verb on a trial, which leads back to its page."""

    def get_object(self, queryset: QuerySet[TuningTrial] | None = None) -> TuningTrial:
        trials = TuningTrial.objects.select_related("job")
        return get_object_or_404(trials, job=self.kwargs["pk"], number=self.kwargs["number"])

    def back_url(self, target: TuningTrial) -> str:
        return reverse("tuning:trial-detail", args=[target.job_id, target.number])

    def next_url(self, target: TuningTrial, result: Any) -> Any:
        return self.back_url(target) if isinstance(result, TuningTrial) else result


def body_of(verb: Verb, posted: QueryDict) -> dict[str, Any]:
    """The request body that the API would get. An empty field is left out."""
    body: dict[str, Any] = {}
    for argument in verb.arguments:
        text = posted.get(argument.name, "").strip()
        if text and argument.type is bool:
            body[argument.name] = text == "true"
        elif text:
            body[argument.name] = number_or_text(text) if argument.type is int else text
    return body
