"""Facts about the folder of an added model, as its page tells them."""

from __future__ import annotations

from tunix.runs.models import BaseModel
from tunix.runs.pages.base_models import facts_of


def test_size_of_the_weights_is_told_in_the_unit_of_all_sizes() -> None:
    model = BaseModel(details_json={"bytes_of_weights": 3 * 1024**3, "layers": 2})

    assert facts_of(model) == [("weights", "3.0 GiB"), ("layers", "2")]
