"""Lists: pages, order, filters; what is not known is refused."""

from __future__ import annotations

from typing import Any

import pytest

from .uploads import post_dataset, rows_file


@pytest.fixture
def three(api: Any) -> Any:
    """The API with three datasets of 3, 1 and 2 rows, called in-a, in-b and in-c."""
    for key, rows in (("in-a", 3), ("in-b", 1), ("in-c", 2)):
        assert post_dataset(api, key=key, train=rows_file(rows)).status_code == 201
    return api


def keys(api: Any, query: str) -> list[str]:
    return [item["key"] for item in api.get(f"/api/datasets?key=in-&{query}").data["results"]]


def test_shape_of_a_list(three: Any) -> None:
    page = three.get("/api/datasets?key=in-").data
    assert (set(page), page["count"]) == ({"count", "next", "previous", "results"}, 3)


def test_pages(three: Any) -> None:
    assert keys(three, "page_size=2&page=2") == ["in-c"]


def test_page_that_is_not_there(three: Any) -> None:
    assert three.get("/api/datasets?page=99").status_code == 404


def test_page_size_has_a_limit(api: Any) -> None:
    post_dataset(api, train=rows_file(250))
    answer = api.get("/api/datasets/uploaded/rows?page_size=100000")
    assert (answer.data["count"], len(answer.data["results"])) == (250, 200)


def test_order(three: Any) -> None:
    assert keys(three, "ordering=-train_rows") == ["in-a", "in-c", "in-b"]


def test_unknown_order(three: Any) -> None:
    answer = three.get("/api/datasets?ordering=secret")
    assert answer.status_code == 400
    assert answer.json()["errors"]["ordering"][0].startswith("Cannot order by secret. Known: key, created_at")


@pytest.mark.parametrize("query", ["schema=none", "owner=nobody", "created_after=soon"])
def test_unknown_value_of_a_filter(three: Any, query: str) -> None:
    answer = three.get(f"/api/datasets?{query}")
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [query.partition("=")[0]]


def test_unknown_filter(three: Any) -> None:
    answer = three.get("/api/datasets?projekt=default")
    assert answer.status_code == 400
    assert answer.json()["errors"] == {"projekt": ["Unknown filter. Did you mean 'project'?"]}


def test_one_object_is_not_filtered(three: Any) -> None:
    assert three.get("/api/datasets/in-a?key=other").status_code == 200


@pytest.mark.parametrize("address", ["/api/datasets", "/api/datasets/in-a", "/api/datasets/in-a/rows"])
def test_with_and_without_a_slash(three: Any, address: str) -> None:
    assert three.get(address).json() == three.get(f"{address}/").json()


@pytest.mark.parametrize("size", ["null", "", "0", "-1", "x"])
def test_page_size_that_is_no_number_is_refused(api: Any, size: str) -> None:
    answer = api.get(f"/api/datasets?page_size={size}")
    assert (answer.status_code, list(answer.data["errors"])) == (400, ["page_size"])


@pytest.mark.parametrize("page", ["null", ""])
def test_page_that_is_no_number_is_not_the_first(api: Any, page: str) -> None:
    assert api.get(f"/api/datasets?page={page}").status_code == 404
