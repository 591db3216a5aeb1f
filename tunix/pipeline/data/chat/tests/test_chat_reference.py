"""Templates are rendered, and their texts encoded, as by transformers: see `record_chat_reference.py`."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tunix.pipeline.data.chat.rendering import NotRendered, Request, renderer
from tunix.pipeline.data.rows import row_from_json

from .chat_cases import BOS, CONVERSATIONS, EOS, TEMPLATES, tiny_tokenizer
from .record_chat_reference import REFERENCE

RECORDED: dict[str, Any] = json.loads(REFERENCE.read_text())["templates"]


def requests() -> list[Request]:
    """Each conversation whole, and its prompt."""
    found = []
    for case in CONVERSATIONS.values():
        row = row_from_json(case)
        messages = [message.for_template() for message in row.messages or ()]
        tools = [json.loads(tool) for tool in row.tools]
        found += [Request(messages, tools), Request(messages[:-1], tools, generation_prompt=True)]
    return found


@pytest.mark.parametrize("name", TEMPLATES)
def test_texts_and_ids_are_those_of_transformers(name: str) -> None:
    with renderer(TEMPLATES[name], {"bos_token": BOS, "eos_token": EOS}) as render:
        texts = render(requests())
    tokenizer = tiny_tokenizer()
    for (whole, prompt), expected in zip(
        zip(texts[::2], texts[1::2], strict=True), RECORDED[name].values(), strict=True
    ):
        if isinstance(whole, NotRendered):
            assert {"problem": whole.problem} == {"problem": expected["problem"].rstrip(".")}
            continue
        assert whole == expected["text"]
        assert tokenizer.encode(whole, add_special_tokens=False).ids == expected["ids"]
        assert tokenizer.encode(str(prompt), add_special_tokens=False).ids == expected["prompt"]


def test_every_template_and_conversation_is_recorded() -> None:
    assert {name: list(cases) for name, cases in RECORDED.items()} == {name: list(CONVERSATIONS) for name in TEMPLATES}
