"""All kinds of faults, and which of them apply to an installation."""

from __future__ import annotations

from collections.abc import Collection

from . import job_faults, point_faults, process_faults, server_faults
from .installation import Installation
from .world import Fault

ALWAYS: tuple[Fault, ...] = (
    process_faults.kill_runner,
    process_faults.kill_worker,
    process_faults.deploy_worker,
    process_faults.kill_reconciler,
    process_faults.kill_trial_worker,
    process_faults.kill_raylet,
    process_faults.kill_gcs_server,
    process_faults.stop_runner,
    point_faults.kill_at_a_point,
    point_faults.no_space,
    point_faults.trial_raises,
    point_faults.trial_hangs,
    job_faults.duplicate_messages,
    job_faults.cancel,
    job_faults.resume,
)
ON_SQLITE: tuple[Fault, ...] = (server_faults.lock_sqlite,)
ON_POSTGRES: tuple[Fault, ...] = (server_faults.lock_postgres,)
OWN_POSTGRES: tuple[Fault, ...] = (server_faults.restart_postgres,)
OWN_REDIS: tuple[Fault, ...] = (server_faults.flush_redis, server_faults.restart_redis)


def faults_for(installation: Installation, without: Collection[str] = ()) -> dict[str, Fault]:
    """The faults that apply, by name. A server that was passed in is locked, but neither cleared nor killed."""
    on_sqlite = installation.database_url.startswith("sqlite")
    chosen = [*ALWAYS, *(ON_SQLITE if on_sqlite else ON_POSTGRES)]
    if installation.postgres is not None:
        chosen += OWN_POSTGRES
    if installation.redis is not None:
        chosen += OWN_REDIS
    return {fault.__name__: fault for fault in chosen if fault.__name__ not in without}


def kinds() -> list[str]:
    """The names of all faults."""
    return sorted(fault.__name__ for fault in (*ALWAYS, *ON_SQLITE, *ON_POSTGRES, *OWN_POSTGRES, *OWN_REDIS))
