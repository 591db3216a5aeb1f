"""`Idempotency-Key` on a POST: the same key replays the first response, whatever happened in between."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.encoders import JSONEncoder

from .models import KeptAnswer
from .problems import ProblemResponse, problem

MAX_KEY_LENGTH = 200
KEPT_FOR = timedelta(days=1)
GIVEN_UP_AFTER = timedelta(minutes=2)


class IdempotentPosts:
    """Mixin for API views, before the view class. Server errors and 429 are not stored: such a request can be retried.

    The row is inserted before the work starts, so that the second of two concurrent requests gets a 409.
    """

    def dispatch(self, http_request: Any, *args: Any, **kwargs: Any) -> Any:
        self._kept: KeptAnswer | None = None
        return super().dispatch(http_request, *args, **kwargs)  # type: ignore[misc]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)  # type: ignore[misc]
        key = request.headers.get("Idempotency-Key", "")
        if request.method == "POST" and key:
            self._begin(request, key)

    def _begin(self, request: Request, key: str) -> None:
        if len(key) > MAX_KEY_LENGTH:
            raise Replay(problem(400, "invalid", "Bad key", f"At most {MAX_KEY_LENGTH} characters."))
        body = json.dumps(request.data, sort_keys=True, default=_uploaded)
        text = f"{request.method} {request.path.rstrip('/')} {body}"
        fingerprint = hashlib.sha256(text.encode()).hexdigest()
        now = timezone.now()
        # Deletes responses older than a day, and rows without a status: the process of that request died, so retry it.
        unanswered = Q(status=0, created_at__lt=now - GIVEN_UP_AFTER)
        KeptAnswer.objects.filter(unanswered | Q(created_at__lt=now - KEPT_FOR), user=request.user).delete()
        with transaction.atomic():
            kept, first = KeptAnswer.objects.get_or_create(
                user=request.user, key=key, defaults={"request_hash": fingerprint}
            )
        if first:
            self._kept = kept
        else:
            raise Replay(_replay(kept, fingerprint))

    def handle_exception(self, error: Exception) -> Response:
        if isinstance(error, Replay):
            return error.answer
        try:
            return super().handle_exception(error)  # type: ignore[misc]
        except Exception:
            self._forget()
            raise

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        response = super().finalize_response(request, response, *args, **kwargs)  # type: ignore[misc]
        if self._kept is not None:
            if response.status_code >= 500 or response.status_code == 429:
                self._forget()
            else:
                self._kept.status = response.status_code
                self._kept.body = json.loads(json.dumps(response.data, cls=JSONEncoder))
                self._kept.location = response.headers.get("Location", "")
                self._kept.save(update_fields=["status", "body", "location"])
        return response

    def _forget(self) -> None:
        if self._kept is not None:
            self._kept.delete()
            self._kept = None


class Replay(Exception):
    """Ends a request early with an answer that is known already."""

    def __init__(self, answer: Response) -> None:
        super().__init__()
        self.answer = answer


def _replay(kept: KeptAnswer, fingerprint: str) -> Response:
    if kept.request_hash != fingerprint:
        return problem(422, "key_reused", "Key used before", "This Idempotency-Key was used with a different request.")
    if not kept.status:
        return problem(409, "in_progress", "In progress", "The first request with this key has not finished.")
    kind = ProblemResponse if kept.status >= 400 else Response
    answer = kind(kept.body, status=kept.status)
    answer["Idempotent-Replay"] = "true"
    if kept.location:
        answer["Location"] = kept.location
    return answer


def _uploaded(value: Any) -> str:
    """The hash of an uploaded file, read in chunks."""
    digest = hashlib.sha256()
    for chunk in value.chunks():
        digest.update(chunk)
    value.seek(0)
    return digest.hexdigest()
