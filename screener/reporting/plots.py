"""Plots as drawings: recall curve, calibration, bars, numbers by year. Each has its numbers in a table on the page."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .drawing import Dot, Drawing, Polyline, Rect, Text, shorten, text_width

WIDTH, HEIGHT = 480.0, 340.0
ROW = 25.0
LEFT, RIGHT, TOP, BOTTOM = 60.0, 14.0, 12.0, 52.0


class _Axes:
    """A frame with linear axes, or a logarithmic one upwards."""

    def __init__(self, drawing: Drawing, x: tuple[float, float], y: tuple[float, float], *, log: bool = False) -> None:
        self.drawing, self.x_range, self.log = drawing, x, log
        self.y_range = (math.log10(y[0]), math.log10(y[1])) if log else y

    def x(self, value: float) -> float:
        low, high = self.x_range
        return LEFT + (value - low) / ((high - low) or 1) * (self.drawing.width - LEFT - RIGHT)

    def y(self, value: float) -> float:
        low, high = self.y_range
        position = math.log10(value) if self.log else value
        return (
            self.drawing.height - BOTTOM - (position - low) / ((high - low) or 1) * (self.drawing.height - TOP - BOTTOM)
        )

    def frame(self, x_label: str, y_label: str, x_ticks: Sequence[float], y_ticks: Sequence[float]) -> None:
        drawing, bottom = self.drawing, self.drawing.height - BOTTOM
        for tick in y_ticks:
            drawing.add(Polyline([(LEFT, self.y(tick)), (drawing.width - RIGHT, self.y(tick))], "rule", 0.8))
            drawing.add(Text(LEFT - 8, self.y(tick) + 4, _tick(tick), 13, "muted", "end"))
        for tick in x_ticks:
            drawing.add(Polyline([(self.x(tick), bottom), (self.x(tick), bottom + 5)], "muted"))
            drawing.add(Text(self.x(tick), bottom + 19, _tick(tick, self.x_range[1] > 1900), 13, "muted", "middle"))
        drawing.add(Polyline([(LEFT, bottom), (drawing.width - RIGHT, bottom)], "muted"))
        middle = (LEFT + drawing.width - RIGHT) / 2
        drawing.add(Text(middle, drawing.height - 8, x_label, 13.5, "ink", "middle"))
        drawing.add(Text(14, (TOP + bottom) / 2, y_label, 13.5, "ink", "middle", turned=True))


def recall_plot(curve: Mapping[str, Any], title: str, *, provisional: bool = False) -> Drawing:
    """Draw recall against records screened in the order of the reviewer's probabilities, with the line of a random order.

    `provisional` labels are called so in the drawing itself, which may leave the page that says so.
    """
    total = curve["n"]
    text = (
        f"{title}. Of {total:,.0f} records {curve['relevant']:,.0f} are eligible; the line shows the share of them found "
        "when records are screened from the most to the least probable."
    )
    drawing = Drawing(WIDTH, HEIGHT, title, text)
    axes = _Axes(drawing, (0, total), (0, 1))
    axes.frame("records screened, most probable first", "recall", _ticks(total), [0, 0.2, 0.4, 0.6, 0.8, 1])
    drawing.add(Polyline([(axes.x(0), axes.y(0)), (axes.x(total), axes.y(1))], "muted", 1.2, dashed=True))
    points = [(axes.x(x), axes.y(y)) for x, y in zip(curve["screened"], curve["recall"], strict=True)]
    drawing.add(Polyline(points, "accent", 2.5))
    drawing.add(Text(axes.x(total * 0.62), axes.y(0.5), "random order", 13, "muted"))
    return _marked(drawing) if provisional else drawing


def _marked(drawing: Drawing) -> Drawing:
    """Write into a drawing that no person has confirmed the labels behind it."""
    mark = Text(
        drawing.width - RIGHT - 8, drawing.height - BOTTOM - 12, "PROVISIONAL gold", 13, anchor="end", bold=True
    )
    drawing.add(mark)
    return drawing


def calibration_plot(calibration: Mapping[str, Any], title: str, *, provisional: bool = False) -> Drawing:
    """Draw the observed share of relevant records against the mean probability of each bin, with Wilson's intervals."""
    text = f"{title}. {len(calibration['bins'])} bins over {calibration['n']} records; on the diagonal a probability says what happens."
    drawing = Drawing(WIDTH, HEIGHT, title, text)
    axes = _Axes(drawing, (0, 1), (0, 1))
    tenths = [0, 0.2, 0.4, 0.6, 0.8, 1]
    axes.frame("mean probability given", "share eligible in the reference", tenths, tenths)
    drawing.add(Polyline([(axes.x(0), axes.y(0)), (axes.x(1), axes.y(1))], "muted", 1.2, dashed=True))
    largest = max((bin_["n"] for bin_ in calibration["bins"]), default=1)
    for bin_ in calibration["bins"]:
        observed, x = bin_["observed"], axes.x(bin_["predicted"])
        if observed["low"] is not None:
            drawing.add(Polyline([(x, axes.y(observed["low"])), (x, axes.y(observed["high"]))], "accent", 1.4))
        if observed["value"] is not None:
            drawing.add(Dot(x, axes.y(observed["value"]), 3 + 5 * math.sqrt(bin_["n"] / largest)))
    return _marked(drawing) if provisional else drawing


def bar_plot(counts: Mapping[str, int], title: str, unit: str, n: int) -> Drawing:
    """Draw horizontal bars, one for each name, with the count and its share of `n` at its end."""
    names = {name.replace("_", " "): count for name, count in counts.items()}
    wide = _label_width(names)
    listed = ", ".join(f"{name} {count}" for name, count in names.items()) or "no values"
    drawing = Drawing(WIDTH, ROW * len(names) + 6, title, f"{title}, of {n} {unit}: {listed}.")
    largest = max(names.values(), default=0) or 1
    room = WIDTH - wide - 10 - 92
    for number, (name, count) in enumerate(names.items()):
        y, long = 3 + ROW * number, max(1.0, room * count / largest)
        colour = "ink" if count else "muted"
        drawing.add(Text(wide, y + 17, shorten(name, wide, 13.5), 13.5, colour, "end"))
        drawing.add(Rect(wide + 10, y + 3, long, 18, "accent" if count else "rule", radius=2))
        share = f"{count:,} ({count / n:.0%})" if count and n else f"{count:,}"
        drawing.add(Text(wide + 17 + long, y + 17, share, 13.5, colour))
    return drawing


def bubble_plot(by_year: Mapping[str, Mapping[int, int]], title: str) -> Drawing | None:
    """Draw names by year: the area of a dot is the count, which stands in it. None with fewer than two years."""
    years = [year for counts in by_year.values() for year in counts]
    if len(set(years)) < 2:
        return None
    names = {name.replace("_", " "): counts for name, counts in by_year.items() if counts}
    first, last = min(years), max(years)
    wide, high = _label_width(names), 34.0
    listed = "; ".join(f"{name} {', '.join(f'{y}: {n}' for y, n in sorted(f.items()))}" for name, f in names.items())
    drawing = Drawing(WIDTH, high * len(names) + 34, title, f"{title}. {listed}.")
    step = (WIDTH - wide - 30) / (last - first + 1)
    largest = max(n for counts in names.values() for n in counts.values())
    for number, (name, counts) in enumerate(names.items()):
        y = 3 + high * (number + 0.5)
        drawing.add(Text(wide, y + 5, shorten(name, wide, 13.5), 13.5, "ink", "end"))
        drawing.add(Polyline([(wide + 14, y), (WIDTH - 10, y)], "rule", 0.8))
        for year, count in counts.items():
            x = wide + 20 + step * (year - first + 0.5)
            drawing.add(
                Dot(x, y, 8 + 7 * math.sqrt(count / largest)),
                Text(x, y + 4.5, str(count), 12, "paper", "middle", bold=True),
            )
    step_years = max(1, round(46 / step + 0.49))
    for year in range(first, last + 1, step_years):
        drawing.add(Text(wide + 20 + step * (year - first + 0.5), drawing.height - 8, str(year), 13, "muted", "middle"))
    return drawing


def _label_width(names: Iterable[str]) -> float:
    return min(190.0, max((text_width(name, 13.5) for name in names), default=60) + 4)


def year_plot(points: Sequence[Mapping[str, Any]], title: str, label: str) -> Drawing | None:
    """Draw numbers by the year of their study; a logarithmic axis where they span more than two powers of ten."""
    dated = [(int(point["year"]), float(point["value"])) for point in points if point["year"] is not None]
    if len(dated) < 2:
        return None
    values = [value for _, value in dated]
    low, high = min(values), max(values)
    log = low > 0 and high / low > 100
    limits = (
        (10 ** math.floor(math.log10(low)), 10 ** math.ceil(math.log10(high)))
        if log
        else (min(0, low), high * 1.08 or 1)
    )
    first, last = min(y for y, _ in dated), max(y for y, _ in dated)
    drawing = Drawing(WIDTH, 290, title, f"{title}: {len(dated)} values from {low:,g} to {high:,g}, {first} to {last}.")
    axes = _Axes(drawing, (first - 0.5, last + 0.5), limits, log=log)
    steps = (
        [10**e for e in range(round(math.log10(limits[0])), round(math.log10(limits[1])) + 1)] if log else _ticks(high)
    )
    step_years = max(1, -(-(last - first + 1) // 8))
    axes.frame(
        "year of publication", label + (" (log scale)" if log else ""), range(first, last + 1, step_years), steps
    )
    for year, value in dated:
        drawing.add(Dot(axes.x(year), axes.y(value), 5, opacity=0.7))
    return drawing


def _ticks(maximum: float) -> list[float]:
    """Return about five round steps from 0 on."""
    if maximum <= 0:
        return [0]
    power = 10 ** math.floor(math.log10(maximum / 5))
    step = next(s * power for s in (1, 2, 5, 10) if maximum / (s * power) <= 6)
    return [step * i for i in range(int(maximum / step + 1e-9) + 1)]


def _tick(value: float, plain: bool = False) -> str:
    if plain:
        return f"{value:.0f}"
    if value >= 1_000_000:
        return f"{value / 1_000_000:g} M"
    return f"{value:,.0f}" if value >= 10 else f"{value:g}" if value == 0 or abs(value) > 1e-6 else f"{value:.1g}"
