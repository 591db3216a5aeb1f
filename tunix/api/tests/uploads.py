"""An upload, the POST that these tests repeat, break and forbid. Made over HTTP: this room imports no other."""

from __future__ import annotations

import json
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile


def rows_file(count: int = 3, name: str = "rows.jsonl") -> SimpleUploadedFile:
    """JSON lines of `count` rows."""
    lines = [json.dumps({"prompt": f"question {n}", "answer": f"answer {n}"}) for n in range(count)]
    return SimpleUploadedFile(name, "\n".join(lines).encode())


def post_dataset(client: Any, key: str = "uploaded", idempotency_key: str = "", **fields: Any) -> Any:
    """Imports three rows as a dataset, unless told otherwise."""
    body = {"key": key, "train": rows_file(), "validation_fraction": 0, "test_fraction": 0, **fields}
    headers = {"Idempotency-Key": idempotency_key} if idempotency_key else {}
    return client.post("/api/datasets", body, format="multipart", headers=headers)
