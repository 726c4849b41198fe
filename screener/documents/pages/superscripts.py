"""Digits set higher or lower than what they stand at, written as such: an exponent, a citation, an index.

Without that `10⁵` reads as 105, and `214` with the citation 12 behind it as 21412: another number, in the paper's name.
Behind words they are raised digits too (`did³`, `χ²`), and a single letter that marks a footnote is one (`Smithᵃ`);
what is lowered behind a letter is part of a name (`CO2`) and stays.
"""

import re
from collections.abc import Callable, Sequence

RAISED = str.maketrans("0123456789-−–+", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁻⁻⁺")
LOWERED = str.maketrans("0123456789-−–+", "₀₁₂₃₄₅₆₇₈₉₋₋₋₊")
NUMBER = re.compile(r"\d(?:[\d.,·/⁄+−–-]| (?=\d{3}(?!\d)))*\d")
"""What may hold digits of two kinds: digits with nothing between them but what a number may hold."""
_SMALLER = 0.92
"""Height of the font, as a share of that of the number, below which a digit may be an exponent or index."""
_HIGHER, _LOWER = 0.08, 0.04
"""How much higher or lower its baseline is at least, in heights of the number's font."""

_STEADY = 0.03
"""How much two letters of a word may differ in height, in heights of the font."""
_NUMBERS = re.compile(r"(?<=[^\W\d_]|[.,;:!?)\]%\"'”’*∗†‡§¶])[-−–]?\d{1,3}(?:\s?[,–×-]\s?\d{1,3})*")
_LETTERS = re.compile(r"(?<=[^\W\d_]{2})[a-pr-z](?:,[a-pr-z])*(?![^\W_])")
"""What may be marks behind a word: numbers of citations or an exponent; letters of footnotes."""
_MARKS = str.maketrans("0123456789abcdefghijklmnoprstuvwxyz", "⁰¹²³⁴⁵⁶⁷⁸⁹ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻ")

Measure = Callable[[int], float | None]
"""A measure in points of the character at a place in the page's text; None where there is none."""


def set_apart(line: str, places: Sequence[int], baseline: Measure, height: Measure) -> str:
    """Return the line with raised and lowered digits of its numbers as such, one character for one.

    `places` are those of the line's characters in the page's text. Baselines are counted from the page's top down;
    heights are those of the font.
    """
    written = list(line)
    for match in NUMBER.finditer(line):
        _mark_in_number(line, written, match.span(), places, baseline, height)
    for match in (*_NUMBERS.finditer(line), *_LETTERS.finditer(line)):
        word = next((index for index in range(match.start() - 1, -1, -1) if line[index].isalpha()), None)
        level = None if word is None else baseline(places[word])
        if word is None or level is None:
            continue
        lows = [baseline(places[index]) for index in range(*match.span())]
        if all(low is None or low >= level for low in lows):  # so it is nearly always: nothing else need be asked
            continue
        tall = height(places[word])
        if not tall:
            continue
        before = baseline(places[word - 1]) if word and line[word - 1].isalpha() else level
        if before is None or abs(before - level) > _STEADY * tall:  # letters that climb, as those of a slanted head do
            continue
        for index, low in enumerate(lows, match.start()):
            own = height(places[index])
            if own and low is not None and own <= _SMALLER * tall and level - low > _HIGHER * tall:
                table = RAISED if index == match.start() and not line[index].isalnum() else _MARKS
                written[index] = written[index].translate(table)
    return "".join(written)


def _mark_in_number(
    line: str, written: list[str], span: tuple[int, int], places: Sequence[int], baseline: Measure, height: Measure
) -> None:
    """Write the raised and lowered digits of one number as such."""
    lines: dict[int, float] = {}
    for index in range(*span):
        if line[index].isdigit() and (low := baseline(places[index])) is not None:
            lines[index] = low
    if not lines or max(lines.values()) - min(lines.values()) < 0.2:
        return
    heights = {index: tall for index in lines if (tall := height(places[index]))}
    if not heights:
        return
    main = max(heights, key=lambda index: heights[index])
    for index, tall in heights.items():
        shift = lines[main] - lines[index]
        table = RAISED if shift > _HIGHER * heights[main] else LOWERED if shift < -_LOWER * heights[main] else None
        if table is None or tall > _SMALLER * heights[main]:
            continue
        written[index] = line[index].translate(table)
        sign = index - 1
        # The sign of an exponent, not the dash between two citations: it stands behind the number itself.
        if line[sign] in "-−–+" and sign - 1 in lines and written[sign - 1] == line[sign - 1]:
            sign_baseline = baseline(places[sign])
            if sign_baseline is not None and abs(sign_baseline - lines[index]) < 0.1:
                written[sign] = line[sign].translate(table)


_LIST = r"[-−–+]?\d+(?:\s?[,;–-]\s?\d+)*"
_AHEAD, _BEHIND = re.compile(rf"\s?{_LIST}"), re.compile(rf"(?<![\d.]){_LIST}\s?\Z")


def with_marked_digits(before: str, run: str, after: str, *, lowered: bool = False) -> str:
    """Return what a mark-up raises or lowers between two passages, its digits as such where they would join a number
    there.
    """
    table = LOWERED if lowered else RAISED

    def written(match: re.Match[str]) -> str:
        # A sign goes with its exponent; the dash between two citations stays one.
        lead = re.match(r"\s?[-−–+]?", match[0])
        end = lead.end() if lead else 0
        return match[0][:end].translate(table) + re.sub(r"\d", lambda digit: digit[0].translate(table), match[0][end:])

    if re.search(r"[\d⁰¹²³⁴-⁹][.,·]?\s?\Z", before):
        run = _AHEAD.sub(written, run, count=1) if _AHEAD.match(run) else run
    if re.match(r"\s?\d", after):
        run = _BEHIND.sub(written, run)
    return run
