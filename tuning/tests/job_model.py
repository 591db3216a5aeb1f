"""A tuning job in plain Python: what the services, the lease and the ledger must agree with, step by step."""

from __future__ import annotations

from dataclasses import dataclass, field

MAX_ATTEMPTS, MAX_RESTARTS = 2, 1
TERMINAL = ("completed", "failed", "canceled")
LIVE = ("queued", "running")
GONE = "gone"
RUN_AGAIN = ("error", "lost", "no_space")
"""Reasons of failed trials that a resume opens again."""


@dataclass
class Trial:
    """`attempts` holds (epoch, outcome, reason) of each execution."""

    status: str = "pending"
    value: float | None = None
    reason: str = ""
    attempts: list[tuple[int, str, str]] = field(default_factory=list)


@dataclass
class JobModel:
    """The same verbs; each returns what happens, or "refused" where the real one raises and changes nothing."""

    num_samples: int
    concurrency: int
    max_failed: int
    status: str = "created"
    epoch: int = 0
    restarts: int = 0
    stopping: bool = False
    expired: bool = False
    paused: bool = False
    trials: dict[int, Trial] = field(default_factory=dict)
    ended: list[int] = field(default_factory=list)
    """Completed and failed trials in the order in which they ended."""

    # Requests of users.

    def start(self) -> str:
        return self._wait() if self.status == "created" else "refused"

    def cancel(self) -> str:
        if self.status in ("created", "queued"):
            self._close("canceled")
            self.stopping = True
        elif self.status == "running":
            self.stopping = True
        return "refused" if self.status in ("completed", "failed") else self.status

    def resume(self) -> str:
        again = [n for n, t in self.trials.items() if t.status == "canceled" or self._runs_again(t)]
        if self.status not in ("failed", "canceled") or self._failed_besides(again) > self.max_failed:
            return "refused"
        return self._continue_with(again)

    def pause(self) -> str:
        if self.status not in LIVE:
            return "refused"
        self.paused = True
        return self.status

    def unpause(self) -> str:
        if self.status not in LIVE:
            return "refused"
        self.paused = False
        return self.status

    def extend(self, number: int) -> str:
        again = [n for n, t in self.trials.items() if t.status == "canceled"]
        if self.status != "completed":
            again += [n for n, t in self.trials.items() if self._runs_again(t)]
        if self.status not in TERMINAL or self._failed_besides(again) > self.max_failed:
            return "refused"
        self.num_samples += number
        return self._continue_with(again)

    def retry(self, number: int) -> str:
        trial = self.trials.get(number)
        return self._retry([number]) if trial and trial.status in ("failed", "canceled") else "refused"

    def retry_failed(self) -> str:
        failed = [number for number, trial in self.trials.items() if trial.status == "failed"]
        return self._retry(failed) if failed else "refused"

    def change_concurrency(self, number: int) -> str:
        if self.status == "completed":
            return "refused"
        self.concurrency = number
        return self.status

    def delete(self) -> str:
        if self.status in LIVE:
            return "refused"
        self.status = GONE
        return GONE

    def change_samples(self, number: int) -> str:
        if self.status == "completed" or number < len(self.trials):
            return "refused"
        self.num_samples = number
        return self.status

    # Steps of runners. Only the one of the current epoch may write.

    def holds(self, epoch: int) -> bool:
        return self.status == "running" and epoch == self.epoch

    def claim(self) -> int | None:
        if self.status != "queued" or self.paused:
            return None
        self.status = "running"
        self.epoch += 1
        return self.epoch

    def next_trial(self) -> int | str:
        """The number of the assigned trial, "pause" or "end"."""
        running = [t for t in self.trials.values() if t.status == "running"]
        pending = [n for n, t in sorted(self.trials.items()) if t.status == "pending"]
        if self.paused and not self.stopping:
            return "pause"
        if self.stopping or self.must_fail() or self.expired:
            return "end"
        if len(running) >= self.concurrency:
            return "pause"
        if not pending and len(self.trials) >= self.num_samples:
            return "pause" if running else "end"
        number = pending[0] if pending else len(self.trials)
        trial = self.trials.setdefault(number, Trial())
        trial.status, trial.reason = "running", ""
        trial.attempts.append((self.epoch, "running", ""))
        return number

    def must_fail(self) -> bool:
        failed = [t for t in self.trials.values() if t.status == "failed"]
        newest = [self.trials[number] for number in self.ended[-3:]]
        unexplained = len(newest) == 3 and all(t.status == "failed" and t.reason == "error" for t in newest)
        return len(failed) > self.max_failed or unexplained or any(t.reason == "no_space" for t in failed)

    def complete(self, number: int, value: float) -> None:
        self.trials[number].value = value
        self._end(number, "completed", "")

    def fail(self, number: int, reason: str) -> None:
        self._end(number, "failed", reason)

    def lose_worker(self, number: int) -> None:
        trial = self.trials[number]
        lost = 1 + sum(reason == "lost" for _, _, reason in trial.attempts)
        if lost < MAX_ATTEMPTS:
            self._close_attempt(trial, "lost", "lost")
            trial.status = "pending"
        else:
            self._end(number, "failed", "lost", outcome="lost")

    def finish(self, status: str) -> str:
        completed = any(t.status == "completed" for t in self.trials.values())
        self._close(status if status != "completed" or completed else "failed")
        return self.status

    def release(self) -> str:
        """A runner releases a job that has not ended."""
        if self.stopping:
            return self.finish("canceled")
        self._lose_what_runs()
        self.status = "queued"
        return self.status

    def take_back(self) -> str:
        self._lose_what_runs()
        if self.stopping:
            self._close("canceled")
        elif self.restarts >= MAX_RESTARTS:
            self._close("failed")
        else:
            self.status = "queued"
            self.restarts += 1
        return self.status

    def best(self) -> int | None:
        """Of the largest values the first."""
        scored = {n: t.value for n, t in self.trials.items() if t.status == "completed" and t.value is not None}
        return min((n for n in scored if scored[n] == max(scored.values())), default=None)

    def _wait(self) -> str:
        self.status, self.restarts, self.stopping, self.paused, self.expired = "queued", 0, False, False, False
        return self.status

    def _failed_besides(self, again: list[int]) -> int:
        return sum(t.status == "failed" for n, t in self.trials.items() if n not in again)

    def _retry(self, numbers: list[int]) -> str:
        if self.status in TERMINAL and self._failed_besides(numbers) > self.max_failed:
            return "refused"
        if self.status in TERMINAL:
            return self._continue_with(numbers)
        self._reopen(numbers)
        return self.status

    def _continue_with(self, numbers: list[int]) -> str:
        self._reopen(numbers)
        return self._wait()

    def _reopen(self, numbers: list[int]) -> None:
        for number in numbers:
            self.trials[number].status, self.trials[number].reason = "pending", ""
        self.ended = [number for number in self.ended if number not in numbers]

    def _lose_what_runs(self) -> None:
        for trial in self.trials.values():
            if trial.status == "running":
                self._close_attempt(trial, "lost", "runner_lost")
                trial.status = "pending"

    def _runs_again(self, trial: Trial) -> bool:
        return trial.status == "failed" and trial.reason in RUN_AGAIN

    def _end(self, number: int, status: str, reason: str, outcome: str = "") -> None:
        trial = self.trials[number]
        self._close_attempt(trial, outcome or status, reason)
        trial.status, trial.reason = status, reason
        self.ended.append(number)
        self.restarts = 0

    def _close_attempt(self, trial: Trial, outcome: str, reason: str) -> None:
        trial.attempts[-1] = (trial.attempts[-1][0], outcome, reason)

    def _close(self, status: str) -> None:
        for trial in self.trials.values():
            if trial.status == "running":
                self._close_attempt(trial, "canceled", "canceled")
            if trial.status in ("pending", "running"):
                trial.status, trial.reason = "canceled", "canceled"
        self.status = status
