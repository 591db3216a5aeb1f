"""Rows with a chosen and a rejected answer, as TRL has them: with a prompt, or with one that both begin with."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from tunix.pipeline.data.messages import ASSISTANT, USER, Message

from .conversations import is_list, messages_of
from .faults import Fault

CHOSEN, REJECTED = "chosen", "rejected"
_TURN = re.compile(r"\n\n(Human|Assistant):")
_ROLES = {"Human": USER, "Assistant": ASSISTANT}


def turns_of(value: Any, column: str, text: str) -> list[Message]:
    """The messages in a column; of a text, those between the marks `Human:` and `Assistant:`, if it has any."""
    if is_list(value):
        return messages_of(value, column)
    pieces = _TURN.split(f"\n\n{text.lstrip()}")
    if len(pieces) > 1 and not pieces[0].strip():
        return [Message(_ROLES[who], said.strip()) for who, said in zip(pieces[1::2], pieces[2::2], strict=True)]
    return [Message(ASSISTANT, text)]


def shared(chosen: Sequence[Message], rejected: Sequence[Message], columns: str) -> int:
    """How many messages at the beginning are the prompt of both. Raises Fault if there is none."""
    most = min(len(chosen), len(rejected)) - 1
    count = next((index for index in range(most) if chosen[index] != rejected[index]), most)
    if count < 1:
        raise Fault(f"'{columns}' share no prompt. Write it to a column 'prompt'.")
    return count


def divided(chosen: str, rejected: str) -> tuple[str, str, str]:
    """The prompt that two texts share, up to the last blank before they differ, and what follows it in each.

    Raises Fault if they share none, or are equal: then nothing shows where the prompt ends.
    """
    if chosen == rejected:
        raise Fault("'chosen' and 'rejected' are equal, so their prompt has no end. Write it to a column 'prompt'.")
    most = min(len(chosen), len(rejected))
    count = next((index for index in range(most) if chosen[index] != rejected[index]), most)
    blank = max(chosen.rfind(" ", 0, count), chosen.rfind("\n", 0, count))
    prompt = chosen[: blank + 1].strip()
    if not prompt:
        raise Fault("'chosen' and 'rejected' share no prompt. Write it to a column 'prompt'.")
    return prompt, chosen[blank + 1 :].strip(), rejected[blank + 1 :].strip()
