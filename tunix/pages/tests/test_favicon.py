"""The icon of the site."""

from __future__ import annotations

from django.contrib.staticfiles import finders
from django.test import Client


def test_the_favicon_leads_to_the_icon_without_a_login(client: Client) -> None:
    answer = client.get("/favicon.ico")
    assert answer.status_code == 302
    assert answer["Location"] == "/static/site/mark.svg"
    assert finders.find("site/mark.svg") is not None


def test_every_page_names_the_icon(client: Client, db: None) -> None:
    assert (
        '<link rel="icon" type="image/svg+xml" href="/static/site/mark.svg">' in client.get("/login/").content.decode()
    )
