"""A cache of judgements, one small file each, so that no text is paid for twice."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from pydantic import ValidationError

from tunix.pipeline.files import write_text
from tunix.pipeline.judges.base import JudgeItem
from tunix.pipeline.judges.gemma.answer import Answer


def key_of(judge: str, version: str, item: JudgeItem) -> str:
    """The key of a judgement: sha256 over judge, version, item and output."""
    parts = [judge, version, item.prompt, item.answer, item.prediction]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


class JudgementCache:
    """Answers by key, in `<folder>/<two letters>/`. Without a folder nothing is cached."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def get(self, key: str) -> Answer | None:
        """The answer, or None if there is no readable one."""
        if self._folder is None:
            return None
        try:
            return Answer.model_validate_json(self._path(self._folder, key).read_bytes())
        except (OSError, ValidationError):
            return None

    def put(self, key: str, answer: Answer) -> None:
        if self._folder is not None:
            write_text(self._path(self._folder, key), answer.model_dump_json())

    @staticmethod
    def _path(folder: Path, key: str) -> Path:
        return folder / key[:2] / f"{key}.json"
