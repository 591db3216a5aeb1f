"""500 generated conversations keep their spans right.

Each text has a word of its own, which is looked for in the decoded tokens: in those that are trained, and in the rest.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tunix.pipeline.data.chat.folder_tokenizer import FolderTokenizer
from tunix.pipeline.data.rows import Row, row_from_json

from .chat_cases import TEMPLATES
from .making import make_model, text_of, trained_texts

CONVERSATIONS = 100
AROUND = (
    "",
    " ",
    "\n",
    "\n\n",
    " é猫",
    "<think>",
    "👩‍🚀",
    "</turn>",
    " {{ x }}",
    "\t- ",
    "[/ASK]",
    "user\n",
    "<|end|>",
)
ENDS = ("<|end|>", "<|stop|>", "</turn>", "<eos>")


class Generated:
    """A conversation and the words in it: those of answers, and those of all other texts."""

    def __init__(self, seed: int, with_tools: bool) -> None:
        self._random = random.Random(seed)
        self._seed = seed
        self.answers: list[str] = []
        self.others: list[str] = []
        messages = [{"role": "system", "content": self._text(self.others)}] if self._random.random() < 0.4 else []
        for _ in range(self._random.randint(1, 4)):
            messages.append({"role": "user", "content": self._text(self.others)})
            if with_tools and self._random.random() < 0.4:
                messages.append(
                    {"role": "assistant", "content": self._text(self.answers), "tool_calls": [{"name": "f"}]}
                )
                messages.append({"role": "tool", "content": self._text(self.others)})
            messages.append({"role": "assistant", "content": self._text(self.answers)})
        self.row: Row = row_from_json({"messages": messages})

    def _text(self, words: list[str]) -> str:
        words.append(f"w{self._seed}x{len(self.answers)}y{len(self.others)}z")
        return f"{self._random.choice(AROUND)}{words[-1]}{self._random.choice(AROUND)}"


@pytest.mark.parametrize("name", TEMPLATES)
def test_500_generated_conversations_keep_their_spans_right(tmp_path: Path, name: str) -> None:
    tokenizer = FolderTokenizer(make_model(tmp_path / "model", TEMPLATES[name]))
    with_tools = name in ("default system", "reasoning")
    generated = [Generated(seed, with_tools) for seed in range(CONVERSATIONS)]
    for each, row in zip(generated, tokenizer.tokenized([each.row for each in generated]), strict=True):
        spans = trained_texts(tokenizer, row)
        assert [[word for word in each.answers if word in span] for span in spans] == [[word] for word in each.answers]
        assert not [word for word in each.others for span in spans if word in span]
        assert all(span.endswith(ENDS) for span in spans)

        trained = {position for span in row.trained for position in range(*span)}
        rest = text_of(tokenizer, [token for position, token in enumerate(row.tokens) if position not in trained])
        assert not [word for word in each.answers if word in rest]
        assert [word for word in each.others if word in rest] == each.others

        prompt = text_of(tokenizer, row.tokens[: row.prompt_length])
        assert [word in prompt for word in each.answers] == [True] * (len(each.answers) - 1) + [False]
