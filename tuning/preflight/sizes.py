"""Values of the space that the sizes of the base model, or of the memory, forbid or make useless."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tunix.pipeline.models.base_models import BaseModelError
from tunix.pipeline.models.least_memory import ModelSizes
from tunix.pipeline.models.memory import memory_bytes
from tunix.pipeline.models.pretrained.inspection import FolderError, inspect_folder
from tunix.pipeline.spec import ADAPTED
from tunix.validation.sizes import bytes_in_words

from ..domain.space.fixed_params import FIXED_PARAMS_PATH
from ..domain.space.projection import settings_of
from ..domain.space.search_space import SEARCH_SPACE_PATH
from ..models import TuningJob
from .findings import Finding, problem, warning
from .lengths import LENGTH, about_length, limits_of
from .texts import Texts

RANK, RATE, BATCH = "lora_rank", "learning_rate", "batch_size"
ACCUMULATION = "gradient_accumulation_steps"
DIVERGES = 0.1
"""Above this rate optimizers that normalise their steps do not train a transformer: every weight moves by as much."""

_NORMALISING = ("adamw", "adam", "lion", "adafactor")
_ADAPTED_PROJECTIONS = {"attention": 4, "mlp": 3, "all": 7}
_BYTES_A_WEIGHT = {"nf4": 0.6, "int8": 1.1, "bfloat16": 2, "float32": 4}


def check_sizes(job: TuningJob, texts: Texts) -> Iterator[Finding]:
    """Lengths and ranks against the model, learning rates against reason, and batches against the memory."""
    yield from _learning_rates(job)
    try:
        sizes = sizes_of(texts)
    except BaseModelError:  # a finding about the base model says so
        return
    yield from _positions(job, texts, sizes)
    yield from _ranks(job, sizes)
    yield from _memory(job, texts, sizes)


def sizes_of(texts: Texts) -> ModelSizes:
    """The sizes of the base model. Raises BaseModelError."""
    info = texts.info
    if info.folder is None or not info.is_folder:
        return ModelSizes.of_built_in(info)
    try:
        model = inspect_folder(info.folder)
    except (FolderError, OSError) as error:
        raise BaseModelError(str(error)) from error
    return ModelSizes.of_folder(model.configuration, model.parameters)


def _about(job: TuningJob, name: str) -> str:
    return f"{SEARCH_SPACE_PATH if name in job.space().parameters else FIXED_PARAMS_PATH}.{name}"


def _learning_rates(job: TuningJob) -> Iterator[Finding]:
    settings = settings_of(job.space(), job.fixed_params_json, [RATE, "optimizer"], job.method)
    normalising = [float(one.values[RATE]) for one in settings if one.values["optimizer"] in _NORMALISING]
    if normalising and min(normalising) >= DIVERGES:
        yield warning(
            _about(job, RATE),
            f"Every learning rate is at least {min(normalising):g}: expect all trials to diverge. Rates that train are "
            "between 1e-5 and 1e-2, as a rule.",
        )


def _positions(job: TuningJob, texts: Texts, sizes: ModelSizes) -> Iterator[Finding]:
    most = sizes.max_positions
    if most is None or not (beyond := [limit for limit in limits_of(job) if limit > most]):
        return
    sentence = f"The model was trained on {most:,} positions, and {LENGTH} is up to {beyond[-1]:,}."
    longer = texts.lengths("train").longer("length", most)
    if longer is None:
        yield warning(about_length(job), f"{sentence} No train row is that long: lower {LENGTH} to {most:,} at most.")
    else:
        yield problem(
            about_length(job),
            f"{sentence} {longer.count:,} train rows (line {longer.line:,} has {longer.tokens:,} tokens) reach "
            f"positions that it has never seen, where it answers nonsense. Lower {LENGTH} to {most:,}, or "
            "shorten the rows.",
        )


def _ranks(job: TuningJob, sizes: ModelSizes) -> Iterator[Finding]:
    if job.method not in ADAPTED:
        return
    largest = max(int(one.values[RANK]) for one in settings_of(job.space(), job.fixed_params_json, [RANK], job.method))
    if largest >= sizes.narrowest:
        yield warning(
            _about(job, RANK),
            f"{RANK} is up to {largest:,}, and the narrowest projection of the model has {sizes.narrowest:,} rows: "
            "such an adapter has more numbers than the projection itself, and can say no more. Lower it.",
        )


def _memory(job: TuningJob, texts: Texts, sizes: ModelSizes) -> Iterator[Finding]:
    """The largest batch of the space, with the longest rows that there are, against the memory of this machine."""
    needed, values = memory_corner(job, texts, sizes)
    memory = memory_bytes()
    if needed * job.max_concurrent_trials > memory:
        length = min(_longest(texts), values[LENGTH])
        trials = f", {job.max_concurrent_trials} at once" if job.max_concurrent_trials > 1 else ""
        yield problem(
            _about(job, BATCH),
            f"A step with {BATCH} {values[BATCH]:,} and rows of {length:,} tokens takes at least "
            f"{bytes_in_words(needed)} of memory{trials}; this machine has {bytes_in_words(memory)}. Lower {BATCH} and "
            "raise gradient_accumulation_steps as much, lower max_seq_length, or set remat to true.",
        )


def memory_corner(job: TuningJob, texts: Texts, sizes: ModelSizes) -> tuple[int, dict[str, Any]]:
    """The bytes that a step takes at least with the largest setting of the space, and that setting."""
    settings = settings_of(job.space(), job.fixed_params_json, MEMORY_NAMES, job.method)
    longest = _longest(texts)
    found = [(_least_bytes(job, sizes, dict(one.values), longest), dict(one.values)) for one in settings]
    # Of settings that are equal as far as this tells, the one that could take more.
    return max(found, key=lambda one: (one[0], *_further_memory(one[1])))


def _further_memory(values: dict[str, Any]) -> tuple[Any, ...]:
    """What `_least_bytes` leaves out: a packed batch has fewer tokens, and several batches of a step add gradients."""
    return not values["remat"], values[ACCUMULATION] > 1, not values["packing"], values[LENGTH]


def _longest(texts: Texts) -> int:
    return texts.lengths("train").percentiles("length", [1.0])[0]


MEMORY_NAMES = (
    *(BATCH, ACCUMULATION, LENGTH, "packing", RANK),
    *("lora_targets", "remat", "base_dtype", "base_quantization", "optimizer"),
)
"""The hyperparameters that decide about the memory of a step."""


def _least_bytes(job: TuningJob, sizes: ModelSizes, values: dict[str, Any], longest: int) -> int:
    is_adapted = job.method in ADAPTED
    adapted = _ADAPTED_PROJECTIONS[values["lora_targets"]] * int(values[RANK]) if is_adapted else 0
    trained = 2 * sizes.layers * sizes.width * adapted if is_adapted else sizes.parameters
    dtype = values.get("base_quantization") or values.get("base_dtype", "float32")
    return sizes.least_bytes(
        int(values[BATCH]),
        min(longest, int(values[LENGTH])),
        trained=trained,
        bytes_a_weight=_BYTES_A_WEIGHT[dtype],
        remat=bool(values["remat"]),
    )
