"""A tokenizer trained on a dataset's training rows: byte-level BPE, and one token per answer if there are few."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from tunix.pipeline.data.row_tokenizer import RowTokenizer, TokenizedRow
from tunix.pipeline.data.rows import Row
from tunix.pipeline.data.token_pieces import shown_piece
from tunix.pipeline.files import write_text
from tunix.pipeline.models.base_models import BaseModelInfo

PAD, BOS, EOS = 0, 1, 2
FORMAT = 1

_RESERVED = 3
_NAMES = ("<pad>", "<bos>", "<eos>")
_UNKNOWN = "<unk>"
_MOST_ANSWERS = 512
_FEWEST_ROWS_PER_ANSWER = 4


class PairTokenizer:
    """Turns prompts and answers into token ids and back; a RowTokenizer.

    Ids are, in this order: pad, bos, eos, the BPE tokens, one token for each of `answers`. The special tokens are not
    part of the BPE, so no text can produce them. A character that does not occur in the training rows becomes unknown.
    """

    def __init__(self, text: Tokenizer, answers: Sequence[str] = ()) -> None:
        self.answers = tuple(answers)
        self._text = text
        self._first_answer = _RESERVED + text.get_vocab_size()
        self._answer_ids = {answer: self._first_answer + index for index, answer in enumerate(self.answers)}

    @property
    def vocab_size(self) -> int:
        return self._first_answer + len(self.answers)

    @property
    def pad_id(self) -> int:
        return PAD

    @property
    def end_ids(self) -> tuple[int, ...]:
        return (EOS,)

    def tokenized(self, rows: Sequence[Row]) -> list[TokenizedRow]:
        found = []
        for row, prompt in zip(rows, self.prompts(rows), strict=True):
            tokens = [*prompt, *self.encode_answer(row.answer), EOS]
            found.append(TokenizedRow(tokens, ((len(prompt), len(tokens)),), len(prompt)))
        return found

    def prompts(self, rows: Sequence[Row]) -> list[list[int]]:
        return [[BOS, *prompt] for prompt in self.encode_prompts([row.prompt for row in rows])]

    def encode_prompts(self, prompts: Sequence[str]) -> list[list[int]]:
        """Token ids of each prompt, without bos."""
        return [_shifted(encoding.ids) for encoding in self._text.encode_batch(list(prompts))]

    def encode_answer(self, answer: str) -> list[int]:
        """Token ids of an answer, without eos: a single token if the answer has its own."""
        if answer in self._answer_ids:
            return [self._answer_ids[answer]]
        return _shifted(self._text.encode(answer).ids)

    def decode(self, ids: Iterable[int]) -> str:
        """The text of these ids, without special and unknown tokens."""
        pieces: list[str] = []
        pending: list[int] = []
        for token in map(int, ids):
            if token < self._first_answer:
                pending.append(token - _RESERVED)
                continue
            pieces += [self._decode_text(pending), self.answers[token - self._first_answer]]
            pending = []
        return "".join([*pieces, self._decode_text(pending)])

    def bytes_of(self, ids: Iterable[int]) -> int:
        """The number of bytes of UTF-8 that these ids encode; the special tokens encode none."""
        return sum(self._bytes_of_token(token) for token in ids)

    def knows(self, text: str) -> bool:
        """Whether the tokenizer knows every character of the text."""
        return self._text.token_to_id(_UNKNOWN) not in self._text.encode(text).ids

    def token_texts(self, ids: Iterable[int]) -> list[str]:
        return [self._shown(int(token)) for token in ids]

    def to_json(self) -> str:
        return json.dumps(
            {"format": FORMAT, "answers": self.answers, "tokenizer": json.loads(self._text.to_str())},
            ensure_ascii=False,
        )

    @classmethod
    def from_json(cls, content: str) -> PairTokenizer:
        """Reads what `to_json` wrote. Raises ValueError for anything else."""
        stored = json.loads(content)
        if not isinstance(stored, dict) or stored.get("format") != FORMAT:
            raise ValueError("Not a tokenizer of a known format.")
        return cls(Tokenizer.from_str(json.dumps(stored["tokenizer"])), stored["answers"])

    def _bytes_of_token(self, token: int) -> int:
        if token < _RESERVED:
            return 0
        if token >= self._first_answer:
            return len(self.answers[token - self._first_answer].encode())
        piece = self._text.id_to_token(token - _RESERVED)
        # A piece of the byte-level BPE has a character for each byte. The unknown token replaces a single byte.
        return 1 if piece == _UNKNOWN else len(piece)

    def _shown(self, token: int) -> str:
        if token < _RESERVED:
            return _NAMES[token]
        if token >= self._first_answer:
            return self.answers[token - self._first_answer]
        return shown_piece(self._text.id_to_token(token - _RESERVED))

    def _decode_text(self, ids: Sequence[int]) -> str:
        return self._text.decode([token for token in ids if token >= 0], skip_special_tokens=True)


@dataclass(frozen=True)
class UnknownText:
    """Characters that a tokenizer does not know: in how many texts, how many occurrences, and which."""

    texts: int
    occurrences: int
    characters: str

    def __str__(self) -> str:
        return f"{self.occurrences} characters in {self.texts} texts: {self.characters[:40]!r}"


def unknown_text(tokenizer: RowTokenizer, rows: Sequence[Row]) -> UnknownText:
    """Unknown characters in prompts, and in answers that have no token of their own."""
    answers = set(tokenizer.answers) if isinstance(tokenizer, PairTokenizer) else set()
    texts = [row.prompt for row in rows] + [row.answer for row in rows if row.answer not in answers]
    strange = {character for character in {each for text in texts for each in text} if not tokenizer.knows(character)}
    counts = [sum(character in strange for character in text) for text in texts] if strange else []
    return UnknownText(sum(map(bool, counts)), sum(counts), "".join(sorted(strange)))


def train(rows: Sequence[Row], vocabulary: int) -> PairTokenizer:
    """A tokenizer with at most `vocabulary` BPE tokens for these rows. The same rows give the same tokenizer."""
    answers = sorted({row.answer for row in rows})
    if len(answers) > _MOST_ANSWERS or len(rows) < _FEWEST_ROWS_PER_ANSWER * len(answers):
        answers = []
    text = Tokenizer(models.BPE(unk_token=_UNKNOWN))
    text.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    text.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(vocab_size=vocabulary, special_tokens=[_UNKNOWN], show_progress=False)
    text.train_from_iterator(_texts(rows, with_answers=not answers), trainer)
    return PairTokenizer(text, answers)


def cached(info: BaseModelInfo, dataset_version: str, rows: Sequence[Row], cache_dir: Path) -> PairTokenizer:
    """The tokenizer of a base model and a dataset: read from the cache, or trained and stored there."""
    tokenizer = stored(info, dataset_version, cache_dir)
    if tokenizer is None:
        tokenizer = train(rows, info.sizes.vocabulary)
        write_text(_path(info, dataset_version, cache_dir), tokenizer.to_json())
    return tokenizer


def stored(info: BaseModelInfo, dataset_version: str, cache_dir: Path) -> PairTokenizer | None:
    """The tokenizer in the cache; None if there is none that can be read."""
    try:
        return PairTokenizer.from_json(_path(info, dataset_version, cache_dir).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError, KeyError):
        return None


def _path(info: BaseModelInfo, dataset_version: str, cache_dir: Path) -> Path:
    return cache_dir / f"{info.base_model_id}-{dataset_version[:32]}-{FORMAT}.json"


def _texts(rows: Sequence[Row], *, with_answers: bool) -> Iterable[str]:
    for row in rows:
        yield row.prompt
        if with_answers:
            yield row.answer


def _shifted(ids: Sequence[int]) -> list[int]:
    return [token + _RESERVED for token in ids]
