"""The version of the training engine, which is recorded with every run."""

from __future__ import annotations

from typing import Final

ENGINE_CHANGES: Final = {
    2: "with gradient_accumulation_steps above 1, an update averages over tokens, not over batches,",
    3: "the logits of a batch with more than 2^24 of them are computed in chunks, which changes the last bits of sums,",
}
"""What each version computes differently. Runs from before versions were recorded are of version 1."""

ENGINE_VERSION: Final = max(ENGINE_CHANGES)


def changes_between(one: int, other: int) -> str:
    """What trains differently between two versions, as a sentence; empty if neither is known here."""
    older, newer = sorted((one, other))
    changes = [f"{change} since {version}" for version, change in ENGINE_CHANGES.items() if older < version <= newer]
    return f"{'; '.join(changes)}." if changes else ""
