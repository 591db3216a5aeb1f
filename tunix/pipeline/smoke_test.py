"""Asks a pretrained model for text, to see that its numbers mean what its configuration says.

The headers of a folder cannot show a wrong number of heads: 18 heads of 32 have the same shapes as 9 of 64. Such a
model loads, and answers nonsense. SmolLM2-135M needs 3.0 nats per token of the paragraph below, and 8.6 with 18 heads.

`python -m tunix.pipeline.smoke_test FOLDER` prints the result as one line of JSON. It is a process of its own,
because web processes and workers that wait for it never load JAX.
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx
from tokenizers import Tokenizer

from tunix.pipeline.engine.generation import Generator, Prompt
from tunix.pipeline.models.forward import Model, logits_of
from tunix.pipeline.models.memory import base_model_memory
from tunix.pipeline.models.pretrained.folder import ModelFolder
from tunix.pipeline.models.pretrained.inspection import FolderError, PretrainedModel, inspect_folder
from tunix.pipeline.models.pretrained.loading import load_model
from tunix.pipeline.models.pretrained.tokenizer_files import TOKENIZER
from tunix.validation.errors import Faults

PARAGRAPH: Final = (
    "The bakery on the corner opens at six in the morning, long before most of the shops in the street. By then the "
    "first loaves are already out of the oven, and the smell of warm bread drifts through the open door. People on "
    "their way to work stop for a coffee and a roll, and children buy something sweet on the way to school. In the "
    "afternoon, when it is quiet, the baker sits down at the window, reads the newspaper and plans what she will bake "
    "the next day."
)
"""Plain English that no model has learned by heart."""

PROMPT: Final = "The capital of France is"
MOST_NEW_TOKENS: Final = 24

_ENDS = (".", "!", "?", "\n")


@dataclass(frozen=True)
class SmokeTest:
    """The mean loss of the paragraph in nats per token, and what the model says after the prompt, greedily."""

    loss: float
    tokens: int
    prompt: str
    continuation: str
    seconds: float


def smoke_test(pretrained: PretrainedModel) -> SmokeTest:
    """Loads the model and asks it. Raises BaseModelError, and ValueError if its tokenizer cannot be used."""
    started = time.monotonic()
    tokenizer = _tokenizer(pretrained)
    tokens = tokenizer.encode(PARAGRAPH).ids
    if len(tokens) < 2:
        raise ValueError("The tokenizer makes no tokens of plain English text.")
    model = load_model(pretrained, _dtype_for(pretrained))
    loss = float(mean_loss(model, jnp.array([tokens])))
    continuation = _continued(model, tokenizer, pretrained.end_token_ids)
    return SmokeTest(loss, len(tokens) - 1, PROMPT, continuation, round(time.monotonic() - started, 1))


@nnx.jit
def mean_loss(model: Model, tokens: jax.Array) -> jax.Array:
    """The mean negative log-likelihood of each token [1, length] after the first, in nats."""
    likelihoods = jax.nn.log_softmax(logits_of(model, tokens)[:, :-1].astype(jnp.float32))
    return -jnp.take_along_axis(likelihoods, tokens[:, 1:, None], axis=-1).mean()


def _tokenizer(pretrained: PretrainedModel) -> Tokenizer:
    text = ModelFolder(pretrained.folder, Faults()).text(TOKENIZER)
    try:
        return Tokenizer.from_str(text or "")
    except Exception as error:  # the library raises nothing more specific
        raise ValueError(f"{TOKENIZER} cannot be used: {error}") from error


def _dtype_for(pretrained: PretrainedModel) -> Any:
    """float32 if that fits into the memory for base models, else half as much."""
    return jnp.float32 if 4 * pretrained.parameters <= base_model_memory() else jnp.bfloat16


def _continued(model: Model, tokenizer: Tokenizer, ends: tuple[int, ...]) -> str:
    """The most likely text after the prompt, to the end of the sentence or MOST_NEW_TOKENS."""
    prompt = Prompt(tokenizer.encode(PROMPT).ids, number=0, sample=0)
    generator = Generator(model, len(prompt.tokens), MOST_NEW_TOKENS, batch_size=1)
    ((answer, _),) = next(generator.generate(model, [prompt], end_ids=ends, temperature=0.0, seed=0))
    text: str = tokenizer.decode(answer)
    return text[: min((text.index(mark) + 1 for mark in _ENDS if mark in text), default=len(text))]


def main(folder: Path) -> dict[str, Any]:
    """The result of the smoke test of a folder, or `{"error": ...}` with a sentence."""
    try:
        result = smoke_test(inspect_folder(folder))
    except FolderError as error:
        return {"error": str(error)}
    except Exception as error:  # whatever it is: it is shown beside the model
        return {"error": f"{type(error).__name__}: {error}"}
    if not np.isfinite(result.loss):
        return {"error": f"The loss of a paragraph is {result.loss}. The weights are damaged, or too large."}
    return asdict(result)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(Path(sys.argv[1]))) + "\n")
