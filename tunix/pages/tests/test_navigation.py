"""What the apps of this project put into each other's pages."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tunix.pages.links import ACCOUNT, AUDIT, NAVIGATION, TOOLS, links_of
from tunix.pages.slots import SLOTS, templates_of


def test_every_slot_is_filled() -> None:
    assert [slot for slot in SLOTS if not templates_of(slot)] == []


@pytest.mark.parametrize("place", [NAVIGATION, TOOLS, AUDIT, ACCOUNT])
def test_every_link_opens(web: Client, place: str) -> None:
    assert {link.label: web.get(reverse(link.view_name)).status_code for link in links_of(place)} == {
        link.label: 200 for link in links_of(place)
    }


@pytest.mark.parametrize(
    ("address", "label"),
    [("/tuning/jobs/new/", "Tuning jobs"), ("/models/", "Models"), ("/leaderboard/", "Leaderboard")],
)
def test_the_navigation_marks_the_current_section(web: Client, address: str, label: str) -> None:
    page = web.get(address).content.decode()
    assert f'aria-current="page">{label}</a>' in page
    assert page.count('aria-current="page"') == 1


def test_the_audit_trail_has_a_tab_for_each_part(web: Client) -> None:
    page = web.get("/audit/others/").content.decode()
    assert '<a href="/audit/others/" aria-current="page">Datasets, runs and tokens</a>' in page
    assert '<a href="/audit/">Tuning jobs</a>' in page


def test_links_are_hidden_from_who_may_not_follow_them(client: Client, viewer: Any) -> None:
    client.force_login(viewer)
    assert "Audit" not in client.get("/tokens/").content.decode()
