"""The overhead of a trial: trials that train nothing, with ledger and database, compared with a stock Tuner."""

from __future__ import annotations

from typing import Any

from .jobs import finished_job, seconds_of_trials
from .peers import run_peer
from .report import alternate, ratio_of, report

GOAL = 1 / 25


def overhead(*, trials: int, runs: int) -> dict[str, Any]:
    """Seconds per trial at concurrency 1 and 2. The figures at the top level are those of concurrency 1."""
    measured = {concurrency: _measure(concurrency, trials, runs) for concurrency in (1, 2)}
    detail = {
        f"concurrency_{concurrency}": {"ours": ours, "peer": peer, "ratio": ratio_of(ours, peer)}
        for concurrency, (ours, peer) in measured.items()
    }
    ours, peer = measured[1]
    return report("overhead", ours, peer, "seconds per trial", detail | {"trials": trials, "goal": GOAL})


def _measure(concurrency: int, trials: int, runs: int) -> tuple[list[float], list[float]]:
    def ours() -> float:
        with finished_job(mode="noop", num_samples=trials, max_concurrent_trials=concurrency) as job:
            return round(seconds_of_trials(job) / trials, 4)

    def peer() -> float:
        answer = run_peer("stock_overhead.py", trials=trials, concurrency=concurrency)
        return round(answer["seconds"] / trials, 4)

    return alternate(ours, peer, runs)
