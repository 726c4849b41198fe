"""Drawings as plain shapes, painted as SVG here and as PNG in `png.py`, so that both show the same.

Colours are roles (`ink`, `accent`, `bad`…): in the page they follow its light or dark theme, in a file they are fixed.
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
    # Of judgements of risk: blue, yellow, vermilion and greys, which people with any colour vision tell apart (Okabe and Ito).
    "risk-low": "#0072b2",
    "risk-some": "#e69f00",
    "risk-high": "#c04a00",
    "risk-unclear": "#c6ccd2",
    "risk-other": "#e4e7ea",
    "risk-open": "#ffffff",
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
    """Shapes in painting order on a canvas. `title` and `text` describe it to a screen reader."""

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
    """Estimate how wide a text is in a usual sans serif font, rather too wide than too narrow."""
    units = sum(0.38 if c in _NARROW else 0.96 if c in _WIDE else 0.72 if c.isupper() else 0.625 for c in text)
    return units * size * (1.06 if bold else 1.0)


def wrap(text: str, width: float, size: float, bold: bool = False) -> list[str]:
    """Return a text in lines that fit; a word that is too long is broken."""
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
    """Return a text cut to one line, with an ellipsis where something is left out."""
    if text_width(text, size) <= width:
        return text
    while text and text_width(f"{text}…", size) > width:
        text = text[:-1]
    return f"{text.rstrip()}…"


def svg(drawing: Drawing, name: str, *, fixed: bool = False, css: str = "") -> str:
    """Return the drawing as SVG. `name` makes ids unique in a page.

    `fixed` writes a file of its own with fixed colours.
    """
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
    parts += [_shape(shape, fixed) for shape in drawing.shapes]
    return "\n".join([*parts, "</svg>"])


def _shape(shape: Rect | Polyline | Dot | Text, fixed: bool) -> str:
    if isinstance(shape, Rect):
        paint = _paint("fill", shape.fill, fixed) + (_paint("stroke", shape.stroke, fixed) if shape.stroke else "")
        corner = f' rx="{_n(shape.radius)}"' if shape.radius else ""
        weight = f' stroke-width="{_n(shape.weight)}"' if shape.stroke else ""
        return (f'<rect x="{_n(shape.x)}" y="{_n(shape.y)}" width="{_n(shape.width)}" height="{_n(shape.height)}"'
                f"{corner}{weight}{paint}/>")  # fmt: skip
    if isinstance(shape, Dot):
        opacity = f' opacity="{shape.opacity}"' if shape.opacity != 1 else ""
        return f'<circle cx="{_n(shape.x)}" cy="{_n(shape.y)}" r="{_n(shape.radius)}"{opacity}{_paint("fill", shape.fill, fixed)}/>'
    if isinstance(shape, Polyline):
        points = " ".join(f"{_n(x)},{_n(y)}" for x, y in shape.points)
        dashed = ' stroke-dasharray="5 4"' if shape.dashed else ""
        drawn = (f'<polyline points="{points}" fill="none" stroke-width="{_n(shape.weight)}"{dashed}'
                 f"{_paint('stroke', shape.stroke, fixed)}/>")  # fmt: skip
        return drawn + _head(shape, fixed) if shape.arrow else drawn
    bold = ' font-weight="600"' if shape.bold else ""
    anchor = f' text-anchor="{shape.anchor}"' if shape.anchor != "start" else ""
    turned = f' transform="rotate(-90 {_n(shape.x)} {_n(shape.y)})"' if shape.turned else ""
    return (f'<text x="{_n(shape.x)}" y="{_n(shape.y)}" font-size="{_n(shape.size)}"{bold}{anchor}{turned}'
            f"{_paint('fill', shape.fill, fixed)}>{escape(shape.text)}</text>")  # fmt: skip


def arrow_head(line: Polyline) -> list[tuple[float, float]]:
    """Return the three corners of the head at a line's end."""
    (x0, y0), (x1, y1) = line.points[-2:]
    if abs(x1 - x0) >= abs(y1 - y0):
        offset = 7 if x1 < x0 else -7
        return [(x1, y1), (x1 + offset, y1 - 4), (x1 + offset, y1 + 4)]
    offset = 7 if y1 < y0 else -7
    return [(x1, y1), (x1 - 4, y1 + offset), (x1 + 4, y1 + offset)]


def _head(line: Polyline, fixed: bool) -> str:
    points = " ".join(f"{_n(x)},{_n(y)}" for x, y in arrow_head(line))
    return f'<polygon points="{points}"{_paint("fill", line.stroke, fixed)}/>'


def _paint(attribute: str, role: str, fixed: bool) -> str:
    # In the page the colour is the style sheet's, so that it follows light, dark and print.
    return f' {attribute}="{COLOURS[role]}"' if fixed else f' {attribute}="var(--{role})"'


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
