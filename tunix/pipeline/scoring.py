"""Scores a trained model: generates outputs for the judged rows and those of guards, and has them judged."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from tunix.pipeline.data.chat.refused_rows import located
from tunix.pipeline.data.row_order import Sample
from tunix.pipeline.data.rows import rows_named
from tunix.pipeline.engine.progress import Progress
from tunix.pipeline.failures import JudgeFailed, TimedOut
from tunix.pipeline.folder import (
    JUDGEMENT_CACHE,
    SECOND_JUDGEMENTS,
    RunFolder,
    write_judgements,
    write_predictions,
)
from tunix.pipeline.guards import PreparedGuard, guard_folder
from tunix.pipeline.judges import Judge, JudgeContext, Meter, Outputs, ServiceJudge
from tunix.pipeline.judges.judging import judge_items, judge_racing, judge_result, result_of_race, scores_of_rows
from tunix.pipeline.preparation import Preparation
from tunix.pipeline.spec import EvaluationSpec, GuardResult, JudgeResult, RaceSpec, RunSpec


class Scoring:
    """Generates and judges for one run. `meter` counts what its judges use."""

    def __init__(self, spec: RunSpec, artifacts_dir: Path, folder: RunFolder, progress: Progress, meter: Meter) -> None:
        self._spec = spec
        self._cache_dir = artifacts_dir / JUDGEMENT_CACHE
        self._folder = folder
        self._progress = progress
        self._meter = meter

    def generate(self, prepared: Preparation, model: Any) -> Outputs:
        """The outputs for the run's own rows, written to its folder."""
        evaluation, key = self._spec.evaluation, self._spec.dataset.key
        with rows_named(evaluation.split, key):
            outputs = self._answers(prepared, model, prepared.sample, evaluation, prepared.labels)
        write_predictions(self._folder.path, outputs)
        return outputs

    def guard(self, guard: PreparedGuard, prepared: Preparation, model: Any) -> GuardResult:
        """Generates and judges the rows of a guard, in a folder of its own."""
        with rows_named(guard.evaluation.split, guard.spec.dataset.key):
            outputs = self._answers(prepared, model, guard.sample, guard.evaluation, guard.labels)
        folder = guard_folder(self._folder.path, guard.index)
        write_predictions(folder, outputs)
        result = self._judge(guard.judge, guard.evaluation.split, outputs, guard.sample, folder)
        self._folder.log(f"Guard {guard}, judge {guard.judge.name}: {result.score_mean:.4f}.")
        return GuardResult(dataset=guard.spec.dataset, verdict=result)

    def judge(self, judge: Judge, outputs: Outputs, sample: Sample) -> JudgeResult:
        """The judge's result for the run's own rows; for the first of them if it is raced out."""
        split, race = self._spec.evaluation.split, self._race_over(outputs)
        return self._judge(judge, split, outputs, sample, self._folder.path, race)

    def judge_twice(self, judge: Judge, outputs: Outputs, result: JudgeResult) -> JudgeResult:
        """The result with the scores of a second judging, past the cache, if the spec asks for it.

        The run has its result already, so a failure of the second judging only causes a warning.
        """
        if not (self._spec.judge_twice and isinstance(judge, ServiceJudge)):
            return result
        try:
            again = judge_items(judge, outputs.items, self._context(cache_dir=None))
        except (JudgeFailed, TimedOut) as error:
            self._folder.log(f"Warning: the second judging failed, so the judge's noise is unknown: {error}")
            return result
        write_judgements(self._folder.path, again, SECOND_JUDGEMENTS)
        return result.model_copy(update={"second_scores": scores_of_rows(again, outputs.samples)})

    def _answers(
        self,
        prepared: Preparation,
        model: Any,
        sample: Sample,
        evaluation: EvaluationSpec,
        labels: Sequence[str],
    ) -> Outputs:
        """The answers to these rows: chosen from the labels if there are any, else generated."""
        from tunix.pipeline.engine.generation import generate, outputs_of
        from tunix.pipeline.engine.likelihood import choose

        cache, structure, rows = prepared.cache, prepared.structure, sample.rows
        how: dict[str, Any] = {
            "max_seq_length": prepared.hyperparameters["max_seq_length"],
            "progress": self._progress.generated,
        }
        with located(sample.places):
            if labels:
                texts = choose(model, cache.tokenizer, rows, labels, scorer=cache.label_scorer(structure), **how)
            else:
                seed, generator = prepared.hyperparameters["seed"], partial(cache.generator, structure)
                texts = generate(model, cache.tokenizer, rows, evaluation, seed=seed, generator=generator, **how)
        if cut := sum(text.prompt_cut for text in texts) * len(rows) // len(texts):
            limit = prepared.hyperparameters["max_seq_length"]
            self._folder.log(f"Warning: {cut} judged prompts were cut to max_seq_length, {limit} tokens.")
        return outputs_of(sample, texts)

    def _race_over(self, outputs: Outputs) -> RaceSpec | None:
        """The race of the spec, if it is about these rows."""
        race = self._spec.race
        if race is not None and len(race.expected) != outputs.rows:
            self._folder.log(f"Warning: no race, which expects {len(race.expected)} rows, not {outputs.rows}.")
            return None
        return race

    def _judge(
        self,
        judge: Judge,
        split: str,
        outputs: Outputs,
        sample: Sample,
        folder: Path,
        race: RaceSpec | None = None,
    ) -> JudgeResult:
        # The meter counts the whole run, because the spending limit is for its own rows and its guards together.
        used, context = self._meter.usage, self._context(self._cache_dir)
        if race is None:
            judgements = judge_items(judge, outputs.items, context)
        else:
            judgements = judge_racing(judge, outputs, race, context)
        write_judgements(folder, judgements)
        result = judge_result(judge, split, judgements, outputs, self._meter.used_since(used))
        if race is not None and result.items < outputs.rows:
            result = result_of_race(result, race)
            self._folder.log(str(result.raced_out))
        groups = None if sample.groups is None else sample.groups[: result.items]
        return result.model_copy(update={"row_order": self._spec.row_order, "item_groups": groups})

    def _context(self, cache_dir: Path | None) -> JudgeContext:
        return JudgeContext(
            cache_dir=cache_dir, max_cost=self._spec.max_judge_cost, progress=self._progress.judged, meter=self._meter
        )
