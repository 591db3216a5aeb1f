"""Whatever JSON comes, it becomes a definition or errors that can be sent."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from tuning.domain.job_definition import FIELDS, InvalidJob, JobDefinition
from tuning.domain.tests.factories import make_request
from tunix.pipeline.hyperparameters import HYPERPARAMETERS

text = st.text(max_size=8) | st.just("\ud800\x00")
scalars = st.none() | st.booleans() | st.integers() | st.floats() | text | st.just(10**400)
keys = text | st.sampled_from([*HYPERPARAMETERS, "type", "min", "max", "q", "step", "log", "values", "value", "name"])
kinds = st.sampled_from(["uniform", "loguniform", "quniform", "int", "choice", "constant", "grid", "random", "tpe"])
values = st.recursive(
    scalars | kinds, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4), max_leaves=12
)
definitions = st.dictionaries(st.sampled_from(["min", "max", "q", "step", "log", "values"]), scalars, min_size=2)
spaces = st.dictionaries(keys, st.builds(lambda kind, rest: {"type": kind, **rest}, kinds, definitions), max_size=3)


@settings(max_examples=50, deadline=None)
@given(st.dictionaries(st.sampled_from(FIELDS), values, max_size=4), spaces | values)
def test_any_json_is_read_or_refused(overrides, space):
    try:
        definition = JobDefinition.parse(make_request(search_space_json=space) | overrides)
    except InvalidJob as invalid:
        assert json.dumps(invalid.errors, ensure_ascii=False, allow_nan=False).encode()
    else:
        assert JobDefinition.parse(definition.to_json()) == definition
