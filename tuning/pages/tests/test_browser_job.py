"""The pages of jobs in a real browser, with scripts and without."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from tuning.choices import JobStatus

from ...tests.factories import make_base_model, make_dataset, make_job, make_trial

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-sync"]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(CHROMIUM is None and not os.environ.get("CI"), reason="there is no Chromium here"),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """One browser for all tests. Playwright runs a loop of its own, in which Django's ORM has to be allowed."""
    from playwright.sync_api import sync_playwright

    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        started.close()
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def page(browser: Any, live_server: Any, user: Any) -> Iterator[Any]:
    """A page, signed in by the form, that fails the test when the browser complains."""
    make_dataset()
    make_base_model()
    opened = browser.new_page(base_url=live_server.url)
    complaints: list[str] = []
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
    opened.goto("/tuning/jobs/")
    opened.fill("#id_username", "ada")
    opened.fill("#id_password", "a-long-password")
    opened.click("input[type=submit]")
    yield opened
    opened.context.close()
    assert complaints == []


def test_a_job_is_created_by_the_form_and_can_be_started(page: Any) -> None:
    page.click("text=New tuning job")
    page.fill("#id_name", "made in a browser")
    page.click("text=Create job")
    page.click("button:has-text('Start')")
    page.wait_for_selector(".chip-queued")
    page.goto("/tuning/jobs/")
    assert page.is_visible("text=made in a browser")


def test_a_fault_is_shown_at_its_field(page: Any) -> None:
    page.goto("/tuning/jobs/new/")
    page.fill("#id_search_space_json", '{"learning_rat": {"type": "uniform", "min": 0.1, "max": 1}}')
    page.click("text=Create job")
    assert "Did you mean" in page.inner_text(".field-search_space_json .errorlist")


def test_the_editor_names_the_line_of_a_fault(page: Any) -> None:
    page.goto("/tuning/jobs/new/")
    page.fill("#id_search_space_json", '{\n  "a": }')
    assert "Line 2" in page.inner_text(".field-search_space_json .json-state")


def test_the_editor_keeps_a_key_that_appears_twice(page: Any) -> None:
    page.goto("/tuning/jobs/new/")
    text = '{"a": {"b": [{"x": "a"}, {"x": ",\\"a\\": {"}]},\n "c": 1,\n "a": 2}'
    page.fill("#id_search_space_json", text)
    said = page.inner_text(".field-search_space_json .json-state")
    assert said == "✗ Line 3, column 2: the key 'a' appears twice"
    assert page.is_disabled(".field-search_space_json button")
    assert page.input_value("#id_search_space_json") == text


def test_the_editor_inserts_a_hyperparameter(page: Any) -> None:
    page.goto("/tuning/jobs/new/")
    page.select_option(".field-search_space_json .json-bar select", "optimizer")
    assert '"adamw"' in page.input_value("#id_search_space_json")


def test_the_editor_inserts_an_example_of_a_kind(page: Any) -> None:
    page.goto("/tuning/jobs/new/")
    page.select_option('.field-search_space_json select[aria-label="Insert an example"]', "logint")
    assert '"type": "logint"' in page.input_value("#id_search_space_json")


def test_hyperparameters_are_offered_only_where_they_belong(page: Any) -> None:
    page.goto("/tuning/jobs/new/")
    assert page.is_visible(".field-fixed_params_json .json-bar select")
    assert page.is_visible(".field-guards_json .json-bar button")
    assert not page.is_visible(".field-guards_json .json-bar select")


def test_the_page_of_a_running_job_follows_it_to_its_end(page: Any) -> None:
    job = make_job(status=JobStatus.RUNNING, num_samples=2)
    make_trial(job)
    page.goto(job.get_absolute_url())
    page.wait_for_selector("#history .main-svg")
    make_trial(job)
    page.wait_for_selector("#trials tbody tr:nth-child(2)")
    type(job).objects.filter(pk=job.pk).update(status=JobStatus.COMPLETED)
    page.wait_for_selector("#job-progress .chip-completed")
    page.wait_for_selector("#trials:not([hx-trigger])")


def test_an_open_menu_stays_open_while_the_page_follows_the_job(page: Any) -> None:
    page.goto(make_job(status=JobStatus.RUNNING).get_absolute_url())
    page.click("details.menu > summary")
    page.wait_for_timeout(2500)
    assert page.is_visible("details.menu li >> text=Clone")
    page.keyboard.press("Escape")
    assert not page.is_visible("details.menu li >> text=Clone")


def test_the_colors_follow_the_switch_of_the_theme(page: Any) -> None:
    def background(theme: str) -> str:
        page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
        return page.evaluate("getComputedStyle(document.body).backgroundColor")

    page.emulate_media(color_scheme="light")
    assert (background("light"), background("dark")) == ("rgb(255, 255, 255)", "rgb(20, 23, 29)")
    assert background("auto") == "rgb(255, 255, 255)"
    page.emulate_media(color_scheme="dark")
    assert background("auto") == "rgb(20, 23, 29)"


def test_a_job_can_be_canceled_without_scripts(browser: Any, page: Any, live_server: Any) -> None:
    job = make_job(status=JobStatus.QUEUED)
    context = browser.new_context(java_script_enabled=False, storage_state=page.context.storage_state())
    plain = context.new_page()
    plain.goto(f"{live_server.url}{job.get_absolute_url()}")
    plain.click("button:has-text('Cancel')")
    assert plain.is_visible("#job-progress .chip-canceled")
    context.close()
