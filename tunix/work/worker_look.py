"""A worker records that it is alive, and with a free thread looks into the database for waiting work.

Messages are faster, but they may be lost, and a broker that hangs delivers none. Without this, work whose wake-up was
lost while all workers were busy would wait for the next one while a worker is idle.
"""

from __future__ import annotations

import logging
import threading
from typing import Any

from celery import bootsteps, current_app
from celery.concurrency.thread import TaskPool
from celery.worker import state
from django.conf import settings
from django.db import Error, connection

from .models import LeasedWork, kinds_of_work
from .shutdown import shutting_down
from .worker_heartbeat import record_worker

logger = logging.getLogger(__name__)

Key = tuple[str, object]


class WaitingWork:
    """Finds work that no one has claimed between two looks: its wake-up is lost, or still under way."""

    def __init__(self) -> None:
        self._seen: set[Key] = set()

    def look(self) -> list[LeasedWork]:
        """What was ready at the last look already, the longest wait first."""
        ready = [work for model in kinds_of_work() for work in model.ready().only("id", "queued_at")]
        still = [work for work in ready if _key(work) in self._seen]
        self._seen = {_key(work) for work in ready}
        return sorted(still, key=lambda work: (work.queued_at is None, work.queued_at))


class LookForWork(bootsteps.StartStopStep):
    """Part of a Celery worker: a thread that gives waiting work to idle threads of the pool."""

    requires = ("celery.worker.components:Pool",)

    def __init__(self, worker: Any, **options: Any) -> None:
        super().__init__(worker, **options)
        # Work is done in a child process that a thread watches; in another pool there is no thread for it.
        self.enabled = issubclass(worker.pool_cls, TaskPool)
        self._waiting, self._started = WaitingWork(), set[Key]()
        self._stopped = threading.Event()

    def start(self, worker: Any) -> None:
        threading.Thread(target=self._keep_looking, args=(worker,), name="worker-look", daemon=True).start()

    def stop(self, worker: Any) -> None:
        self._stopped.set()

    terminate = stop

    def _is_stopping(self) -> bool:
        """Supervisors release their work before this step is stopped: it must not be claimed again here."""
        return self._stopped.is_set() or shutting_down.is_set()

    def _keep_looking(self, worker: Any) -> None:
        while not self._is_stopping():
            try:
                self.look_once(worker)
                record_worker(worker.hostname, worker.concurrency)
            except Error as error:
                logger.warning("the database does not answer: %s", error)
            except Exception:  # a bug must not end this thread
                logger.exception("the worker could not look for waiting work")
            finally:
                connection.close()
            self._stopped.wait(settings.WORKER_LOOK_SECONDS)

    def look_once(self, worker: Any) -> None:
        """Start as much waiting work as there are idle threads."""
        # Requests from messages, those that wait for a thread included, and what this class has started.
        idle = worker.concurrency - len(state.reserved_requests) - len(self._started)
        for work in self._waiting.look():
            if idle <= 0 or self._is_stopping():
                return
            if _key(work) not in self._started:
                idle -= 1
                logger.info("%s %s: found waiting", work.KIND, work.pk)
                self._started.add(_key(work))
                worker.pool.apply_async(self._do, (work,), callback=lambda result: None)

    def _do(self, work: LeasedWork) -> None:
        """What a message would have started."""
        try:
            current_app.tasks[work.TASK].run(str(work.pk))
        except Exception:  # there is no request that would report it
            logger.exception("%s %s could not be done", work.KIND, work.pk)
        finally:
            self._started.discard(_key(work))
            connection.close()


def _key(work: LeasedWork) -> Key:
    return work.KIND, work.pk
