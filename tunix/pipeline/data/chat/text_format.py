"""Rows as plain text: a prompt, and directly after it the answer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tunix.pipeline.data.chat.conversation import prompt_text
from tunix.pipeline.data.chat.examples import Examples
from tunix.pipeline.data.chat.refused_rows import RowFinding, RowsRefused
from tunix.pipeline.data.chat.vocabulary import Vocabulary
from tunix.pipeline.data.messages import PART_SEPARATOR
from tunix.pipeline.data.row_tokenizer import TokenizedRow
from tunix.pipeline.data.rows import Row
from tunix.pipeline.spec import PromptSpec


class TextFormat:
    """Bos if the tokenizer puts it before texts, the prompt in the job's template, the answer, and the end token.

    Of a conversation the last answer is trained. Prompt and answer are encoded apart, as they are when the model is
    used.
    """

    def __init__(self, vocabulary: Vocabulary, prompt: PromptSpec, examples: Examples) -> None:
        self._vocabulary, self._prompt, self._examples = vocabulary, prompt, examples

    def tokenized(self, rows: Sequence[Row]) -> list[TokenizedRow]:
        """Raises RowsRefused."""
        refused = [RowFinding(line, _UNTRAINED) for line, row in enumerate(rows, start=1) if not _is_trained(row)]
        if refused:
            raise RowsRefused(refused, len(rows))
        answers = self._vocabulary.ids([row.answer for row in rows])
        found = []
        for prompt, answer in zip(self.prompts(rows), answers, strict=True):
            tokens = [*prompt, *answer, self._vocabulary.end_id]
            found.append(TokenizedRow(tokens, ((len(prompt), len(tokens)),), len(prompt)))
        return found

    def prompts(self, rows: Sequence[Row]) -> list[list[int]]:
        """An empty prompt is the end token, which stands between texts where there is no bos."""
        return [self._started(ids) or [self._vocabulary.end_id] for ids in self._vocabulary.ids(self._texts(rows))]

    def decode(self, ids: Iterable[int]) -> str:
        """An answer's text."""
        return self._vocabulary.decode(ids)

    def _started(self, ids: list[int]) -> list[int]:
        prefix = self._vocabulary.prefix
        return ids if ids[: len(prefix)] == prefix else [*prefix, *ids]  # a template may write bos itself

    def _texts(self, rows: Sequence[Row]) -> list[str]:
        return [PART_SEPARATOR.join(self._parts(row)) for row in rows]

    def _parts(self, row: Row) -> list[str]:
        shown = [f"{prompt_text(self._prompt, each.prompt)}{each.answer}" for each in self._examples.before(row)]
        system = [self._prompt.system] if self._prompt.system else []
        return [*system, *shown, prompt_text(self._prompt, row.prompt)]


_UNTRAINED = "no token of it is trained: its last answer is context, and a plain text has no other one"


def _is_trained(row: Row) -> bool:
    return row.messages is None or row.messages[-1].trained
