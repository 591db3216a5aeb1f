"""Carries out one run: train, generate, judge, and leave a folder behind. JAX is loaded when a run starts."""

from __future__ import annotations

import math
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tunix.pipeline import environment
from tunix.pipeline.data.rows import Row, verify
from tunix.pipeline.engine.progress import Progress, Report
from tunix.pipeline.engine.steps import AtRung, Ladder, go_on, steps_of
from tunix.pipeline.engine.training import Diverged, TrainingPlan
from tunix.pipeline.failures import (
    Canceled,
    EvaluationUnavailable,
    JudgeFailed,
    TimedOut,
    message_of,
    reason_for,
)
from tunix.pipeline.faults import fault_point
from tunix.pipeline.folder import (
    CHECKPOINT,
    JUDGEMENT_CACHE,
    SECOND_JUDGEMENTS,
    RunFolder,
    now,
    run_dir,
    write_judgements,
    write_predictions,
)
from tunix.pipeline.guards import Guard, describe_guards, guard_folder, ready_guards
from tunix.pipeline.hyperparameters import resolve, warnings_in
from tunix.pipeline.judges import Judge, JudgeContext, JudgeItem, Meter, ServiceJudge
from tunix.pipeline.models.base_models import verified
from tunix.pipeline.models.promoted import resolve_base_model
from tunix.pipeline.provenance.environment_snapshot import inputs_of, write_capsule
from tunix.pipeline.rejudge import judge_again
from tunix.pipeline.spec import (
    EvaluationSpec,
    FailureReason,
    GuardVerdict,
    JudgeVerdict,
    RunOutcome,
    RunResult,
    RunSpec,
)
from tunix.pipeline.verdict import give_judgements, ready_judge, verdict_of

__all__ = ["Canceled", "EvaluationUnavailable", "Report", "execute", "judge_again"]

# Failures that say nothing against what this process keeps warm.
_HARMLESS = (FailureReason.DIVERGED, FailureReason.USER_ERROR, FailureReason.JUDGE_ERROR, FailureReason.TIMEOUT)


def execute(spec: RunSpec, report: Report, *, artifacts_dir: Path, at_rung: AtRung = go_on) -> RunResult:
    """Carries out a run and returns what came of it; `result.json` is the last file to appear in its folder.

    A run that fails or is canceled returns too, with its reason. What is no Exception, such as SystemExit from
    `at_rung`, passes through, and leaves no result.
    """
    run = _Run(spec, report, artifacts_dir, at_rung)
    try:
        return run.carry_out()
    except OSError as error:  # the folder itself cannot be written: nobody will read a result from it
        return run.result(RunOutcome.FAILED, reason=reason_for(error), error=message_of(error))


class _Run:
    """One run under way."""

    def __init__(self, spec: RunSpec, report: Report, artifacts_dir: Path, at_rung: AtRung) -> None:
        self.spec = spec
        self.report = report
        self.at_rung = at_rung
        self.artifacts_dir = artifacts_dir
        self.started_at = now()
        self.metrics: dict[str, float] = {}
        self.timings: dict[str, float] = {}
        self.environment: dict[str, Any] = {}
        self.verdict: JudgeVerdict | None = None
        self.guards: list[GuardVerdict] = []
        self.meter = Meter()
        self.progress: Progress | None = None

    def carry_out(self) -> RunResult:
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
        """A result of what is known so far."""
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
            self._work()
        except Canceled:
            self.folder.log("Canceled.")
            return self.result(RunOutcome.CANCELED)
        except Exception as error:
            return self._failed(error)
        self.folder.log(f"Completed: score_mean {self.metrics['score_mean']:.4f}.")
        return self.result(RunOutcome.COMPLETED)

    def _failed(self, error: Exception) -> RunResult:
        reason = reason_for(error)
        self.folder.log(f"Failed, {reason}: {message_of(error)}")
        if reason not in _HARMLESS:
            _forget_what_is_warm()
        if reason not in _HARMLESS or isinstance(error, JudgeFailed):
            self.folder.log("".join(traceback.format_exception(error)))
        fields: dict[str, Any] = {"step": error.step} if isinstance(error, Diverged) else {}
        return self.result(RunOutcome.FAILED, reason=reason, error=message_of(error), **fields)

    def _work(self) -> None:
        """The run itself.

        1. Check the spec, before anything heavy is loaded. 2. Fix the threads, load JAX, verify the dataset, and
        find or set up the bench and the rows to be judged, those of guards too. 3. Train, unless the base model
        itself is to be judged. 4. Save the checkpoint. 5. Generate. 6. Generate and judge for each guard. 7. Judge:
        the verdict comes last, so a run that fails has none.
        """
        with self._phase("setup"):
            judge = ready_judge(self.spec.evaluation.judge)
            hyperparameters = self._hyperparameters()
            bench = self._bench()
            rows = bench.rows(self.spec.evaluation.split, self.spec.evaluation.max_items)
            guards = ready_guards(self.spec.guards, self.artifacts_dir)
            self.environment |= inputs_of(self.spec, judge, rows) | describe_guards(guards)
            write_capsule(self.folder.path, bench.fingerprints)
            self._warn_of_unknown_text(bench, guards)
        if self.spec.method == "untuned":
            self.progress, model = Progress(self.folder, self.report, 0), bench.fresh_model()
        else:
            with self._phase("train"):
                model = self._train(bench, hyperparameters)
            self._note_training()
        with self._phase("save"):
            self._save(bench, model)
        with self._phase("generate"):
            items, truncated = self._answers(bench, model, hyperparameters, rows, self.spec.evaluation)
            write_predictions(self.folder.path, items, truncated)
        if guards:
            with self._phase("guards"):
                self.guards = [self._guard(guard, bench, model, hyperparameters) for guard in guards]
        with self._phase("judge"):
            self._judge(judge, items, truncated)

    def _hyperparameters(self) -> dict[str, Any]:
        # The spec was resolved when it was made, perhaps by an older version of this project, so it is checked here once.
        values = resolve(self.spec.hyperparameters)
        for name, messages in warnings_in(values).items():
            self.folder.log(f"Warning: {name}: {' '.join(messages)}")
        return values

    def _bench(self) -> Any:
        info = resolve_base_model(self.spec.base_model_id, self.artifacts_dir)
        info = verified(info, self.spec.base_model_hash)
        dataset = self.spec.dataset
        dataset_dir = self.artifacts_dir / "datasets" / dataset.key
        verify(dataset_dir, dataset.version)
        environment.prepare(self.spec.threads)
        environment.use_compilation_cache(self.artifacts_dir / "cache" / "xla")
        self.environment = environment.capsule()
        from tunix.pipeline.engine.warm_cache import workbench

        self.folder.log(f"{info.base_model_id} on {dataset.key}, {self.spec.threads} threads.")
        return workbench(info, dataset_dir, dataset.version, self.artifacts_dir / "cache")

    def _train(self, bench: Any, hyperparameters: dict[str, Any]) -> Any:
        from tunix.pipeline.data.batches import training_batches

        rows = bench.training_rows(hyperparameters["max_seq_length"])
        evaluation = bench.evaluation_batches(hyperparameters["max_seq_length"])
        self._warn_of_rows(rows, evaluation, hyperparameters)
        steps = steps_of(hyperparameters, sum(bucket.rows for bucket in rows))
        ladder = Ladder(self.spec.rungs, steps)
        self.progress = Progress(self.folder, self.report, steps, ladder, self.at_rung)
        batches = training_batches(rows, hyperparameters["batch_size"], hyperparameters["seed"])
        model = bench.fresh_model()
        plan = TrainingPlan(hyperparameters, steps, self.progress.counted(batches), evaluation, ladder.evaluations)
        self.folder.log(f"Training {steps} steps.")
        bench.loop.run(model, plan, self.progress)
        return model

    def _warn_of_rows(self, rows: Any, evaluation: Any, hyperparameters: dict[str, Any]) -> None:
        if cut := sum(bucket.cut for bucket in rows):
            limit = hyperparameters["max_seq_length"]
            self.folder.log(f"Warning: {cut} training rows were cut to max_seq_length, {limit} tokens.")
        if not evaluation:
            self.folder.log("Warning: no validation rows, so there is no eval_loss.")

    def _warn_of_unknown_text(self, bench: Any, guards: list[Guard]) -> None:
        judged = self.spec.evaluation
        for split, limit in (("train", None), (judged.split, judged.max_items)):
            found = bench.unknown_text(split, limit)
            if found.occurrences:
                owner = f"the tokenizer of {bench.info.base_model_id}"
                self.folder.log(f"Warning: of the {split} split {owner} does not know {found}.")
        for guard in guards:
            if (found := guard.unknown_to(bench.tokenizer)).occurrences:
                self.folder.log(f"Warning: of guard data set {guard} the tokenizer does not know {found}.")

    def _note_training(self) -> None:
        assert self.progress is not None  # noqa: S101 - set by _train
        seconds = self.timings["train_seconds"]
        found = {
            "train_loss": self.progress.train_loss,
            "eval_loss": self.progress.eval_loss,
            "train_seconds": seconds,
            "tokens_per_second": self.progress.tokens / seconds if seconds else None,
        }
        self.metrics |= {name: value for name, value in found.items() if value is not None}

    def _save(self, bench: Any, model: Any) -> None:
        from tunix.pipeline.models import checkpoint

        fault_point("trial.checkpoint")
        checkpoint.save(self.folder.path / CHECKPOINT, bench.info, bench.tokenizer, model)

    def _answers(
        self, bench: Any, model: Any, hyperparameters: dict[str, Any], rows: list[Row], evaluation: EvaluationSpec
    ) -> tuple[list[JudgeItem], list[bool]]:
        from tunix.pipeline.engine.generation import answers

        assert self.progress is not None  # noqa: S101 - set by _train
        return answers(
            model,
            bench.tokenizer,
            rows,
            max_seq_length=hyperparameters["max_seq_length"],
            max_new_tokens=evaluation.max_new_tokens,
            generator=bench.generator,
            progress=self.progress.generated,
        )

    def _guard(self, guard: Guard, bench: Any, model: Any, hyperparameters: dict[str, Any]) -> GuardVerdict:
        items, truncated = self._answers(bench, model, hyperparameters, guard.rows, guard.spec.evaluation)
        folder = guard_folder(self.folder.path, guard.index)
        write_predictions(folder, items, truncated)
        verdict = self._verdict(guard.judge, guard.spec.evaluation.split, items, truncated, folder)
        self.folder.log(f"Guard {guard}, judge {guard.judge.name}: {verdict.score_mean:.4f}.")
        return GuardVerdict(dataset=guard.spec.dataset, verdict=verdict)

    def _judge(self, judge: Judge, items: list[JudgeItem], truncated: list[bool]) -> None:
        self.verdict = self._verdict(judge, self.spec.evaluation.split, items, truncated, self.folder.path)
        self.metrics |= {
            "score_mean": self.verdict.score_mean,
            judge.name: self.verdict.score_mean,
            **self.verdict.metrics,
        }
        if self.spec.judge_twice and isinstance(judge, ServiceJudge):
            self._judge_again(judge, items, self.verdict)

    def _verdict(
        self, judge: Judge, split: str, items: list[JudgeItem], truncated: list[bool], folder: Path
    ) -> JudgeVerdict:
        """Judges, and leaves the judgements in `folder`. What one run spends is limited over all its verdicts."""
        used = self.meter.usage
        judgements = give_judgements(judge, items, self._judge_context())
        write_judgements(folder, judgements)
        return verdict_of(judge, split, judgements, truncated, self.meter.used_since(used))

    def _judge_again(self, judge: Judge, items: list[JudgeItem], verdict: JudgeVerdict) -> None:
        """Adds what the judge makes of the same outputs past its cache. The run has its verdict: nothing fails it."""
        try:
            again = give_judgements(judge, items, self._judge_context(cached=False))
        except (JudgeFailed, TimedOut) as error:
            self.folder.log(f"Warning: the outputs were judged once only, so the judge's noise is not known: {error}")
            return
        write_judgements(self.folder.path, again, SECOND_JUDGEMENTS)
        self.verdict = verdict.model_copy(update={"second_scores": [judgement.score for judgement in again]})

    def _judge_context(self, *, cached: bool = True) -> JudgeContext:
        step = self.progress.step if self.progress else 0
        return JudgeContext(
            cache_dir=self.artifacts_dir / JUDGEMENT_CACHE if cached else None,
            max_cost=self.spec.max_judge_cost,
            progress=lambda done: self.report(step, {}),
            meter=self.meter,
        )

    @contextmanager
    def _phase(self, name: str) -> Iterator[None]:
        started = time.perf_counter()
        try:
            yield
        finally:
            self.timings[f"{name}_seconds"] = time.perf_counter() - started
        self.folder.log(f"{name.capitalize()} took {self.timings[f'{name}_seconds']:.2f} s.")


def _forget_what_is_warm() -> None:
    import sys

    if module := sys.modules.get("tunix.pipeline.engine.warm_cache"):
        module.clear()
