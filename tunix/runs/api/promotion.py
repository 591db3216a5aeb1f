"""The API for promoting single runs."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from tunix.api.bodies import object_body
from tunix.api.idempotency import IdempotentPosts

from ..base_models.promotion import promote_single_run
from ..models import BaseModel, TunixRun
from .serializers import BaseModelSerializer, PromotionInputSerializer


def promoted(model: BaseModel, request: Request) -> Response:
    """201 with the new base model and its Location."""
    address = reverse("api-model-detail", args=[model.base_model_id], request=request)
    return Response(BaseModelSerializer(model).data, status=status.HTTP_201_CREATED, headers={"Location": address})


class PromoteRunView(IdempotentPosts, APIView):
    """Promotes a single run. Needs the permission to add a base model."""

    permission_model = BaseModel

    @extend_schema(request=PromotionInputSerializer, responses={201: BaseModelSerializer})
    def post(self, request: Request, run_id: str) -> Response:
        """Promote the checkpoint of a completed single run to a base model. `unconfirmed` must be true."""
        run = get_object_or_404(TunixRun.objects.with_relations(), pk=run_id)
        return promoted(promote_single_run(run=run, data=object_body(request), actor=request.user), request)
