"""Weights & Biases sweep files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tuning.domain.importers import translations
from tuning.domain.importers.draft import Draft
from tuning.domain.importers.field_reader import FieldReader, Untranslatable
from tuning.domain.importers.translations import Translation, exponential

METHODS = {
    "random": ("random", ""),
    "grid": ("grid", ""),
    "bayes": ("tpe", "Both learn from earlier trials, with different models."),
}
EXPONENTS = "min and max are exponents of e"
Read = Callable[[FieldReader], Translation]
MEMBERS = {"value", "values", "min", "max", "distribution", "mu", "parameters"}


def looks_like(data: Any) -> bool:
    """`parameters` is an object of definitions with a word of W&B's."""
    parameters = data.get("parameters") if isinstance(data, Mapping) else None
    if not isinstance(parameters, Mapping):
        return False
    return any(isinstance(item, Mapping) and MEMBERS & set(item) for item in parameters.values())


def translate(data: Mapping[str, Any], draft: Draft) -> None:
    """Parameters, method, metric, run_cap."""
    _parameters(data["parameters"], draft, "parameters", "", _on_grid if data.get("method") == "grid" else _translated)
    draft.algorithm("method", data.get("method"), METHODS)
    metric = draft.section(data, "metric")
    if metric:
        draft.objective("metric", metric, metric.get("name"), metric.get("goal", "minimize"))
        draft.target = ("metric.target", metric.get("target"))
        draft.rest(metric, ("name", "goal", "target"), "metric")
    draft.number_of_job("num_samples", "run_cap", data.get("run_cap"))
    stopping = draft.section(data, "early_terminate")
    draft.stopping("early_terminate", stopping, "hyperband" if stopping.get("type") == "hyperband" else None)
    draft.rest(data, ("parameters", "method", "metric", "run_cap", "early_terminate", "name", "description"))


def _parameters(parameters: Mapping[str, Any], draft: Draft, path: str, prefix: str, read: Read) -> None:
    for name, data in parameters.items():
        full, where = f"{prefix}{name}", f"{path}.{name}"
        nested = data.get("parameters") if isinstance(data, Mapping) else None
        if isinstance(nested, Mapping):
            _parameters(nested, draft, f"{where}.parameters", f"{full}.", read)
        else:
            draft.parameter(full, where, data, read)


def _on_grid(reader: FieldReader) -> Translation:
    """A grid begins at `min` and ends below `max`, whether or not they are multiples of `q`."""
    if reader.get("distribution") != "q_uniform":
        return _translated(reader)
    (low, high), step = _bounds(reader), _step(reader)
    if step <= 0:
        raise Untranslatable("q must be greater than 0.")
    return translations.grid(low, step, translations.arange_length(low, high, step))


def _translated(reader: FieldReader) -> Translation:
    name = reader.get("distribution") or _meant(reader)
    read = DISTRIBUTIONS.get(name) if isinstance(name, str) else None
    if read is None:
        raise Untranslatable(f"The distribution {name} cannot be translated.")
    return read(reader)


def _meant(reader: FieldReader) -> str:
    """W&B's own rules for a parameter that does not name its distribution."""
    if "value" in reader:
        return "constant"
    if "values" in reader:
        return "categorical_w_probabilities" if "probabilities" in reader else "categorical"
    if "min" in reader and "max" in reader and "q" not in reader:
        bounds = (reader.get("min"), reader.get("max"))
        return "int_uniform" if all(isinstance(bound, int) for bound in bounds) else "uniform"
    if "mu" in reader and "sigma" in reader:
        return "normal"
    if "value" in reader.data:  # null is a value, too
        return "constant"
    raise Untranslatable("Names no distribution, and its fields do not show which one is meant.")


def _weighted(reader: FieldReader) -> Translation:
    shares = reader.get("probabilities")
    equal = isinstance(shares, list) and len({str(share) for share in shares}) <= 1
    return translations.choice(
        reader.items("values"), [] if equal else ["Probabilities are lost: all values are equally likely."]
    )


def _bounds(reader: FieldReader) -> tuple[float, float]:
    return reader.number("min"), reader.number("max")


def _exponents(reader: FieldReader) -> Translation:
    """The kinds whose bounds are natural logarithms; `inv_` ones are drawn from the inverse."""
    name, (low, high) = str(reader.get("distribution")), _bounds(reader)
    ends = (-high, -low) if name.startswith("inv_") else (low, high)
    first, last = (exponential(end) for end in ends)
    if name.startswith("q_"):
        found = translations.multiples(first, last, _step(reader), log=True)
    else:
        found = translations.loguniform(first, last)
    is_unlikely = low > 0 and (not name.startswith("inv_") or high <= 1)
    mistaken = f"If {low:g} to {high:g} was meant, the distribution is {name}_values." if is_unlikely else ""
    return translations.of_exponents(found, f"In {name}, {EXPONENTS}", mistaken)


def _step(reader: FieldReader) -> float:
    return reader.number("q", 1)


def _bell(reader: FieldReader) -> tuple[float, float]:
    return reader.number("mu", 0), reader.number("sigma", 1)


DISTRIBUTIONS: dict[str, Read] = {
    "constant": lambda reader: translations.constant(reader.get("value")),
    "categorical": lambda reader: translations.choice(reader.items("values")),
    "categorical_w_probabilities": _weighted,
    "int_uniform": lambda reader: translations.whole(reader.whole("min"), reader.whole("max")),
    "uniform": lambda reader: translations.uniform(*_bounds(reader)),
    "q_uniform": lambda reader: translations.multiples(*_bounds(reader), _step(reader)),
    "log_uniform": _exponents,
    "log_uniform_values": lambda reader: translations.loguniform(*_bounds(reader)),
    "q_log_uniform": _exponents,
    "q_log_uniform_values": lambda reader: translations.multiples(*_bounds(reader), _step(reader), log=True),
    "inv_log_uniform": _exponents,
    "inv_log_uniform_values": lambda reader: translations.loguniform(*_bounds(reader)),
    "normal": lambda reader: translations.bell(*_bell(reader)),
    "q_normal": lambda reader: translations.flat_bell(*_bell(reader), _step(reader)),
    "log_normal": lambda reader: translations.log_bell(*_bell(reader)),
    "q_log_normal": lambda reader: translations.log_bell(*_bell(reader), _step(reader)),
}
