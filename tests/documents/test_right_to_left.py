"""Lines from right to left are read in the order in which a reader reads them, wherever the file has their letters."""

from pathlib import Path

import pytest
from reportlab.pdfbase.pdfmetrics import stringWidth
from support.documents import lettered, shown

from screener.documents import Kind, layout, rectangles
from screener.documents.pages.right_to_left import in_reading_order
from screener.documents.pages.sections import Box

pypdfium2 = pytest.importorskip("pypdfium2", reason="layout needs pypdfium2: install screener[pdf]")

WORDS = ("עקבנו", "אחרי", "חולים", "במשך")
ARABIC = ("تابعنا", "مريضا", "المساحة")

LINES = [
    # As it is seen, from left to right; and as it is read.
    (f"{WORDS[2][::-1]} 1204 {WORDS[1][::-1]} {WORDS[0][::-1]}", f"{WORDS[0]} {WORDS[1]} 1204 {WORDS[2]}"),
    (f".0.913 {ARABIC[2][::-1]} 1,204 {ARABIC[0][::-1]}", f"{ARABIC[0]} 1,204 {ARABIC[2]} 0.913."),
    (f"95% {ARABIC[2][::-1]} 2019-2020", f"2019-2020 {ARABIC[2]} 95%"),
    (f"{WORDS[1][::-1]} ResNet 50 deep {WORDS[0][::-1]}", f"{WORDS[0]} ResNet 50 deep {WORDS[1]}"),
    (f"{WORDS[1][::-1]} 77 41 {WORDS[0][::-1]}", f"{WORDS[0]} 41 77 {WORDS[1]}"),
    (f"{WORDS[1][::-1]} ]2[ ){WORDS[0][::-1]}(", f"({WORDS[0]}) [2] {WORDS[1]}"),
    (f"We asked {WORDS[1][::-1]} {WORDS[0][::-1]} of 41 patients", f"We asked {WORDS[0]} {WORDS[1]} of 41 patients"),
]  # fmt: skip


def boxes(seen: str) -> list[Box]:
    return [(10.0 * place, 0.0, 10.0 * place + 9, 10.0) for place in range(len(seen))]


@pytest.mark.parametrize(("seen", "meant"), LINES)
def test_a_line_is_read_from_where_its_letters_stand(seen: str, meant: str) -> None:
    where = boxes(seen)
    text, places = in_reading_order(seen, range(len(seen)), where.__getitem__, from_right=not meant.startswith("We"))
    assert text == meant
    assert all(seen[place] == letter or letter in " ()[]" for letter, place in zip(text, places, strict=True))


def test_words_that_were_turned_already_stay_as_they_are() -> None:
    seen = f"{WORDS[1][::-1]} {WORDS[0][::-1]}"
    where = boxes(seen)
    # The file has the first word in the order in which it is read, and the second as it is seen.
    held = [*range(9, 4, -1), 4, *range(4)]
    held = [place for place in held if place < len(seen)]
    line = "".join(seen[place] for place in held)
    text, _ = in_reading_order(line, held, where.__getitem__, from_right=True)
    assert text == f"{WORDS[0]} {WORDS[1]}"


def test_a_mark_over_a_letter_stays_behind_it() -> None:
    letters = {0: "ב", 1: "א", 2: "\u05b7"}  # seen: ב, then א with a mark under it
    where: dict[int, Box] = {0: (0, 0, 9, 10), 1: (10, 0, 19, 10), 2: (13, 8, 16, 10)}
    text, places = in_reading_order("".join(letters.values()), range(3), where.__getitem__, from_right=True)
    assert text == "א\u05b7ב"
    assert places == [1, 2, 0]


def test_a_page_from_right_to_left_is_text_and_its_words_are_marked(tmp_path: Path) -> None:
    alphabet = {chr(ord("a") + number): letter for number, letter in enumerate(sorted(set("".join(WORDS))))}
    codes = {letter: code for code, letter in alphabet.items()}
    content, x = "", 60.0
    lefts = {}
    for word in (WORDS[3], WORDS[2], "1204", WORDS[1], WORDS[0]):
        own = word.isdecimal()
        drawn = word if own else "".join(codes[letter] for letter in reversed(word))
        content += shown(drawn, x, 60, 10, "F1" if own else "F2")
        lefts[word] = x
        x += stringWidth(drawn, "Helvetica" if own else "Helvetica-Oblique", 10) + 3
    path = lettered(tmp_path / "a.pdf", content, alphabet)
    document = layout(path)
    assert " ".join(document.text.split()) == f"{WORDS[0]} {WORDS[1]} 1204 {WORDS[2]} {WORDS[3]}"
    assert Kind.HEADING not in {block.kind for block in document.blocks}
    start = document.text.index(WORDS[1])
    (marked,) = rectangles(path, document, start, start + len(WORDS[1]))
    ((left, _, right, _),) = marked.boxes
    assert lefts[WORDS[1]] - 1 < left < right < lefts[WORDS[0]]
