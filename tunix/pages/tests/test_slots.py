"""Places in a page that upper apps fill, and links that they register."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.template import RequestContext, Template
from django.test import RequestFactory

from tunix.pages import links, slots
from tunix.pages.links import Link, links_of, register_links
from tunix.pages.slots import fill_slot, templates_of


@pytest.fixture(autouse=True)
def empty_registries(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test registers is gone after it."""
    monkeypatch.setattr(links, "_LINKS", defaultdict(dict))
    monkeypatch.setattr(slots, "_TEMPLATES", defaultdict(list))


def shown(template: str, **context: Any) -> str:
    request = RequestFactory().get("/")
    request.user, request.resolver_match = AnonymousUser(), None  # type: ignore[assignment]
    return Template("{% load pages %}" + template).render(RequestContext(request, context))


def test_a_slot_shows_what_fills_it_in_the_context_of_the_page() -> None:
    fill_slot("model.links", "partials/_pairs.html")
    text = shown('{% slot "model.links" %}', pairs={"seed": "<0>"})
    assert "<dt>seed</dt>" in text and "&lt;0&gt;" in text


def test_a_slot_that_nobody_fills_is_empty() -> None:
    assert shown('{% slot "run.origin" as origin %}{{ origin|default:"single run" }}') == "single run"


def test_a_template_fills_a_slot_once() -> None:
    fill_slot("run.actions", "a.html")
    fill_slot("run.actions", "a.html")
    assert templates_of("run.actions") == ("a.html",)


@pytest.mark.parametrize("ask", [templates_of, lambda slot: fill_slot(slot, "a.html")])
def test_an_unknown_slot_is_an_error(ask: Any) -> None:
    with pytest.raises(KeyError, match="no slot"):
        ask("run.actoins")


def test_links_are_in_their_order_and_one_view_has_one_link() -> None:
    register_links("navigation", Link("Runs", "runs:run-list", order=2), Link("Jobs", "tuning:job-list", order=1))
    register_links("navigation", Link("All runs", "runs:run-list", order=2))
    assert [link.label for link in links_of("navigation")] == ["Jobs", "All runs"]


def test_a_link_is_current_on_the_pages_below_it() -> None:
    link = Link("Runs", "runs:run-list", order=1, current_on=("runs:run",))
    assert link.is_current("runs:run-detail") and not link.is_current("runs:model-list") and not link.is_current("")


def test_a_link_that_needs_a_permission_is_hidden_from_others() -> None:
    register_links("audit", Link("Audit", "access:audit", order=1, permission="access.view_auditentry"))
    assert "Audit" not in shown('{% links "audit" %}')
