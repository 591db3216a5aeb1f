"""Extracts the text that people read from a file. Everything else becomes spaces, so that line numbers stay right."""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterable

Span = tuple[int, int]

FENCED = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
CODE_OF_MARKDOWN = re.compile(
    FENCED.pattern + r"|`(?:[^`\n]|\n(?!\n))+`"  # inline code
    r"|<!--.*?-->"
    r"|(?<=\])\([^)\s]+\)",  # the target of a link
    FENCED.flags,
)
CODE_OF_TEMPLATES = re.compile(r"\{%.*?%\}|\{\{.*?\}\}|<code>.*?</code>", re.DOTALL)
QUOTED = re.compile(r'"[^"\n]*"')
IDENTIFIER = re.compile(r"[a-z0-9_./:%{}?=<>*-]*")
DELIMITERS = re.compile(r"^\w*(?:\"{3}|'{3}|\"|')|(?:\"{3}|'{3}|\"|')$")
CODE_OF_STRINGS = re.compile(r"`[^`\n]+`|\{[^{}]*\}")
STRINGS = {tokenize.STRING, getattr(tokenize, "FSTRING_MIDDLE", tokenize.STRING)}


def markdown_prose(text: str) -> str:
    """Without code, comments and link targets."""
    return blanked(text, (found.span() for found in CODE_OF_MARKDOWN.finditer(text)))


def template_prose(text: str) -> str:
    """Without Django's tags and variables, except for the quoted texts in them, such as labels."""
    for code in CODE_OF_TEMPLATES.finditer(text):
        quoted = [(start + code.start(), end + code.start()) for start, end in spans(QUOTED, code[0])]
        ends = [code.start(), *(edge for span in quoted for edge in span), code.end()]
        text = blanked(text, zip(ends[::2], ends[1::2], strict=True))
    return text


def python_prose(source: str) -> str:
    """Only string literals, docstrings and comments. A literal that is a name or path, such as "set_aside", is code."""
    starts = [0, *(found.end() for found in re.finditer("\n", source))]
    prose = [" " if character != "\n" else "\n" for character in source]
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type in STRINGS or token.type == tokenize.COMMENT:
            start = starts[token.start[0] - 1] + token.start[1]
            prose[start : start + len(token.string)] = words_of(token)
    return "".join(prose)


def words_of(token: tokenize.TokenInfo) -> str:
    """The text of a token without quotation marks, hashes and code; its length does not change."""
    text = token.string
    if token.type == tokenize.COMMENT:
        return blanked(text, [(0, len(text) - len(text.lstrip("#")))])
    text = blanked(text, spans(DELIMITERS, text))
    if IDENTIFIER.fullmatch(text.strip()):
        return " " * len(text)
    return blanked(text, spans(CODE_OF_STRINGS, text))


def spans(pattern: re.Pattern[str], text: str) -> list[Span]:
    return [found.span() for found in pattern.finditer(text)]


def blanked(text: str, where: Iterable[Span]) -> str:
    for start, end in where:
        text = text[:start] + re.sub(r"[^\n]", " ", text[start:end]) + text[end:]
    return text
