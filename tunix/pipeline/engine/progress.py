"""Follows a run: reports to the caller, writes metrics.jsonl, and keeps what the result needs."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Protocol

from tunix.pipeline.engine.steps import AtRung, Ladder, ignore_rung
from tunix.pipeline.folder import RunFolder

if TYPE_CHECKING:
    from tunix.pipeline.data.batches import Batch
    from tunix.pipeline.data.evaluation_set import EvaluationSet

_LAST_STEPS = 20
_LINES = 200


class Report(Protocol):
    """Receives progress; may raise Canceled, or any other exception, to end the run."""

    def __call__(self, step: int, metrics: dict[str, float]) -> None: ...


class Progress:
    """A Watcher of a training of `steps` steps. Calls `at_rung` at each rung of `ladder`.

    `evaluation` are the rows of the validation loss.
    """

    def __init__(
        self,
        folder: RunFolder,
        report: Report,
        steps: int,
        ladder: Ladder | None = None,
        at_rung: AtRung = ignore_rung,
        evaluation: EvaluationSet | None = None,
    ) -> None:
        self.step = 0
        self.tokens = 0
        self.eval_loss: float | None = None
        self.eval_bpb: float | None = None
        self._losses: deque[float] = deque(maxlen=_LAST_STEPS)
        self._folder = folder
        self._report = report
        self._ladder = ladder or Ladder(None, steps)
        self._at_rung = at_rung
        self._evaluation = evaluation
        self._steps = steps
        self._every = max(5, steps // _LINES)

    @property
    def train_loss(self) -> float | None:
        """Mean loss of the last steps; None before the first step."""
        return sum(self._losses) / len(self._losses) if self._losses else None

    def counted(self, batches: Iterator[Batch]) -> Iterator[Batch]:
        """The same batches; counts their tokens without padding."""
        for batch in batches:
            self.tokens += int((batch["segments"] > 0).sum())
            yield batch

    def trained(self, step: int, loss: float, learning_rate: float) -> None:
        self.step = step
        self._losses.append(loss)
        if step % self._every == 0 or step in (1, self._steps):
            self._record({"train_loss": loss, "learning_rate": learning_rate})
        if self.train_loss is not None:
            self._reach(step, "train_loss", self.train_loss)

    def evaluated(self, step: int, loss: float) -> None:
        self.eval_loss = loss
        self.eval_bpb = self._evaluation.bits_per_byte(loss) if self._evaluation else None
        self._folder.log(f"Step {step} of {self._steps}: validation loss {loss:.4f}.")
        self._record({"eval_loss": loss} | ({} if self.eval_bpb is None else {"eval_bpb": self.eval_bpb}), step)
        self._reach(step, "eval_loss", loss)

    def generated(self, predictions: int) -> None:
        """`predictions` are generated so far."""
        self._folder.log(f"Generated {predictions} predictions.")
        self._report(self.step, {})

    def judged(self, items: int) -> None:
        """`items` are judged so far."""
        self._report(self.step, {})

    def _reach(self, step: int, metric: str, value: float) -> None:
        for rung in self._ladder.reached(step, metric):
            self._at_rung(rung, value)

    def _record(self, metrics: Mapping[str, float], step: int | None = None) -> None:
        at = self.step if step is None else step
        self._folder.add_metrics(at, metrics)
        self._report(at, dict(metrics))
