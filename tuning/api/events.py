"""The audit trail of jobs over HTTP."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import generics, serializers

from ..filters import TuningEventFilter
from ..models import TuningEvent


class TuningEventSerializer(serializers.ModelSerializer):
    """One event. `actor` is empty if the system did it."""

    actor = serializers.CharField(source="actor_name")
    job_name = serializers.CharField(source="subject")
    job_id = serializers.UUIDField(source="subject_id", help_text="also after the job was deleted")
    is_deleted = serializers.SerializerMethodField(help_text="whether the job was deleted")

    class Meta:
        model = TuningEvent
        fields = ["id", "created_at", "kind", "actor", "job_id", "job_name", "is_deleted", "detail"]

    def get_is_deleted(self, event: TuningEvent) -> bool:
        return event.job_id is None


@extend_schema_view(get=extend_schema(summary="What happened to jobs", operation_id="tuning_events_list"))
class EventListView(generics.ListAPIView):
    """The events of all jobs, deleted ones included, newest first."""

    queryset = TuningEvent.objects.all()
    serializer_class = TuningEventSerializer
    filterset_class = TuningEventFilter
