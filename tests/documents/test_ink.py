"""What is drawn in the picture of a page tells where its lines exactly are, and which rules its tables have."""

import numpy as np
import pytest

from screener.documents.ocr.ink import Ink

SCALE = 2.5
"""Pixels a point, about those of a page of A4 when it is read."""


def paper(width: int = 500, height: int = 400) -> np.ndarray:
    return np.full((round(height * SCALE), round(width * SCALE), 3), 250, dtype=np.uint8)


def fill(image: np.ndarray, left: float, top: float, right: float, bottom: float, shade: int = 20) -> None:
    x0, y0, x1, y1 = (round(edge * SCALE) for edge in (left, top, right, bottom))
    image[y0:y1, x0:x1] = shade


def word(image: np.ndarray, left: float, top: float, letters: int) -> None:
    """Letters of 7 points, one every 5 points, as a printer might draw them: two stems and a bar each."""
    for n in range(letters):
        x = left + 5 * n
        fill(image, x, top, x + 0.8, top + 7)
        fill(image, x + 3.2, top, x + 4, top + 7)
        fill(image, x, top + 3, x + 4, top + 4)


def text(image: np.ndarray) -> None:
    for y in range(40, 360, 12):
        for x in range(40, 420, 40):
            word(image, x, y, 6)


def fallen(image: np.ndarray, degrees: float) -> np.ndarray:
    """The picture with lines that fall to the right."""
    height, width = image.shape[:2]
    turned = np.full_like(image, 250)
    ys, xs = np.mgrid[:height, :width].astype(float)
    angle = np.radians(degrees)
    across, down = xs - width / 2, ys - height / 2
    x = np.rint(across * np.cos(angle) + down * np.sin(angle) + width / 2).astype(int)
    y = np.rint(-across * np.sin(angle) + down * np.cos(angle) + height / 2).astype(int)
    inside = (x >= 0) & (x < width) & (y >= 0) & (y < height)
    turned[inside] = image[y[inside], x[inside]]
    return turned


@pytest.mark.parametrize("degrees", [0.0, 0.7, -1.0])
def test_the_rules_of_a_table_are_found_and_its_lines_made_level(degrees: float) -> None:
    image = paper()
    text(image)
    fill(image, 40, 97, 440, 98)
    fill(image, 120, 109, 200, 109.8)
    fill(image, 275, 60, 275.8, 300)
    ink = Ink(fallen(image, degrees) if degrees else image, SCALE)
    assert ink.level(degrees + 0.3) == pytest.approx(degrees, abs=0.06)
    assert [*ink.across] == [
        pytest.approx((40, 97, 440, 98), abs=2),
        pytest.approx((120, 109, 200, 110), abs=2),
    ]
    assert [*ink.down] == [pytest.approx((275, 60, 276, 300), abs=2)]


def test_letters_shaded_ground_and_pictures_are_no_rules() -> None:
    image = paper()
    text(image)
    fill(image, 40, 37, 440, 50, shade=215)
    fill(image, 60, 370, 400, 390)
    ink = Ink(image, SCALE)
    ink.level(0.0)
    assert (ink.across, ink.down) == ((), ())


def test_rules_side_by_side_are_not_one() -> None:
    image = paper()
    text(image)
    fill(image, 40, 202, 200, 203)
    fill(image, 212, 202, 440, 203)
    ink = Ink(image, SCALE)
    ink.level(0.0)
    assert [(rule[0], rule[2]) for rule in ink.across] == [
        pytest.approx((40, 200), abs=1),
        pytest.approx((212, 440), abs=1),
    ]


def test_a_line_stands_where_its_letters_are_drawn_and_figures_of_two_cells_are_parted() -> None:
    """The box around it is larger, and its letters are only about where they are said to be."""
    image = paper()
    text(image)
    fill(image, 40, 400 - 362 + 310, 440, 349)
    image[round(150 * SCALE) : round(180 * SCALE)] = 250
    word(image, 60, 160, 5)
    word(image, 120, 160, 5)
    ink = Ink(image, SCALE)
    ink.level(0.0)
    step = (149 - 56) / 10
    letters = [(56 + n * step, 56 + (n + 1) * step) for n in range(10)]
    letters = [(x0 - (4 if n < 5 else -4), x1 - (4 if n < 5 else -4)) for n, (x0, x1) in enumerate(letters)]
    placed = ink.place("0.9130.871", (56, 156, 149, 171), letters)
    assert placed is not None
    assert placed.text == "0.913 0.871"
    assert placed.words == (pytest.approx((60, 84), abs=0.5), pytest.approx((120, 144), abs=0.5))
    assert (placed.top, placed.bottom) == pytest.approx((160, 167), abs=0.5)
    assert placed.size == pytest.approx(7 / 0.68, rel=0.05)


def test_no_place_is_made_up_where_there_is_no_ink() -> None:
    ink = Ink(paper(), SCALE)
    assert ink.level(0.0) == 0.0
    assert ink.place("word", (40, 40, 80, 52), [(40 + 10 * n, 50 + 10 * n) for n in range(4)]) is None


def test_bars_that_are_rules_between_cells_are_no_letters() -> None:
    image = paper()
    text(image)
    image[round(150 * SCALE) : round(270 * SCALE)] = 250
    word(image, 60, 160, 3)
    word(image, 90, 160, 3)
    fill(image, 82, 158, 82.8, 169)  # a rule through the head of the table, which goes on below
    fill(image, 82, 172, 82.8, 260)
    ink = Ink(image, SCALE)
    ink.level(0.0)
    letters = [(60 + 5 * n, 65 + 5 * n) for n in range(3)] + [(80, 85)] + [(90 + 5 * n, 95 + 5 * n) for n in range(3)]
    box = (58, 157, 108, 170)
    assert ink.without_rules("abc|def", box, letters) == ("abc def", [*letters[:3], *letters[4:]])
    assert ink.without_rules("abc|def", (58, 300, 108, 312), letters) == ("abc|def", letters)


def test_letters_of_the_next_cell_that_reach_into_a_box_are_not_those_of_its_line() -> None:
    image = paper()
    text(image)
    image[round(150 * SCALE) : round(180 * SCALE)] = 250
    word(image, 60, 160, 12)
    ink = Ink(image, SCALE)
    ink.level(0.0)
    placed = ink.place("abcd", (73.5, 157, 97, 170), [(75 + 5 * n, 79 + 5 * n) for n in range(4)])
    assert placed is not None
    assert placed.words == (pytest.approx((75, 94), abs=0.5),)
