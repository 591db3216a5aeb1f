"""The abstract model of every kind of long-running work: lease, epoch and terminal states."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any, ClassVar, Self

from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone


class OwnedModel(models.Model):
    """Belongs to a user and to a project (a plain key to filter by)."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    project = models.SlugField(max_length=64, default="default", db_index=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False, db_index=True)

    class Meta:
        abstract = True


class LeasedWork(OwnedModel):
    """Work that one runner at a time does under a lease.

    Each claim increments `epoch`. Every write of a runner is conditional on the epoch of its claim, so a late write of
    an older runner changes nothing. `heartbeat` is a counter, not a time: the reconciler checks by its own monotonic
    clock whether it changes, so a wrong system clock cannot cause a takeover.
    """

    KIND: ClassVar[str]
    TASK: ClassVar[str]
    """Name of the Celery task that supervises this kind of work."""
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
    next_try_at = models.DateTimeField(
        null=True, editable=False, help_text="not claimed before, because its runner was lost"
    )
    cancel_requested_at = models.DateTimeField(null=True, editable=False)
    queued_at = models.DateTimeField(null=True, editable=False)
    started_at = models.DateTimeField(null=True, editable=False)
    finished_at = models.DateTimeField(null=True, editable=False)
    reason = models.CharField(max_length=40, blank=True, editable=False)
    error = models.TextField(blank=True, editable=False)

    class Meta:
        abstract = True

    def work_dir(self) -> Path:
        """Folder for the outputs of this work and the log of its runner."""
        raise NotImplementedError

    @property
    def artifacts_path(self) -> str:
        """The folder as pages show it, without the server's own path."""
        return f"artifacts/{self.work_dir().relative_to(settings.ARTIFACTS_DIR)}"

    def progress_mark(self) -> object:
        """A value that changes whenever the work makes progress: the time of the newest change in its folder."""
        return newest_change(self.work_dir())

    def on_lost(self, epoch: int, cause: str) -> None:
        """Called in the transaction that takes the work back from the runner of `epoch`, lost because of `cause`."""

    @classmethod
    def repair_files(cls) -> None:
        """Called in each cycle of the reconciler: finish what dead processes left undone, remove what has expired."""

    def on_canceled(self) -> None:
        """Called in the transaction that cancels the work after its runner was lost."""

    def on_failed(self, error: str) -> None:
        """Called in the transaction that fails the work because its runner was lost too often."""

    @classmethod
    def leased(cls) -> models.QuerySet[Self]:
        """The rows that have their own lease."""
        return cls._default_manager.all()

    @classmethod
    def ready(cls) -> models.QuerySet[Self]:
        """The rows that wait for a runner, without those that are held back."""
        may_try = models.Q(next_try_at=None) | models.Q(next_try_at__lte=Now())
        return cls.leased().filter(may_try, status=cls.WAITING)

    @property
    def is_held_back(self) -> bool:
        """Whether it waits but must not be claimed yet."""
        return self.is_backing_off

    @property
    def is_backing_off(self) -> bool:
        """Whether it waits for the time of its next try. `ready` asks the database's clock, which decides."""
        waiting = self.status == self.WAITING  # type: ignore[attr-defined]
        return waiting and self.next_try_at is not None and self.next_try_at > timezone.now()

    @property
    def is_terminal(self) -> bool:
        return self.status in self.TERMINAL  # type: ignore[attr-defined]

    @property
    def is_canceling(self) -> bool:
        return self.cancel_requested_at is not None and not self.is_terminal

    @property
    def is_live(self) -> bool:
        """Queued or running: it must not be changed or deleted."""
        return self.status in {self.WAITING, "running"}  # type: ignore[attr-defined]

    @property
    def dispatch_state(self) -> str:
        """`deferred` if the broker did not accept the wake-up: it is sent later, or a free worker finds the work."""
        waiting = self.status == self.WAITING  # type: ignore[attr-defined]
        return "deferred" if waiting and self.dispatched_at is None else "sent"

    @property
    def waiting_note(self) -> str:
        """What waiting work waits for besides a free worker, in a sentence for its owner; empty if for nothing."""
        if self.is_backing_off:
            return f"Its runner was lost. The next try comes at {self.next_try_at.isoformat(timespec='seconds')}."
        if self.dispatch_state == "deferred" and not self.is_held_back:
            return "Queued; the broker does not answer. A free worker will find it in the database."
        return ""


class ReconcilerTurn(models.Model):
    """The reconciler's heartbeat, one row: number of cycles and time of the last one, by the database's clock."""

    turns = models.PositiveBigIntegerField(default=0)
    at = models.DateTimeField()
    host = models.CharField(max_length=200)

    class Meta:
        default_permissions = ()
        permissions = [("view_metrics", "Can read the metrics of the installation")]

    def __str__(self) -> str:
        return f"turn {self.turns}"


class WorkerHeartbeat(models.Model):
    """A Celery worker: when it was last alive, by the database's clock, and what is wrong on its machine."""

    name = models.CharField(max_length=200, unique=True)
    at = models.DateTimeField()
    threads = models.PositiveIntegerField()
    problems = models.CharField(max_length=200, blank=True, help_text="the ids of its system checks that fail")

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.name


def newest_change(folder: Path) -> float:
    """When a file in `folder` was last written; 0 if there is none. The runner's log does not count as progress."""
    newest = 0.0
    for path in folder.glob("*"):
        try:
            if not path.name.startswith("runner."):
                newest = max(newest, path.stat().st_mtime)
        except FileNotFoundError:
            continue
    return newest


def kinds_of_work() -> list[type[LeasedWork]]:
    """All kinds of work of this installation: the concrete models that extend LeasedWork."""
    return [model for model in apps.get_models() if issubclass(model, LeasedWork)]


def kind_of_work(name: str) -> type[LeasedWork]:
    """The kind called `name`. Raises LookupError."""
    for model in kinds_of_work():
        if name == model.KIND:
            return model
    raise LookupError(f"There is no kind of work called {name!r}.")


def fields_when_queued(now: Any = None) -> dict[str, Any]:
    """The fields that change when a user puts work into the queue, for the first time or again."""
    return {
        "queued_at": now or timezone.now(),
        "dispatched_at": None,
        "finished_at": None,
        "cancel_requested_at": None,
        "restarts": 0,
        "next_try_at": None,
        "reason": "",
        "error": "",
    }
