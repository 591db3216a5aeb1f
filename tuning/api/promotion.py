"""Promotion of a job's winner over HTTP."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from tunix.api.bodies import object_body
from tunix.api.idempotency import IdempotentPosts
from tunix.runs.api.promotion import promoted
from tunix.runs.api.serializers import BaseModelSerializer, PromotionInputSerializer
from tunix.runs.models import BaseModel

from ..models import TuningJob
from ..services.promote import promote_winner


class WinnerPromotionInputSerializer(PromotionInputSerializer):
    """Under which name, and which trial if not the winner. Describes the input; `tuning.services.promote` checks it."""

    trial = serializers.IntegerField(
        required=False, allow_null=True, min_value=0, help_text="number of a completed trial; default: the winner"
    )


class PromoteWinnerView(IdempotentPosts, APIView):
    """Promoting a job's winner. Needs the permission to add a base model."""

    permission_model = BaseModel

    @extend_schema(
        summary="Promote a job's winner",
        parameters=[OpenApiParameter("job_id", str, OpenApiParameter.PATH, description="UUID of the job")],
        request=WinnerPromotionInputSerializer,
        responses={201: BaseModelSerializer},
    )
    def post(self, request: Request, job_id: str) -> Response:
        """Make the winner a base model, `promoted/<name>@<version>`. One nobody has confirmed needs `unconfirmed`."""
        job = get_object_or_404(TuningJob.objects.select_related("best_run", "confirmed_run"), pk=job_id)
        return promoted(promote_winner(job=job, data=object_body(request), actor=request.user), request)
