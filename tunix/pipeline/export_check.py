"""Loads an exported folder again and compares it with the run: score, logits, and greedy answers.

`python -m tunix.pipeline.export_check ARTIFACTS RUN FOLDER` prints the result as one line of JSON. It is a process of
its own, because web processes and workers that wait for it never load JAX.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tunix.pipeline.data.labels import labels_for
from tunix.pipeline.data.row_order import Sample
from tunix.pipeline.data.row_tokenizer import RowTokenizer
from tunix.pipeline.data.rows import DatasetError, Row
from tunix.pipeline.data.verified import VerifiedDataset, verified_dataset
from tunix.pipeline.failures import EvaluationUnavailable, message_of
from tunix.pipeline.folder import JUDGEMENT_CACHE, RESULT, dataset_dir, run_dir
from tunix.pipeline.judges import JudgeContext
from tunix.pipeline.judges.judging import available_judge, judge_items, judge_result
from tunix.pipeline.models.base_models import BaseModelError
from tunix.pipeline.models.pretrained.inspection import inspect_folder
from tunix.pipeline.spec import EvaluationSpec, RunResult, RunSpec
from tunix.pipeline.stored_model import stored_model

if TYPE_CHECKING:
    from tunix.pipeline.engine.generation import GeneratedText

ANSWERS: Final = 50
PROMPTS: Final = 8


@dataclass(frozen=True)
class ExportCheck:
    """The trained model of a run beside its exported folder.

    `largest_difference` is that of the logits after PROMPTS prompts, and `largest_logit` their size. Of
    `compared_answers` greedy answers, `equal_answers` are equal.
    """

    score: float
    exported_score: float
    rows: int
    largest_difference: float
    largest_logit: float
    prompts: int
    equal_answers: int
    compared_answers: int


def check_export(spec: RunSpec, artifacts_dir: Path, folder: Path) -> ExportCheck:
    """Compares `folder` with the checkpoint of a completed run, on the rows on which the run was judged.

    The two models are in memory one after the other. Raises EvaluationUnavailable, DatasetError, BaseModelError,
    FolderError, JudgeFailed, and OSError if the run has no result.
    """
    result = RunResult.model_validate_json((run_dir(artifacts_dir, spec.run_id) / RESULT).read_bytes())
    if result.verdict is None:
        raise EvaluationUnavailable(f"Run {spec.run_id} has no score.")
    dataset = verified_dataset(dataset_dir(artifacts_dir, spec.dataset.key), spec.dataset.version)
    sample = dataset.sample(spec.evaluation.split, spec.evaluation.max_items, spec.row_order)
    labels = labels_for(spec.evaluation, dataset)
    trained = _Answers(spec, *stored_model(spec, artifacts_dir), sample, labels)
    greedy, logits = trained.greedy(), trained.logits()
    del trained
    _forget_bases()
    exported = _Answers(spec, *_loaded(spec, folder, dataset), sample, labels)
    found, score = exported.logits(), exported.score(artifacts_dir)
    equal = [one == other for one, other in zip(greedy, exported.greedy(), strict=True)]
    return ExportCheck(
        score=result.verdict.score_mean,
        exported_score=score,
        rows=len(sample.rows),
        largest_difference=float(np.abs(found - logits).max()),
        largest_logit=float(np.abs(logits).max()),
        prompts=len(logits),
        equal_answers=sum(equal),
        compared_answers=len(equal),
    )


class _Answers:
    """What one model makes of the rows of a run, generated as the run did, or chosen from the `labels` if it did so."""

    def __init__(
        self, spec: RunSpec, model: Any, tokenizer: RowTokenizer, sample: Sample, labels: Sequence[str]
    ) -> None:
        self._spec, self._model, self._tokenizer = spec, model, tokenizer
        self._sample, self._rows = sample, sample.rows
        self._labels = labels
        self._of_evaluation: list[GeneratedText] | None = None

    def greedy(self) -> list[str]:
        """The most likely answers to the first rows; those of the evaluation, if it was greedy and is there."""
        evaluation = EvaluationSpec(max_new_tokens=self._spec.evaluation.max_new_tokens)
        if self._of_evaluation and _is_greedy(self._spec.evaluation):
            return [found.text for found in self._of_evaluation[:ANSWERS]]
        return [found.text for found in self._generated(self._rows[:ANSWERS], evaluation)]

    def logits(self) -> np.ndarray:
        """The logits of the first token of the first answers, [prompts, vocabulary]."""
        prompts = [ids[-self._limit :] for ids in self._tokenizer.prompts(self._rows[:PROMPTS])]
        tokens = np.zeros((len(prompts), max(map(len, prompts))), np.int32)
        lengths = np.array([len(ids) for ids in prompts])
        for row, ids in enumerate(prompts):
            tokens[row, : len(ids)] = ids
        return last_logits(self._model, tokens, lengths)

    def score(self, artifacts_dir: Path) -> float:
        """The score of the run's own judge. Judgements of equal answers are those in the cache."""
        from tunix.pipeline.engine.generation import outputs_of

        evaluation = self._spec.evaluation
        judge = available_judge(evaluation)
        self._of_evaluation = self._generated(self._rows, evaluation)
        outputs = outputs_of(self._sample, self._of_evaluation)
        context = JudgeContext(cache_dir=artifacts_dir / JUDGEMENT_CACHE, max_cost=self._spec.max_judge_cost)
        judgements = judge_items(judge, outputs.items, context)
        return judge_result(judge, evaluation.split, judgements, outputs).score_mean

    @property
    def _limit(self) -> int:
        return int(self._spec.hyperparameters["max_seq_length"] or 0)

    def _generated(self, rows: Sequence[Row], evaluation: EvaluationSpec) -> list[GeneratedText]:
        from tunix.pipeline.engine.generation import generate
        from tunix.pipeline.engine.likelihood import choose

        how: dict[str, Any] = {"max_seq_length": self._limit, "progress": lambda done: None}
        if evaluation.chooses_labels:
            return choose(self._model, self._tokenizer, rows, self._labels, **how)
        seed = int(self._spec.hyperparameters["seed"] or 0)
        return generate(self._model, self._tokenizer, rows, evaluation, seed=seed, **how)


def _is_greedy(evaluation: EvaluationSpec) -> bool:
    return evaluation.temperature == 0 and evaluation.samples == 1 and not evaluation.chooses_labels


def last_logits(model: Any, tokens: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """The logits after each prompt of `tokens` [prompts, length], of which the first `lengths` count."""
    import jax.numpy as jnp
    from flax import nnx

    from tunix.pipeline.models.forward import sequence_states, unembed

    segments = (np.arange(tokens.shape[1]) < lengths[:, None]).astype(np.int32)

    def compute(model: Any, tokens: Any, segments: Any, last: Any) -> Any:
        hidden = sequence_states(model, tokens, segments)
        return unembed(model, jnp.take_along_axis(hidden, last[:, None, None], axis=1))[:, 0]

    return np.asarray(nnx.jit(compute)(model, tokens, segments, lengths - 1))


def _loaded(spec: RunSpec, folder: Path, dataset: VerifiedDataset) -> tuple[Any, RowTokenizer]:
    from tunix.pipeline.data.chat.folder_tokenizer import FolderTokenizer
    from tunix.pipeline.models.pretrained.loading import load_model
    from tunix.pipeline.models.starting_point import examples_from

    exported = inspect_folder(folder)
    examples = examples_from(dataset, spec.prompt, spec.row_order)
    return load_model(exported), FolderTokenizer(exported, spec.prompt, examples)


def _forget_bases() -> None:
    """The base of the run is kept for a next run, which does not come: it would be in memory beside the export."""
    from tunix.pipeline.models.loaded import loaded_bases

    loaded_bases.clear()


def main(artifacts_dir: Path, run_id: str, folder: Path) -> dict[str, Any]:
    """The result of a check, or `{"error": ...}` with a sentence."""
    try:
        content = (run_dir(artifacts_dir, run_id) / "spec.json").read_bytes()
        return asdict(check_export(RunSpec.model_validate_json(content), artifacts_dir, folder))
    except (EvaluationUnavailable, DatasetError, BaseModelError) as error:
        return {"error": str(error)}
    except Exception as error:  # whatever it is: it is shown beside the model
        return {"error": message_of(error)}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))) + "\n")
