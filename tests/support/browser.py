"""One reviewer's browser: Debian's Chromium, driven by Playwright."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from support.web_app import Running

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = Path(os.environ.get("SCREENER_CHROMIUM", "/usr/bin/chromium"))
needs_browser = pytest.mark.skipif(
    not CHROMIUM.exists(), reason=f"there is no browser at {CHROMIUM} (apt-get install chromium)"
)
WAIT = 45_000


class Desk:
    """One reviewer's browser. A message of the browser's console is a failure: it may be a breach of the policy."""

    def __init__(
        self, browser: "Browser", app: Running, theme: str = "light", size: tuple[int, int] = (1280, 800)
    ) -> None:
        context = browser.new_context(viewport={"width": size[0], "height": size[1]}, color_scheme=theme)  # type: ignore[arg-type]
        self.page: Page = context.new_page()
        self.page.set_default_timeout(WAIT)
        self.complaints: list[str] = []
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.goto(app.address)
        self.page.wait_for_selector("body.cues-on .stages")  # the class is the script's: it listens to the keys now

    def keys(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def go(self, key: str, wanted: str = "#judge") -> None:
        self.page.wait_for_selector("body.cues-on")
        self.keys("g", key)
        self.page.wait_for_selector(f"body.cues-on {wanted}")

    @property
    def record(self) -> str:
        return self.page.input_value("#judge [name=record]")

    def save(self) -> str:
        """Press Enter and wait for the next record; the one that was saved."""
        name = self.record
        self.keys("Enter")
        self.page.wait_for_function(
            "name => document.querySelector('#judge [name=record]')?.value !== name", arg=name, timeout=WAIT
        )
        return name
