"""Whatever the space: what is drawn lies inside it, is plain JSON, and the space survives a round trip."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from tuning.domain.algorithm import Algorithm
from tuning.domain.definition import parse_distribution
from tuning.domain.encoding import decode, encode
from tuning.domain.sampling import Sampler
from tuning.domain.search_space import SearchSpace

numbers = st.floats(-1e6, 1e6, allow_subnormal=False)
positive = st.floats(1e-9, 1e6)
integers = st.integers(-(10**6), 10**6)


def ends(values):
    return st.lists(values, min_size=2, max_size=2, unique=True).map(sorted)


def definitions():
    scalars = st.one_of(numbers, st.integers(2, 99), st.booleans(), st.text("abc", max_size=3), st.none())
    choices = st.lists(scalars, min_size=1, max_size=5, unique_by=lambda value: (isinstance(value, bool), value))
    step = st.tuples(integers, st.integers(1, 9), st.integers(1, 99))
    return st.one_of(
        choices.map(lambda values: {"type": "choice", "values": values}),
        scalars.map(lambda value: {"type": "constant", "value": value}),
        ends(numbers).map(lambda e: {"type": "uniform", "min": e[0], "max": e[1]}),
        ends(positive).map(lambda e: {"type": "loguniform", "min": e[0], "max": e[1]}),
        step.map(lambda s: {"type": "int", "min": s[0], "max": s[0] + s[1] * s[2] + s[1] // 2, "step": s[1]}),
        ends(st.integers(1, 10**6)).map(lambda e: {"type": "int", "min": e[0], "max": e[1], "log": True}),
        st.tuples(st.integers(-99, 99), st.integers(1, 99)).map(
            lambda s: {"type": "quniform", "min": s[0] / 10, "max": (s[0] + s[1]) / 10, "q": 0.1}
        ),
    )


def spaces():
    parameters = st.dictionaries(st.sampled_from("abcde"), definitions().map(parse_distribution), min_size=1)
    return parameters.map(SearchSpace)


@settings(max_examples=40, deadline=None)
@given(spaces(), st.sampled_from(["random", "tpe"]), st.integers(0, 2**32 - 1))
def test_proposals_lie_inside(space, algorithm, seed):
    sampler = Sampler(space=space, algorithm=Algorithm.parse({"name": algorithm}), seed=seed, metric_mode="max")
    params = sampler.ask(0)
    assert space.contains(params)
    assert space.contains(json.loads(json.dumps(params)))


@settings(max_examples=40, deadline=None)
@given(spaces(), st.integers(0, 99))
def test_encoding_is_exact(space, seed):
    sampler = Sampler(space=space, algorithm=Algorithm.parse({"name": "random"}), seed=seed, metric_mode="max")
    params = sampler.ask(0)
    assert decode(space, encode(space, params)) == params


@settings(max_examples=100, deadline=None)
@given(definitions())
def test_definitions_survive_a_round_trip(definition):
    distribution = parse_distribution(definition)
    assert parse_distribution(json.loads(json.dumps(distribution.to_json()))) == distribution


@settings(max_examples=100, deadline=None)
@given(definitions())
def test_extremes_lie_inside(definition):
    distribution = parse_distribution(definition)
    assert all(distribution.contains(value) for _, value in distribution.extremes())
