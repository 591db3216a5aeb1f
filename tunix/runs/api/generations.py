"""The API for sending prompts to the models of runs."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.mixins import RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet

from tunix.api.bodies import object_body
from tunix.api.idempotency import IdempotentPosts
from tunix.pipeline.spec import MAX_TEMPERATURE

from ..generations import MAX_GENERATED_TOKENS, MAX_PROMPT_LENGTH, MAX_SEED, cancel_generation, generate
from ..models import Generation, TunixRun
from .serializers import DispatchSerializer


class GenerationInputSerializer(serializers.Serializer):
    """Describes the input, which `tunix.runs.generations` validates."""

    prompt = serializers.CharField(max_length=MAX_PROMPT_LENGTH)
    against = serializers.UUIDField(required=False, allow_null=True, help_text="another run that answers as well")
    max_new_tokens = serializers.IntegerField(
        required=False, min_value=1, max_value=MAX_GENERATED_TOKENS, help_text="default: that of the run's evaluation"
    )
    temperature = serializers.FloatField(
        default=0.0, min_value=0, max_value=MAX_TEMPERATURE, help_text="0: the most likely token each time"
    )
    seed = serializers.IntegerField(default=0, min_value=0, max_value=MAX_SEED)


class AnswerSerializer(serializers.Serializer):
    """What the model of one run answered, or why it did not."""

    run_id = serializers.UUIDField()
    text = serializers.CharField()
    truncated = serializers.BooleanField(help_text="the answer did not end within max_new_tokens")
    prompt_cut = serializers.BooleanField(help_text="the prompt was longer than max_seq_length: its beginning is lost")
    reason = serializers.CharField(help_text="empty, or the reason of the error")
    error = serializers.CharField(help_text="empty, or why there is no answer")


class GenerationSerializer(DispatchSerializer, serializers.ModelSerializer):
    """A prompt that was sent to the model of a run, with the answers once it has completed."""

    generation_id = serializers.UUIDField(source="id", read_only=True)
    run_id = serializers.UUIDField(read_only=True)
    against = serializers.UUIDField(source="against_id", read_only=True, allow_null=True)
    canceling = serializers.BooleanField(source="is_canceling", read_only=True)
    answers = AnswerSerializer(source="answers_json", many=True, read_only=True)
    owner = serializers.CharField(source="owner.username", read_only=True, allow_null=True, default=None)

    class Meta:
        model = Generation
        fields = [
            "generation_id",
            "run_id",
            "against",
            "status",
            "dispatch",
            "waiting_note",
            "next_try_at",
            "canceling",
            "reason",
            "error",
            "prompt",
            "max_new_tokens",
            "temperature",
            "seed",
            "answers",
            "owner",
            "project",
            "created_at",
            "finished_at",
        ]
        read_only_fields = fields


class GenerationViewSet(IdempotentPosts, RetrieveModelMixin, GenericViewSet):
    """Prompts that were sent to the models of runs, and their answers. They are removed after a day."""

    queryset = Generation.objects.all()
    serializer_class = GenerationSerializer
    filter_backends = []
    lookup_url_kwarg = "generation_id"
    lookup_value_regex = "[0-9a-fA-F-]{36}"

    def get_queryset(self) -> Any:
        return Generation.objects.current()

    @extend_schema(request=None, responses={200: GenerationSerializer, 202: GenerationSerializer})
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, generation_id: str) -> Response:
        """Cancel a generation. 200: it is canceled. 202: it was asked to stop and will end within seconds."""
        generation = cancel_generation(self.get_object())
        code = status.HTTP_200_OK if generation.is_terminal else status.HTTP_202_ACCEPTED
        return Response(GenerationSerializer(generation).data, status=code)


class GenerateView(IdempotentPosts, APIView):
    """Sends a prompt to the model of a run. Needs the permission to add a generation."""

    permission_model = Generation

    @extend_schema(request=GenerationInputSerializer, responses={202: GenerationSerializer})
    def post(self, request: Request, run_id: str) -> Response:
        """Send a prompt to the model of a completed run, which answers in a worker process. Poll the Location."""
        run = get_object_or_404(TunixRun.objects.with_relations(), pk=run_id)
        generation = generate(run=run, data=object_body(request), actor=request.user)
        address = reverse("api-generation-detail", args=[generation.pk], request=request)
        return Response(
            GenerationSerializer(generation).data, status=status.HTTP_202_ACCEPTED, headers={"Location": address}
        )
