"""Faults at kill points: the next process that reaches the point dies, or gets a full disk, an error or a hang."""

from __future__ import annotations

from random import Random

from tunix.pipeline.faults import POINTS

from .world import World

IN_TRIALS = ("trial.started", "trial.training")
WRITES = ("trial.checkpoint", "trial.result")


def kill_at_a_point(world: World, random: Random) -> bool:
    return _arm(world, random.choice(sorted(POINTS)), "kill")


def no_space(world: World, random: Random) -> bool:
    return _arm(world, random.choice(WRITES), "no_space")


def trial_raises(world: World, random: Random) -> bool:
    return _arm(world, random.choice(IN_TRIALS), random.choice(("error", "out_of_memory")))


def trial_hangs(world: World, random: Random) -> bool:
    return _arm(world, "trial.training", "hang")


def _arm(world: World, point: str, action: str) -> bool:
    path = world.installation.faults / point
    if path.exists():
        return False  # already armed, and not reached yet
    path.with_suffix(".new").write_text(action)
    path.with_suffix(".new").rename(path)
    return True
