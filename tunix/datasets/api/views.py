"""The API of datasets."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.viewsets import GenericViewSet

from tunix.api.exceptions import InvalidInput
from tunix.api.idempotency import IdempotentPosts
from tunix.api.parsers import StrictMultiPartParser
from tunix.api.problems import PROBLEM
from tunix.api.schema import ProblemSerializer
from tunix.api.summaries import SummaryLists
from tunix.pipeline.data.rows import SPLITS

from ..filters import DatasetFilter
from ..models import KEY_PATTERN, Dataset
from ..split_rows import SplitRows
from ..uploads import import_uploads, refuse_too_large
from .serializers import DatasetImportSerializer, DatasetSerializer, DatasetSummarySerializer, RowSerializer

SPLIT = OpenApiParameter("split", str, enum=SPLITS, default=SPLITS[0])


class DatasetViewSet(IdempotentPosts, SummaryLists, ListModelMixin, RetrieveModelMixin, GenericViewSet):
    """Immutable rows, imported under a key."""

    takes_uploads = True
    queryset = Dataset.objects.select_related("owner")
    serializer_class = DatasetSerializer
    summary_serializer_class = DatasetSummarySerializer
    filterset_class = DatasetFilter
    parser_classes = [StrictMultiPartParser]
    lookup_field = "key"
    lookup_value_regex = KEY_PATTERN

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        refuse_too_large(request)  # before the CSRF check of the session, which reads the body
        super().initial(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[Dataset]:
        queryset = super().get_queryset()
        return queryset.defer("manifest_json") if self.action == "list" else queryset

    @extend_schema(
        request={"multipart/form-data": DatasetImportSerializer},
        responses={200: DatasetSerializer, 201: DatasetSerializer},
    )
    def create(self, request: Request) -> Response:
        """Import files. 200: the dataset already exists with the same rows."""
        form = DatasetImportSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        dataset = import_uploads(form.validated_data, request.user)
        code = status.HTTP_201_CREATED if dataset.is_new else status.HTTP_200_OK
        address = reverse("api-dataset-detail", args=[dataset.key], request=request)
        return Response(DatasetSerializer(dataset).data, status=code, headers={"Location": address})

    @extend_schema(
        parameters=[SPLIT],
        responses={200: RowSerializer(many=True), (409, PROBLEM): ProblemSerializer},
        filters=False,
    )
    @action(detail=True, filter_backends=[])
    def rows(self, request: Request, key: str) -> Response:
        """The rows of one split, in order. 409: the files are missing."""
        split = request.query_params.get("split", SPLITS[0])
        if split not in SPLITS:
            raise InvalidInput({"split": [f"Unknown split. Known: {', '.join(SPLITS)}."]})
        page = self.paginate_queryset(SplitRows(self.get_object(), split))
        return self.get_paginated_response(RowSerializer(page, many=True).data)
