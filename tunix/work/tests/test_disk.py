"""The floor of free space."""

from __future__ import annotations

from typing import Any

import pytest

from tunix.api.exceptions import NoSpace
from tunix.work.disk import free_bytes, lacks_space, refuse_without_space


def test_room_is_no_reason_to_refuse(settings: Any) -> None:
    settings.MIN_FREE_BYTES = 1
    assert lacks_space() == ""


def test_too_little_space_is_reported_with_both_figures(settings: Any) -> None:
    settings.MIN_FREE_BYTES = 1024**6
    assert "GiB are free" in lacks_space()
    assert "1073741824.0 GiB are required" in lacks_space()


def test_a_folder_that_is_not_there_yet_is_measured_where_it_will_be(settings: Any) -> None:
    settings.ARTIFACTS_DIR = settings.ARTIFACTS_DIR / "to" / "be" / "made"
    assert free_bytes() > 0


@pytest.mark.django_db
def test_a_start_without_room_is_refused(settings: Any) -> None:
    settings.MIN_FREE_BYTES = 1024**6
    with pytest.raises(NoSpace, match="MIN_FREE_BYTES"):
        refuse_without_space()
