"""The rooms of the program, read off its imports: counts for the terminal, and the diagram of the architecture page.

`python docs/_scripts/rooms.py` prints the rooms by floor, the arrows between them and the longest chain.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from html import escape
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "screener"
# The blank review's form belongs to a review, not to the program.
NOT_CODE = ("examples/blank",)

BOX, GAP, ROW, MARGIN, LABEL = 118, 14, 84, 20, 15


@dataclass(frozen=True)
class Rooms:
    """The rooms with a line each, and which imports which."""

    about: dict[str, str]
    """What each room is for: the first line of its package's docstring."""
    arrows: frozenset[tuple[str, str]]
    """Pairs (room, room that it imports from)."""

    @cached_property
    def reach(self) -> dict[str, set[str]]:
        """The rooms that each room imports from, directly or through others."""
        reach = {room: {target for source, target in self.arrows if source == room} for room in self.about}
        for middle in self.about:
            for room in self.about:
                if middle in reach[room]:
                    reach[room] |= reach[middle]
        return reach

    @cached_property
    def floors(self) -> dict[str, int]:
        """The floor of each room: 1 imports from no other, n from floor n − 1 at the highest.

        Rooms that import each other in a circle would share a floor.
        """
        floors: dict[str, int] = {}
        for room in sorted(self.about, key=lambda name: len(self.reach[name] | {name})):
            below = [other for other in self.reach[room] if room not in self.reach[other]]
            floors[room] = 1 + max((floors[other] for other in below), default=0)
        return floors

    @property
    def needed(self) -> frozenset[tuple[str, str]]:
        """The arrows that no longer way through other rooms stands for (the transitive reduction)."""
        return frozenset(
            (source, target)
            for source, target in self.arrows
            if not any(target in self.reach[other] for room, other in self.arrows if room == source)
        )


def read(package: Path = PACKAGE) -> Rooms:
    """Read the rooms of `package` and the imports between them, those inside functions included."""
    about = {
        path.parent.name: (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").partition("\n")[0]
        for path in sorted(package.glob("*/__init__.py"))
    }
    arrows = {
        (room, target)
        for path in package.rglob("*.py")
        if not path.relative_to(package).as_posix().startswith(NOT_CODE)
        and (room := path.relative_to(package).parts[0]) in about
        for target in _imported(path, package)
        if target in about and target != room
    }
    return Rooms(about, frozenset(arrows))


def _imported(path: Path, package: Path) -> Iterator[str]:
    """Yield the room of every import in a file, from the package's own name or relative."""
    here = (package.name, *path.relative_to(package).parts[:-1])
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [tuple(alias.name.split(".")) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = here[: len(here) - node.level + 1] if node.level else ()
            base += tuple(node.module.split(".")) if node.module else ()
            names = [(*base, alias.name) for alias in node.names]
        else:
            continue
        yield from (name[1] for name in names if name[0] == package.name and len(name) > 1)


def svg(rooms: Rooms) -> str:
    """Draw the rooms as boxes on their floors, the lowest at the bottom; lines for the arrows that are needed."""
    floors: dict[int, list[str]] = {}
    for room, floor in rooms.floors.items():
        floors.setdefault(floor, []).append(room)
    widest = max(len(names) for names in floors.values())
    width = 2 * MARGIN + widest * (BOX + GAP) - GAP
    height = 2 * MARGIN + len(floors) * ROW - (ROW - 40)
    place = {}
    for floor, names in floors.items():
        free = (width - 2 * MARGIN - len(names) * BOX) / len(names)
        for position, room in enumerate(sorted(names)):
            x = MARGIN + free / 2 + position * (BOX + free)
            place[room] = (x, MARGIN + (len(floors) - floor) * ROW)
    lines = [
        f'<path d="M{place[a][0] + BOX / 2:.0f} {place[a][1] + 40} C{place[a][0] + BOX / 2:.0f} {place[a][1] + 66:.0f} '
        f'{place[b][0] + BOX / 2:.0f} {place[b][1] - 26} {place[b][0] + BOX / 2:.0f} {place[b][1]}"/>'
        for a, b in sorted(rooms.needed)
    ]
    boxes = [
        f'<g><title>{escape(rooms.about[room])}</title><rect x="{x:.0f}" y="{y}" width="{BOX}" height="40" rx="6"/>'
        f'<text x="{x + BOX / 2:.0f}" y="{y + 25}">{room}</text></g>'
        for room, (x, y) in sorted(place.items())
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height}" role="img">'
        "<title>The rooms of screener; a line leads down to a room that is imported from</title>"
        f"<style>rect{{fill:#eef2f8;stroke:#44546a}}path{{fill:none;stroke:#8a94a6}}text{{fill:#1b2430;font:{LABEL}px "
        "system-ui,sans-serif;text-anchor:middle}</style>"
        f'<path d="M0 0H{width:.0f}V{height}H0Z" style="fill:#fff;stroke:none"/>{"".join(lines)}{"".join(boxes)}</svg>\n'
    )


def table(rooms: Rooms) -> str:
    """Return the rooms as a Markdown table, from the top floor down."""
    lines = ["| floor | room | what it is for |", "| --- | --- | --- |"]
    for room in sorted(rooms.about, key=lambda name: (-rooms.floors[name], name)):
        lines.append(f"| {rooms.floors[room]} | `{room}` | {rooms.about[room]} |")
    return "\n".join(lines) + "\n"


def page(rooms: Rooms) -> str:
    """Return the page that lists the rooms."""
    return (
        "# Rooms\n\nThe program's packages, read off its imports. A room imports only from the floors below it; "
        "[Architecture](../explanation/architecture.md) says why.\n\n"
        f"![The rooms on their floors](../images/rooms.svg)\n\n{table(rooms)}\n{counts(rooms)}.\n"
    )


def counts(rooms: Rooms) -> str:
    """Return one line with the number of rooms and arrows, and the longest chain."""
    return (
        f"{len(rooms.about)} rooms, {len(rooms.arrows)} arrows between them, {max(rooms.floors.values())} floors "
        "(the longest chain of imports)"
    )


if __name__ == "__main__":
    found = read()
    print(table(found))
    print(counts(found))
