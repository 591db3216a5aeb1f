"""Parses and validates the endpoint's response: the judge's answer, and the tokens it cost."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

MAX_REASON = 1000


class Unusable(Exception):
    """The service answered, but not with a valid judgement; the message says what is wrong."""


class Unanswered(Exception):
    """This item has no answer."""


class Refused(Exception):
    """The endpoint refuses every request like this one; the message says what to do."""


class Answer(BaseModel):
    """The answer that the judge is asked for."""

    model_config = ConfigDict(frozen=True, allow_inf_nan=False)

    score: float = Field(ge=0, le=1, strict=True)
    reason: str = Field(strict=True)


@dataclass(frozen=True)
class Tokens:
    """The tokens of a request and its answer."""

    prompt: int = 0
    completion: int = 0


def tokens_of(body: str) -> Tokens:
    """The tokens that the service counted; 0 if it reports none, or no valid number."""
    try:
        usage = json.loads(body).get("usage") or {}
        return Tokens(_count(usage.get("prompt_tokens")), _count(usage.get("completion_tokens")))
    except (ValueError, AttributeError, RecursionError):
        return Tokens()


def answer_of(body: str) -> Answer:
    """The judgement in a chat completion. Raises Unusable."""
    content = _content_of(body)
    try:
        answer = Answer.model_validate_json(_without_fence(content))
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        if fault["type"] == "json_invalid":
            raise Unusable("The answer was not JSON.") from None
        where = ".".join(map(str, fault["loc"])) or "the answer"
        raise Unusable(f"The answer did not fit the schema: {where}: {fault['msg']}.") from None
    return answer.model_copy(update={"reason": answer.reason[:MAX_REASON]})


def _content_of(body: str) -> str:
    try:
        choice = json.loads(body)["choices"][0]
        finish, content = choice.get("finish_reason"), choice["message"]["content"]
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError):
        raise Unusable("The service did not answer with a chat completion.") from None
    if finish == "length":
        raise Unusable("The answer was cut off (finish_reason length).")
    if not isinstance(content, str):
        raise Unusable("The service did not answer with text.")
    return content


def _without_fence(text: str) -> str:
    """Without the Markdown code fence that models often put around JSON if no schema is enforced."""
    text = text.strip()
    if text.startswith("```") and text.endswith("```") and len(text) > 6:
        return text.strip("`").removeprefix("json").strip()
    return text


def _count(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**9 else 0
