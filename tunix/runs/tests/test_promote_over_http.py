"""Promotion of single runs, and promoted models, over HTTP and on their pages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.test import Client
from django.urls import reverse

from tunix.access.tests.factories import make_member
from tunix.runs.models import BaseModel, TunixRun
from tunix.runs.promotion import promote_single_run
from tunix.runs.services import ensure_base_models
from tunix.runs.tests.factories import make_run

from .checkpoints import make_promotable_run

BODY = {"name": "mine", "unconfirmed": True}


def promoted(**overrides: Any) -> BaseModel:
    return promote_single_run(run=make_promotable_run(**overrides), data=BODY, actor=None)


def page(client: Client, model: BaseModel) -> str:
    return client.get(model.get_absolute_url()).content.decode()


def test_the_api_answers_with_the_model_and_its_address(api: Any) -> None:
    run = make_promotable_run()
    answer = api.post(f"/api/runs/{run.pk}/promote", BODY)
    assert (answer.status_code, answer.data["base_model_id"]) == (201, "promoted/mine@1")
    assert answer.data["lineage"]["run"]["run_id"] == run.run_id
    assert api.get(answer["Location"]).data == answer.data


def test_the_api_asks_for_the_word(api: Any) -> None:
    answer = api.post(f"/api/runs/{make_promotable_run().pk}/promote", {"name": "mine"})
    assert (answer.status_code, "unconfirmed" in answer.json()["detail"]) == (409, True)


def test_a_second_time_names_the_version_there_is(api: Any) -> None:
    path = f"/api/runs/{make_promotable_run().pk}/promote/"
    api.post(path, BODY)
    answer = api.post(path, BODY)
    assert (answer.status_code, answer.json()["detail"]) == (409, "This run is promoted/mine@1 already.")


def test_the_api_shows_the_card(api: Any) -> None:
    promoted()
    answer = api.get("/api/models/promoted/mine@1")
    assert answer.data["model_card"].startswith("# promoted/mine@1\n")
    assert api.get("/api/models/promoted/mine@2").status_code == 404


def test_the_list_is_filtered_by_source(api: Any) -> None:
    promoted()
    found = api.get("/api/models", {"source": "promoted"}).data["results"]
    assert [(model["base_model_id"], model["version"]) for model in found] == [("promoted/mine@1", 1)]


def test_runs_are_filtered_by_a_promoted_model(api: Any) -> None:
    make_run(base_model_id=promoted().base_model_id)
    assert api.get("/api/runs", {"base_model": "promoted/mine@1"}).data["count"] == 1


def test_the_button_promotes_and_leads_to_the_model(web: Client) -> None:
    answer = web.post(reverse("runs:run-promote", args=[make_promotable_run().pk]), BODY | {"unconfirmed": "true"})
    assert answer["Location"] == BaseModel.objects.get(name="mine").get_absolute_url()


def test_what_is_refused_is_told_on_the_runs_page(web: Client) -> None:
    run = make_promotable_run()
    answer = web.post(reverse("runs:run-promote", args=[run.pk]), {"name": "Mine"}, follow=True)
    assert answer.redirect_chain[0][0] == run.get_absolute_url()
    assert "Name: Must be 1 to 63" in answer.content.decode()


def test_the_form_asks_for_the_word(web: Client) -> None:
    assert 'name="unconfirmed" value="true" required' in web.get(make_run().get_absolute_url()).content.decode()


def test_a_viewer_sees_why_the_button_is_disabled(client: Client, db: None) -> None:
    client.force_login(make_member("viewer"))
    assert "You have no permission to promote models." in client.get(make_run().get_absolute_url()).content.decode()


def test_an_operator_may_promote(client: Client, db: None) -> None:
    client.force_login(make_member("operator"))
    client.post(reverse("runs:run-promote", args=[make_promotable_run().pk]), BODY | {"unconfirmed": "true"})
    assert BaseModel.objects.get(name="mine").owner is not None


def test_the_models_page_shows_where_it_comes_from(web: Client) -> None:
    model = promoted()
    text = page(web, model)
    assert model.run is not None
    assert f'href="{model.run.get_absolute_url()}"' in text
    assert f'href="{reverse("runs:model-detail", args=["tiny-gemma3"])}"' in text
    assert "Not confirmed: the score of one run" in text


def test_the_card_is_shown_as_text(web: Client, artifacts_dir: Path) -> None:
    model = promoted()
    (artifacts_dir / model.path / "README.md").write_text("<script>alert(1)</script>")
    assert "&lt;script&gt;alert(1)" in page(web, model)


def test_a_model_outlives_its_run_on_its_page_too(web: Client) -> None:
    model = promoted()
    TunixRun.objects.all().delete()
    assert "(deleted)" in page(web, model)


def test_a_card_that_is_gone_is_said(web: Client, artifacts_dir: Path) -> None:
    model = promoted()
    (artifacts_dir / "models").rename(artifacts_dir / "elsewhere")
    assert "The model card is missing" in page(web, model)


def test_a_built_in_model_has_a_page(web: Client) -> None:
    ensure_base_models()
    assert "Base models, nearest first" not in page(web, BaseModel.objects.get(base_model_id="tiny-gemma3"))


def test_the_page_leads_to_a_form_that_is_filled_in(web: Client) -> None:
    address = "?base_model_id=promoted%2Fmine%401&amp;dataset_key=sums"
    assert reverse("runs:run-new") + address in page(web, promoted())
    form = web.get(reverse("runs:run-new") + address.replace("&amp;", "&")).content.decode()
    assert '<option value="promoted/mine@1" selected>' in form


def test_the_list_links_each_model(web: Client) -> None:
    model = promoted()
    text = web.get(reverse("runs:model-list"), {"source": "promoted"}).content.decode()
    assert f'href="{model.get_absolute_url()}"' in text
    assert ">tiny-gemma3</code>" not in text
