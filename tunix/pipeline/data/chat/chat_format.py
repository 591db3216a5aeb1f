"""Rows as conversations in a checkpoint's chat template."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from tokenizers import Encoding

from tunix.pipeline.data.chat.conversation import Conversation, conversation_of
from tunix.pipeline.data.chat.examples import Examples
from tunix.pipeline.data.chat.refused_rows import RowFinding, RowsRefused
from tunix.pipeline.data.chat.rendering import NotRendered, Render, renderer
from tunix.pipeline.data.chat.token_spans import token_spans
from tunix.pipeline.data.chat.turns import RenderedConversation, render_conversations, render_prompts
from tunix.pipeline.data.chat.vocabulary import Vocabulary
from tunix.pipeline.data.messages import THINK_END, THINK_START, without_thinking
from tunix.pipeline.data.row_tokenizer import TokenizedRow
from tunix.pipeline.data.rows import Row
from tunix.pipeline.spec import PromptSpec

Found = TypeVar("Found")

_ROWS_AT_ONCE = 512
"""Rendered together, so that not all texts of a dataset are in memory."""


class ChatFormat:
    """Trains every answer of a row but those that say they are context; examples are not trained.

    Tokens are those of the whole conversation. A tokenizer may join the line break that ends a prompt with one that
    begins its answer; the token then belongs to the answer, and `prompts` has that of the prompt alone.
    """

    def __init__(self, vocabulary: Vocabulary, prompt: PromptSpec, examples: Examples) -> None:
        self._vocabulary, self._prompt, self._examples = vocabulary, prompt, examples

    def tokenized(self, rows: Sequence[Row]) -> list[TokenizedRow]:
        """Raises RowsRefused, and ChatTemplateError."""
        return self._each(rows, self._tokenized)

    def prompts(self, rows: Sequence[Row]) -> list[list[int]]:
        """Raises RowsRefused, and ChatTemplateError."""
        return self._each(rows, self._prompts)

    def decode(self, ids: Iterable[int]) -> str:
        """An answer's text, without the reasoning before it if the template knows reasoning.

        The block of reasoning may have been opened by the prompt.
        """
        text = self._vocabulary.decode(ids)
        if THINK_END not in self._vocabulary.template:
            return text
        is_open = THINK_START not in text.partition(THINK_END)[0]
        return without_thinking(f"{THINK_START}{text}" if is_open and THINK_END in text else text)

    def _each(
        self, rows: Sequence[Row], step: Callable[[list[Conversation], Render], list[Found | NotRendered]]
    ) -> list[Found]:
        found: list[Found | NotRendered] = []
        with renderer(self._vocabulary.template, self._vocabulary.special_tokens) as render:
            for start in range(0, len(rows), _ROWS_AT_ONCE):
                part = rows[start : start + _ROWS_AT_ONCE]
                found += step([conversation_of(row, self._prompt, self._examples.before(row)) for row in part], render)
        refused = [
            RowFinding(line, each.problem) for line, each in enumerate(found, start=1) if isinstance(each, NotRendered)
        ]
        if refused:
            raise RowsRefused(refused, len(rows))
        return [each for each in found if not isinstance(each, NotRendered)]

    def _tokenized(self, conversations: list[Conversation], render: Render) -> list[TokenizedRow | NotRendered]:
        found = render_conversations(conversations, render, self._vocabulary.ends)
        encodings = iter(self._vocabulary.encode([each.text for each in found if not isinstance(each, NotRendered)]))
        return [each if isinstance(each, NotRendered) else self._row(each, next(encodings)) for each in found]

    def _row(self, found: RenderedConversation, encoding: Encoding) -> TokenizedRow | NotRendered:
        last = (found.prompt_length, len(found.text))
        *trained, (prompt_length, stop) = token_spans(encoding.offsets, [*found.trained, last])
        tokens = encoding.ids[:stop]
        if not found.is_ended:  # a template without an end token: the model would never stop
            tokens.append(self._vocabulary.end_id)
            trained = [(start, len(tokens) if end == stop else end) for start, end in trained]
        spans = tuple(span for span in trained if span[0] < span[1])
        if not spans:
            return NotRendered("no token of it is trained: it has no answer of the assistant to learn")
        return TokenizedRow(tokens, spans, prompt_length)

    def _prompts(self, conversations: list[Conversation], render: Render) -> list[list[int] | NotRendered]:
        texts = render_prompts(conversations, render)
        ids = iter(self._vocabulary.ids([text for text in texts if not isinstance(text, NotRendered)]))
        return [text if isinstance(text, NotRendered) else next(ids) for text in texts]
