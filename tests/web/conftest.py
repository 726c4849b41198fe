"""A browser, and a reviewer's desk in it."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support.browser import CHROMIUM, Desk
from support.web_app import running

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    sync = pytest.importorskip("playwright.sync_api", reason="Playwright for Python is not installed")
    with sync.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def open_desk(browser: "Browser", folder: Path) -> Iterator[object]:
    with ExitStack() as stack:
        desks: list[Desk] = []

        def make(reviewer: str, theme: str = "light", size: tuple[int, int] = (1280, 800)) -> Desk:
            app = stack.enter_context(running(folder, reviewer))
            desks.append(Desk(browser, app, theme, size))
            return desks[-1]

        yield make
        for desk in desks:
            desk.page.context.close()
            assert desk.complaints == []
