"""The check of a job over HTTP."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from tunix.api.bodies import object_body
from tunix.api.idempotency import IdempotentPosts

from ..models import TuningJob
from ..preflight import Level, check_job


class FindingSerializer(serializers.Serializer):
    """One sentence about one part of the job, or of what it needs."""

    level = serializers.ChoiceField(choices=[level.value for level in Level])
    about = serializers.CharField(help_text="path of a field, or space, broker, time, power")
    message = serializers.CharField()


class PlannedRunsSerializer(serializers.Serializer):
    """Runs that the job makes at most, by stage."""

    default = serializers.IntegerField()
    untuned = serializers.IntegerField()
    search = serializers.IntegerField()
    finalists = serializers.IntegerField()
    held_out = serializers.IntegerField()
    total = serializers.IntegerField()


class EstimatesSerializer(serializers.Serializer):
    """What the job would cost; null where no earlier run tells."""

    runs = PlannedRunsSerializer()
    seconds_a_run = serializers.FloatField(allow_null=True)
    seconds = serializers.FloatField(allow_null=True)
    bytes = serializers.IntegerField(help_text="that the runs leave on the disk")
    free_bytes = serializers.IntegerField()
    judged_items = serializers.IntegerField()
    judge_cost = serializers.FloatField(allow_null=True, help_text="at most, by earlier calls of the same judge")


class PreflightSerializer(serializers.Serializer):
    """What would go wrong with a job, and what it would cost. `level` is that of the gravest finding."""

    level = serializers.ChoiceField(choices=[level.value for level in Level])
    findings = FindingSerializer(many=True)
    estimates = EstimatesSerializer()


class CheckJobView(IdempotentPosts, APIView):
    """Checking a job. Nothing is changed, so who may look at it may check it."""

    permission_model = TuningJob
    is_read = True

    @extend_schema(
        summary="Check a job before its start",
        parameters=[OpenApiParameter("job_id", str, OpenApiParameter.PATH, description="UUID of the job")],
        request=None,
        responses={200: PreflightSerializer},
    )
    def post(self, request: Request, job_id: str) -> Response:
        """What would go wrong, and what it would cost. Nothing is started, and no judge is asked."""
        object_body(request)
        job = get_object_or_404(TuningJob.objects.select_related("dataset"), pk=job_id)
        return Response(PreflightSerializer(check_job(job=job).to_json()).data)
