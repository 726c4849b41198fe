"""Accessibility as axe-core sees it: what it finds on a page, above what it calls minor."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Page


def violations(page: "Page") -> list[str]:
    """What axe-core finds on a page, a line each: how grave, which rule, and where first."""
    from axe_playwright_python.sync_playwright import Axe

    found: list[dict[str, Any]] = Axe().run(page).response["violations"]
    return [
        f"{one['impact']} {one['id']}: {one['nodes'][0]['html'][:160]}" for one in found if one["impact"] != "minor"
    ]
