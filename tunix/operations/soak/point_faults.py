"""Faults at kill points: the next process that reaches the point dies, or gets a full disk, an error or a hang."""

from __future__ import annotations

from random import Random

from tunix.pipeline.faults import POINTS

from .world import World

IN_TRIALS = ("trial.started", "trial.training")
WRITES = ("trial.checkpoint", "trial.result")
UNREACHED = frozenset({"dispatch.before", "rung.before", "prune.committed"})
"""The jobs of a soak have no early stopping, and are started by the soak itself, which has no kill points."""


def kill_at_a_point(world: World, random: Random) -> bool:
    return _arm(world, "kill_at_a_point", random.choice(sorted(POINTS.keys() - UNREACHED)), "kill")


def no_space(world: World, random: Random) -> bool:
    return _arm(world, "no_space", random.choice(WRITES), "no_space")


def trial_raises(world: World, random: Random) -> bool:
    return _arm(world, "trial_raises", random.choice(IN_TRIALS), random.choice(("error", "out_of_memory")))


def trial_hangs(world: World, random: Random) -> bool:
    return _arm(world, "trial_hangs", "trial.training", "hang")


def _arm(world: World, kind: str, point: str, action: str) -> bool:
    """The fault hits once a process reaches the point, which removes the file."""
    path = world.installation.faults / point
    if path.exists():
        return False  # already armed, and not reached yet
    path.with_suffix(".new").write_text(action)
    path.with_suffix(".new").rename(path)
    world.armed[point] = kind
    return True
