"""Standard test functions searched with Optuna alone, as its documentation shows it.

Reads {"sampler", "options", "functions": {name: noise}, "trials", "seeds": [numbers], "known": [numbers of trials]}.
Prints by function the value, without noise, of the best trial of each seed, and the seconds that a search took; and the
milliseconds that the next ask takes where so many trials are known. Both are of processor time.
"""

import json
import statistics
import sys
import time
import warnings

import optuna
from optuna.samplers import CmaEsSampler, NSGAIISampler, QMCSampler, RandomSampler, TPESampler

from tunix.operations.benchmarks import surfaces


def branin(trial):
    return surfaces.branin(trial.suggest_float("x", -5, 10), trial.suggest_float("y", 0, 15))


def hartmann6(trial):
    return surfaces.hartmann6([trial.suggest_float(name, 0, 1) for name in "abcdef"])


def rosenbrock4(trial):
    return surfaces.rosenbrock([trial.suggest_float(name, -5, 10) for name in "abcd"])


def tree(trial):
    side = trial.suggest_categorical("side", [0, 1])
    leaf = 2 * side + trial.suggest_categorical("right" if side else "left", [0, 1])
    depth = trial.suggest_float(f"depth_{leaf}", -1, 1)
    return surfaces.tree(leaf, depth, trial.suggest_float(f"offset_{side}", 0, 1))


def integers(trial):
    return surfaces.shifted_ackley([trial.suggest_int(name, -32, 32) for name in "abcd"])


def noisy(trial):
    return surfaces.six_hump_camel(trial.suggest_float("x", -3, 3), trial.suggest_float("y", -2, 2))


def mixed(trial):
    first = trial.suggest_categorical("first", ["rosenbrock", "camel", "beale"])
    second = trial.suggest_categorical("second", ["rosenbrock", "camel", "beale", "beale again", "beale once more"])
    return surfaces.two_choices(first, second, trial.suggest_float("x", -1, 1), trial.suggest_float("y", -1, 1))


OBJECTIVES = {
    function.__name__: function for function in (branin, hartmann6, rosenbrock4, tree, integers, noisy, mixed)
}
SAMPLERS = {
    "random": RandomSampler,
    "sobol": QMCSampler,
    "tpe": TPESampler,
    "cmaes": CmaEsSampler,
    "nsga2": NSGAIISampler,
}


def best_value(name, noise, sampler, trials, seed):
    objective = OBJECTIVES[name]
    study = optuna.create_study(sampler=sampler)
    study.optimize(
        lambda trial: objective(trial) + (noise * surfaces.noise(seed, trial.number) if noise else 0.0), n_trials=trials
    )
    return objective(optuna.trial.FixedTrial(study.best_params))


def ask_milliseconds(sampler, known):
    space = {name: optuna.distributions.FloatDistribution(0, 1) for name in "abcdef"}
    study = optuna.create_study(sampler=RandomSampler(seed=0))
    study.optimize(hartmann6, n_trials=known)
    study.sampler = sampler
    taken = []
    for _ in range(5):
        started = time.process_time()
        trial = study.ask(space)
        taken.append(time.process_time() - started)
        study.tell(trial, surfaces.hartmann6([trial.params[name] for name in "abcdef"]))
    return 1000 * statistics.median(taken)


if __name__ == "__main__":
    asked = json.load(sys.stdin)
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)

    def sampler_of(seed):
        return SAMPLERS[asked["sampler"]](seed=seed, **asked["options"])

    found, seconds = {}, {}
    for name, noise in asked["functions"].items():
        started = time.process_time()
        found[name] = [best_value(name, noise, sampler_of(seed), asked["trials"], seed) for seed in asked["seeds"]]
        seconds[name] = (time.process_time() - started) / len(asked["seeds"])
    ask = {known: ask_milliseconds(sampler_of(0), known) for known in asked["known"]}
    print(json.dumps({"values": found, "seconds": seconds, "ask_milliseconds": ask}))
