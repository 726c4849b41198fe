"""Drawings as plain shapes, painted as SVG here and as PNG in `png.py`, so that both show the same.

Colours are roles (`ink`, `accent`, `bad`…): in the page they follow its light or dark look, in a file they are fixed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Literal

Anchor = Literal["start", "middle", "end"]
COLOURS = {
    "ink": "#1d2329",
    "muted": "#5b6570",
    "rule": "#c6ccd2",
    "soft": "#f1f3f5",
    "paper": "#ffffff",
    "accent": "#1f5f8b",
    "band": "#d7e6f0",
    "bad": "#b3261e",
    "wash": "#fdecea",
}
"""The fixed colours, by role."""
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"


@dataclass(frozen=True)
class Rect:
    """A rectangle with its upper left corner at (x, y)."""

    x: float
    y: float
    width: float
    height: float
    fill: str = "paper"
    stroke: str = ""
    radius: float = 0
    weight: float = 1


@dataclass(frozen=True)
class Polyline:
    """A polyline; with `arrow` it ends in a head, `dashed` is for what is expected and not measured."""

    points: Sequence[tuple[float, float]]
    stroke: str = "muted"
    weight: float = 1
    arrow: bool = False
    dashed: bool = False


@dataclass(frozen=True)
class Dot:
    """A filled circle."""

    x: float
    y: float
    radius: float = 4
    fill: str = "accent"
    opacity: float = 1


@dataclass(frozen=True)
class Text:
    """One line of text; y is its baseline. `turned` reads upwards."""

    x: float
    y: float
    text: str
    size: float = 13
    fill: str = "ink"
    anchor: Anchor = "start"
    bold: bool = False
    turned: bool = False


@dataclass
class Drawing:
    """Shapes in painting order on a canvas. `title` and `text` are what a screen reader says of it."""

    width: float
    height: float
    title: str
    text: str
    shapes: list[Rect | Polyline | Dot | Text] = field(default_factory=list)

    def add(self, *shapes: Rect | Polyline | Dot | Text) -> None:
        """Paint these on top."""
        self.shapes += shapes


_NARROW, _WIDE = set("iljtfr.,:;'|!()[] I1"), set("mwMWQO@%&")


def text_width(text: str, size: float, bold: bool = False) -> float:
    """About how wide a text is in a usual sans serif font, rather too wide than too narrow."""
    units = sum(0.38 if c in _NARROW else 0.96 if c in _WIDE else 0.72 if c.isupper() else 0.625 for c in text)
    return units * size * (1.06 if bold else 1.0)


def wrap(text: str, width: float, size: float, bold: bool = False) -> list[str]:
    """A text in lines that fit; a word that is too long is broken."""
    lines: list[str] = []
    line = ""
    for word in (part for whole in text.split() for part in _pieces(whole, width, size, bold)):
        joined = f"{line} {word}".strip()
        if line and text_width(joined, size, bold) > width:
            lines.append(line)
            line = word
        else:
            line = joined
    return [*lines, line]


def _pieces(word: str, width: float, size: float, bold: bool) -> list[str]:
    if text_width(word, size, bold) <= width:
        return [word]
    length = max(4, int(len(word) * width / text_width(word, size, bold)) - 1)
    return [word[start : start + length] for start in range(0, len(word), length)]


def shorten(text: str, width: float, size: float) -> str:
    """A text cut to one line, with an ellipsis where something is left out."""
    if text_width(text, size) <= width:
        return text
    while text and text_width(f"{text}…", size) > width:
        text = text[:-1]
    return f"{text.rstrip()}…"


def svg(drawing: Drawing, name: str, *, fixed: bool = False, css: str = "") -> str:
    """The drawing as SVG. `name` makes ids unique in a page; `fixed` writes a file of its own with fixed colours."""
    head = f'viewBox="0 0 {_n(drawing.width)} {_n(drawing.height)}" role="img" aria-labelledby="{name}-t {name}-d"'
    if fixed:
        head = f'xmlns="http://www.w3.org/2000/svg" width="{_n(drawing.width)}" height="{_n(drawing.height)}" {head}'
    classes = f' class="{css}"' if css else ""
    parts = [f"<svg{classes} {head}>", f'<title id="{name}-t">{escape(drawing.title)}</title>',
             f'<desc id="{name}-d">{escape(drawing.text)}</desc>']  # fmt: skip
    if fixed:
        parts += [
            f"<style>text{{font-family:{FONT}}}</style>",
            _shape(Rect(0, 0, drawing.width, drawing.height), fixed),
        ]
    parts += [_shape(one, fixed) for one in drawing.shapes]
    return "\n".join([*parts, "</svg>"])


def _shape(one: Rect | Polyline | Dot | Text, fixed: bool) -> str:
    if isinstance(one, Rect):
        look = _paint("fill", one.fill, fixed) + (_paint("stroke", one.stroke, fixed) if one.stroke else "")
        corner = f' rx="{_n(one.radius)}"' if one.radius else ""
        weight = f' stroke-width="{_n(one.weight)}"' if one.stroke else ""
        return (f'<rect x="{_n(one.x)}" y="{_n(one.y)}" width="{_n(one.width)}" height="{_n(one.height)}"'
                f"{corner}{weight}{look}/>")  # fmt: skip
    if isinstance(one, Dot):
        opacity = f' opacity="{one.opacity}"' if one.opacity != 1 else ""
        return f'<circle cx="{_n(one.x)}" cy="{_n(one.y)}" r="{_n(one.radius)}"{opacity}{_paint("fill", one.fill, fixed)}/>'
    if isinstance(one, Polyline):
        points = " ".join(f"{_n(x)},{_n(y)}" for x, y in one.points)
        dashed = ' stroke-dasharray="5 4"' if one.dashed else ""
        drawn = (f'<polyline points="{points}" fill="none" stroke-width="{_n(one.weight)}"{dashed}'
                 f"{_paint('stroke', one.stroke, fixed)}/>")  # fmt: skip
        return drawn + _head(one, fixed) if one.arrow else drawn
    bold = ' font-weight="600"' if one.bold else ""
    anchor = f' text-anchor="{one.anchor}"' if one.anchor != "start" else ""
    turned = f' transform="rotate(-90 {_n(one.x)} {_n(one.y)})"' if one.turned else ""
    return (f'<text x="{_n(one.x)}" y="{_n(one.y)}" font-size="{_n(one.size)}"{bold}{anchor}{turned}'
            f"{_paint('fill', one.fill, fixed)}>{escape(one.text)}</text>")  # fmt: skip


def arrow_head(line: Polyline) -> list[tuple[float, float]]:
    """The three corners of the head at a line's end."""
    (x0, y0), (x1, y1) = line.points[-2:]
    if abs(x1 - x0) >= abs(y1 - y0):
        back = 7 if x1 < x0 else -7
        return [(x1, y1), (x1 + back, y1 - 4), (x1 + back, y1 + 4)]
    back = 7 if y1 < y0 else -7
    return [(x1, y1), (x1 - 4, y1 + back), (x1 + 4, y1 + back)]


def _head(line: Polyline, fixed: bool) -> str:
    points = " ".join(f"{_n(x)},{_n(y)}" for x, y in arrow_head(line))
    return f'<polygon points="{points}"{_paint("fill", line.stroke, fixed)}/>'


def _paint(what: str, role: str, fixed: bool) -> str:
    # In the page the colour is the style sheet's, so that it follows light, dark and print.
    return f' {what}="{COLOURS[role]}"' if fixed else f' {what}="var(--{role})"'


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
