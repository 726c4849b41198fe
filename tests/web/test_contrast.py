"""Text can be read in both themes: WCAG 2 AA asks for 4.5:1, for outlines of controls 3:1."""

import re

import pytest

from screener.web.pages import HERE

CSS = (HERE / "static" / "app.css").read_text(encoding="utf-8")
TEXT = [
    *(("ink", ground) for ground in ("ground", "paper", "accent-soft", "cue-faint", "cue-against-faint")),
    *(("soft", ground) for ground in ("ground", "paper", "accent-soft")),
    *((name, f"{name}-soft") for name in ("yes", "no", "unclear")),
    ("unclear", "ground"), ("accent", "paper"), ("accent", "ground"), ("accent-ink", "accent"),
    ("cue-ink", "cue"), ("cue-against-ink", "cue-against"), ("ground", "ink"),
]  # fmt: skip
OUTLINES = [
    ("edge", "paper"),
    ("edge", "accent-soft"),
    ("focus", "paper"),
    ("focus", "ground"),
    ("accent", "accent-soft"),
    *(("accent", ground) for ground in ("paper", "cue-faint", "cue-against-faint", "cue", "cue-against")),
]


def themes() -> dict[str, dict[str, str]]:
    blocks = re.findall(r"(:root[^{]*)\{([^}]*)\}", CSS)
    colours = [dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6})", body)) for _, body in blocks]
    light, chosen, asked = [found for found in colours if "ink" in found]
    assert chosen == asked, "dark by the system and dark by the switch are two themes"
    return {"light": light, "dark": chosen}


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    bright, dim = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_has_the_contrast_that_wcag_aa_asks_for(theme: str) -> None:
    colours = themes()[theme]
    weak = {pair: round(contrast(*(colours[name] for name in pair)), 2) for pair in TEXT}
    assert {pair: found for pair, found in weak.items() if found < 4.5} == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_outlines_can_be_seen(theme: str) -> None:
    colours = themes()[theme]
    found = {pair: round(contrast(*(colours[name] for name in pair)), 2) for pair in OUTLINES}
    assert {pair: value for pair, value in found.items() if value < 3} == {}
