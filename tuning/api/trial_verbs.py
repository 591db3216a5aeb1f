"""What can be done with one trial over HTTP: it is taken out of the search, taken back, or run again."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from tunix.api.bodies import object_body
from tunix.api.idempotency import IdempotentPosts

from ..models import TuningJob, TuningTrial
from ..services.exclude import MOST_CHARACTERS, exclude_trial, include_trial
from ..services.retry import retry_trial
from .querysets import trial_context, trials_with_attempts
from .serializers import TrialSerializer

PATH = [
    OpenApiParameter("job_id", str, OpenApiParameter.PATH, description="UUID of the job"),
    OpenApiParameter("number", int, OpenApiParameter.PATH, description="number of the trial, from 0"),
]


class ExclusionSerializer(serializers.Serializer):
    """Why a trial is to count for nothing. Describes the input; `tuning.services.exclude` checks it."""

    reason = serializers.CharField(max_length=MOST_CHARACTERS)


class TrialVerbView(IdempotentPosts, APIView):
    """A verb on a trial: needs the permission to change jobs, and answers with the trial as it is then."""

    permission_model = TuningJob
    is_change = True

    def trial(self, job_id: str, number: str) -> TuningTrial:
        """The trial that the address names. Raises Http404."""
        return get_object_or_404(TuningTrial.objects.select_related("job"), job=job_id, number=number)

    def answer(self, trial: TuningTrial, status: int = 200) -> Response:
        """The trial as its own address shows it."""
        shown = trials_with_attempts().get(pk=trial.pk)
        return Response(TrialSerializer(shown, context=trial_context(trial.job)).data, status=status)


class ExcludeTrialView(TrialVerbView):
    """Taking a trial out of the search."""

    @extend_schema(
        operation_id="tuning_jobs_trials_exclude",
        summary="Exclude a trial",
        parameters=PATH,
        request=ExclusionSerializer,
        responses={200: TrialSerializer},
    )
    def post(self, request: Request, job_id: str, number: str) -> Response:
        """Out of the best, the finalists, the charts and the sampler. The best is chosen anew at once."""
        trial = self.trial(job_id, number)
        return self.answer(exclude_trial(trial=trial, data=object_body(request), actor=request.user))


class IncludeTrialView(TrialVerbView):
    """Taking an exclusion back."""

    @extend_schema(
        operation_id="tuning_jobs_trials_include",
        summary="Include an excluded trial again",
        parameters=PATH,
        request=None,
        responses={200: TrialSerializer},
    )
    def post(self, request: Request, job_id: str, number: str) -> Response:
        """The trial counts again, as if it had never been excluded."""
        object_body(request)
        return self.answer(include_trial(trial=self.trial(job_id, number), actor=request.user))


class RetryTrialView(TrialVerbView):
    """Running a trial once more."""

    @extend_schema(
        operation_id="tuning_jobs_trials_retry",
        summary="Run a trial again",
        parameters=PATH,
        request=None,
        responses={202: TrialSerializer},
    )
    def post(self, request: Request, job_id: str, number: str) -> Response:
        """One that failed or was canceled, with the same parameters. A job that has ended is queued again."""
        object_body(request)
        return self.answer(retry_trial(trial=self.trial(job_id, number), actor=request.user), 202)
