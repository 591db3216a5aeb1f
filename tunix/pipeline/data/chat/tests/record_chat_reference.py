"""Records what transformers makes of the conversations in `chat_cases.py`, for `test_chat_reference.py`.

Needs transformers, tokenizers and jinja2; no torch. With folders, their own templates and tokenizers are recorded too,
for `test_real_chat.py`.

    python -m tunix.pipeline.data.chat.tests.record_chat_reference [FOLDER...]
"""

from __future__ import annotations

import json
import sys
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any
from unittest import mock

from .chat_cases import BOS, CONVERSATIONS, EOS, TEMPLATES, as_transformers_takes_it, tiny_tokenizer

REFERENCE = Path(__file__).with_name("chat_reference.json")
REAL = Path(__file__).with_name("chat_reference_real.json")


class FixedDate(datetime):
    """The date of `rendering.DATE`."""

    @classmethod
    def now(cls, tz: Any = None) -> datetime:
        return datetime(2024, 7, 26, tzinfo=tz)


Conversations = dict[str, tuple[list[dict[str, Any]], list[dict[str, Any]] | None]]
"""Messages and tools, as transformers takes them, by name."""


def recorded(tokenizer: Any, template: str | None, conversations: Conversations, texts: bool = False) -> dict[str, Any]:
    """By conversation: the ids, those of the prompt of the last answer, and the text; or what the template raises."""
    import jinja2

    found: dict[str, Any] = {}
    for name, (messages, tools) in conversations.items():
        arguments = {"tools": tools, "chat_template": template, "return_dict": False}
        try:
            ids = tokenizer.apply_chat_template(messages, **arguments)
            prompt = tokenizer.apply_chat_template(messages[:-1], add_generation_prompt=True, **arguments)
        except jinja2.TemplateError as error:
            found[name] = {"problem": str(error)}
            continue
        found[name] = {"ids": ids, "prompt": prompt}
        if texts:
            found[name]["text"] = tokenizer.apply_chat_template(messages, tokenize=False, **arguments)
    return found


def recorded_by_template(conversations: Conversations, texts: bool = False) -> dict[str, Any]:
    """What the tiny tokenizer makes of the conversations in each template."""
    from transformers import PreTrainedTokenizerFast

    tiny = PreTrainedTokenizerFast(tokenizer_object=tiny_tokenizer(), bos_token=BOS, eos_token=EOS)
    with mock.patch("transformers.utils.chat_template_utils.datetime", FixedDate):
        return {name: recorded(tiny, template, conversations, texts) for name, template in TEMPLATES.items()}


def versions() -> dict[str, str]:
    """What the values are recorded with."""
    return {name: version(name) for name in ("transformers", "tokenizers", "jinja2")}


def main(folders: list[Path]) -> None:
    from transformers import AutoTokenizer

    conversations = {name: as_transformers_takes_it(case) for name, case in CONVERSATIONS.items()}
    write(REFERENCE, {"versions": versions(), "templates": recorded_by_template(conversations, texts=True)})
    real = {each.name: recorded(AutoTokenizer.from_pretrained(each), None, conversations) for each in folders}
    if real:
        write(REAL, {"versions": versions(), "models": real})


def write(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main([Path(argument) for argument in sys.argv[1:]])
