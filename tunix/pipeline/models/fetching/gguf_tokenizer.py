"""The tokenizer in the fields of a GGUF file, as one of the `tokenizers` library."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

from tunix.pipeline.models.fetching.architectures import UnknownContent

_CONTROL, _USER_DEFINED, _BYTE = 3, 4, 6
"""Kinds of tokens in a file."""

Fields = Mapping[str, Any]


def tokenizer_of(fields: Fields) -> Tokenizer:
    """The tokenizer of a file: byte-level BPE with the rules of SmolLM, or SentencePiece BPE.

    Raises UnknownContent for other kinds, and if a special token is not in the vocabulary.
    """
    kind, rules = fields.get("tokenizer.ggml.model"), fields.get("tokenizer.ggml.pre")
    if (kind, rules) == ("gpt2", "smollm"):
        tokenizer = _byte_level(fields)
    elif kind == "llama":
        tokenizer = _sentence_piece(fields)
    else:
        raise UnknownContent(f"The tokenizer {kind!r} with the rules {rules!r} cannot be converted.")
    _add_tokens(tokenizer, fields)
    if tokenizer.get_vocab_size() != len(fields["tokenizer.ggml.tokens"]):
        raise UnknownContent("A special token of the tokenizer is not in its vocabulary.")
    return tokenizer


def special_tokens(fields: Fields) -> dict[str, str]:
    """The special tokens that the file names, as in special_tokens_map.json."""
    tokens = fields["tokenizer.ggml.tokens"]
    named = {"bos_token": "bos", "eos_token": "eos", "pad_token": "padding", "unk_token": "unknown"}
    ids = {key: fields.get(f"tokenizer.ggml.{name}_token_id") for key, name in named.items()}
    return {key: tokens[number] for key, number in ids.items() if number is not None}


def _vocabulary(fields: Fields) -> dict[str, int]:
    return {token: number for number, token in enumerate(fields["tokenizer.ggml.tokens"])}


def _byte_level(fields: Fields) -> Tokenizer:
    """The file has the merges. Digits are tokens of their own."""
    first, second = zip(*(merge.split(" ") for merge in fields["tokenizer.ggml.merges"]), strict=True)
    tokenizer = Tokenizer(models.BPE(_vocabulary(fields), list(zip(first, second, strict=True))))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer


def _sentence_piece(fields: Fields) -> Tokenizer:
    """A space is part of the word after it, as U+2581, and what has no token is written as bytes. Begins with bos."""
    model = models.BPE(_vocabulary(fields), _merges(fields), unk_token="<unk>", fuse_unk=True, byte_fallback=True)  # noqa: S106
    tokenizer = Tokenizer(model)
    tokenizer.normalizer = normalizers.Replace(" ", "▁")
    tokenizer.pre_tokenizer = pre_tokenizers.Split(" ", "merged_with_previous")
    tokenizer.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()])
    if fields.get("tokenizer.ggml.add_bos_token"):
        number = fields["tokenizer.ggml.bos_token_id"]
        bos = fields["tokenizer.ggml.tokens"][number]
        tokenizer.post_processor = processors.TemplateProcessing(
            single=f"{bos} $A", pair=f"{bos} $A {bos}:1 $B:1", special_tokens=[(bos, number)]
        )
    return tokenizer


def _merges(fields: Fields) -> list[tuple[str, str]]:
    """The merges that scores stand for: each way to split a token into two, best tokens first.

    Tokens that were added by hand, such as runs of line breaks, come before all others.
    """
    rank: dict[str, float] = {}
    columns = (fields[f"tokenizer.ggml.{name}"] for name in ("tokens", "token_type", "scores"))
    for token, kind, score in zip(*columns, strict=True):
        if kind not in (_CONTROL, _BYTE):
            rank[token] = 0.0 if kind == _USER_DEFINED else score
    splits = (
        (score, left, right)
        for token, score in rank.items()
        for left, right in ((token[:cut], token[cut:]) for cut in range(1, len(token)))
        if left in rank and right in rank
    )
    ordered = sorted(splits, key=lambda split: (split[0], len(split[1]), len(split[2])), reverse=True)
    return [(left, right) for _, left, right in ordered]


def _add_tokens(tokenizer: Tokenizer, fields: Fields) -> None:
    """Makes tokens that no text is split into known, in the order of their ids."""
    kinds = zip(fields["tokenizer.ggml.tokens"], fields["tokenizer.ggml.token_type"], strict=True)
    added = [
        AddedToken(token, normalized=False, special=kind == _CONTROL)
        for token, kind in kinds
        if kind in (_CONTROL, _USER_DEFINED)
    ]
    tokenizer.add_tokens(added)
    tokenizer.add_special_tokens([token for token in added if token.special])
