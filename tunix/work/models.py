"""The abstract row behind every kind of long work: its lease, its epoch, its way to a terminal state."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any, ClassVar, Self

from django.apps import apps
from django.conf import settings
from django.db import models
from django.utils import timezone


class OwnedModel(models.Model):
    """Something that belongs to a user and to a project (a plain key to filter by)."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    project = models.SlugField(max_length=64, default="default", db_index=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False, db_index=True)

    class Meta:
        abstract = True


class LeasedWork(OwnedModel):
    """Work that one runner at a time does under a lease.

    Each claim raises `epoch`; every write of a runner is conditional on the epoch it was given, so that late writes
    of an older runner change nothing. `heartbeat` is a counter, not a time: whether it moves is judged by the
    reconciler's own monotonic clock, so a wrong clock cannot take work over.
    """

    KIND: ClassVar[str]
    TASK: ClassVar[str]
    """Name of the Celery task that supervises this kind."""
    RUNNER: ClassVar[str]
    """Dotted path of the function that does the work in a child process: `(pk, epoch, keeper) -> None`."""
    WAITING: ClassVar[str] = "queued"
    TERMINAL: ClassVar[frozenset[str]] = frozenset({"completed", "failed", "canceled"})

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    epoch = models.PositiveIntegerField(default=0, editable=False)
    lease_owner = models.CharField(max_length=200, blank=True, editable=False)
    heartbeat = models.PositiveBigIntegerField(default=0, editable=False)
    heartbeat_at = models.DateTimeField(null=True, editable=False)
    dispatched_at = models.DateTimeField(null=True, editable=False)
    restarts = models.PositiveIntegerField(default=0, editable=False)
    cancel_requested_at = models.DateTimeField(null=True, editable=False)
    queued_at = models.DateTimeField(null=True, editable=False)
    started_at = models.DateTimeField(null=True, editable=False)
    finished_at = models.DateTimeField(null=True, editable=False)
    reason = models.CharField(max_length=40, blank=True, editable=False)
    error = models.TextField(blank=True, editable=False)

    class Meta:
        abstract = True

    def work_dir(self) -> Path:
        """Folder of this work's outputs and of its runner's log."""
        raise NotImplementedError

    @property
    def artifacts_path(self) -> str:
        """The same as pages show it: the server's own folders are nobody's business."""
        return f"artifacts/{self.work_dir().relative_to(settings.ARTIFACTS_DIR)}"

    def progress_mark(self) -> object:
        """Something that changes whenever the work gets on: the newest change of a file in its folder."""
        return newest_change(self.work_dir())

    def on_lost(self, epoch: int, cause: str) -> None:
        """Called in the transaction that takes the work from the runner of `epoch`, which is gone by `cause`."""

    @classmethod
    def put_files_right(cls) -> None:
        """Called by the reconciler at each turn: finish what a process that died after its last commit left undone."""

    def on_canceled(self) -> None:
        """Called in the transaction that makes the work canceled."""

    def on_failed(self, error: str) -> None:
        """Called in the transaction that fails the work because its runner was lost too often."""

    @classmethod
    def leased(cls) -> models.QuerySet[Self]:
        """The rows that live under a lease of their own."""
        return cls._default_manager.all()

    @classmethod
    def ready(cls) -> models.QuerySet[Self]:
        """The rows that wait for a runner. A kind of work that can be held back leaves out what is."""
        return cls.leased().filter(status=cls.WAITING)

    @property
    def is_held_back(self) -> bool:
        """Waiting, and not to be claimed yet."""
        return False

    @property
    def is_terminal(self) -> bool:
        return self.status in self.TERMINAL  # type: ignore[attr-defined]

    @property
    def is_canceling(self) -> bool:
        return self.cancel_requested_at is not None and not self.is_terminal

    @property
    def is_live(self) -> bool:
        """Queued or running: not to be changed or deleted."""
        return self.status in {self.WAITING, "running"}  # type: ignore[attr-defined]

    @property
    def dispatch_state(self) -> str:
        """`deferred` when the broker did not take the wake-up: the reconciler will send it."""
        waiting = self.status == self.WAITING  # type: ignore[attr-defined]
        return "deferred" if waiting and self.dispatched_at is None else "sent"


class ReconcilerTurn(models.Model):
    """One row: how often reconcilers have looked at all work, and when the last time was, by the database's clock."""

    turns = models.PositiveBigIntegerField(default=0)
    at = models.DateTimeField()
    host = models.CharField(max_length=200)

    class Meta:
        default_permissions = ()
        permissions = [("view_metrics", "Can read the metrics of the installation")]

    def __str__(self) -> str:
        return f"turn {self.turns}"


def newest_change(folder: Path) -> float:
    """When a file in `folder` was last written; 0 without any. A runner's own log does not count."""
    newest = 0.0
    for path in folder.glob("*"):
        try:
            if not path.name.startswith("runner."):
                newest = max(newest, path.stat().st_mtime)
        except FileNotFoundError:
            continue
    return newest


def kinds_of_work() -> list[type[LeasedWork]]:
    """Every kind of work of this installation: the concrete models that extend LeasedWork."""
    return [model for model in apps.get_models() if issubclass(model, LeasedWork)]


def kind_of_work(name: str) -> type[LeasedWork]:
    """The kind called `name`. Raises LookupError."""
    for model in kinds_of_work():
        if name == model.KIND:
            return model
    raise LookupError(f"There is no kind of work called {name!r}.")


def fields_of_a_fresh_wait(now: Any = None) -> dict[str, Any]:
    """What is set when work is put, or put again, into the queue by a person."""
    return {
        "queued_at": now or timezone.now(),
        "dispatched_at": None,
        "finished_at": None,
        "cancel_requested_at": None,
        "restarts": 0,
        "reason": "",
        "error": "",
    }
