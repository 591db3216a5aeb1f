"""The tokenizer of a folder, with its special tokens."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tokenizers import Encoding, Tokenizer

from tunix.pipeline.data.chat.rendering import ChatTemplateError, NotRendered, Request, renderer
from tunix.pipeline.data.chat.special_tokens import (
    added_token_at_start,
    choose_pad_id,
    declare_special,
    read_special_tokens,
    special_ids,
)
from tunix.pipeline.data.chat.token_bytes import TokenBytes
from tunix.pipeline.data.chat.turns import MARK
from tunix.pipeline.models.base_models import BaseModelError
from tunix.pipeline.models.pretrained.inspection import PretrainedModel
from tunix.pipeline.models.pretrained.tokenizer_files import TOKENIZER


class Vocabulary:
    """Encodes and decodes as transformers does: control tokens in a text are read as such, nothing is cut or padded.

    `end_ids` are all tokens that end an answer, and `end_id` is the one that ends an answer without a template.
    """

    def __init__(self, model: PretrainedModel, *, needs_template: bool = True) -> None:
        """Raises BaseModelError if the tokenizer cannot be read, or no end of text is known, and ChatTemplateError if
        the template cannot be used. If it is not needed, it may be a broken one.
        """
        self.special_tokens = read_special_tokens(model.folder)
        self.template = model.chat_template.text if model.chat_template else ""
        self.size = model.configuration.vocabulary
        self._tokenizer = _load(model)
        declare_special(self._tokenizer, self.special_tokens)
        self.control_tokens = special_ids(self._tokenizer)
        self.control_starts = frozenset(text[0] for text in self.control_tokens.values() if text)
        self.prefix = self._prefix()
        self.end_ids = self._ends(model.end_token_ids, needs_template)
        if not self.end_ids:
            raise BaseModelError(
                f"The model in {model.folder} states no end of text, so its answers would not end: add eos_token_id to "
                "generation_config.json."
            )
        stated = self._id_of("eos_token")
        self.end_id = self.end_ids[0] if stated is None else stated
        self.pad_id = self._pad(model.tokenizer.highest_id + 1)
        known = TokenBytes(self._tokenizer)
        self.size_of, self.text_of = known.size, known.text

    @property
    def ends(self) -> list[str]:
        """The texts of the tokens that end an answer."""
        return [text for number in self.end_ids if (text := self._tokenizer.id_to_token(number))]

    def encode(self, texts: Sequence[str]) -> list[Encoding]:
        """Each text without bos, with the place of each token in it."""
        return self._tokenizer.encode_batch(list(texts), add_special_tokens=False)

    def ids(self, texts: Sequence[str]) -> list[list[int]]:
        """The ids of each text, without bos."""
        return [each.ids for each in self._tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)]

    def decode(self, ids: Iterable[int]) -> str:
        """The text of these ids, without special tokens."""
        return self._tokenizer.decode([int(number) for number in ids], skip_special_tokens=True)

    def knows(self, text: str) -> bool:
        """Whether no part of the text becomes the unknown token."""
        unknown = getattr(self._tokenizer.model, "unk_token", None)
        if not unknown:
            return True
        return self._tokenizer.token_to_id(unknown) not in self.ids([text])[0]

    def _prefix(self) -> list[int]:
        """What the tokenizer puts before a text by itself, which is bos or nothing."""
        bare, whole = self._tokenizer.encode("a", add_special_tokens=False), self._tokenizer.encode("a")
        return whole.ids[: whole.ids.index(bare.ids[0])] if bare.ids and bare.ids[0] in whole.ids else []

    def _ends(self, stated: Sequence[int], needs_template: bool) -> tuple[int, ...]:
        """The ends that the folder states, its eos token, and what its template puts behind an answer."""
        found = [*stated, self._id_of("eos_token"), self._end_of_turn(needs_template)]
        return tuple(dict.fromkeys(number for number in found if number is not None))

    def _end_of_turn(self, needs_template: bool) -> int | None:
        """The token that the template writes directly behind an answer, found by rendering one."""
        if not self.template:
            return None
        turns = [{"role": "user", "content": MARK}, {"role": "assistant", "content": MARK}]
        try:
            with renderer(self.template, self.special_tokens) as render:
                text = render([Request(turns)])[0]
        except ChatTemplateError:
            if needs_template:
                raise
            return None
        return (
            None if isinstance(text, NotRendered) else added_token_at_start(self._tokenizer, text.rpartition(MARK)[2])
        )

    def _pad(self, first_free: int) -> int:
        used = {*self.end_ids, *self.prefix, self._id_of("bos_token")}
        unused = {
            number: text
            for number, text in self.control_tokens.items()
            if number not in used and text not in self.template
        }
        return choose_pad_id(unused, self.special_tokens.get("pad_token", ""), first_free, self.size)

    def _id_of(self, name: str) -> int | None:
        text = self.special_tokens.get(name)
        return self._tokenizer.token_to_id(text) if text else None


def _load(model: PretrainedModel) -> Tokenizer:
    try:
        tokenizer = Tokenizer.from_file(str(model.folder / TOKENIZER))
    except Exception as error:  # the library has no exception type of its own
        raise BaseModelError(f"The tokenizer of {model.folder} cannot be read: {error}. Copy it again.") from None
    # Settings that are stored with some tokenizers, and would cut or pad every text without a word.
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer
