"""A machine run in a real browser: live progress in two windows, stop, go on; and what axe finds on its page."""

import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from servers import openai_server
from support.axe import looked_at
from support.browser import WAIT, needs_browser
from support.web_app import site, small_review, worker_of

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.slow, needs_browser]
pytest.importorskip("fastapi")
KEY, VARIABLE = "sk-entered-by-anna-0123456789", "KEY_THAT_NOBODY_HAS_SET"
GPT = (
    '  gpt: {{kind: chat, model: "openai:gpt-5-mini", base_url: "{url}", api_key_env: {variable}, max_concurrency: 2,'
    " price: {{input: 0.25, output: 2}}}}\n"
)


def share(page: Any) -> float:
    """How full the bar is."""
    return float(page.get_attribute(".job progress", "value") or 0) if page.query_selector(".job progress") else 0.0


def test_a_run_is_followed_in_two_windows_stopped_in_one_and_goes_on(
    tmp_path: Path, browser: "Browser", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCREENER_DATA", str(tmp_path / "data"))
    monkeypatch.delenv(VARIABLE, raising=False)
    folder = small_review(tmp_path / "review", 40).root
    script = {"latency_s": 0.3, "require_key": KEY, "faults": [{"kind": "refusal", "contains": "model 1 on"}]}
    with openai_server(script) as server, site(folder) as app:
        protocol = folder / "prompts" / "review.yaml"
        protocol.write_text(protocol.read_text() + GPT.format(url=server.base_url, variable=VARIABLE))
        context = browser.new_context(viewport={"width": 1280, "height": 800})
        context.set_default_timeout(WAIT)
        first, complaints = context.new_page(), list[str]()
        first.on("console", lambda message: complaints.append(message.text))
        first.goto(app.address)
        first.fill("input[name=name]", "Anna")
        first.keyboard.press("Enter")
        first.wait_for_url("**/r/**")
        first.wait_for_selector("body.cues-on")
        for key in ("g", "u"):
            first.keyboard.press(key)
        first.wait_for_url("**/run")
        address = first.url
        first.check("input[value=gpt]")
        first.keyboard.press("Enter")  # in the form: a dry run
        first.fill("input[type=password]", KEY)
        first.keyboard.press("Enter")
        first.wait_for_selector(".job progress[value]")
        second = context.new_page()
        second.goto(address)
        second.wait_for_function("() => document.querySelector('.job progress')?.value > 0.1")
        first.wait_for_function("() => document.querySelector('.job progress')?.value > 0.1")
        before = share(first)
        first.wait_for_function("before => document.querySelector('.job progress')?.value > before", arg=before)
        second.click("text=Stop")
        for page in (first, second):
            page.wait_for_selector(".said:has-text('What was done is kept')")
        first.click("text=Go on")
        first.wait_for_selector(".said:has-text('Done.')")
        assert "39 (which way is hidden" in first.inner_text(".job dl.facts")
        first.click("text=Show which way all the same")
        first.wait_for_selector(".job dl.facts:has-text('unclear)')")
        assert "the model refused" in first.inner_text(".job")
        first.wait_for_function("() => document.querySelectorAll('#run-history tbody tr').length === 2")
        assert max(server.stats()["prompts"].values()) == 1
        found = looked_at(first, address)
        context.close()
    assert "\n".join(found) == ""
    assert complaints == []


def test_an_open_page_tells_that_the_connection_is_lost_and_how_its_job_stands_once_the_program_is_back(
    tmp_path: Path, browser: "Browser", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCREENER_DATA", str(tmp_path / "data"))
    folder = small_review(tmp_path / "review").root
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.set_default_timeout(WAIT)
    page = context.new_page()
    with site(folder) as app:
        page.goto(app.address)
        page.fill("input[name=name]", "Anna")
        page.keyboard.press("Enter")
        page.wait_for_url("**/r/**")
        page.goto(f"{page.url}run")
        page.wait_for_selector("body.cues-on")
        page.check("input[value=embedded]")
        page.click("button:has-text('Dry run')")
        page.wait_for_selector(".said:has-text('It begins in a moment')")
        os.kill(worker := worker_of(app), signal.SIGSTOP)  # it has just been started
        app.process.kill()
        os.kill(worker, signal.SIGKILL)
        page.wait_for_selector(".job:has-text('Connection lost, trying again')")
    with site(folder):
        page.wait_for_selector(".said:has-text('Stopped.')")
        assert "Connection lost" not in page.inner_text("main")
        page.click("text=Go on")
        page.wait_for_selector(".said:has-text('Done.')")
    context.close()
