"""What a job will take, by what its rehearsal measured: time by its parts, and memory."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any

from tunix.pipeline.data.batches import padded_bounds
from tunix.pipeline.data.lengths import RowLengths
from tunix.pipeline.engine.steps import rungs_before_end, steps_of
from tunix.pipeline.hyperparameters import resolve, used_in
from tunix.pipeline.models.memory import memory_bytes
from tunix.pipeline.rehearsal import Rehearsal
from tunix.validation.sizes import bytes_in_words

from ..domain.space.checks import draws
from ..domain.space.grid import configurations
from ..models import TuningJob
from ..services.rehearsal_file import DONE, FAILED, KeptRehearsal, setting_in_words
from .estimates import Runs, judged_rows_of, runs_of, span_in_words
from .findings import Finding, ok, problem, warning
from .texts import Texts

CONFIGURATIONS = 64
"""Random configurations of the space whose mean stands for its trials."""
RAY_IMPORTS, RAY_BYTES = 20, 600 * 1024**2
"""What Ray's own processes and the runner take: starting, as often what one process takes to import its code."""
TRIAL_SECONDS = 0.5
"""What a trial takes beside its run: the ledger, Ray and the files."""
MOST_OF_MEMORY = 0.9

Values = Mapping[str, Any]


@dataclass(frozen=True)
class Expected:
    """Seconds by part, of all workers together but those of `starting` and `compiling`, which they do side by side.

    `peak_bytes` is the memory of all processes of the job.
    """

    starting: float
    compiling: float
    training: float
    evaluating: float
    generating: float
    other: float
    programs: int
    workers: int
    worker_bytes: int

    @property
    def seconds(self) -> float:
        """How long the job takes."""
        work = self.training + self.evaluating + self.generating + self.other
        return self.starting + self.compiling + work / self.workers

    @property
    def peak_bytes(self) -> int:
        return self.workers * self.worker_bytes + RAY_BYTES

    def to_json(self) -> dict[str, Any]:
        return asdict(self) | {"seconds": self.seconds, "peak_bytes": self.peak_bytes}


@dataclass(frozen=True)
class _Run:
    """The seconds of one run on a warm worker, but for its answers."""

    training: float
    evaluating: float
    other: float


def expected_of(job: TuningJob, kept: KeptRehearsal, texts: Texts) -> Expected:
    """The expectation for a job whose rehearsal is done."""
    measured = Rehearsal(**kept.measured)
    return _Forecast(job, measured, texts.lengths("train"), texts).whole()


class _Forecast:
    """Scales what was measured to the runs of a job."""

    def __init__(self, job: TuningJob, measured: Rehearsal, train: RowLengths, texts: Texts) -> None:
        self._job, self._measured, self._train = job, measured, train
        self._default = resolve(job.fixed_params_json, job.method)
        self._drawn = list(self._configurations())
        lengths = texts.lengths(job.evaluation.split)
        longest_answer = lengths.percentiles("answer_length", [1.0])[0]
        self._answer_tokens = min(job.evaluation.max_new_tokens, longest_answer + 1)

    def whole(self) -> Expected:
        runs = runs_of(self._job)
        workers = max(1, min(self._job.max_concurrent_trials, runs.total))
        crowded = max(1.0, workers * self._job.threads / (os.cpu_count() or 1))
        measured = self._measured
        programs = self._programs(runs)
        parts = self._parts(runs)
        lengths = len({length for _, length in programs})
        first_losses = lengths * measured.evaluation_batches * measured.evaluation_seconds
        loading = measured.setup_seconds + measured.build_seconds
        start = RAY_IMPORTS * measured.import_seconds + loading + first_losses
        compiling = (
            len(programs) * measured.train_compile_seconds
            + lengths * measured.evaluation_compile_seconds
            + measured.generation_programs * measured.generation_compile_seconds
        )
        return Expected(
            starting=start * crowded,
            compiling=compiling * crowded,
            training=parts.training * crowded,
            evaluating=parts.evaluating * crowded,
            generating=self._generating(runs) * crowded,
            other=parts.other * crowded,
            programs=len(programs),
            workers=workers,
            worker_bytes=measured.peak_bytes,
        )

    def _parts(self, runs: Runs) -> _Run:
        """All runs of a job together: half of the held-out ones are of the default configuration."""
        default, drawn = self._run(self._default), [self._run(values) for values in self._drawn]
        of_default = runs.default + runs.held_out // 2
        of_search = runs.total - of_default - runs.untuned
        sums = {}
        for name in _Run.__dataclass_fields__:
            mean = sum(getattr(run, name) for run in drawn) / len(drawn)
            sums[name] = of_default * getattr(default, name) + of_search * mean
        sums["other"] += runs.untuned * default.other
        return _Run(**sums)

    def _generating(self, runs: Runs) -> float:
        """The answers of all runs together: to the rows of a trial and its guards, or to those of a proof."""
        measured = self._measured
        further = max(0, self._answer_tokens - 1) * measured.token_seconds
        own = measured.generation_batches * (measured.first_token_seconds + further)
        rows = judged_rows_of(self._job)
        return own * (rows.of_trials * (runs.total - runs.held_out) + rows.of_proof * runs.held_out) / max(1, rows.own)

    def _run(self, values: Values) -> _Run:
        measured, padded = self._measured, self._padded(values)
        steps = steps_of(values, self._job.dataset.train_rows)
        batches = steps * int(values["gradient_accumulation_steps"])
        share = int(values["batch_size"]) * padded / measured.padded_tokens
        evaluations = self._evaluations(values, steps) * measured.evaluation_batches
        fixed = measured.fixed_step_seconds
        return _Run(
            training=batches * (fixed + share * (measured.step_seconds - fixed)),
            evaluating=evaluations * measured.evaluation_seconds * padded / measured.length,
            other=measured.start_seconds + measured.save_seconds + TRIAL_SECONDS,
        )

    def _evaluations(self, values: Values, steps: int) -> int:
        """How often a run computes the validation loss: after, between and at rungs; a worker knows the one before."""
        every, stopping = int(values["eval_every_steps"]), self._job.early_stopping
        between = (steps - 1) // every if every else 0
        rungs = stopping.rungs if stopping is not None and stopping.metric == "eval_loss" else None
        return 1 + between + len(rungs_before_end(rungs, steps))

    def _padded(self, values: Values) -> float:
        """The mean length of rows with their padding, of which packed rows have hardly any."""
        bounds = self._bounds(values)
        sizes = [min(row.length, bounds[-1]) for row in self._train.tokenized] or [bounds[-1]]
        if values["packing"]:
            return sum(sizes) / len(sizes)
        return sum(next(bound for bound in bounds if size <= bound) for size in sizes) / len(sizes)

    def _bounds(self, values: Values) -> list[int]:
        limit = int(values["max_seq_length"])
        return padded_bounds(
            lambda share: min(limit, self._train.percentiles("length", [share])[0]), self._train.rows, limit
        )

    def _programs(self, runs: Runs) -> set[tuple[Any, int]]:
        """The training programs of the job: by the constants of the program, the rows of a batch, and its length."""
        values = [*self._drawn[: self._job.num_samples], *([self._default] if runs.default else [])]
        names = (*used_in("program"), "batch_size")
        return {(tuple(one.get(name) for name in names), bound) for one in values for bound in self._bounds(one)}

    def _configurations(self) -> Iterator[dict[str, Any]]:
        """In a random order: every one of a small space, which the trials use up, else a sample."""
        space, fixed = self._job.space(), self._job.fixed_params_json
        size = self._job.configurations
        if size is not None and size.is_exact and size.number <= CONFIGURATIONS:
            every = [params for params in configurations(space) if not space.broken_constraint(params)]
            params = random.Random(0).sample(every, len(every))  # noqa: S311  (not a secret)
        else:
            allowed = (params for params in draws(space, 20 * CONFIGURATIONS) if not space.broken_constraint(params))
            params = list(islice(allowed, CONFIGURATIONS))
        yield from [resolve(fixed | one, self._job.method) for one in params] or [self._default]


def check_expected(kept: KeptRehearsal | None, expected: Expected | None, job: TuningJob) -> Iterator[Finding]:
    """What a rehearsal says of time and memory, or why it failed."""
    if kept is not None and kept.state == FAILED:
        setting = f" with {words}" if (words := setting_in_words(kept.setting)) else ""
        yield problem("memory", f"The rehearsal{setting} failed: {kept.error}")
    if kept is None or kept.state != DONE or expected is None:
        return
    yield _time(job, expected)
    yield _memory(kept, expected)


def _time(job: TuningJob, expected: Expected) -> Finding:
    spans = {
        "starting": expected.starting,
        f"compiling {expected.programs} training programs": expected.compiling,
        "training": expected.training / expected.workers,
        "the validation loss": expected.evaluating / expected.workers,
        "generating": expected.generating / expected.workers,
        "the rest": expected.other / expected.workers,
    }
    parts = ", ".join(f"{span_in_words(seconds)} {name}" for name, seconds in spans.items())
    rule = " Early stopping makes it shorter." if job.early_stopping is not None else ""
    sentence = f"By the rehearsal, the job takes about {span_in_words(expected.seconds)}: {parts}.{rule}"
    limit = job.budget.max_seconds
    if limit is not None and expected.seconds > limit:
        return warning(
            "time", f"{sentence} The budget ends the search after {span_in_words(limit)}: raise max_seconds."
        )
    return ok("time", sentence)


def _memory(kept: KeptRehearsal, expected: Expected) -> Finding:
    memory = memory_bytes()
    trials = f", {expected.workers} at once" if expected.workers > 1 else ""
    sentence = (
        f"By the rehearsal, a trial takes up to {bytes_in_words(expected.worker_bytes)} of memory "
        f"({setting_in_words(kept.setting)}){trials}; with Ray and the runner the job takes about "
        f"{bytes_in_words(expected.peak_bytes)} of {bytes_in_words(memory)}."
    )
    if expected.peak_bytes > MOST_OF_MEMORY * memory:
        return problem(
            "memory",
            f"{sentence} It would be ended by the system: lower max_concurrent_trials or batch_size, or set remat.",
        )
    return ok("memory", sentence)
