"""What is drawn in the picture of a page: the rules of its tables, and where exactly the letters of a line stand.

Who recognises text says but roughly where a line is: its box is some pixels too large, and the places of its letters
are guessed from its words.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Mask = NDArray[np.bool_]

Box = tuple[float, float, float, float]
"""Left, top, right, bottom in points of the level page."""

_DARK = 0.33
"""How far a pixel is from the paper to be ink, as a share of the way from the paper to the darkest ink."""
_LONG, _SHORT, _ON = 18.0, 6.0, 30.0
"""Points from which a stroke is a rule, and from which it is where it stands in line with one, at most so far
from its end: it parts the cells of a row."""
_WHOLE = 0.94
"""Share of ink in each part of a rule so long: a picture has noise."""
_JOINED = 2.0
"""Points between two strokes of one rule at most."""
_THIN = 3.0
"""Points of the thickness of a rule, and those by which it may be out of level on the whole."""
_ALONE, _BESIDE, _LETTERS = 0.25, 0.6, 60.0
"""Share of a rule's length at which there may be ink right above it, or right below; the same of one that is longer than
so many points: no stroke of a letter is."""
_MOST_RUNS = 20_000
"""Pieces of strokes beyond which a page is a photograph."""
_BEYOND = 0.15
"""How far letters may reach out of the box around their line, in its height."""
_FULL = 0.7
"""Share of ink in a line from which it stands on a dark ground."""
_APART = 0.5
"""Width of a gap, in heights of the font, that parts two words without a blank between them: no letters are so far apart."""

_FEW, _SAMPLE = 2_000, 150_000
"""Pixels of ink without which nothing tells whether a page is level, and those that are looked at."""
_TURN, _TURNS, _AS_SHARP = 0.2, 5, 0.995
"""Degrees between two angles that are tried, how many are on either side, and how near to the best a level page comes."""

_BAR = re.compile(r"[|│丨｜]")
_TALL = re.compile(r"[A-Z0-9bdfhklßÀ-ÖØ-Þ(\[{}\])/|%$&?!]")
_DEEP = re.compile(r"[gjpqyQ(),;\[\]{}|/$@_]")
_WIDE = re.compile(r"[\u2e80-\ud7a3\uf900-\ufaff\uff01-\uff60]")
_SEVERAL, _OFF = 3, 0.2
"""Strokes without which none is a neighbour's, and how far one is from the middle of a letter, in the width of letters."""
_LETTER = re.compile(r"[^\W_]")
_BOX = 1.25
"""Height of the box that is found around a line, in heights of its font."""
_SMALL, _CAPITAL, _DESCENT, _SQUARE = 0.46, 0.68, 0.21, 0.9
"""How high small letters and capitals are, how far letters reach below the line, and the height of CJK signs, in heights
of the font."""


@dataclass(frozen=True)
class Placed:
    """Where a line stands: the edges of its words, its top and bottom, and the height of its font, in points."""

    text: str
    words: tuple[tuple[float, float], ...]
    top: float
    bottom: float
    size: float


class Ink:
    """The ink of a page that was made level: a pixel is one or it is none."""

    def __init__(self, image: "NDArray[Any]", scale: float) -> None:
        """`image` has rows of pixels of three colours, 0 to 255, and `scale` pixels a point."""
        grey = (image[:, :, 0].astype(np.uint16) + 2 * image[:, :, 1] + image[:, :, 2]) >> 2
        paper, darkest = np.percentile(grey[::4, ::4], (75, 0.2))
        self.scale = scale
        self.mask: Mask = grey < paper - _DARK * max(float(paper - darkest), 64.0)
        self.across: tuple[Box, ...] = ()
        self.down: tuple[Box, ...] = ()

    def level(self, about: float) -> float:
        """Return by how many degrees the lines of the page fall to the right, which is about known, and turn it level.

        Then its rules are known, and are no ink any more.
        """
        skew = _skew(self.mask, about)
        if skew:
            self.mask = _levelled(self.mask, skew)
        self.across, self.down = self._rules()
        return skew

    def _rules(self) -> tuple[tuple[Box, ...], tuple[Box, ...]]:
        """Return the rules across and down the page; none of them is in the mask any more."""
        across = _strokes(self.mask, self.scale, _LONG)
        turned = _strokes(np.ascontiguousarray(self.mask.T), self.scale, _SHORT)
        long = [box for box in turned if box[2] - box[0] >= _LONG * self.scale]
        turned = [box for box in turned if box in long or any(_in_line(box, other, _ON * self.scale) for other in long)]
        down = [(top, left, bottom, right) for left, top, right, bottom in turned]
        for left, top, right, bottom in (*across, *down):
            self.mask[max(top - 1, 0) : bottom + 1, max(left - 1, 0) : right + 1] = False
        return tuple(map(self._in_points, across)), tuple(map(self._in_points, down))

    def _in_points(self, box: tuple[int, int, int, int]) -> Box:
        left, top, right, bottom = (round(edge / self.scale, 1) for edge in box)
        return left, top, right, bottom

    def without_rules(
        self, text: str, box: Box, letters: Sequence[tuple[float, float]]
    ) -> tuple[str, Sequence[tuple[float, float]]]:
        """Return a line without the bars in its text that are rules down the page, and the places of its other letters."""
        if not _BAR.search(text) or len(letters) != len("".join(text.split())):
            return text, letters
        middle, slack = (box[1] + box[3]) / 2, (box[3] - box[1]) / 2
        rules = [(rule[0] + rule[2]) / 2 for rule in self.down if rule[1] - 2 <= middle <= rule[3] + 2]
        kept, places, number = "", [], 0
        for character in text:
            if character.isspace():
                kept += character
                continue
            centre = (letters[number][0] + letters[number][1]) / 2
            if _BAR.match(character) and any(abs(x - centre) <= slack for x in rules):
                kept += " "
            else:
                kept += character
                places.append(letters[number])
            number += 1
        return " ".join(kept.split()), places

    def place(self, text: str, box: Box, letters: Sequence[tuple[float, float]]) -> Placed | None:
        """Return where a line stands whose letters (without blanks) are about at `letters`; None where it has no ink.

        Between two letters that stand far apart a blank is put, where none was read.
        """
        more = _BEYOND * (box[3] - box[1])
        around = box[0], box[1] - more, box[2], box[3] + more
        left, top, right, bottom = (round(edge * self.scale) for edge in around)
        left, top = max(left, 0), max(top, 0)
        part = self.mask[top:bottom, left:right]
        if not part.size or part.mean() > _FULL or not part.any():
            return None
        first, last = _band(part.sum(axis=1), round(more * self.scale))
        filled: Mask = np.asarray(part[first:last].any(axis=0))
        centres = [(x0 + x1) / 2 * self.scale - left for x0, x1 in letters]
        _without_neighbours(filled, centres)
        columns = np.flatnonzero(filled)
        size = _font_size(text, (last - first) / self.scale, box[3] - box[1])
        blanks = _blanks(text)
        gaps = _gaps(filled, centres, blanks, _APART * size * self.scale)
        words, edges = [""], [int(columns[0])]
        for number, character in enumerate("".join(text.split())):
            words[-1] += character
            if number in gaps:
                words.append("")
                edges += gaps[number]
        edges.append(int(columns[-1]) + 1)
        if any(x1 <= x0 for x0, x1 in zip(edges[::2], edges[1::2], strict=True)):
            return None
        points = [round((left + edge) / self.scale, 1) for edge in edges]
        spans = tuple(zip(points[::2], points[1::2], strict=True))
        high, low = (top + first) / self.scale, (top + last) / self.scale
        return Placed(" ".join(words), spans, round(high, 1), round(low, 1), round(size, 2))


def _skew(ink: "Mask", about: float) -> float:
    """Return the angle, near the one given or 0, at which the rows of a picture are fullest and emptiest.

    Of angles that do about as well it is the least.
    """
    ys, xs = np.nonzero(ink)
    if len(ys) < _FEW:
        return about
    step = max(len(ys) // _SAMPLE, 1)
    ys, xs = ys[::step].astype(np.float32), xs[::step].astype(np.float32) - ink.shape[1] / 2
    height = ink.shape[0]

    def sharpness(angle: float) -> float:
        rows = np.clip(ys - xs * math.tan(math.radians(angle)), 0, height - 1).astype(np.intp)
        return float((np.bincount(rows, minlength=height).astype(float) ** 2).sum())

    coarse = {0.0, *(about + _TURN * n for n in range(-_TURNS, _TURNS + 1))}
    best = max(coarse, key=sharpness)
    fine = max((best + _TURN * n / _TURNS for n in range(-_TURNS, _TURNS + 1)), key=sharpness)
    return 0.0 if sharpness(0.0) > _AS_SHARP * sharpness(fine) else round(fine, 2)


def _levelled(ink: "Mask", skew: float) -> "Mask":
    """Return a picture turned about its middle so that its lines, which fall by `skew` degrees, are level."""
    height, width = ink.shape
    sine, cosine = math.sin(math.radians(skew)), math.cos(math.radians(skew))
    across = np.arange(width) - width / 2
    level = np.zeros_like(ink)
    for y in range(height):
        down = y - height / 2
        xs = np.rint(across * cosine - down * sine + width / 2).astype(np.intp)
        ys = np.rint(across * sine + down * cosine + height / 2).astype(np.intp)
        inside = (xs >= 0) & (xs < width) & (ys >= 0) & (ys < height)
        level[y, inside] = ink[ys[inside], xs[inside]]
    return level


def _in_line(box: tuple[int, int, int, int], other: tuple[int, int, int, int], most: float) -> bool:
    """Return whether two strokes across are parts of one line, and at most so many pixels apart."""
    near = max(box[0], other[0]) - min(box[2], other[2]) <= most
    return near and abs(box[1] + box[3] - other[1] - other[3]) <= 2 * max(other[3] - other[1], 2)


def _strokes(ink: "Mask", scale: float, points: float) -> list[tuple[int, int, int, int]]:
    """Return the boxes of the rules across a picture, in pixels: thin strokes of so many points and more with nothing
    right above or below them.
    """
    height, width = ink.shape
    length = round(points * scale)
    if width <= length:
        return []
    # A rule that is not quite level goes on in the next row of pixels.
    thick = ink.copy()
    thick[1:] |= ink[:-1]
    sums = np.zeros((height, width + 1), dtype=np.int32)
    np.cumsum(thick, axis=1, out=sums[:, 1:])
    whole = sums[:, length:] - sums[:, :-length] >= _WHOLE * length
    groups: list[list[int]] = []
    open_groups: list[list[int]] = []
    count, near = 0, round(_JOINED * scale)
    for y in np.flatnonzero(whole.any(axis=1)):
        open_groups = [group for group in open_groups if group[3] >= y - 1]
        for start, end in _runs(whole[y]):
            left, right = start, end + length - 1
            touching = [group for group in open_groups if group[0] <= right + near and left <= group[2] + near]
            lefts, tops, rights = [left], [int(y)], [right]
            for other in touching:
                lefts, tops, rights = [*lefts, other[0]], [*tops, other[1]], [*rights, other[2]]
            group = [min(lefts), min(tops), max(rights), int(y) + 1]
            open_groups = [*(g for g in open_groups if g not in touching), group]
            groups = [*(g for g in groups if g not in touching), group]
            count += 1
        if count > _MOST_RUNS:
            return []
    boxes = [_trimmed(ink, (group[0], group[1], group[2], group[3])) for group in groups]
    return [box for box in boxes if box[3] - box[1] <= _THIN * scale and _is_alone(ink, box, scale)]


def _trimmed(ink: "Mask", box: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
    """Return a box with its left and right edge where its ink begins and ends."""
    left, top, right, bottom = box
    columns = np.flatnonzero(ink[top:bottom, left:right].any(axis=0))
    return left + int(columns[0]), top, left + int(columns[-1]) + 1, bottom


def _runs(row: "Mask") -> list[tuple[int, int]]:
    """Return the beginning and end of what is set in a row of pixels."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], row, [False]]).astype(np.int8)))
    return [(int(start), int(end)) for start, end in zip(edges[::2], edges[1::2], strict=True)]


def _is_alone(ink: "Mask", box: tuple[int, int, int, int], scale: float) -> bool:
    left, top, right, bottom = box
    reach = max(round(scale), 2)
    above = ink[max(top - 1 - reach, 0) : max(top - 1, 0), left:right].any(axis=0)
    below = ink[bottom + 1 : bottom + 1 + reach, left:right].any(axis=0)
    most = _ALONE if right - left < _LETTERS * scale else _BESIDE
    return not any(part.size and part.mean() > most for part in (above, below))


def _band(profile: "NDArray[Any]", beyond: int) -> tuple[int, int]:
    """Return the rows of pixels of a line in its box, at whose edges those of its neighbours may reach in.

    They are the filled ones around the middle, and within the box, without `beyond` pixels on either side, those beyond
    a gap that is no wider than that of an i and its dot.
    """
    runs = _runs(profile > 0)
    middle = len(profile) / 2
    first, last = max(runs, key=lambda run: (profile[run[0] : run[1]].sum(), -abs(sum(run) / 2 - middle)))
    slack = max(0.18 * (len(profile) - 2 * beyond), 1)
    for start, end in reversed(runs):
        if end <= first and first - end <= slack and start >= beyond > 0:
            first = start
    for start, end in runs:
        if start >= last and start - last <= slack and end <= len(profile) - beyond:
            last = end
    return first, last


def _without_neighbours(filled: "Mask", centres: Sequence[float]) -> None:
    """Leave out the ink at the ends of a line's box that is cut off by them, and stands beside its first and last letter.

    It is that of the next cell.
    """
    runs = _runs(filled)
    step = (centres[-1] - centres[0]) / max(len(centres) - 1, 1)
    if len(runs) < len(centres) / 2 or len(runs) < _SEVERAL:
        return
    if runs[0][0] == 0 and runs[0][1] < centres[0] - _OFF * step:
        filled[: runs[0][1]] = False
    if runs[-1][1] == len(filled) and runs[-1][0] > centres[-1] + _OFF * step:
        filled[runs[-1][0] :] = False


def _blanks(text: str) -> set[int]:
    """Return the letters, counted without blanks, behind which a text has one."""
    ends = list(accumulate(len(word) for word in text.split()))
    return {end - 1 for end in ends[:-1]}


def _gaps(filled: "Mask", centres: Sequence[float], blanks: set[int], wide: float) -> dict[int, tuple[int, int]]:
    """Return the gaps between the words of a line, by the letter in front of each: at its blanks, and where it is wide.

    `filled` tells which columns have ink, `centres` about where each letter is. A wide gap is that between two letters
    next to it, rather where there is a blank.
    """
    step = (centres[-1] - centres[0]) / max(len(centres) - 1, 1)
    ink = np.flatnonzero(filled)
    runs = [run for run in _runs(~filled) if ink[0] < run[0] < ink[-1]]
    found: dict[int, tuple[int, int]] = {}
    free = 0
    for start, end in (run for run in runs if run[1] - run[0] > wide):
        places = range(free, len(centres) - 1)

        def distance(number: int, start: int = start, end: int = end) -> float:
            middle = (centres[number] + centres[number + 1]) / 2
            beyond = max(start - middle, middle - end, 0.0)
            return beyond + abs(middle - (start + end) / 2) / 100 + step * (number not in blanks)

        if not places:
            break
        best = min(places, key=distance)
        found[best] = start, end
        free = best + 1
    for number in blanks - set(found):
        before, after = centres[number], centres[number + 1]
        low = max((end for at, (_, end) in found.items() if at < number), default=0)
        high = min((start for at, (start, _) in found.items() if at > number), default=len(filled))
        near = [
            run for run in runs if before - step / 2 < sum(run) / 2 < after + step / 2 and low < run[0] < run[1] < high
        ]
        middle = min(max(round((before + after) / 2), low), high)
        found[number] = max(near, key=lambda run: run[1] - run[0], default=(middle, middle))
    return found


def _font_size(text: str, height: float, box: float) -> float:
    """Return the height of the font of a line whose ink is so high, by its letters; by its box where it has none."""
    if not _LETTER.search(text):
        return box / _BOX
    if _WIDE.search(text):
        return height / _SQUARE
    share = (_CAPITAL if _TALL.search(text) else _SMALL) + (_DESCENT if _DEEP.search(text) else 0.0)
    return height / share
