"""The tokenizer of a checkpoint's folder, with the prompt settings of a job: a RowTokenizer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tunix.pipeline.data.chat.chat_format import ChatFormat
from tunix.pipeline.data.chat.examples import Examples
from tunix.pipeline.data.chat.refused_rows import RowFinding
from tunix.pipeline.data.chat.text_format import TextFormat
from tunix.pipeline.data.chat.vocabulary import Vocabulary
from tunix.pipeline.data.row_tokenizer import TokenizedRow
from tunix.pipeline.data.rows import Row
from tunix.pipeline.models.base_models import BaseModelError
from tunix.pipeline.models.pretrained.inspection import PretrainedModel
from tunix.pipeline.spec import PromptSpec

EXAMPLE_TOKENS = 2048


class FolderTokenizer:
    """Rows in the chat template of a checked folder, or as plain text.

    `examples` are the training rows, of which `prompt.examples` are shown before each prompt: the first ones whose
    texts have at most `example_tokens` together. Rendering raises ChatTemplateError if the template cannot be used, and
    RowsRefused, with every row that it refuses.
    """

    def __init__(
        self,
        model: PretrainedModel,
        prompt: PromptSpec | None = None,
        examples: Sequence[Row] = (),
        example_tokens: int = EXAMPLE_TOKENS,
    ) -> None:
        """Raises BaseModelError."""
        prompt = prompt or PromptSpec()
        self._vocabulary = Vocabulary(model, needs_template=prompt.format != "text")
        if prompt.format == "chat" and not self._vocabulary.template:
            raise BaseModelError(
                f"The model in {model.folder} has no chat template: set the format of the prompt to text, or add "
                "chat_template.jinja to the folder."
            )
        self.is_chat = bool(self._vocabulary.template) and prompt.format != "text"
        shown = Examples(examples, prompt.examples, example_tokens, self._measure)
        form = ChatFormat if self.is_chat else TextFormat
        self._format = form(self._vocabulary, prompt, shown)

    @property
    def vocab_size(self) -> int:
        """The ids that the model reads, which may be more than its tokenizer has."""
        return self._vocabulary.size

    @property
    def pad_id(self) -> int:
        return self._vocabulary.pad_id

    @property
    def end_ids(self) -> tuple[int, ...]:
        return self._vocabulary.end_ids

    def tokenized(self, rows: Sequence[Row]) -> list[TokenizedRow]:
        return self._format.tokenized(rows)

    def prompts(self, rows: Sequence[Row]) -> list[list[int]]:
        return self._format.prompts(rows)

    def decode(self, ids: Iterable[int]) -> str:
        return self._format.decode(ids)

    def token_texts(self, ids: Iterable[int]) -> list[str]:
        return [self._vocabulary.text_of(int(number)) for number in ids]

    def bytes_of(self, ids: Iterable[int]) -> int:
        return sum(self._vocabulary.size_of(int(number)) for number in ids)

    def knows(self, text: str) -> bool:
        return self._vocabulary.knows(text)

    def may_spell_control_tokens(self, row: Row) -> bool:
        """False only for rows in which `control_tokens_in` finds nothing; much faster, and no tokenizing."""
        return any(not self._vocabulary.control_starts.isdisjoint(text) for text in _texts_of(row))

    def control_tokens_in(self, rows: Sequence[Row]) -> list[RowFinding]:
        """Rows whose texts have control tokens, such as the end of a turn, which the model reads as such."""
        found = []
        for line, row in enumerate(rows, start=1):
            ids = {number for part in self._vocabulary.ids(_texts_of(row)) for number in part}
            if written := sorted(ids & self._vocabulary.control_tokens.keys()):
                names = ", ".join(repr(self._vocabulary.control_tokens[number]) for number in written[:5])
                found.append(RowFinding(line, f"its text has {names}, which the model reads as a control token"))
        return found

    def _measure(self, row: Row) -> int:
        return sum(len(ids) for ids in self._vocabulary.ids(_texts_of(row)))


def _texts_of(row: Row) -> list[str]:
    if row.messages is None:
        return [row.prompt, row.answer]
    return [text for message in row.messages for text in (message.content, message.thinking) if text]
