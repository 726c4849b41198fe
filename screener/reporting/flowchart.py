"""The flow as a drawing: two columns for a page, one for a phone."""

from collections.abc import Mapping, Sequence
from typing import Any

from .drawing import Drawing, Polyline, Rect, Text, text_width, wrap
from .flow_box import PHASES
from .flow_others import LEAD

SIZE, SMALL = 13.5, 12.5
PAD, STEP = 11.0, 17.0
GAP = 26.0
Box = Mapping[str, Any]


def flowchart(flow: Mapping[str, Any], *, narrow: bool = False, column: str = "") -> Drawing:
    """Return the diagram of one column of the flow in the figures; `narrow` sets the side boxes under the main ones."""
    boxes: list[Box] = [box for box in flow["boxes"] if box.get("column", "") == column]
    if column:
        boxes = [*boxes[:1], *map(_without_lead, boxes[1:]), *_end(boxes)]
    fits = not any(box["problems"] for box in boxes)
    total = "All boxes add up." if fits else "Some boxes do not add up; they are red and say so."
    listed = "; ".join(f"{box['title']}: {box['count']:,} {box['unit']}" for box in boxes)
    drawing = Drawing(380 if narrow else 900, 0, "Flow of records, reports and studies", f"{listed}. {total}")
    (_one_column if narrow else _two_columns)(drawing, boxes)
    return drawing


def _without_lead(box: Box) -> Box:
    """Return a box of the column of other methods without what the first box says for all of them."""
    title = str(box["title"]).removeprefix(f"{LEAD}: ")
    return {**box, "title": f"{title[:1].upper()}{title[1:]}"}


def _end(boxes: Sequence[Box]) -> list[Box]:
    """Return the last box of a column of its own: how many of the included reports of the main diagram come from it."""
    ends = [end["count"] for box in boxes for end in box["leaves"] if end["to"] == "included"]
    if not ends:
        return []
    title = "Included (counted in the main diagram)"
    return [{"id": "end", "phase": PHASES[3], "title": title, "unit": "reports", "count": sum(ends), "parts": [],
             "notes": [], "problems": [], "side": False}]  # fmt: skip


def _groups(boxes: Sequence[Box]) -> list[tuple[Box, list[Box]]]:
    """Return each main box with the side boxes that follow it."""
    groups: list[tuple[Box, list[Box]]] = []
    for box in boxes:
        if box["side"] and groups:
            groups[-1][1].append(box)
        else:
            groups.append((box, []))
    return groups


def _two_columns(drawing: Drawing, boxes: Sequence[Box]) -> None:
    left, main, side, wide = 34.0, 380.0, 452.0, 446.0
    groups = _groups(boxes)
    y, bands = 2.0, dict[str, tuple[float, float]]()
    joint, middles = None, dict[str, float]()
    for number, (box, side_boxes) in enumerate(groups):
        sides = [_height(side_box, wide) for side_box in side_boxes]
        phase = str(box["phase"])
        last = number + 1 == len(groups) or groups[number + 1][0]["phase"] != phase
        begun = bands.get(phase, (y, y))[0]
        box_height = _height(box, main)
        tall = max(box_height, sum(sides) + 10 * max(0, len(sides) - 1))
        if last:  # the name of the phase runs along its boxes and must fit
            tall = max(tall, text_width(phase, 12, bold=True) + 14 - (y - begun))
        top = y + (sides[0] - box_height) / 2 if sides and sides[0] > box_height else y
        if joint is not None:
            drawing.add(Polyline([(left + 60, joint), (left + 60, top)], arrow=True))
        side_y = top + (box_height - sides[0]) / 2 if len(sides) == 1 else y
        for side_box, height in zip(side_boxes, sides, strict=True):
            drawing.add(_elbow((left + main, top + box_height / 2), (side, side_y + height / 2)))
            _paint(drawing, side_box, side, side_y, wide)
            side_y += height + 10
        _paint(drawing, box, left, top, main)
        # The studies of a previous version enter no search: they join at the end.
        joint = None if box["id"] == "previous" else top + box_height
        middles[box["id"]] = top + box_height / 2
        bands[phase] = (begun, y + tall)
        y += tall + GAP
    if "previous" in middles and "total" in middles:
        start, end = middles["previous"], middles["total"]
        drawing.add(Polyline([(left, start), (left - 5, start), (left - 5, end), (left, end)], arrow=True))
    for phase, (start, end) in bands.items():
        drawing.add(Rect(2, start, 22, end - start, "band", radius=4))
        drawing.add(Text(17, (start + end) / 2, phase, 12, "accent", "middle", bold=True, turned=True))
    drawing.height = y - GAP + 2


def _elbow(start: tuple[float, float], end: tuple[float, float]) -> Polyline:
    if abs(start[1] - end[1]) < 6:
        return Polyline([start, (end[0], start[1])], arrow=True)
    half = (start[0] + end[0]) / 2 - 3
    return Polyline([start, (half, start[1]), (half, end[1]), end], arrow=True)


def _one_column(drawing: Drawing, boxes: Sequence[Box]) -> None:
    y, phase, inset = 2.0, "", 26.0
    groups = _groups(boxes)
    for number, (box, side_boxes) in enumerate(groups):
        if box["phase"] != phase:
            phase = box["phase"]
            drawing.add(Text(2, y + 12, phase, 13, "accent", bold=True))
            y += 20
        height = _height(box, 376)
        _paint(drawing, box, 2, y, 376)
        y += height
        for side_box in side_boxes:
            tall = _height(side_box, 378 - inset)
            drawing.add(Polyline([(12, y), (12, y + 10 + tall / 2), (inset, y + 10 + tall / 2)], arrow=True))
            _paint(drawing, side_box, inset, y + 10, 378 - inset)
            if side_box is not side_boxes[-1]:
                drawing.add(Polyline([(12, y), (12, y + 10 + tall)]))
            y += 10 + tall
        if number + 1 < len(groups):
            heading = 20 if groups[number + 1][0]["phase"] != phase else 0
            if not side_boxes and not heading and box["id"] != "previous":
                drawing.add(Polyline([(12, y), (12, y + 18)], arrow=True))
            y += 18
    drawing.height = y + 2


def _lines(box: Box, width: float) -> list[tuple[str, str, bool, str]]:
    """Return the lines of a box: text, number at the right, bold, colour."""
    inner = width - 2 * PAD
    count = f"n = {box['count']:,}"
    lines: list[tuple[str, str, bool, str]] = []
    colour = "bad" if box["problems"] else "ink"
    title = wrap(box["title"], inner - text_width(count, SIZE, True) - 12, SIZE, bold=True)
    lines += [(text, count if position == 0 else "", True, colour) for position, text in enumerate(title)]
    for part in box["parts"]:
        number = f"{part['count']:,}"
        text = wrap(part["label"], inner - text_width(number, SMALL) - 14, SMALL)
        lines += [(text_line, number if position == 0 else "", False, "ink") for position, text_line in enumerate(text)]
    for note in box["notes"]:
        lines += [(text_line, "", False, "muted") for text_line in wrap(note, inner, SMALL)]
    for problem in box["problems"]:
        lines += [(text_line, "", False, "bad") for text_line in wrap(f"✕ {problem}", inner, SMALL)]
    return lines


def _height(box: Box, width: float) -> float:
    return 2 * PAD + STEP * len(_lines(box, width)) - 4


def _paint(drawing: Drawing, box: Box, x: float, y: float, width: float) -> None:
    bad = bool(box["problems"])
    drawing.add(
        Rect(x, y, width, _height(box, width), "wash" if bad else "soft" if box["side"] else "paper",
             "bad" if bad else "rule" if box["side"] else "accent", 5, 2 if bad else 1.2)
    )  # fmt: skip
    line = y + PAD + 11
    for text, number, bold, colour in _lines(box, width):
        size = SIZE if bold else SMALL
        drawing.add(Text(x + PAD, line, text, size, colour, bold=bold))
        if number:
            drawing.add(Text(x + width - PAD, line, number, size, colour, "end", bold=bold))
        line += STEP
