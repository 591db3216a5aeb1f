"""The nested parts of a job's definition: evaluation, metric, budget, resources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from dataclasses import fields as dataclass_fields
from typing import Any, get_args

from tuning.domain.job_evaluation import TEST_ITEMS, JobEvaluation
from tuning.domain.selection.budgets import BUDGET_PATH, Budget, failed_trials_fault
from tuning.domain.selection.confirmation import FINALISTS, MOST_SEEDS, SEEDS
from tuning.domain.selection.selection import failure_limit
from tuning.domain.selection.stages import MARGIN
from tuning.domain.stored import known_fields
from tunix.pipeline.judges import JUDGES, ServiceJudge
from tunix.pipeline.metrics import default_mode, metric_names
from tunix.pipeline.spec import MAX_ITEMS, EvaluationSpec
from tunix.pipeline.spec_fields import read_evaluation
from tunix.validation.errors import Faults
from tunix.validation.fields import Fields

MAX_SECONDS = 365 * 24 * 3600
MAX_PATIENCE = 10_000
DEFAULT_TOP, MAX_TOP = FINALISTS, 20
DEFAULT_SEEDS, MAX_SEEDS = SEEDS, 20
MAX_MARGIN = 0.5
MAX_COST = 1e9
DEFAULT_METRIC = "score_mean"
SPLITS = get_args(EvaluationSpec.model_fields["split"].annotation)


def parse_budget(data: Any, num_samples: int, faults: Faults) -> Budget:
    """`budget_json`."""
    fields = Fields(data, faults, path=BUDGET_PATH, known=[field.name for field in dataclass_fields(Budget)])
    return Budget(
        max_seconds=fields.positive("max_seconds", high=MAX_SECONDS),
        max_failed_trials=_failed_trials(fields, num_samples),
        max_trial_seconds=fields.positive("max_trial_seconds", high=MAX_SECONDS),
        max_judge_cost=fields.positive("max_judge_cost", high=MAX_COST),
        target_value=fields.number("target_value"),
        no_improvement_trials=fields.optional_whole("no_improvement_trials", low=1, high=MAX_PATIENCE),
    )


def _failed_trials(fields: Fields, num_samples: int) -> int | str:
    value, default = fields.get("max_failed_trials"), failure_limit(num_samples)
    if value is None:
        return default
    fault = failed_trials_fault(value)
    if fault:
        fields.refuse("max_failed_trials", fault)
    return default if fault else value


@dataclass(frozen=True)
class Confirmation:
    """How the winner is proved.

    `controls`: the untuned model and the default configuration are trials as well, run first. `automatic`: the
    search ends with a confirmation. `top`: how many finalists it trains again, with `seeds` fresh seeds each. The
    proof begins with as many and has at most `max_seeds` of winner and default. `margin`: the difference of scores
    below which two configurations count as equally good.
    """

    controls: bool
    automatic: bool
    top: int
    seeds: int
    max_seeds: int = MOST_SEEDS
    margin: float = MARGIN

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> Confirmation:
        """What `to_json` wrote. Jobs that were made before there was a confirmation have none.

        Those that were made before `max_seeds` keep the number of seeds that they were defined with.
        """
        known = asdict(SEARCH_ALONE) | known_fields(cls, stored)
        if "max_seeds" not in stored:
            known["max_seeds"] = known["seeds"]
        return cls(**known)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


SEARCH_ALONE = Confirmation(
    controls=False, automatic=False, top=DEFAULT_TOP, seeds=DEFAULT_SEEDS, max_seeds=DEFAULT_SEEDS
)


CONFIRMATION_FIELDS = tuple(field.name for field in dataclass_fields(Confirmation))


def parse_confirmation(data: Any, split: str, faults: Faults) -> Confirmation:
    """`confirmation_json`. The rows of `split`, by which trials are chosen, cannot prove the winner too."""
    fields = Fields(data, faults, path="confirmation_json", known=CONFIRMATION_FIELDS)
    seeds = fields.whole("seeds", default=DEFAULT_SEEDS, low=2, high=MAX_SEEDS)
    confirmation = Confirmation(
        controls=fields.truth("controls", default=True),
        automatic=fields.truth("automatic", default=False),
        top=fields.whole("top", default=DEFAULT_TOP, low=1, high=MAX_TOP),
        seeds=seeds,
        max_seeds=fields.whole("max_seeds", default=max(seeds, MOST_SEEDS), low=2, high=MAX_SEEDS),
        margin=fields.positive("margin", high=MAX_MARGIN) or MARGIN,
    )
    if confirmation.max_seeds < seeds and not fields.is_faulty("max_seeds"):
        fields.refuse("max_seeds", f"The proof begins with {seeds} seeds (seeds): give as many or more.")
    if confirmation.automatic and split == "test":
        fields.refuse("automatic", "Trials are chosen by the test rows (evaluation_json.split): none are left.")
    return confirmation


def asks_a_service(judge: str) -> bool:
    """Whether judging by it may cost something."""
    return isinstance(JUDGES[judge], ServiceJudge)


def parse_evaluation(data: Any, faults: Faults, warnings: Faults) -> JobEvaluation:
    """`evaluation_json`: how every trial is judged, and the runs that prove the winner."""
    fields = Fields(data, faults, path="evaluation_json", known=JobEvaluation.model_fields)
    test_items = fields.whole("test_items", default=TEST_ITEMS, low=1, high=MAX_ITEMS)
    common = read_evaluation(fields)
    racing = fields.truth("racing", default=asks_a_service(common.judge))
    evaluation = JobEvaluation(**common.model_dump(), test_items=test_items, racing=racing)
    if evaluation.split in _UNSUITED_SPLITS:
        warnings.add(fields.path("split"), _UNSUITED_SPLITS[evaluation.split])
    return evaluation


_UNSUITED_SPLITS = {
    "train": "Trials are chosen by rows they were trained on: memorising wins.",
    "test": "Trials are chosen by the test rows, so none are left to confirm the winner on.",
}


def parse_metric(fields: Fields, evaluation: EvaluationSpec, warnings: Faults) -> tuple[str, str]:
    """`metric_name`, one that a run with this judge has, and `metric_mode`."""
    name = fields.choice("metric_name", metric_names(evaluation.judge), DEFAULT_METRIC)
    usual = default_mode(name)
    mode = fields.choice("metric_mode", ("max", "min"), usual)
    if mode != usual:
        better = "larger" if usual == "max" else "smaller"
        warnings.add("metric_mode", f"{name} is better when {better}: {mode} selects the worst trial.")
    return name, mode
