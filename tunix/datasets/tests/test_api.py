"""`/api/datasets`: import, list, look."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from drf_spectacular.generators import SchemaGenerator

from tunix.datasets.models import Dataset

from .making import import_train, jsonl, make_dataset, pairs

pytestmark = pytest.mark.django_db


def upload(data: bytes, name: str = "rows.jsonl") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)


def post(api: Any, key: Any = "uploaded", **fields: Any) -> Any:
    return api.post("/api/datasets", {"key": key, **fields}, format="multipart")


def test_import(api: Any, user: Any) -> None:
    answer = post(api, train=upload(jsonl(pairs(6))), test=upload(jsonl(pairs(2, 6))), validation_fraction=0)
    assert answer.status_code == 201
    assert (answer.data["train_rows"], answer.data["test_rows"], answer.data["owner"]) == (6, 2, "ada")
    assert answer["Location"] == "http://testserver/api/datasets/uploaded"


def test_import_again_gives_200(api: Any) -> None:
    statuses = [post(api, file=upload(jsonl(pairs(200)))).status_code for _ in range(2)]
    assert statuses == [201, 200]


def test_every_option(api: Any) -> None:
    data = b"q;a\n1;it is #### x\n2;it is #### y\n"
    answer = post(
        api, train=upload(data, "r.txt"), prompt_column="q", answer_column="a", answer_pattern="#### (.+)",
        format="csv", delimiter=";", validation_fraction="0", test_fraction="0", allow_overlap="true",
        source="here", license="MIT", project="team-a",
    )  # fmt: skip
    assert answer.status_code == 201
    assert [answer.data[name] for name in ("source", "license", "project")] == ["here", "MIT", "team-a"]


@pytest.mark.parametrize("name", ["train", "prompt_column", "key"])
def test_a_field_that_the_form_has_twice_is_refused(api: Any, name: str) -> None:
    twice = {
        "train": [upload(jsonl(pairs(6))), upload(jsonl(pairs(8)))],
        "prompt_column": ["q", "a"],
        "key": ["a", "b"],
    }
    answer = post(api, **{"train": upload(jsonl(pairs(6))), name: twice[name]})
    assert answer.json()["errors"] == {name: ["The form has this field twice."]}
    assert not Dataset.objects.filter(key__in=["uploaded", "a", "b"]).exists()


@pytest.mark.parametrize(
    ("name", "data", "path", "words"),
    [
        ("rows.csv", b"prompt;answer\na;b\n", "delimiter", "seem to be separated by ';'"),
        ("rows.json", b'[{"prompt": "a", "answer": "b"}, {"prompt": "c"}]', "file.row 2", "There is no 'answer'."),
        ("rows.jsonl", b'{"prompt": "a", "prompt": "b", "answer": "c"}', "file.1", "The key 'prompt' appears twice"),
        ("rows.parquet", b"PAR1\x15\x04", "file", "The Parquet file is damaged"),
    ],
)
def test_errors_say_what_to_do(name: str, data: bytes, path: str, words: str, api: Any) -> None:
    errors = post(api, file=upload(data, name)).json()["errors"]
    assert list(errors) == [path]
    assert words in errors[path][0]


def test_bad_row_has_a_path(api: Any) -> None:
    answer = post(api, train=upload(jsonl(pairs(11)) + b"{}\n"))
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["train.12"]
    assert not Dataset.objects.filter(key="uploaded").exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("key", "../up"),
        ("format", "xml"),
        ("validation_fraction", "much"),
        ("test_fraction", "nan"),
        ("allow_overlap", "perhaps"),
        ("delimiter", ";;"),
        ("answer_pattern", "("),
        ("project", "no spaces"),
        ("license", "x" * 201),
        ("prompt_column", "none"),
    ],
)
def test_wrong_field(api: Any, field: str, value: str) -> None:
    answer = post(api, **{"file": upload(jsonl(pairs(50))), field: value})
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [field]


def test_unknown_field_has_a_hint(api: Any) -> None:
    answer = post(api, file=upload(jsonl(pairs(9))), validation_faction="0.2")
    assert answer.json()["errors"] == {"validation_faction": ["Unknown field. Did you mean 'validation_fraction'?"]}


def test_taken_key(api: Any) -> None:
    make_dataset("uploaded")
    assert post(api, file=upload(jsonl(pairs(200)))).status_code == 409


def test_body_that_is_no_form(api: Any) -> None:
    assert api.post("/api/datasets", {"key": "x1"}, format="json").status_code == 415


def test_upload_that_is_too_large(api: Any, settings: Any) -> None:
    settings.MAX_UPLOAD_BYTES = 1000
    answer = post(api, file=upload(b"x" * 2000))
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


@pytest.mark.parametrize(
    "disposition",
    [
        "filename*=foo''rows.csv",
        "filename*=unicode_escape''%5Cud800.csv",
        "filename*=hex''zz",
        'filename="../../../rows.csv"',
        'filename="a\x00b.csv"',
    ],
)
def test_name_of_a_file_leads_nowhere(api: Any, disposition: str) -> None:
    fields = {"key": "uploaded", "validation_fraction": "0", "format": "csv"}
    start = "--x\r\nContent-Disposition: form-data; name="
    parts = [f'{start}"{name}"\r\n\r\n{value}\r\n' for name, value in fields.items()]
    file = f'{start}"train"; {disposition}\r\n\r\nprompt,answer\r\na,b\r\n--x--\r\n'
    answer = api.generic("POST", "/api/datasets", "".join([*parts, file]), "multipart/form-data; boundary=x")
    assert answer.status_code in (201, 400)
    if answer.status_code == 201:
        assert "/" not in answer.json()["manifest_json"]["files"]["train"]["name"]


@pytest.mark.parametrize("split", ["../train", "..%2f..%2fetc%2fpasswd", "%2fetc%2fpasswd", "manifest"])
def test_split_that_climbs(api: Any, split: str) -> None:
    make_dataset()
    assert api.get(f"/api/datasets/tiny/rows?split={split}").status_code == 400


def test_rows_behind_a_link_that_leads_out(api: Any, tmp_path: Path) -> None:
    path = make_dataset().folder / "train.jsonl"
    path.rename(tmp_path / "secret.jsonl")
    path.symlink_to(tmp_path / "secret.jsonl")
    assert api.get("/api/datasets/tiny/rows").status_code == 409


def test_list_is_filtered(api: Any, user: Any) -> None:
    make_dataset("mine", owner=user, project="team-a")
    make_dataset("other")
    for query in ("key=in", "owner=ada", "project=team-a", "project=team-a&created_after=2020-01-01"):
        keys = [item["key"] for item in api.get(f"/api/datasets?{query}").data["results"]]
        assert keys == ["mine"], query


def test_list_leaves_the_manifest_out(api: Any) -> None:
    make_dataset()
    assert "manifest_json" not in api.get("/api/datasets").data["results"][0]


def test_list_takes_three_queries(api: Any, django_assert_max_num_queries: Any) -> None:
    for number in range(5):
        make_dataset(f"set-{number}")
    with django_assert_max_num_queries(3):
        api.get("/api/datasets")


def test_detail(api: Any) -> None:
    make_dataset()
    answer = api.get("/api/datasets/tiny/")
    assert answer.data["manifest_json"]["splits"]["train"]["rows"] == 6


def test_rows(api: Any) -> None:
    make_dataset()
    answer = api.get("/api/datasets/tiny/rows?split=train&page=2&page_size=4")
    assert answer.data["count"] == 6
    assert answer.data["results"][0] == {"index": 4, "prompt": "question 4", "answer": "answer 4"}


def test_rows_of_a_split_that_is_empty(api: Any) -> None:
    import_train(jsonl(pairs(3)))
    assert api.get("/api/datasets/tiny/rows?split=test").data["results"] == []


@pytest.mark.parametrize(
    ("query", "status"), [("split=dev", 400), ("split=train&page=99", 404), ("page=x", 404), ("page=0", 404)]
)
def test_rows_that_are_not_there(api: Any, query: str, status: int) -> None:
    make_dataset()
    assert api.get(f"/api/datasets/tiny/rows?{query}").status_code == status


def test_rows_whose_file_is_gone(api: Any) -> None:
    shutil.rmtree(make_dataset().folder)
    assert api.get("/api/datasets/tiny/rows").status_code == 409


def test_the_description_says_that_files_are_sent() -> None:
    schemas = SchemaGenerator().get_schema(request=None, public=True)["components"]["schemas"]
    assert schemas["DatasetImport"]["properties"]["train"]["format"] == "binary"
