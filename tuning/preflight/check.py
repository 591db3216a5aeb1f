"""The check of a job: every finding and every estimate, in one go."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from tunix.validation.errors import Faults
from tunix.validation.fields import Fields
from tunix.work.disk import free_bytes

from ..analysis.power import PowerPlan, power_plan_of
from ..analysis.scores import is_judged
from ..analysis.standings import forecast_of
from ..domain.selection.power_forecast import ASKED_DIFFERENCE
from ..models import TuningJob
from ..services.rehearsal_file import KeptRehearsal, read_rehearsal
from .budgets import check_budgets
from .contents import check_contents, expected_by, shown_examples
from .estimates import Estimates, check_cost, estimate
from .expected import Expected, check_expected
from .findings import Finding, Level, ok, warning, worst
from .guards import check_guards
from .inputs import check_base_model, check_dataset, check_definition, check_rows, check_search_space
from .means import check_broker, check_judge, check_space
from .versions import check_versions

if TYPE_CHECKING:
    from tunix.pipeline.data.token_examples import TokenExample


MOST_ASKED = 0.99


@dataclass(frozen=True)
class Preflight:
    """What was found, and what the job would cost. `level` is that of the gravest finding."""

    findings: tuple[Finding, ...]
    estimates: Estimates
    free_bytes: int
    examples: tuple[TokenExample, ...] = ()
    """Train rows as the base model reads them."""
    rehearsal: KeptRehearsal | None = None
    expected: Expected | None = None
    """What the job takes by that rehearsal, once it is done."""
    power: PowerPlan | None = None
    """What a proof of the difference that was asked about takes."""

    @property
    def level(self) -> Level:
        return worst(self.findings)

    def to_json(self) -> dict[str, Any]:
        estimates = self.estimates.to_json() | {"free_bytes": self.free_bytes}
        return {
            "level": self.level,
            "findings": [asdict(one) for one in self.findings],
            "estimates": estimates,
            "examples": [asdict(one) for one in self.examples],
            "rehearsal": asdict(self.rehearsal) if self.rehearsal else None,
            "expected": self.expected.to_json() if self.expected else None,
            "power": self.power.to_json() if self.power else None,
        }


def asked_difference(data: Mapping[str, Any]) -> float:
    """The `difference` of a request, a number of scores above 0 and below 1. Raises InvalidInput."""
    faults = Faults()
    found = Fields(data, faults, known=("difference",)).positive("difference", high=MOST_ASKED)
    faults.raise_if_any()
    return found or ASKED_DIFFERENCE


def check_job(
    *,
    job: TuningJob,
    needs_broker: bool = True,
    rehearsal: KeptRehearsal | None = None,
    difference: float = ASKED_DIFFERENCE,
) -> Preflight:
    """What would go wrong with the job and what it would cost, whatever its state. Nothing is started or changed.

    The job may be one that has no row; `rehearsal` is then its rehearsal, if it has one. `difference` is what its proof
    is to show. Reads files, loads neither JAX nor Ray, and asks no judge.
    """
    rehearsal = rehearsal or read_rehearsal(job)
    estimates, expected = estimate(job), expected_by(job, rehearsal)
    power = power_plan_of(job, difference) if is_judged(job) else None
    findings = tuple(_findings(job, estimates, needs_broker, rehearsal, expected))
    if power is not None:
        findings += (ok("confirmation_json.max_seeds", power.sentence),)
    return Preflight(findings, estimates, free_bytes(), shown_examples(job), rehearsal, expected, power)


def _findings(
    job: TuningJob,
    estimates: Estimates,
    needs_broker: bool,
    rehearsal: KeptRehearsal | None,
    expected: Expected | None,
) -> Iterator[Finding]:
    yield from check_definition(job)
    yield from check_search_space(job)
    of_dataset = tuple(check_dataset("dataset_key", job.dataset))
    yield from of_dataset
    yield from check_rows(job)
    yield from check_base_model(job)
    yield from check_judge("evaluation_json.judge", job.evaluation.judge)
    yield from check_guards(job)
    yield from check_versions(job)
    if worst(of_dataset) != Level.PROBLEM:
        yield from check_contents(job)
    yield from check_space(estimates)
    if needs_broker:
        yield from check_broker()
    yield from check_cost(job, estimates, is_rehearsed=expected is not None)
    yield from check_expected(rehearsal, expected, job)
    yield from check_budgets(job)
    if is_judged(job):
        expected = forecast_of(job)
        yield from (ok("power", sentence) for sentence in expected.statements)
        yield from (warning("power", sentence) for sentence in expected.warnings)
