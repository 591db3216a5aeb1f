"""Names that other tools and their users give to our hyperparameters and metrics. They are offered, never taken."""

from __future__ import annotations

from collections.abc import Iterable

from tunix.pipeline.hyperparameters import HYPERPARAMETERS
from tunix.pipeline.metrics import METRICS

PARAMETERS: dict[str, tuple[str, ...]] = {
    "learning_rate": (
        "lr",
        "base_lr",
        "max_lr",
        "peak_lr",
        "init_lr",
        "initial_lr",
        "learning_rate_init",
        "eta",
    ),
    "batch_size": (
        "bs",
        "batch",
        "train_batch_size",
        "per_device_train_batch_size",
        "global_batch_size",
        "minibatch_size",
        "mini_batch_size",
        "micro_batch_size",
        "batchsize",
    ),
    "num_epochs": ("epochs", "epoch", "n_epochs", "num_train_epochs", "max_epochs", "train_epochs", "nb_epochs"),
    "num_steps": ("steps", "max_steps", "num_train_steps", "train_steps", "training_steps", "total_steps"),
    "weight_decay": ("wd", "l2", "decay", "l2_reg", "weight_decay_rate"),
    "warmup_ratio": ("warmup", "warmup_proportion", "warmup_fraction", "warmup_pct"),
    "schedule": ("scheduler", "lr_scheduler", "lr_schedule", "lr_scheduler_type", "learning_rate_schedule"),
    "optimizer": ("opt", "optim", "optimiser", "optimizer_name", "optimizer_type"),
    "beta1": ("adam_beta1", "b1", "momentum", "beta_1"),
    "beta2": ("adam_beta2", "b2", "beta_2"),
    "max_grad_norm": (
        "grad_clip",
        "gradient_clip",
        "gradient_clip_val",
        "clip_grad_norm",
        "clip_norm",
        "grad_norm",
        "clip",
    ),
    "gradient_accumulation_steps": ("accumulation_steps", "grad_accum", "grad_accumulation", "accumulate_grad_batches"),
    "max_seq_length": (
        "max_length",
        "seq_len",
        "max_seq_len",
        "sequence_len",
        "sequence_length",
        "context_length",
        "block_size",
    ),
    "packing": ("sample_packing", "pack_sequences", "use_packing"),
    "eval_every_steps": ("eval_steps", "eval_interval", "val_check_interval", "eval_every"),
    "lora_rank": ("lora_r", "lora_dim", "adapter_rank"),
    "seed": ("random_seed", "random_state", "rng_seed"),
}
OF_METRICS: dict[str, tuple[str, ...]] = {
    "eval_loss": ("loss", "val_loss", "validation_loss", "valid_loss", "test_loss", "mean_loss"),
    "eval_bpb": ("bpb", "val_bpb", "bits_per_byte", "val_bits_per_byte", "eval_bits_per_byte"),
    "train_loss": ("training_loss",),
    "score_mean": (
        "accuracy",
        "acc",
        "val_acc",
        "val_accuracy",
        "validation_accuracy",
        "eval_accuracy",
        "score",
        "reward",
    ),
    "tokens_per_second": ("throughput", "tokens_per_sec"),
    "train_seconds": ("time_total_s", "train_runtime", "training_time"),
}


def meant_parameter(name: str) -> tuple[str, int]:
    """The hyperparameter that the name of another tool probably means, and how far the name is from ours.

    The hyperparameter is empty when unknown.
    """
    return _meant(name, PARAMETERS, HYPERPARAMETERS)


def meant_metric(name: str) -> tuple[str, int]:
    """The same for a metric."""
    return _meant(name, OF_METRICS, METRICS)


def _meant(name: str, synonyms: dict[str, tuple[str, ...]], known: Iterable[str]) -> tuple[str, int]:
    """Of a nested name, such as `optimizer.lr`, `eval/loss` or `model__lr`, the whole counts before its last part.

    A name may begin with dashes, as that of an argument of a command does. The more usual a synonym, the nearer it is.
    """
    plain = name.lower().replace("-", "_").replace(" ", "_").strip("_")
    last = plain.replace("/", ".").replace("__", ".").rpartition(".")[2]
    for part in (plain.replace("/", "_").replace(".", "_"), last):
        for ours in known:
            spellings = (ours, *synonyms.get(ours, ()))
            if part in spellings:
                return ours, spellings.index(part)
    return "", 0
