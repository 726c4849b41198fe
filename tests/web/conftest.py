"""A browser with a reviewer's desk in it, and a server in this process."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support.browser import CHROMIUM, Desk
from support.web_app import running, small_review
from support.web_server import Site, served

from screener.team.settings import ServerSettings

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


@pytest.fixture
def desk(browser: "Browser", papers: Path) -> Iterator[Desk]:
    """Ada at work on the review with papers."""
    with running(papers, "ada") as app:
        desk = Desk(browser, app)
        yield desk
        desk.page.context.close()
        assert desk.complaints == []


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small review that no test changes."""
    folder = tmp_path_factory.mktemp("made") / "small"
    small_review(folder, 6)
    return folder


@pytest.fixture
def site(made: Path, tmp_path: Path) -> Iterator[Site]:
    """A server with a copy of it."""
    shutil.copytree(made, tmp_path / "reviews" / "small")
    with served(tmp_path, ServerSettings(reviews=tmp_path / "reviews")) as running:
        yield running
