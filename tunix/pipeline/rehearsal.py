"""Tries a few steps of a run in a process of its own, and measures what they take.

`python -m tunix.pipeline.rehearsal` reads `{"spec": ..., "artifacts_dir": ...}` from standard input and prints one line
of JSON: the measurements, or `{"error": ...}`. What happens is said on standard error, a line each. The spec is the one
of the job's largest configuration; nothing is kept of the run.
"""

from __future__ import annotations

import itertools
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

from tunix.pipeline.environment import peak_memory_bytes
from tunix.pipeline.failures import message_of, reason_for
from tunix.pipeline.folder import CHECKPOINT, RunFolder
from tunix.pipeline.preparation import Preparation, prepare
from tunix.pipeline.spec import RunSpec

if TYPE_CHECKING:
    from tunix.pipeline.data.batches import Batch

_STEPS = 3
_EVALUATIONS = 3
_SHORT, _SECONDS_OF_SHORT = 0.25, 3.0
"""Steps of less than this are measured for so long, and with fewer rows as well."""
_MOST_STEPS = 50
_MOST_ACCUMULATED = 2
"""Batches of a step. Two need the memory of any number, and their gradients are added as those of more."""


@dataclass(frozen=True)
class Rehearsal:
    """Seconds and bytes of the parts of a run.

    Seconds of a step are those of one batch, of which `fixed_step_seconds` do not grow with its `step_tokens`, padding
    included. `length` is that of the longest rows with their padding. `train_compile` is what the first step takes
    beyond a warm one, and `train_compile_again` what another worker takes for the same program, which is then in the
    cache on disk. A batch of generation takes `first_token_seconds`, with its prompts, and `token_seconds` for each
    further token; a run has `generation_batches` of `generation_programs` shapes. A batch of labels that are scored
    instead takes `first_token_seconds`.
    `peak_bytes` is the memory of the process at its peak.
    """

    import_seconds: float
    setup_seconds: float
    build_seconds: float
    start_seconds: float
    train_compile_seconds: float
    train_compile_again_seconds: float
    step_seconds: float
    fixed_step_seconds: float
    batch_size: int
    length: int
    evaluation_compile_seconds: float
    evaluation_seconds: float
    evaluation_batches: int
    generation_compile_seconds: float
    first_token_seconds: float
    token_seconds: float
    generation_batches: int
    generation_programs: int
    save_seconds: float
    peak_bytes: int
    step_tokens: int = 0
    """0 in a rehearsal that did not count them."""

    @property
    def padded_tokens(self) -> int:
        """The tokens of a batch, padding included."""
        return self.step_tokens or self.batch_size * self.length


def rehearse(spec: RunSpec, artifacts_dir: Path, say: Callable[[str], None]) -> Rehearsal:
    """Measures the parts of a run.

    1. Load what a worker keeps. 2. Train a step: it is compiled. 3. Train again, warm. 4. Compile again, as another
    worker would. 5. Evaluate. 6. Generate. 7. Save. Raises what a run raises.
    """
    imported = time.time() - psutil.Process().create_time()
    with tempfile.TemporaryDirectory(prefix="rehearsal-") as name:
        folder = RunFolder(Path(name))
        say("Loading the model and the rows.")
        started = time.perf_counter()
        # The programs are kept apart, so that compiling takes what it takes the first time.
        prepared = prepare(spec, artifacts_dir, folder, {}, programs_dir=Path(name) / "programs")
        setup = time.perf_counter() - started
        found = _Measurement(prepared, spec, say).parts(Path(name))
        folder.close()
    return Rehearsal(import_seconds=imported, setup_seconds=setup, **found, peak_bytes=peak_memory_bytes())


class _Measurement:
    """Measures with one model, as the trials of a worker share it."""

    def __init__(self, prepared: Preparation, spec: RunSpec, say: Callable[[str], None]) -> None:
        self._prepared, self._spec, self._say = prepared, spec, say
        accumulation = min(prepared.hyperparameters["gradient_accumulation_steps"], _MOST_ACCUMULATED)
        self._values = prepared.hyperparameters | {"gradient_accumulation_steps": accumulation, "eval_every_steps": 0}
        self._accumulation = accumulation

    def parts(self, folder: Path) -> dict[str, Any]:
        """The fields of a Rehearsal."""
        from tunix.pipeline.data.batches import training_batches

        limit, batch_size = self._values["max_seq_length"], self._values["batch_size"]
        cache = self._prepared.cache
        longest = cache.training_rows(limit)[-1]
        layouts = [cache.packings(limit, batch_size)[-1]] if self._values["packing"] else None
        self._batch = next(training_batches([longest], batch_size, self._values["seed"], self._accumulation, layouts))
        build, _ = _timed(self._prepared.fresh_model)
        start, model = _timed(self._prepared.fresh_model)
        trained = self._training(model)
        evaluated = self._evaluation(limit)
        generated = self._scored_labels(model) if self._prepared.labels else self._generation(model)
        self._say("Saving the checkpoint.")
        save, _ = _timed(partial(cache.base.save, folder / CHECKPOINT, model, self._prepared.structure, self._values))
        return {
            "build_seconds": build,
            **trained,
            "start_seconds": start + trained["start_seconds"],
            "batch_size": batch_size,
            "length": longest.length,
            "step_tokens": self._batch["tokens"].size,
            **evaluated,
            **generated,
            "save_seconds": save,
        }

    def _training(self, model: Any) -> dict[str, float]:
        from tunix.pipeline.engine.trainer import PeftLoop

        loop = self._prepared.cache.loop
        self._say("Compiling the training step.")
        cold = self._run(loop, 1)
        self._say("Training.")
        one, step = self._run(loop, 1), self._step(loop)
        again = self._run(PeftLoop(), 1)
        return {
            "step_seconds": step,
            "fixed_step_seconds": self._fixed(loop, step),
            "start_seconds": max(0.0, one - step * self._accumulation),  # an optimizer and a trainer
            "train_compile_seconds": max(0.0, cold - one),
            "train_compile_again_seconds": max(0.0, again - one),
        }

    def _step(self, loop: Any) -> float:
        """The seconds of a batch of a warm step: of a few steps, or of many that are short."""
        one, several = self._run(loop, 1), self._run(loop, 1 + _STEPS)
        step = max(1e-4, (several - one) / _STEPS / self._accumulation)
        if step > _SHORT:
            return step
        # A busy machine makes one step look like none.
        many = min(_MOST_STEPS, int(_SECONDS_OF_SHORT / step / self._accumulation) + _STEPS)
        return max(1e-4, (self._run(loop, 1 + many) - one) / many / self._accumulation)

    def _fixed(self, loop: Any, step: float) -> float:
        """The part of a step that does not grow with its tokens, by a step of fewer rows; nothing of a long one."""
        rows = len(self._batch["tokens"])
        fewer = max(1, rows // 4)
        if step > _SHORT or fewer == rows:
            return 0.0
        whole, self._batch = (
            self._batch,
            {name: part[:fewer] if part.ndim else part for name, part in self._batch.items()},
        )
        self._run(loop, 1)
        small = self._step(loop)
        self._batch = whole
        a_row = max(0.0, step - small) / (rows - fewer)
        return max(0.0, step - rows * a_row)

    def _evaluation(self, limit: int) -> dict[str, float]:
        """Of one batch; a training has one evaluation before its first step, and one after its last."""
        batches = list(self._prepared.cache.evaluation_set(limit).batches)
        if not batches:
            return {"evaluation_compile_seconds": 0.0, "evaluation_seconds": 0.0, "evaluation_batches": 0}
        self._say("Evaluating.")
        loop, longest = self._prepared.cache.loop, batches[-1:]
        cold, warm = self._run(loop, 1, longest), self._run(loop, 1, longest)
        many = self._run(loop, 1, longest * _EVALUATIONS)
        return {
            "evaluation_compile_seconds": max(0.0, cold - warm),
            "evaluation_seconds": max(1e-5, (many - warm) / 2 / (_EVALUATIONS - 1)),
            "evaluation_batches": len(batches),
        }

    def _run(self, loop: Any, steps: int, evaluation: list[Batch] | None = None) -> float:
        """The seconds of a training of so many steps of the same batch, from its fresh model on."""
        from tunix.pipeline.engine.training import TrainingPlan

        model = self._prepared.fresh_model()
        plan = TrainingPlan(self._values, steps, itertools.repeat(self._batch), evaluation or [])
        seconds, _ = _timed(partial(loop.run, model, plan, _Silent()))
        return seconds

    def _generation(self, model: Any) -> dict[str, float]:
        """A batch of the longest prompts, then one prompt that ends after its first token."""
        from tunix.pipeline.engine.generation import parts_of

        self._say("Compiling the generation.")
        cache, evaluation = self._prepared.cache, self._spec.evaluation
        parts = parts_of(model, cache.tokenizer, self._prepared.sample.rows, evaluation, self._values["max_seq_length"])
        part = parts[-1]
        generator = cache.generator(self._prepared.structure, part.length, evaluation.max_new_tokens, part.batch_size)

        def answers(count: int, end_ids: tuple[int, ...]) -> list[tuple[list[int], bool]]:
            batches = generator.generate(
                model,
                part.prompts[:count],
                end_ids=end_ids,
                temperature=evaluation.temperature,
                seed=self._values["seed"],
            )
            return next(iter(batches))

        whole = partial(answers, part.batch_size, cache.tokenizer.end_ids)
        cold, _ = _timed(whole)
        self._say("Generating.")
        warm, found = _timed(whole)
        (ids, _), tokens = found[0], max(len(ids) + 1 for ids, _ in found)
        tokens = min(tokens, evaluation.max_new_tokens)
        first, _ = _timed(partial(answers, 1, tuple(ids[:1]) or cache.tokenizer.end_ids))
        return {
            "generation_compile_seconds": max(0.0, cold - warm),
            "first_token_seconds": first,
            "token_seconds": max(0.0, warm - first) / (tokens - 1) if tokens > 1 else 0.0,
            "generation_batches": sum(-(-len(part.prompts) // part.batch_size) for part in parts),
            "generation_programs": len(parts),
        }

    def _scored_labels(self, model: Any) -> dict[str, float]:
        """A batch of rows that end with a label."""
        from tunix.pipeline.engine.likelihood import labelled

        self._say("Compiling the scoring of labels.")
        prepared, cache = self._prepared, self._prepared.cache
        limit = self._values["max_seq_length"]
        rows = [row.cut(limit) for row in labelled(cache.tokenizer, prepared.sample.rows, prepared.labels)]
        scorer = cache.label_scorer(prepared.structure)

        def batch() -> list[float]:
            return next(scorer.batches(model, rows, limit))

        cold, _ = _timed(batch)
        self._say("Scoring labels.")
        warm, scores = _timed(batch)
        return {
            "generation_compile_seconds": max(0.0, cold - warm),
            "first_token_seconds": warm,
            "token_seconds": 0.0,
            "generation_batches": -(-len(rows) // len(scores)),
            "generation_programs": 1,
        }


class _Silent:
    """A Watcher that ignores everything."""

    def trained(self, step: int, loss: float, learning_rate: float) -> None: ...

    def evaluated(self, step: int, loss: float) -> None: ...


def _timed(act: Callable[[], Any]) -> tuple[float, Any]:
    started = time.perf_counter()
    found = act()
    return time.perf_counter() - started, found


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def main() -> None:
    """Prints the result as the last line of standard output."""
    given = json.load(sys.stdin)
    try:
        spec = RunSpec.model_validate(given["spec"])
        result = asdict(rehearse(spec, Path(given["artifacts_dir"]), _say))
    except Exception as error:  # whatever a run could fail of
        result = {"error": message_of(error), "reason": str(reason_for(error))}
    sys.stdout.write(json.dumps(result) + "\n")
    sys.stdout.flush()
    os._exit(0)  # libraries leave threads that may hang


if __name__ == "__main__":
    main()
