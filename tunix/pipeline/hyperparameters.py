"""The list of hyperparameters: type, default, valid and usual values, purpose, and where each takes effect.

Forms, the API, the optimizer's state and the choice of what is compiled again follow from this list.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tunix.pipeline.hyperparameter import Hyperparameter, UsedIn
from tunix.pipeline.spec import ADAPTED, Method, Scalar
from tunix.validation.did_you_mean import did_you_mean

Messages = dict[str, list[str]]


class InvalidHyperparameters(ValueError):
    """Hyperparameters that no run can use; `errors` maps each name to its messages."""

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
            "Peak learning rate, reached after the warm-up.",
            used_in="optimizer_state",
            minimum=0,
            exclusive_minimum=True,
            maximum=1e7,
            usual=(1e-6, 1e-1),
        ),
        Hyperparameter(
            "schedule",
            "choice",
            "cosine",
            "How the learning rate falls after the warm-up: not at all, or to zero linearly or along a cosine.",
            used_in="optimizer_state",
            choices=("constant", "linear", "cosine"),
        ),
        Hyperparameter(
            "warmup_ratio",
            "float",
            0.05,
            "Share of all steps over which the learning rate rises linearly from zero to its peak.",
            used_in="host",
            minimum=0,
            maximum=1,
            usual=(0, 0.3),
        ),
        Hyperparameter(
            "optimizer",
            "choice",
            "adamw",
            "The rule that turns a gradient into an update.",
            used_in="program",
            choices=("adamw", "adam", "sgd", "lion", "adafactor"),
        ),
        Hyperparameter(
            "weight_decay",
            "float",
            0.01,
            "Weight decay: decoupled for adamw, lion and adafactor, added to the gradient for adam and sgd.",
            used_in="optimizer_state",
            minimum=0,
            maximum=10,
            usual=(0, 0.5),
        ),
        Hyperparameter(
            "max_grad_norm",
            "float",
            1.0,
            "Gradients with a larger global norm are scaled down to this norm; 0 turns clipping off.",
            used_in="optimizer_state",
            minimum=0,
            maximum=1e6,
            usual=(0, 10),
        ),
        Hyperparameter(
            "beta1",
            "float",
            0.9,
            "Decay rate of the running mean of gradients; the momentum of sgd. adafactor ignores it.",
            used_in="optimizer_state",
            minimum=0,
            maximum=1,
            exclusive_maximum=True,
            usual=(0, 0.99),
        ),
        Hyperparameter(
            "beta2",
            "float",
            0.999,
            "Decay rate of the running mean of squared gradients, or of lion's momentum. sgd and adafactor ignore it.",
            used_in="optimizer_state",
            minimum=0,
            maximum=1,
            exclusive_maximum=True,
            usual=(0.9, 0.9999),
        ),
        Hyperparameter(
            "batch_size",
            "int",
            32,
            "Rows per forward and backward pass.",
            used_in="shapes",
            minimum=1,
            maximum=4096,
            usual=(4, 512),
            unit="rows",
        ),
        Hyperparameter(
            "gradient_accumulation_steps",
            "int",
            1,
            "Batches of one update. The loss is averaged over the tokens of all of them, as if they were one batch.",
            used_in="program",
            minimum=1,
            maximum=1024,
            usual=(1, 64),
            unit="batches",
        ),
        Hyperparameter(
            "num_epochs",
            "int",
            3,
            "Passes over the training rows. Set this or num_steps.",
            used_in="host",
            minimum=1,
            maximum=1000,
            usual=(1, 50),
            unit="epochs",
            nullable=True,
        ),
        Hyperparameter(
            "num_steps",
            "int",
            None,
            "Weight updates. Set this or num_epochs.",
            used_in="host",
            minimum=1,
            maximum=1_000_000,
            usual=(10, 100_000),
            unit="steps",
            nullable=True,
        ),
        Hyperparameter(
            "max_seq_length",
            "int",
            256,
            "Maximum length of prompt and answer together; longer prompts lose their beginning.",
            used_in="shapes",
            minimum=8,
            maximum=4096,
            usual=(16, 2048),
            unit="tokens",
        ),
        Hyperparameter(
            "packing",
            "bool",
            False,
            "Whether the rows of a batch share sequences of max_seq_length tokens, which saves padding. They do not see"
            " each other, so what is learned stays the same.",
            used_in="shapes",
        ),
        Hyperparameter(
            "eval_every_steps",
            "int",
            100,
            "Steps between evaluations of the validation loss; 0: only before and after training.",
            used_in="host",
            minimum=0,
            maximum=1_000_000,
            unit="steps",
        ),
        Hyperparameter(
            "seed",
            "int",
            0,
            "Seed of the order of the training rows, of adapters, of dropout and of drawn answers. A built-in model's"
            " weights have their own seed.",
            used_in="host",
            minimum=0,
            maximum=2**31 - 1,
        ),
        Hyperparameter(
            "remat",
            "bool",
            False,
            "Whether each layer is computed again for its gradient, which takes less memory and more time.",
            used_in="program",
        ),
        Hyperparameter(
            "lora_rank",
            "int",
            8,
            "Rank of the adapters: how many rows A has, and how many columns B has, for each adapted projection.",
            used_in="adapters",
            minimum=1,
            maximum=512,
            usual=(1, 128),
            methods=ADAPTED,
        ),
        Hyperparameter(
            "lora_scale",
            "float",
            2.0,
            "Factor of what adapters add, B A x. Elsewhere it is alpha / rank, so alpha is this times the rank.",
            used_in="adapters",
            minimum=0,
            exclusive_minimum=True,
            maximum=1000,
            usual=(0.25, 16),
            methods=ADAPTED,
        ),
        Hyperparameter(
            "lora_dropout",
            "float",
            0.0,
            "Probability with which each input of an adapter is set to zero in training.",
            used_in="adapters",
            minimum=0,
            maximum=1,
            exclusive_maximum=True,
            usual=(0, 0.3),
            methods=ADAPTED,
        ),
        Hyperparameter(
            "lora_targets",
            "choice",
            "all",
            "The projections with adapters: those of attention, those of the feed-forward layers (mlp), or all.",
            used_in="program",
            choices=("attention", "mlp", "all"),
            methods=ADAPTED,
        ),
        Hyperparameter(
            "base_dtype",
            "choice",
            "float32",
            "Type of the base model's weights and of what is computed with them; adapters are always float32.",
            used_in="program",
            choices=("float32", "bfloat16"),
            methods=ADAPTED,
        ),
        Hyperparameter(
            "base_quantization",
            "choice",
            "nf4",
            "How the base model's projections are stored: as 4-bit normal floats (nf4) or as 8-bit integers.",
            used_in="program",
            choices=("nf4", "int8"),
            methods=("qlora",),
        ),
    )
}


def used_in(place: UsedIn) -> tuple[str, ...]:
    """The names of the hyperparameters that take effect there, in the order of the list."""
    return tuple(name for name, known in HYPERPARAMETERS.items() if known.used_in == place)


def names_of(method: Method) -> tuple[str, ...]:
    """The names of the hyperparameters that runs of a method have, in the order of the list."""
    return tuple(name for name, known in HYPERPARAMETERS.items() if known.exists_for(method))


def suited_to(params: Mapping[str, Scalar], method: Method) -> dict[str, Scalar]:
    """`params` without the hyperparameters that runs of a method do not have."""
    known = names_of(method)
    return {name: value for name, value in params.items() if name in known or name not in HYPERPARAMETERS}


def check(params: Mapping[str, Any], method: Method | None = "full") -> tuple[Messages, Messages]:
    """Errors and warnings by name; unknown names are errors, with the nearest known name.

    Without a method, a name may belong to any.
    """
    errors = errors_in(params, method)
    return errors, warnings_in({name: value for name, value in params.items() if name not in errors})


def errors_in(params: Mapping[str, Any], method: Method | None = "full") -> Messages:
    """What makes `params` invalid, by name; empty when they are valid."""
    errors = {name: found for name, value in params.items() if (found := _errors_of(name, value, method))}
    if params.get("num_epochs") is not None and params.get("num_steps") is not None:
        errors.setdefault("num_steps", []).append("Give num_epochs or num_steps, not both.")
    return errors


def warnings_in(params: Mapping[str, Any]) -> Messages:
    """What is unusual about valid `params`, by name."""
    return {name: found for name, value in params.items() if (found := HYPERPARAMETERS[name].warnings(value))}


def resolve(params: Mapping[str, Any], method: Method = "full") -> dict[str, Scalar]:
    """Every hyperparameter of a method: defaults filled in, exactly one of num_epochs and num_steps set.

    Raises InvalidHyperparameters.
    """
    if errors := errors_in(params, method):
        raise InvalidHyperparameters(errors)
    known = {name: HYPERPARAMETERS[name] for name in names_of(method)}
    values = {name: found.normalized(params.get(name, found.default)) for name, found in known.items()}
    if values["num_steps"] is not None:
        values["num_epochs"] = None
    elif values["num_epochs"] is None:
        values["num_epochs"] = HYPERPARAMETERS["num_epochs"].default
    return values


def _errors_of(name: str, value: Any, method: Method | None) -> list[str]:
    known = HYPERPARAMETERS.get(name)
    if known is None:
        return [f"Unknown hyperparameter.{did_you_mean(name, HYPERPARAMETERS)}"]
    if method and not known.exists_for(method):
        return [f"Only the method {' or '.join(known.methods)} has it; the method is {method}. Remove it."]
    return known.errors(value)
