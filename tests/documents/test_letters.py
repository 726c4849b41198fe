"""Letters that files hold in odd ways: what they are read as, and where they stand on the page."""

from pathlib import Path

import pytest
from support.documents import lettered, shown

from screener.documents import Kind, layout, plain, rectangles

pypdfium2 = pytest.importorskip("pypdfium2", reason="layout needs pypdfium2: install screener[pdf]")

MATHEMATICAL = {"x": "𝒙", "z": "𝒛", "d": "𝒅", "m": "𝔼", "e": "😀"}
ROWS = (
    ("Model", "Area", "Error", "Patients"),
    ("Proposed", "0.913", "0.0712", "94112"),
    ("Small", "0.851", "0.1205", "8125"),
)


def table(top: float) -> str:
    return "".join(
        shown(cell, 60 + 100 * column, top + 14 * number)
        for number, cells in enumerate(ROWS)
        for column, cell in enumerate(cells)
    )


@pytest.mark.parametrize("letters", ["xz", "xzdme" * 4])
def test_letters_above_sixteen_bits_shift_no_place_on_the_page(tmp_path: Path, letters: str) -> None:
    content = (
        shown("The code has the parts", 60, 60) + shown(letters, 160, 60, font="F2") + shown("and a mask.", 300, 60)
    )
    path = lettered(tmp_path / "a.pdf", content + table(100), MATHEMATICAL)
    document = layout(path)
    meant = "".join(MATHEMATICAL[letter] for letter in letters)
    assert meant in document.text
    assert meant in plain(path)[0]
    rows = [document.text[block.start : block.end] for block in document.blocks if block.kind is Kind.TABLE_ROW]
    assert rows[-2:] == ["Proposed\t0.913\t0.0712\t94112", "Small\t0.851\t0.1205\t8125"]
    file = pypdfium2.PdfDocument(path)
    textpage = file[0].get_textpage()
    for word in (meant, "0.913", "0.0712", "94112", "8125"):
        start = document.text.index(word)
        (marked,) = rectangles(path, document, start, start + len(word))
        ((left, top, right, bottom),) = marked.boxes
        place = (left - 0.5, marked.height - bottom - 0.5, right + 0.5, marked.height - top + 0.5)
        assert textpage.get_text_bounded(*place).strip() == word
    file.close()


def test_a_word_of_letters_above_sixteen_bits_can_be_hidden_and_hides_no_other(tmp_path: Path) -> None:
    content = shown("Seen words of a sentence", 60, 60) + "1 g\n" + shown("xzd", 60, 100, font="F2")
    content += "0 g\n" + shown("0.913 is seen", 60, 120)
    document = layout(lettered(tmp_path / "a.pdf", content, MATHEMATICAL))
    assert [document.text[block.start : block.end] for block in document.hidden] == ["𝒙𝒛𝒅"]
