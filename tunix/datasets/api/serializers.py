"""The representation of datasets in the API."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from tunix.validation.did_you_mean import did_you_mean

from ..importing.columns import GROUP_HELP, INPUT_HELP, USUAL_ANSWERS, USUAL_PROMPTS
from ..importing.layouts import FORMATS
from ..importing.options import DEFAULT_FRACTION
from ..models import Dataset
from ..split_rows import NumberedRow


class DatasetSummarySerializer(serializers.ModelSerializer):
    """A dataset in a list."""

    owner = serializers.CharField(source="owner.username", read_only=True, allow_null=True, default=None)

    class Meta:
        model = Dataset
        fields = [
            "key",
            "schema",
            "version",
            *Dataset.COUNTS,
            "source",
            "license",
            "owner",
            "project",
            "created_at",
        ]
        read_only_fields = fields


class DatasetSerializer(DatasetSummarySerializer):
    """A dataset with its manifest."""

    class Meta(DatasetSummarySerializer.Meta):
        fields = [*DatasetSummarySerializer.Meta.fields, "manifest_json"]
        read_only_fields = fields


class RowSerializer(serializers.Serializer):
    """One row of a split."""

    index = serializers.IntegerField(help_text="index in the split, from 0")
    prompt = serializers.CharField(help_text="of a conversation: the text of what comes before the last answer")
    answer = serializers.CharField()
    messages = serializers.ListField(
        child=serializers.DictField(), required=False, help_text="of a conversation: role, content and more"
    )
    tools = serializers.ListField(
        child=serializers.DictField(), required=False, help_text="of a conversation with tools: their descriptions"
    )
    group = serializers.CharField(required=False, help_text="of a row in a group, by which rows belong together")
    rejected = serializers.JSONField(required=False, help_text="of a preference: text, or in a conversation messages")

    def to_representation(self, instance: NumberedRow) -> dict[str, Any]:
        return {"index": instance.index, "prompt": instance.prompt, "answer": instance.answer, **instance.stored}


@extend_schema_field(OpenApiTypes.BINARY)
class UploadField(serializers.FileField):
    """An uploaded file. drf-spectacular describes a FileField as a URL, which is how DRF returns one."""


class DatasetImportSerializer(serializers.Serializer):
    """A multipart form: one `file` to split, or `train` with or without `validation` and `test`."""

    key = serializers.CharField(max_length=64)
    file = UploadField(required=False, help_text="divided by hash into train, validation and test")
    train = UploadField(required=False)
    validation = UploadField(required=False)
    test = UploadField(required=False)
    prompt_column = serializers.CharField(
        default="", allow_blank=True, max_length=200, help_text=f"by default {USUAL_PROMPTS}"
    )
    answer_column = serializers.CharField(
        default="", allow_blank=True, max_length=200, help_text=f"by default {USUAL_ANSWERS}"
    )
    input_column = serializers.CharField(default="", allow_blank=True, max_length=200, help_text=INPUT_HELP)
    group_column = serializers.CharField(default="", allow_blank=True, max_length=200, help_text=GROUP_HELP)
    answer_pattern = serializers.CharField(
        default="",
        allow_blank=True,
        trim_whitespace=False,
        help_text="regular expression; the answer is its one group, or the whole match",
    )
    format = serializers.ChoiceField(
        FORMATS, default="", allow_blank=True, help_text="by default by file name and first line"
    )
    delimiter = serializers.CharField(
        default="", allow_blank=True, trim_whitespace=False, max_length=3, help_text="of CSV: one character, or tab"
    )
    validation_fraction = serializers.FloatField(
        default=None,
        allow_null=True,
        help_text=f"share selected by hash; by default {DEFAULT_FRACTION}, or 0 with a file",
    )
    test_fraction = serializers.FloatField(
        default=None, allow_null=True, help_text=f"by default {DEFAULT_FRACTION} with a single file, else 0"
    )
    allow_overlap = serializers.BooleanField(default=False, help_text="import even if a prompt is in two splits")
    drop_overlap = serializers.BooleanField(
        default=False, help_text="drop rows of validation and test whose prompt is also in another split"
    )
    source = serializers.CharField(default="", allow_blank=True, max_length=500)  # type: ignore[assignment]
    license = serializers.CharField(default="", allow_blank=True, max_length=200)
    project = serializers.SlugField(default="default", max_length=64)

    def validate(self, fields: dict[str, Any]) -> dict[str, Any]:
        unknown = set(self.initial_data) - set(self.fields) - {"csrfmiddlewaretoken"}
        if unknown:
            hints = {name: [f"Unknown field.{did_you_mean(name, self.fields)}"] for name in sorted(unknown)}
            raise serializers.ValidationError(hints)
        if repeated := [name for name, values in self.initial_data.lists() if len(values) > 1]:
            raise serializers.ValidationError({name: ["The form has this field twice."] for name in repeated})
        return fields
