"""Executes one run: trains, generates, judges, and leaves a folder. JAX is loaded when the first run starts."""

from __future__ import annotations

import math
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tunix.pipeline.engine.progress import Progress, Report
from tunix.pipeline.engine.steps import AtRung, Ladder, ignore_rung, steps_of
from tunix.pipeline.engine.training import Diverged, TrainingFacts, TrainingPlan
from tunix.pipeline.environment import peak_memory_bytes
from tunix.pipeline.failures import Canceled, EvaluationUnavailable, JudgeFailed, message_of, reason_for
from tunix.pipeline.faults import fault_point
from tunix.pipeline.folder import CHECKPOINT, RunFolder, now, run_dir
from tunix.pipeline.judges import Meter
from tunix.pipeline.preparation import Preparation, prepare
from tunix.pipeline.rejudge import judge_again
from tunix.pipeline.reuse import REUSED_RUN, reused_result
from tunix.pipeline.scoring import Scoring
from tunix.pipeline.spec import FailureReason, GuardResult, JudgeResult, RunOutcome, RunResult, RunSpec

if TYPE_CHECKING:
    from tunix.pipeline.data.batches import Buckets
    from tunix.pipeline.data.evaluation_set import EvaluationSet

__all__ = ["Canceled", "EvaluationUnavailable", "Report", "execute", "judge_again"]

# Failures after which the warm cache is kept. After any other one, such as running out of memory, it may be incomplete,
# and its memory is needed: it is dropped and built again.
_HARMLESS = (FailureReason.DIVERGED, FailureReason.USER_ERROR, FailureReason.JUDGE_ERROR, FailureReason.TIMEOUT)

_USUAL_EVALUATION_SHARE = 0.2


def execute(spec: RunSpec, report: Report, *, artifacts_dir: Path, at_rung: AtRung = ignore_rung) -> RunResult:
    """Executes a run and returns its result; `result.json` is the last file to appear in its folder.

    A failed or canceled run returns a result too, with its reason. A BaseException that is not an Exception, such as
    SystemExit from `at_rung`, propagates and leaves no result.
    """
    run = _Run(spec, report, artifacts_dir, at_rung)
    try:
        return run.execute()
    except OSError as error:  # the folder itself cannot be written, so the result exists only as a return value
        return run.result(RunOutcome.FAILED, reason=reason_for(error), error=message_of(error))


class _Run:
    """A run in progress, and what is known about it so far."""

    def __init__(self, spec: RunSpec, report: Report, artifacts_dir: Path, at_rung: AtRung) -> None:
        self.spec = spec
        self.report = report
        self.at_rung = at_rung
        self.artifacts_dir = artifacts_dir
        self.started_at = now()
        self.metrics: dict[str, float] = {}
        self.timings: dict[str, float] = {}
        self.environment: dict[str, Any] = {}
        self.verdict: JudgeResult | None = None
        self.guards: list[GuardResult] = []
        self.meter = Meter()
        self.progress: Progress | None = None

    def execute(self) -> RunResult:
        self.folder = RunFolder(run_dir(self.artifacts_dir, self.spec.run_id))
        try:
            self.folder.write_spec(self.spec)
            return self.folder.finish(self._outcome())
        except SystemExit:
            self.folder.log(f"Stopped early, at step {self.progress.step if self.progress else 0}.")
            raise
        finally:
            self.folder.close()

    def result(self, outcome: RunOutcome, **fields: Any) -> RunResult:
        """A result with what is known so far."""
        step = self.progress.step if self.progress else 0
        return RunResult(
            run_id=self.spec.run_id,
            outcome=outcome,
            metrics={name: value for name, value in self.metrics.items() if math.isfinite(value)},
            verdict=self.verdict,
            guards=self.guards,
            judge_usage=self.meter.usage,
            environment=self.environment,
            timings=self.timings,
            started_at=self.started_at,
            finished_at=now(),
            **{"step": step, **fields},
        )

    def _outcome(self) -> RunResult:
        try:
            if (taken := reused_result(self.spec, self.artifacts_dir, self.folder)) is not None:
                return self._taken(taken)
            self._work()
        except Canceled:
            self.folder.log("Canceled.")
            return self.result(RunOutcome.CANCELED)
        except Exception as error:
            return self._failed(error)
        self.folder.log(f"Completed: score_mean {self.metrics['score_mean']:.4f}.")
        return self.result(RunOutcome.COMPLETED)

    def _taken(self, earlier: RunResult) -> RunResult:
        """The result of an earlier run as this one's: what it used and how long it took is not counted again."""
        verdict = earlier.verdict.model_copy(update={"usage": None}) if earlier.verdict else None
        return earlier.model_copy(
            update={
                "run_id": self.spec.run_id,
                "verdict": verdict,
                "judge_usage": None,
                "environment": earlier.environment | {REUSED_RUN: earlier.run_id},
                "timings": {},
                "files": {},
                "started_at": self.started_at,
                "finished_at": now(),
            }
        )

    def _failed(self, error: Exception) -> RunResult:
        reason = reason_for(error)
        self.folder.log(f"Failed, {reason}: {message_of(error)}")
        # The module imports JAX: if no run has loaded it, there is nothing to clear.
        if reason not in _HARMLESS and (warm_cache := sys.modules.get("tunix.pipeline.engine.warm_cache")):
            warm_cache.clear()
        if reason not in _HARMLESS or isinstance(error, JudgeFailed):
            self.folder.log("".join(traceback.format_exception(error)))
        fields: dict[str, Any] = {"step": error.step} if isinstance(error, Diverged) else {}
        return self.result(RunOutcome.FAILED, reason=reason, error=message_of(error), **fields)

    def _work(self) -> None:
        """The run itself.

        1. Prepare. 2. Train, unless the base model itself is to be judged. 3. Save the checkpoint. 4. Generate.
        5. Generate and judge for each guard. 6. Judge: this comes last, so a failed run has no result of its judge.
        """
        with self._phase("setup"):
            prepared = prepare(self.spec, self.artifacts_dir, self.folder, self.environment)
        if self.spec.method == "untuned":
            progress, model = self._progress(0), prepared.fresh_model()
        else:
            with self._phase("train"):
                progress, model = self._train(prepared)
            self._note_training(progress)
        with self._phase("save"):
            self._save(prepared, model)
        scoring = Scoring(self.spec, self.artifacts_dir, self.folder, progress, self.meter)
        with self._phase("generate"):
            outputs = scoring.generate(prepared, model)
        if prepared.guards:
            with self._phase("guards"):
                self.guards = [scoring.guard(guard, prepared, model) for guard in prepared.guards]
        with self._phase("judge"):
            result = scoring.judge(prepared.judge, outputs, prepared.sample)
            self._note_result(result)
            self.verdict = scoring.judge_twice(prepared.judge, outputs, result)
        self._note_evaluation_share()

    def _progress(self, steps: int, ladder: Ladder | None = None, evaluation: EvaluationSet | None = None) -> Progress:
        self.progress = Progress(self.folder, self.report, steps, ladder, self.at_rung, evaluation)
        return self.progress

    def _train(self, prepared: Preparation) -> tuple[Progress, Any]:
        from tunix.pipeline.data.batches import training_batches
        from tunix.pipeline.models.adapters.counting import trained_parameters

        cache, hyperparameters = prepared.cache, prepared.hyperparameters
        rows = cache.training_rows(hyperparameters["max_seq_length"])
        evaluation = cache.evaluation_set(hyperparameters["max_seq_length"])
        self._warn_of_rows(rows, evaluation, hyperparameters)
        steps = steps_of(hyperparameters, sum(bucket.rows for bucket in rows))
        ladder = Ladder(self.spec.rungs, steps)
        progress = self._progress(steps, ladder, evaluation)
        batch_size, length = hyperparameters["batch_size"], hyperparameters["max_seq_length"]
        packings = cache.packings(length, batch_size) if hyperparameters["packing"] else None
        accumulation = hyperparameters["gradient_accumulation_steps"]
        batches = training_batches(rows, batch_size, hyperparameters["seed"], accumulation, packings)
        model = prepared.fresh_model()
        plan = TrainingPlan(
            hyperparameters,
            steps,
            progress.counted(batches),
            evaluation.batches,
            ladder.evaluations,
            start=(prepared.structure, length),
        )
        self.folder.log(f"Training {steps} steps.")
        self._note_facts(cache.loop.run(model, plan, progress), trained_parameters(model))
        return progress, model

    def _note_facts(self, facts: TrainingFacts, parameters: int) -> None:
        self.metrics |= {
            "train_compilations": facts.compilations,
            "trained_parameters": parameters,
            "peak_memory_bytes": peak_memory_bytes(),
        }
        if facts.norms_of_b is None:
            return
        self.folder.log(f"Trained {parameters:,} parameters in {facts.adapted_modules} adapters.")
        before, after = facts.norms_of_b
        if before == after:
            self.folder.log(
                "Warning: the adapters did not change in the first steps. Raise learning_rate, or check that rows have "
                "trained tokens."
            )

    def _warn_of_rows(self, rows: Buckets, evaluation: EvaluationSet, hyperparameters: dict[str, Any]) -> None:
        limit = hyperparameters["max_seq_length"]
        for found, split in ((rows, "training"), (evaluation, "validation")):
            for count, what in ((found.cut, "cut to"), (found.dropped, "left out: they are longer than")):
                if count:
                    self.folder.log(f"Warning: {count} {split} rows were {what} max_seq_length, {limit} tokens.")
        if not evaluation.batches:
            self.folder.log("Warning: no validation rows, so there is no eval_loss and no eval_bpb.")

    def _note_training(self, progress: Progress) -> None:
        seconds = self.timings["train_seconds"]
        found = {
            "train_loss": progress.train_loss,
            "eval_loss": progress.eval_loss,
            "eval_bpb": progress.eval_bpb,
            "train_seconds": seconds,
            "tokens_per_second": progress.tokens / seconds if seconds else None,
        }
        self.metrics |= {name: value for name, value in found.items() if value is not None}

    def _note_result(self, result: JudgeResult) -> None:
        self.verdict = result
        self.metrics |= {"score_mean": result.score_mean, result.judge: result.score_mean, **result.metrics}

    def _note_evaluation_share(self) -> None:
        if self.spec.method == "untuned":
            return  # it does little else
        seconds = sum(self.timings.get(f"{phase}_seconds", 0.0) for phase in ("generate", "guards", "judge"))
        share = self.metrics["evaluation_share"] = seconds / sum(self.timings.values())
        if share > _USUAL_EVALUATION_SHARE:
            self.folder.log(
                f"Warning: generating and judging took {share:.0%} of the run. Judge fewer rows (max_items), or shorter"
                " answers (max_new_tokens), to try more configurations in the same time."
            )

    def _save(self, prepared: Preparation, model: Any) -> None:
        fault_point("trial.checkpoint")
        base, structure = prepared.cache.base, prepared.structure
        base.save(self.folder.path / CHECKPOINT, model, structure, prepared.hyperparameters)

    @contextmanager
    def _phase(self, name: str) -> Iterator[None]:
        started = time.perf_counter()
        try:
            yield
        finally:
            self.timings[f"{name}_seconds"] = time.perf_counter() - started
        self.folder.log(f"{name.capitalize()} took {self.timings[f'{name}_seconds']:.2f} s.")
