"""The page and the diagram of the program's rooms, from what `tests/house.py` reads off the imports."""

import ast
import sys
from html import escape
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))

import house

BOX, GAP, ROW, MARGIN = 118, 14, 84, 20
"""Pixels: width of a box, least gap between two, height of a floor, margin of the picture."""


def page() -> str:
    """Return the page that lists the rooms from the top floor down, with a line each."""
    floors, arrows = house.floors(), house.arrows()
    rows = [
        f"| {floors[room]} | `{room}` | {about(room)} |\n"
        for room in sorted(floors, key=lambda name: (-floors[name], name))
    ]
    return (
        "# Rooms\n\nThe program's packages, read off its imports. A room imports only from the floors below it; "
        "[Architecture](../explanation/architecture.md) says why.\n\n![The rooms on their floors](../images/rooms.svg)\n\n"
        f"| floor | room | what it is for |\n| --- | --- | --- |\n{''.join(rows)}\n{len(arrows)} rooms, "
        f"{sum(map(len, arrows.values()))} imports between them; the longest chain has {max(floors.values())} rooms.\n"
    )


def about(room: str) -> str:
    """Return the first line of a room's docstring."""
    text = (house.HOUSE / room / "__init__.py").read_text(encoding="utf-8")
    return (ast.get_docstring(ast.parse(text)) or "").partition("\n")[0]


def needed(arrows: dict[str, set[str]]) -> list[tuple[str, str]]:
    """Return the arrows that no longer way through other rooms stands for (the transitive reduction)."""
    reach: dict[str, set[str]] = {}
    for room in sorted(arrows, key=house.floors().__getitem__):
        reach[room] = arrows[room].union(*(reach[below] for below in arrows[room]))
    return [
        (room, target)
        for room, targets in sorted(arrows.items())
        for target in sorted(targets)
        if not any(target in reach[other] for other in targets)
    ]


def places(floors: dict[str, int]) -> tuple[dict[str, tuple[float, int]], float, int]:
    """Return the upper left corner of each room's box, and the width and height of the picture."""
    rows = [sorted(room for room in floors if floors[room] == floor) for floor in range(max(floors.values()), 0, -1)]
    width = 2 * MARGIN + max(map(len, rows)) * (BOX + GAP) - GAP
    corners = {}
    for row, rooms in enumerate(rows):
        space = (width - 2 * MARGIN) / len(rooms)
        for position, room in enumerate(rooms):
            corners[room] = (MARGIN + (position + 0.5) * space - BOX / 2, MARGIN + row * ROW)
    return corners, width, 2 * MARGIN + len(rows) * ROW - 44


def svg() -> str:
    """Draw the rooms as boxes on their floors, the lowest at the bottom, with lines for the arrows that are needed."""
    corners, width, height = places(house.floors())
    lines = ""
    for source, target in needed(house.arrows()):
        (x, y), (to_x, to_y) = corners[source], corners[target]
        x, to_x = x + BOX / 2, to_x + BOX / 2
        lines += f'<path d="M{x:.0f} {y + 40}C{x:.0f} {y + 66} {to_x:.0f} {to_y - 26} {to_x:.0f} {to_y}"/>'
    boxes = "".join(
        f'<g><title>{escape(about(room))}</title><rect x="{x:.0f}" y="{y}" width="{BOX}" height="40" rx="6"/>'
        f'<text x="{x + BOX / 2:.0f}" y="{y + 25}">{room}</text></g>'
        for room, (x, y) in sorted(corners.items())
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height}" role="img">'
        "<title>The rooms of screener; a line leads down to a room that is imported from</title>"
        "<style>rect{fill:#eef2f8;stroke:#44546a}path{fill:none;stroke:#8a94a6}"
        "text{fill:#1b2430;font:15px system-ui,sans-serif;text-anchor:middle}</style>"
        f'<path d="M0 0H{width:.0f}V{height}H0Z" style="fill:#fff;stroke:none"/>{lines}{boxes}</svg>\n'
    )
