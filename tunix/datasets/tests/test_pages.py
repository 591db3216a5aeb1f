"""Pages of datasets: list, detail, import."""

from __future__ import annotations

import shutil
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from .making import jsonl, make_dataset, pairs

pytestmark = pytest.mark.django_db


def test_list_links_to_the_data_set(web: Client) -> None:
    make_dataset()
    assert '<a href="/datasets/tiny/">tiny</a>' in web.get("/datasets/").content.decode()


def test_list_is_filtered_and_sorted(web: Client) -> None:
    make_dataset("one")
    make_dataset("other")
    page = web.get("/datasets/?key=o&ordering=-key")
    assert [dataset.key for dataset in page.context["page_obj"]] == ["other", "one"]


def test_detail_shows_splits_and_rows(web: Client) -> None:
    make_dataset()
    text = web.get("/datasets/tiny/?split=test").content.decode()
    assert "Rows of test" in text
    assert "question 10" in text


def test_detail_escapes_what_is_stored(web: Client) -> None:
    from .making import import_train

    import_train(jsonl([("<script>alert(1)</script>", "x")]))
    assert "<script>alert" not in web.get("/datasets/tiny/").content.decode()


def test_detail_without_files_says_so(web: Client) -> None:
    shutil.rmtree(make_dataset().folder)
    assert "The files of this dataset cannot be read." in web.get("/datasets/tiny/").content.decode()


def test_detail_of_an_unknown_key(web: Client) -> None:
    assert web.get("/datasets/nothing/").status_code == 404


def test_import_goes_to_the_new_data_set(web: Client) -> None:
    file = SimpleUploadedFile("rows.jsonl", jsonl(pairs(200)))
    answer = web.post("/datasets/import/", {"key": "fresh", "project": "default", "file": file})
    assert (answer.status_code, answer["Location"]) == (302, "/datasets/fresh/")


def test_import_shows_errors_at_the_field(web: Client) -> None:
    file = SimpleUploadedFile("rows.jsonl", b"{}\n")
    fields = {"key": "fresh", "project": "default", "train": file, "answer_pattern": ""}
    form = web.post("/datasets/import/", fields).context["form"]
    assert form.errors["train"][0].startswith("Line 1: There is no 'prompt'")


def test_import_shows_the_row_of_an_array(web: Client) -> None:
    file = SimpleUploadedFile("rows.json", b'[{"prompt": "a", "answer": "b"}, {"prompt": "c", "answer": null}]')
    form = web.post("/datasets/import/", {"key": "fresh", "project": "default", "file": file}).context["form"]
    assert form.errors["file"] == ["Row 2: 'answer' is null. Give it a text, or leave the row out."]


def test_import_suggests_the_delimiter_at_its_field(web: Client) -> None:
    file = SimpleUploadedFile("rows.csv", b"prompt;answer\na;b\n")
    form = web.post("/datasets/import/", {"key": "fresh", "project": "default", "file": file}).context["form"]
    assert "seem to be separated by ';'" in form.errors["delimiter"][0]


def test_import_under_a_taken_key(web: Client) -> None:
    make_dataset()
    file = SimpleUploadedFile("rows.jsonl", jsonl(pairs(200)))
    form = web.post("/datasets/import/", {"key": "tiny", "project": "default", "file": file}).context["form"]
    assert "choose another" in form.errors["key"][0]


def test_import_that_is_too_large(web: Client, settings: Any) -> None:
    settings.MAX_UPLOAD_BYTES = 1000
    file = SimpleUploadedFile("rows.jsonl", b"x" * 2000)
    answer = web.post("/datasets/import/", {"key": "fresh", "file": file})
    assert answer.status_code == 413
    assert "manage.py import_dataset" in answer.content.decode()


def test_import_needs_its_csrf_token(user: Any) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(user)
    assert strict.post("/datasets/import/", {"key": "fresh"}).status_code == 403


@pytest.mark.parametrize("address", ["/datasets/", "/datasets/import/", "/datasets/tiny/"])
def test_who_may_look(address: str, client: Client, viewer: Any) -> None:
    make_dataset()
    assert client.get(address)["Location"].startswith("/login/")
    client.force_login(viewer)
    assert client.get(address).status_code == 403


def test_admin_shows_and_does_not_change(web: Client) -> None:
    dataset = make_dataset()
    assert "tiny" in web.get("/admin/datasets/dataset/").content.decode()
    assert 'name="_save"' not in web.get(f"/admin/datasets/dataset/{dataset.pk}/change/").content.decode()
