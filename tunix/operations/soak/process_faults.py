"""Faults of processes: killed, suspended for longer than a lease, or asked to shut down."""

from __future__ import annotations

import signal
from collections.abc import Sequence
from random import Random

import psutil

from .installation import SHORT
from .programs import Program
from .world import World

LEASE_SECONDS = float(SHORT["LEASE_SECONDS"])


def kill_runner(world: World, random: Random) -> bool:
    return _send(signal.SIGKILL, world.runners(), random)


def kill_worker(world: World, random: Random) -> bool:
    """Kill the Celery worker, and with it all supervisors."""
    return _send_to(world.worker, signal.SIGKILL)


def kill_reconciler(world: World, random: Random) -> bool:
    return _send_to(world.reconciler, signal.SIGKILL)


def deploy_worker(world: World, random: Random) -> bool:
    """SIGTERM, as systemd sends it at a restart: the worker releases its work."""
    return _send_to(world.worker, signal.SIGTERM)


def kill_trial_worker(world: World, random: Random) -> bool:
    """Kill a process that executes trials or waits for one."""
    return _send(signal.SIGKILL, world.started_by_runners(lambda name: name.startswith("ray::")), random)


def kill_raylet(world: World, random: Random) -> bool:
    return _send(signal.SIGKILL, world.started_by_runners(lambda name: name == "raylet"), random)


def kill_gcs_server(world: World, random: Random) -> bool:
    return _send(signal.SIGKILL, world.started_by_runners(lambda name: name == "gcs_server"), random)


def stop_runner(world: World, random: Random) -> bool:
    """SIGSTOP, and SIGCONT around the end of its lease; by then it has often been killed."""
    runners = world.runners()
    if not runners:
        return False
    runner = random.choice(runners)
    if not _signal(runner, signal.SIGSTOP):
        return False
    world.later(random.uniform(0.5, 2) * LEASE_SECONDS, lambda: _signal(runner, signal.SIGCONT))
    return True


def _send(number: signal.Signals, processes: Sequence[psutil.Process], random: Random) -> bool:
    return bool(processes) and _signal(random.choice(processes), number)


def _send_to(program: Program, number: signal.Signals) -> bool:
    process = program.process
    return process is not None and _signal(process, number)


def _signal(process: psutil.Process, number: signal.Signals) -> bool:
    """psutil compares the start time, so a process that reuses the id is never hit."""
    try:
        process.send_signal(number)
    except psutil.NoSuchProcess:
        return False
    return True
