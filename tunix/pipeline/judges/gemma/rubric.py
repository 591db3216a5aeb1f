"""The prompt of the judge, and the judge's version, which is derived from it."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from tunix.pipeline.judges.base import JudgeItem

RUBRIC_VERSION = "1"
"""Increase it when the prompt is changed on purpose. The hash in the version covers accidental changes."""
MAX_VERSION = 200

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"score": {"type": "number", "minimum": 0, "maximum": 1}, "reason": {"type": "string"}},
    "required": ["score", "reason"],
    "additionalProperties": False,
}
_TEMPLATE = """<question {code}>
{prompt}
</question {code}>
<reference {code}>
{answer}
</reference {code}>
<answer {code}>
{prediction}
</answer {code}>
Judge the text between <answer {code}> and </answer {code}>."""


@cache
def rubric() -> str:
    """The instructions to the judge."""
    return Path(__file__).with_name("rubric.txt").read_text(encoding="utf-8")


def messages_for(item: JudgeItem) -> list[dict[str, str]]:
    """The chat that asks for the judgement of one item.

    The markers contain a hash of the texts between them, so no text can contain its own closing marker.
    """
    texts = {"prompt": item.prompt, "answer": item.answer, "prediction": item.prediction}
    code = _hash("\0".join(texts.values()))[:12]
    return [
        {"role": "system", "content": rubric()},
        {"role": "user", "content": _TEMPLATE.format(code=code, **texts)},
    ]


def version_of(model: str) -> str:
    """`<rubric version>-<hash of prompt, schema and model>-<model>`: it changes whenever the judge does."""
    return f"{RUBRIC_VERSION}-{_hash(chr(0).join((rubric(), _TEMPLATE, str(SCHEMA), model)))[:8]}-{model}"[:MAX_VERSION]


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
