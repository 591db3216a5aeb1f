"""A sweep as one would write it without this project: a stock Tuner around a bare PeftTrainer, a process a trial.

Model, tokenised rows, loss and generation are those of the project, so that only the way of running differs.
Reads {"trials": [resolved hyperparameters], "concurrency", "dataset_dir", "base_model_id", "max_items",
"max_new_tokens"} from standard input; prints seconds and the score of each trial.
"""

import json
import math
import os
import sys
import time
from pathlib import Path

import ray
from ray import tune


def train_and_score(config):
    os.environ["TQDM_DISABLE"] = "1"
    import itertools

    import optax
    from tunix.sft.peft_trainer import PeftTrainer, TrainingConfig

    from tunix.pipeline.data.batches import bucketed, evaluation_batches, training_batches
    from tunix.pipeline.data.rows import load_split, tokenizers
    from tunix.pipeline.engine.generation import Generator, generate
    from tunix.pipeline.engine.trainer import answer_loss, model_input
    from tunix.pipeline.models import gemma3
    from tunix.pipeline.models.base_models import base_model

    chosen, asked = config["hyperparameters"], config["asked"]
    rows = load_split(Path(asked["dataset_dir"]), "train")
    validation = load_split(Path(asked["dataset_dir"]), "validation")
    info = base_model(asked["base_model_id"])
    tokenizer = tokenizers.train(rows, info.sizes.vocabulary)
    model = gemma3.build(info.sizes, tokenizer.vocab_size, gemma3.initial_weights(info, tokenizer.vocab_size))

    buckets = bucketed(tokenizer, rows, chosen["max_seq_length"])
    held_out = bucketed(tokenizer, validation[:256], chosen["max_seq_length"], like=buckets)
    steps = math.ceil(chosen["num_epochs"] * len(rows) / chosen["batch_size"])
    warmup = round(chosen["warmup_ratio"] * steps)
    schedule = optax.join_schedules(
        [
            optax.linear_schedule(chosen["learning_rate"] / warmup, chosen["learning_rate"], warmup - 1),
            optax.cosine_decay_schedule(chosen["learning_rate"], steps - warmup),
        ],
        [warmup],
    )
    optimizer = optax.chain(
        optax.clip_by_global_norm(chosen["max_grad_norm"]),
        optax.adamw(schedule, b1=chosen["beta1"], b2=chosen["beta2"], weight_decay=chosen["weight_decay"]),
    )
    trainer = PeftTrainer(
        model, optimizer, TrainingConfig(eval_every_n_steps=chosen["eval_every_steps"] or steps, max_steps=steps)
    )
    trainer.with_gen_model_input_fn(model_input).with_loss_fn(answer_loss, has_aux=True)
    batches = training_batches(buckets, chosen["batch_size"], chosen["seed"])
    trainer.train(itertools.islice(batches, steps), evaluation_batches(held_out, 32))

    items = validation[: asked["max_items"]]
    texts = generate(
        model,
        tokenizer,
        [row.prompt for row in items],
        max_seq_length=chosen["max_seq_length"],
        max_new_tokens=asked["max_new_tokens"],
        generator=lambda length, new, size: Generator(
            model, tokenizer, prompt_length=length, max_new_tokens=new, batch_size=size
        ),
        progress=lambda done: None,
    )
    right = sum(found.text == row.answer for row, found in zip(items, texts, strict=True))
    tune.report({"score_mean": right / len(items), "number": config["number"]})


if __name__ == "__main__":
    asked = json.load(sys.stdin)
    trials = asked.pop("trials")
    started = time.perf_counter()
    ray.init(address="local", include_dashboard=False, log_to_driver=False)
    numbered = [
        {"hyperparameters": hyperparameters, "number": number, "asked": asked}
        for number, hyperparameters in enumerate(trials)
    ]
    tuner = tune.Tuner(
        lambda config: train_and_score(config["trial"]),
        param_space={"trial": tune.grid_search(numbered)},
        tune_config=tune.TuneConfig(metric="score_mean", mode="max", max_concurrent_trials=asked["concurrency"]),
        run_config=tune.RunConfig(verbose=0),
    )
    grid = tuner.fit()
    if grid.errors:
        raise grid.errors[0]
    scores = {result.metrics["number"]: result.metrics["score_mean"] for result in grid}
    print()
    print(json.dumps({"seconds": time.perf_counter() - started, "scores": [scores[n] for n in range(len(trials))]}))
