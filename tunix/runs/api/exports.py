"""The API for exports of runs: request one, and read its state."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import NotFound
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from tunix.api.exceptions import InvalidInput
from tunix.api.idempotency import IdempotentPosts

from ..export_requests import request_export
from ..kept_exports import DONE, FAILED, RUNNING, WAITING, read_export
from ..models import BaseModel, TunixRun


class ExportSerializer(serializers.Serializer):
    """The last export of a run. Folders are on the machine of the service."""

    state = serializers.ChoiceField(choices=[WAITING, RUNNING, DONE, FAILED])
    at = serializers.DateTimeField(help_text="when the state was written")
    error = serializers.CharField(help_text="why it failed; empty otherwise")
    merged = serializers.CharField(help_text="folder of the whole model; empty if there is none")
    adapter = serializers.CharField(help_text="folder of the adapter; empty if there is none")
    commands = serializers.ListField(child=serializers.CharField(), help_text="how to load it elsewhere")
    comparison = serializers.CharField(help_text="how the merged model compares with the run")


class ExportRunView(IdempotentPosts, APIView):
    """Exports a run by a worker. Needs the permission to add a base model; reading needs that to view one."""

    permission_model = BaseModel

    @extend_schema(request=None, responses={202: ExportSerializer})
    def post(self, request: Request, run_id: str) -> Response:
        """Export the model of a completed run as folders that other programs load. It has no options."""
        if request.data:
            raise InvalidInput({name: ["Unknown field."] for name in _names(request.data)})
        run = request_export(run=self._run(run_id), actor=request.user)
        return Response(ExportSerializer(read_export(run)).data, status=status.HTTP_202_ACCEPTED)

    @extend_schema(responses=ExportSerializer)
    def get(self, request: Request, run_id: str) -> Response:
        """The last export of the run. 404 if there was none."""
        kept = read_export(self._run(run_id))
        if kept is None:
            raise NotFound("The run was never exported.")
        return Response(ExportSerializer(kept).data)

    def _run(self, run_id: str) -> TunixRun:
        return get_object_or_404(TunixRun.objects.with_relations(), pk=run_id)


def _names(data: Any) -> list[str]:
    return list(data) if isinstance(data, dict) else ["body"]
