"""Texts for comparison: what differs in case or white space is the same, and long texts are kept as hashes."""

from __future__ import annotations

import hashlib

from tunix.pipeline.caseless import caseless


def normalised(text: str) -> str:
    """Text for comparison: without differences in case, white space and Unicode composition."""
    return " ".join(caseless(text).split())


def digest(text: str) -> bytes:
    """What is stored in place of a text that may be long."""
    return hashlib.blake2b(text.encode(), digest_size=16).digest()
