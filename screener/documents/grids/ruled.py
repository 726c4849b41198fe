"""Tables that rules set off from the rest of a page: they are found before the order in which the page is read."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ..pages.marks import is_caption, is_figure
from ..pages.order import lines_of, reading_order
from ..pages.sections import Box, GridTable, LineRow, Piece, Rules
from .grid import grid_of

_NARROW = 40.0
"""Points below which a rule sets off no table."""
_SAME = 4.0
"""Points by which the ends of rules of one table are apart."""
_EMPTY = 30.0
"""Points between two rules with nothing between them that are of one table."""
_HEAD = 50.0
"""Points above the first rule of a table within which its head is looked for, where none stands below it."""
_WIDE = 0.75
"""Share of the width of a table from which a line in one piece is prose."""


@dataclass(frozen=True)
class _Region:
    box: Box
    pieces: list[Piece]
    rows: list[LineRow]


def read_in_order(
    pieces: Sequence[Piece], rules: Rules, width: float, middle: float | None = None
) -> tuple[list[LineRow], list[GridTable]]:
    """Return the rows of a page in the order in which they are read, and the tables among them that rules set off."""
    regions = list(_regions(pieces, rules))
    if not regions:
        return reading_order(pieces, width, middle), []
    inside = {id(piece) for region in regions for piece in region.pieces}
    signs = [_sign(n, region) for n, region in enumerate(regions)]
    rows: list[LineRow] = []
    for row in reading_order([*(piece for piece in pieces if id(piece) not in inside), *signs], width, middle):
        rows += _with_tables(row, regions)
    return rows, [GridTable(region.rows) for region in regions]


_SIGN = "\0table"


def between(rules: Rules, pieces: Sequence[Piece]) -> Iterator[Piece]:
    """Yield the pieces that stand between two rules which may be those of a table."""
    if not rules.across:
        return
    runs = [run for alike in _alike(rules) for run in _runs(alike, pieces)]
    boxes = [(run[0][0], run[0][1] - _HEAD, run[0][2], run[-1][3]) for run in runs]
    yield from (piece for piece in pieces if any(_holds(box, piece) for box in boxes))


def _sign(number: int, region: _Region) -> Piece:
    """Return what stands for a table while columns are looked for: a line as wide as it, where it begins."""
    x0, top, x1, _ = region.box
    size = region.rows[0].size
    return Piece(_SIGN, -number - 1, x0, top, x1, top + size, size)


def _with_tables(row: LineRow, regions: Sequence[_Region]) -> Iterator[LineRow]:
    """Yield a row, or for the sign of a table the rows of it; what stands beside it is a row of its own."""
    if not any(piece.text == _SIGN for piece in row.pieces):
        yield row
        return
    for piece in row.pieces:
        if piece.text != _SIGN:
            yield LineRow(
                [piece], row.column, piece.x0, piece.top, piece.x1, piece.bottom, piece.size, piece.bold, row.left,
                row.right, piece.text,
            )  # fmt: skip
            continue
        for line in regions[-piece.index - 1].rows:
            line.column, line.left, line.right = row.column, row.left, row.right
            yield line


def _regions(pieces: Sequence[Piece], rules: Rules) -> Iterator[_Region]:
    """Yield the tables between rules of one width, one below the other."""
    taken: list[Box] = []
    candidates = [run for rules_alike in _alike(rules) for run in _runs(rules_alike, pieces)]
    for run in sorted(candidates, key=lambda run: (run[0][0] - run[0][2]) * (run[-1][3] - run[0][1])):
        box = _with_open_ends((run[0][0], run[0][1], run[0][2], run[-1][3]), rules)
        if any(box[0] < other[2] and box[2] > other[0] and box[1] < other[3] and box[3] > other[1] for other in taken):
            continue
        box = _with_head(box, pieces)
        inside = [piece for piece in pieces if _holds(box, piece)]
        rows = grid_of(lines_of(inside), rules.within(box))
        if rows:
            taken.append(box)
            yield _Region(box, inside, rows)


def _alike(rules: Rules) -> list[list[Box]]:
    """Return the rules across that begin and end below each other, in groups of two at least."""
    groups: list[list[Box]] = []
    for rule in rules.across:
        if rule[2] - rule[0] < _NARROW:
            continue
        for group in groups:
            if abs(group[-1][0] - rule[0]) < _SAME and abs(group[-1][2] - rule[2]) < _SAME:
                group.append(rule)
                break
        else:
            groups.append([rule])
    return [group for group in groups if len(group) > 1]


def _runs(rules: Sequence[Box], pieces: Sequence[Piece]) -> Iterator[list[Box]]:
    """Yield the rules that have the lines of one table between them."""
    run, held = [rules[0]], 0
    for above, below in pairwise(rules):
        box = (above[0], above[1], above[2], below[3])
        inside = [piece for piece in pieces if _holds(box, piece)]
        if (not inside and below[1] - above[1] > _EMPTY) or _is_other(inside, box, pieces):
            if held > 1:
                yield run
            run, held = [below], 0
        else:
            run.append(below)
            held += _several(inside)
    if held > 1:
        yield run


def _several(pieces: Sequence[Piece]) -> int:
    """Return 0 for no pieces, 1 where they stand in one line, else 2."""
    middles = [piece.top + piece.bottom for piece in pieces]
    return 0 if not middles else 1 + (max(middles) - min(middles) > 1.2 * pieces[0].size)


def _holds(box: Box, piece: Piece) -> bool:
    x, y = (piece.x0 + piece.x1) / 2, (piece.top + piece.bottom) / 2
    return box[0] - 2 <= x <= box[2] + 2 and box[1] <= y <= box[3]


def _is_other(inside: Sequence[Piece], box: Box, pieces: Sequence[Piece]) -> bool:
    """Return whether what stands between two rules belongs to no table: prose, a caption, a line across their ends."""
    for piece in pieces:
        level = box[1] < (piece.top + piece.bottom) / 2 < box[3] and piece.x1 > box[0] and piece.x0 < box[2]
        if level and (piece.x0 < box[0] - 2 * piece.size or piece.x1 > box[2] + 2 * piece.size):
            return True
    if any(is_caption(piece.text) for piece in inside):
        return True
    wide = (piece.text.split() for piece in inside if piece.x1 - piece.x0 > _WIDE * (box[2] - box[0]))
    return sum(2 * sum(map(is_figure, words)) < len(words) for words in wide) > 1


def _with_head(box: Box, pieces: Sequence[Piece]) -> Box:
    """Return the box of a table whose first line is one of figures with the lines right above its first rule: its head."""
    x0, top, x1, bottom = box
    lines = lines_of(piece for piece in pieces if _holds((x0, top - _HEAD, x1, bottom), piece))
    below = [line for line in lines if line.middle > top]
    figures = [is_figure(word) for word in below[0].text.split()] if below else []
    if 2 * sum(figures) < len(figures) or sum(figures) < 2:
        return box
    above = [line for line in lines if line.middle < top]
    cells = 0
    for line in reversed(above):
        wide = max(piece.x1 - piece.x0 for piece in line.pieces) > 0.5 * (x1 - x0)
        apart = any(gap[2] - gap[1] > line.size for piece in line.pieces for gap in piece.gaps or ())
        if top - line.bottom > 0.6 * line.size or (wide and not apart) or is_caption(line.text):
            break
        cells += len(line.pieces) > 1 or apart
        top = line.top - 1
    return (x0, top, x1, bottom) if cells else box


def _with_open_ends(box: Box, rules: Rules) -> Box:
    """Return the box of a table down to where the rules between its columns end."""
    x0, top, x1, bottom = box
    beside = [rule for rule in rules.down if x0 - 3 <= rule[0] <= x1 + 3]
    for _ in beside:
        lower = [rule[3] for rule in beside if rule[1] <= bottom + 3 and rule[3] > bottom + 3]
        upper = [rule[1] for rule in beside if rule[3] >= top - 3 and rule[1] < top - 3]
        if len(lower) < 3 and len(upper) < 3:
            break
        bottom = max([bottom, *lower]) if len(lower) > 2 else bottom
        top = min([top, *upper]) if len(upper) > 2 else top
    return x0, top, x1, bottom
