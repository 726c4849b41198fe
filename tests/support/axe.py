"""Accessibility as axe-core sees it: what it finds on a page, above what it calls minor."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Page

SIZES = ((1280, 800), (1024, 768), (390, 844))
BY_COLOUR = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
"""The rules that a dark page may break where a light one does not."""


def violations(page: "Page", options: dict[str, Any] | None = None) -> list[str]:
    """What axe-core finds on a page, a line each: how grave, which rule, and where first."""
    from axe_playwright_python.sync_playwright import Axe

    found: list[dict[str, Any]] = Axe().run(page, options=options).response["violations"]
    return [
        f"{one['impact']} {one['id']}: {one['nodes'][0]['html'][:160]}" for one in found if one["impact"] != "minor"
    ]


def looked_at(page: "Page", address: str) -> list[str]:
    """What is wrong with the page of an address in each size, light and dark: what axe finds, and if it is too wide."""
    page.goto(address)
    page.wait_for_load_state("networkidle")
    return looked_at_now(page, address)


def looked_at_now(page: "Page", name: str) -> list[str]:
    """What is wrong with the page as it is, such as after a click: the same."""
    found = []
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
            lines = violations(page, BY_COLOUR if theme == "dark" else None)
            found += [f"{name} {theme} {width}: {line}" for line in lines]
        wide = page.evaluate("document.documentElement.scrollWidth")
        found += [f"{name} {width}: {wide} pixels wide"] if wide > width else []
    return found
