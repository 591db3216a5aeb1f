"""Trials that do nothing, as Ray Tune's documentation shows it. Reads {"trials", "concurrency"}, prints seconds."""

import json
import sys
import time

import ray
from ray import tune


def objective(config):
    tune.report({"score": 1.0 / (1.0 + abs(config["learning_rate"] - 1e-3))})


if __name__ == "__main__":
    arguments = json.load(sys.stdin)
    ray.init(address="local", include_dashboard=False, log_to_driver=False)
    started = time.perf_counter()
    tuner = tune.Tuner(
        objective,
        param_space={"learning_rate": tune.loguniform(1e-4, 3e-2), "batch_size": tune.choice([16, 32, 64])},
        tune_config=tune.TuneConfig(
            metric="score",
            mode="max",
            num_samples=arguments["trials"],
            max_concurrent_trials=arguments["concurrency"],
        ),
        run_config=tune.RunConfig(verbose=0),
    )
    grid = tuner.fit()
    assert not grid.errors
    print()
    print(json.dumps({"seconds": time.perf_counter() - started}))
