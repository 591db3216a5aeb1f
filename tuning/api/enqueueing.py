"""What is sent and answered where somebody enqueues a configuration over HTTP."""

from __future__ import annotations

from rest_framework import serializers

from .parts import messages_by_path


class ConfigurationSerializer(serializers.Serializer):
    """A configuration to try. Describes the input; `tuning.services.enqueue` checks it."""

    params_json = serializers.DictField(help_text="every parameter of the search space that exists, with its value")


class EnqueuedSerializer(serializers.Serializer):
    """A configuration that waits for its slot, where the job stands then, and what is unusual about it."""

    params_json = serializers.DictField(source="params", help_text="with constants and products filled in")
    ahead = serializers.IntegerField(help_text="given configurations that are tried before it")
    num_samples = serializers.IntegerField(help_text="trials of the job now")
    num_samples_raised = serializers.BooleanField(source="raised", help_text="all slots were taken: there is one more")
    warnings = messages_by_path()
