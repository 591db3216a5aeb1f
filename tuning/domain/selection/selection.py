"""Which trial is the best, and when a job must fail because of its trials."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from tunix.pipeline.spec import FailureReason

SAME_ERRORS_IN_A_ROW = 3
_VARYING = re.compile(r"0x[0-9a-f]+|[0-9a-f]{8}-[0-9a-f-]{27}|\d+", re.IGNORECASE)


@dataclass(frozen=True)
class Candidate:
    """A trial as selection sees it.

    `reason` and `error` say why one failed, `worker` who executed it, `disqualified` why it cannot win,
    whatever its value.
    A trial that a person has `excluded`, or that was `raced_out`, cannot win either: the value of the latter is an
    estimate from a part of its rows. Trials of one `configuration` are its replicates; None: it
    has no others. `runs` is how many of them `value` is the mean of.
    """

    number: int
    value: float | None
    status: str = "completed"
    reason: str = ""
    error: str = ""
    worker: str = ""
    disqualified: str = ""
    excluded: bool = False
    raced_out: bool = False
    configuration: int | None = None
    runs: int = 1

    @property
    def may_win(self) -> bool:
        """Whether it completed with a finite value, and is neither excluded, disqualified nor raced out."""
        is_scored = self.status == "completed" and self.value is not None and math.isfinite(self.value)
        return is_scored and not (self.disqualified or self.excluded or self.raced_out)


def best_trial(candidates: Iterable[Candidate], mode: str) -> Candidate | None:
    """The trial that wins: the first of `ranked_trials`. None where no trial may."""
    return next(iter(ranked_trials(candidates, mode)), None)


def ranked_trials(candidates: Iterable[Candidate], mode: str) -> list[Candidate]:
    """The configurations that may win, best first (`mode` max or min); equals by their first number.

    Each is one trial, its middle run, with the mean of all its runs as `value`: the luckiest run of a configuration
    neither wins for it nor stands for it.
    """
    if mode not in ("max", "min"):
        raise ValueError(f"A mode is max or min, not {mode!r}.")
    sign = -1 if mode == "max" else 1
    groups = replicates_of(candidates)
    ranked = [(sign * mean_value(runs), min(one.number for one in runs), middle_run(runs)) for runs in groups]
    return [candidate for _, _, candidate in sorted(ranked, key=lambda entry: entry[:2])]


def replicates_of(candidates: Iterable[Candidate]) -> list[list[Candidate]]:
    """The trials that may win, by their configuration, in the order given."""
    by_configuration: dict[tuple[bool, int], list[Candidate]] = {}
    for one in candidates:
        if one.may_win:
            key = (True, one.number) if one.configuration is None else (False, one.configuration)
            by_configuration.setdefault(key, []).append(one)
    return list(by_configuration.values())


def middle_run(replicates: Sequence[Candidate]) -> Candidate:
    """The run with the median value, the lower of two, with the mean of all as its value."""
    ranked = sorted(replicates, key=lambda one: (one.value or 0.0, one.number))
    return replace(ranked[(len(ranked) - 1) // 2], value=mean_value(replicates), runs=len(replicates))


def mean_value(replicates: Sequence[Candidate]) -> float:
    """The mean of their values."""
    return math.fsum(one.value or 0.0 for one in replicates) / len(replicates)


def failure_limit(num_samples: int) -> int:
    """The default number of failed trials that a job tolerates: 3, or half of num_samples, rounded up, if larger."""
    return max(3, (num_samples + 1) // 2)


def stop_reason(ended: Sequence[Candidate], max_failed_trials: int, share: str = "") -> str | None:
    """Why a job must fail, as a sentence for its page; None while it may go on. `share` is what the limit is of all.

    `ended` holds the trials that completed or failed, in the order in which they did. Either more than
    `max_failed_trials` failed, or the last three failed with the same error that nothing explains: a fault of the
    set-up, which the next trial would meet as well. Where several workers execute trials, one of them alone does not
    prove that: it is for `quarantined` to judge.
    """
    failed = [candidate for candidate in ended if candidate.status == "failed"]
    if len(failed) > max_failed_trials:
        allowed = "none" if max_failed_trials == 0 else f"at most {max_failed_trials}"
        allowed += f" ({share})" if share else ""
        return f"{len(failed)} of {len(ended)} trials failed ({_reasons(failed)}); max_failed_trials allows {allowed}."
    repeated = _repeated_error(ended)
    if repeated is not None:
        return f"{SAME_ERRORS_IN_A_ROW} trials in a row failed with the same error: {repeated}"
    return None


def nothing_completed(ended: Sequence[Candidate]) -> str | None:
    """Why a job whose trials have all ended still failed: some ran and none completed. None when it did not."""
    failed = [candidate for candidate in ended if candidate.status == "failed"]
    if not failed or any(candidate.status == "completed" for candidate in ended):
        return None
    return f"None of {len(ended)} trials completed ({_reasons(failed)})."


def _reasons(failed: Sequence[Candidate]) -> str:
    counts = Counter(candidate.reason or "no reason given" for candidate in failed)
    return ", ".join(f"{reason}: {count}" for reason, count in counts.most_common())


def _repeated_error(ended: Sequence[Candidate]) -> str | None:
    unexplained = takewhile(lambda one: one.status == "failed" and one.reason == FailureReason.ERROR, reversed(ended))
    newest = list(unexplained)[:SAME_ERRORS_IN_A_ROW]
    if len({candidate.worker for candidate in newest}) == 1 < len({candidate.worker for candidate in ended}):
        return None
    # Addresses, ids and counts vary from trial to trial.
    same = len({_VARYING.sub("#", last_line(candidate.error)) for candidate in newest}) == 1
    return (last_line(newest[0].error) or "no message") if same and len(newest) == SAME_ERRORS_IN_A_ROW else None


def last_line(error: str) -> str:
    """The last line of a traceback, which names the error; empty when there is none."""
    lines = error.strip().splitlines()
    return lines[-1].strip() if lines else ""
