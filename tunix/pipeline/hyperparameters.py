"""Every tunable of a run, once: its type, what is valid, what is usual, its default and what it does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tunix.pipeline.hyperparameter import Hyperparameter
from tunix.pipeline.spec import Scalar
from tunix.validation.did_you_mean import did_you_mean

Messages = dict[str, list[str]]


class InvalidHyperparameters(ValueError):
    """Hyperparameters that no run can be made of; `errors` maps each name to its messages."""

    def __init__(self, errors: Messages) -> None:
        self.errors = errors
        super().__init__("; ".join(f"{name}: {' '.join(messages)}" for name, messages in errors.items()))


HYPERPARAMETERS: dict[str, Hyperparameter] = {
    hyperparameter.name: hyperparameter
    for hyperparameter in (
        Hyperparameter(
            "learning_rate",
            "float",
            3e-3,
            "Size of an update at its peak, after the warm-up.",
            minimum=0,
            exclusive_minimum=True,
            maximum=1e7,
            usual=(1e-6, 1e-1),
            traced=True,
        ),
        Hyperparameter(
            "schedule",
            "choice",
            "cosine",
            "How the learning rate falls after the warm-up: not at all, or to zero in a line or a cosine.",
            choices=("constant", "linear", "cosine"),
            traced=True,
        ),
        Hyperparameter(
            "warmup_ratio",
            "float",
            0.05,
            "Share of all steps over which the learning rate rises from zero to its peak.",
            minimum=0,
            maximum=1,
            usual=(0, 0.3),
            traced=True,
        ),
        Hyperparameter(
            "optimizer",
            "choice",
            "adamw",
            "The rule that turns a gradient into an update.",
            choices=("adamw", "adam", "sgd", "lion"),
        ),
        Hyperparameter(
            "weight_decay",
            "float",
            0.01,
            "Pull of the weights to zero: decoupled for adamw and lion, in the gradient for adam and sgd.",
            minimum=0,
            maximum=10,
            usual=(0, 0.5),
            traced=True,
        ),
        Hyperparameter(
            "max_grad_norm",
            "float",
            1.0,
            "Gradients with a larger global norm are scaled down to it; 0 switches this off.",
            minimum=0,
            maximum=1e6,
            usual=(0, 10),
            traced=True,
        ),
        Hyperparameter(
            "beta1",
            "float",
            0.9,
            "Decay of the mean of past gradients; the momentum of sgd.",
            minimum=0,
            maximum=1,
            exclusive_maximum=True,
            usual=(0, 0.99),
            traced=True,
        ),
        Hyperparameter(
            "beta2",
            "float",
            0.999,
            "Decay of the mean of past squared gradients, or of lion's momentum; sgd has no use for it.",
            minimum=0,
            maximum=1,
            exclusive_maximum=True,
            usual=(0.9, 0.9999),
            traced=True,
        ),
        Hyperparameter(
            "batch_size",
            "int",
            32,
            "Rows in one forward and backward pass.",
            minimum=1,
            maximum=4096,
            usual=(4, 512),
            unit="rows",
        ),
        Hyperparameter(
            "gradient_accumulation_steps",
            "int",
            1,
            "Batches whose gradients are averaged into one update.",
            minimum=1,
            maximum=1024,
            usual=(1, 64),
            unit="batches",
        ),
        Hyperparameter(
            "num_epochs",
            "int",
            3,
            "Passes over the training rows. Give this or num_steps.",
            minimum=1,
            maximum=1000,
            usual=(1, 50),
            unit="epochs",
            nullable=True,
            traced=True,
        ),
        Hyperparameter(
            "num_steps",
            "int",
            None,
            "Updates of the weights. Give this or num_epochs.",
            minimum=1,
            maximum=1_000_000,
            usual=(10, 100_000),
            unit="steps",
            nullable=True,
            traced=True,
        ),
        Hyperparameter(
            "max_seq_length",
            "int",
            256,
            "Longest sequence in tokens, prompt and answer; the beginning of a longer prompt is cut off.",
            minimum=8,
            maximum=4096,
            usual=(16, 2048),
            unit="tokens",
        ),
        Hyperparameter(
            "eval_every_steps",
            "int",
            100,
            "Steps between evaluations of the validation loss; 0: only before and after training.",
            minimum=0,
            maximum=1_000_000,
            unit="steps",
            traced=True,
        ),
        Hyperparameter(
            "seed",
            "int",
            0,
            "Decides the order of the rows. The base model's weights have a seed of their own.",
            minimum=0,
            maximum=2**31 - 1,
            traced=True,
        ),
    )
}


def check(params: Mapping[str, Any]) -> tuple[Messages, Messages]:
    """Errors and warnings by name; unknown names are errors, with the nearest known name."""
    errors = {name: messages for name, value in params.items() if (messages := _errors_of(name, value))}
    if params.get("num_epochs") is not None and params.get("num_steps") is not None:
        errors.setdefault("num_steps", []).append("Give num_epochs or num_steps, not both.")
    warnings = {
        name: messages
        for name, value in params.items()
        if name in HYPERPARAMETERS and (messages := HYPERPARAMETERS[name].warnings(value))
    }
    return errors, warnings


def resolve(params: Mapping[str, Any]) -> dict[str, Scalar]:
    """Every hyperparameter with its value: defaults filled in, one of num_epochs and num_steps set.

    Raises InvalidHyperparameters.
    """
    errors, _ = check(params)
    if errors:
        raise InvalidHyperparameters(errors)
    values = {name: known.normalized(params.get(name, known.default)) for name, known in HYPERPARAMETERS.items()}
    if values["num_steps"] is not None:
        values["num_epochs"] = None
    elif values["num_epochs"] is None:
        values["num_epochs"] = HYPERPARAMETERS["num_epochs"].default
    return values


def _errors_of(name: str, value: Any) -> list[str]:
    known = HYPERPARAMETERS.get(name)
    if known is None:
        return [f"Unknown hyperparameter.{did_you_mean(name, HYPERPARAMETERS)}"]
    return known.errors(value)
