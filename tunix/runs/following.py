"""Runs in the foreground of a terminal, with progress lines; Ctrl-C cancels."""

from __future__ import annotations

from collections.abc import Callable

from django.core.management.base import CommandError

from tunix.api.exceptions import Conflict
from tunix.work.foreground import run_in_foreground

from .models import TunixRun
from .outputs import read_curves
from .services import cancel_run


def run_named(text: str, *, returncode: int = 1) -> TunixRun:
    """The run with this id. Raises CommandError with the exit code `returncode`."""
    run = TunixRun.objects.with_id(text)
    if run is None:
        raise CommandError(f"There is no run {text!r}.", returncode=returncode)
    return run


def follow(run: TunixRun, say: Callable[[str], None]) -> None:
    """Executes the run and passes each new progress line to `say`."""
    line = ""

    def cancel() -> None:
        try:
            cancel_run(run=run, actor=None)
        except Conflict:
            pass  # it has ended in the meantime

    def show() -> None:
        nonlocal line
        if (now := _progress_of(run)) != line:
            line = now
            say(line)

    run_in_foreground(run, on_poll=show, cancel=cancel, say=say)


def _progress_of(run: TunixRun) -> str:
    """The latest value of each curve, such as `step 40: train_loss 1.23`."""
    points = {name: curve[-1] for name, curve in read_curves(run.work_dir()).items()}
    if not points:
        return ""
    step = max(point["step"] for point in points.values())
    return f"  step {step}: " + ", ".join(f"{name} {point['value']:.4g}" for name, point in points.items())
