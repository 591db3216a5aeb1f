"""Weights & Biases sweep files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tuning.domain.importers import kinds
from tuning.domain.importers.draft import Draft
from tuning.domain.importers.kinds import Kind, exponential
from tuning.domain.importers.spec import Refused, Spec

METHODS = {
    "random": ("random", ""),
    "grid": ("grid", ""),
    "bayes": ("tpe", "Both learn from the trials before, by other models."),
}
MEMBERS = {"value", "values", "min", "max", "distribution", "mu", "parameters"}


def looks_like(data: Any) -> bool:
    """`parameters` is an object of definitions with a word of W&B's."""
    parameters = data.get("parameters") if isinstance(data, Mapping) else None
    if not isinstance(parameters, Mapping):
        return False
    return any(isinstance(item, Mapping) and MEMBERS & set(item) for item in parameters.values())


def translate(data: Mapping[str, Any], draft: Draft) -> None:
    """Parameters, method, metric, run_cap."""
    _parameters(data["parameters"], draft, "parameters", "")
    draft.algorithm("method", data.get("method"), METHODS)
    metric = draft.section(data, "metric")
    if metric:
        draft.objective("metric", metric, metric.get("name"), metric.get("goal", "minimize"))
        draft.target = ("metric.target", metric.get("target"))
    draft.number_of_job("num_samples", "run_cap", data.get("run_cap"))
    stopping = draft.section(data, "early_terminate")
    draft.stopping("early_terminate", stopping, "hyperband" if stopping.get("type") == "hyperband" else None)
    draft.rest(data, ("parameters", "method", "metric", "run_cap", "early_terminate", "name", "description"))


def _parameters(parameters: Mapping[str, Any], draft: Draft, path: str, prefix: str) -> None:
    for name, data in parameters.items():
        full, where = f"{prefix}{name}", f"{path}.{name}"
        nested = data.get("parameters") if isinstance(data, Mapping) else None
        if isinstance(nested, Mapping):
            _parameters(nested, draft, f"{where}.parameters", f"{full}.")
        else:
            draft.parameter(full, where, data, _kind)


def _kind(spec: Spec) -> Kind:
    name = spec.get("distribution") or _meant(spec)
    read = DISTRIBUTIONS.get(name) if isinstance(name, str) else None
    if read is None:
        raise Refused(f"The distribution {name} cannot be translated.")
    return read(spec)


def _meant(spec: Spec) -> str:
    """W&B's own rules for a parameter that does not name its distribution."""
    if "value" in spec:
        return "constant"
    if "values" in spec:
        return "categorical_w_probabilities" if "probabilities" in spec else "categorical"
    if "min" in spec and "max" in spec and "q" not in spec:
        bounds = (spec.get("min"), spec.get("max"))
        return "int_uniform" if all(isinstance(bound, int) for bound in bounds) else "uniform"
    if "mu" in spec and "sigma" in spec:
        return "normal"
    if "value" in spec.data:  # null is a value, too
        return "constant"
    raise Refused("Names no distribution, and its members do not tell which one is meant.")


def _weighted(spec: Spec) -> Kind:
    shares = spec.get("probabilities")
    equal = isinstance(shares, list) and len({str(share) for share in shares}) <= 1
    return kinds.choice(spec.items("values"), [] if equal else ["Probabilities are lost: all values are as likely."])


def _bounds(spec: Spec) -> tuple[float, float]:
    return spec.number("min"), spec.number("max")


def _exponents(spec: Spec) -> tuple[float, float]:
    return exponential(spec.number("min")), exponential(spec.number("max"))


def _inverse(spec: Spec) -> Kind:
    low, high = (exponential(-spec.number(key)) for key in ("max", "min"))
    return kinds.loguniform(low, high)


def _step(spec: Spec) -> float:
    return spec.number("q", 1)


def _bell(spec: Spec) -> tuple[float, float]:
    return spec.number("mu", 0), spec.number("sigma", 1)


DISTRIBUTIONS: dict[str, Callable[[Spec], Kind]] = {
    "constant": lambda spec: kinds.constant(spec.get("value")),
    "categorical": lambda spec: kinds.choice(spec.items("values")),
    "categorical_w_probabilities": _weighted,
    "int_uniform": lambda spec: kinds.whole(spec.whole("min"), spec.whole("max")),
    "uniform": lambda spec: kinds.uniform(*_bounds(spec)),
    "q_uniform": lambda spec: kinds.multiples(*_bounds(spec), _step(spec)),
    "log_uniform": lambda spec: kinds.loguniform(*_exponents(spec)),
    "log_uniform_values": lambda spec: kinds.loguniform(*_bounds(spec)),
    "q_log_uniform": lambda spec: kinds.multiples(*_exponents(spec), _step(spec), log=True),
    "q_log_uniform_values": lambda spec: kinds.multiples(*_bounds(spec), _step(spec), log=True),
    "inv_log_uniform": _inverse,
    "inv_log_uniform_values": lambda spec: kinds.loguniform(*_bounds(spec)),
    "normal": lambda spec: kinds.bell(*_bell(spec)),
    "q_normal": lambda spec: kinds.flat_bell(*_bell(spec), _step(spec)),
    "log_normal": lambda spec: kinds.log_bell(*_bell(spec)),
    "q_log_normal": lambda spec: kinds.log_bell(*_bell(spec), _step(spec)),
}
