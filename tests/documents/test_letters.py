"""Letters that files hold in odd ways: what they are read as, and where they stand on the page."""

from pathlib import Path

import pytest
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas
from support.documents import HEIGHT, LEFT, draw, lettered, lines, row, shown

from screener.documents import Document, Kind, layout, plain, rectangles
from screener.documents.files import pdfium_file
from screener.documents.pages.ligatures import ligatures_remark, with_tex_ligatures
from screener.documents.pages.readers import page_text
from screener.documents.pages.superscripts import set_apart
from screener.text.quotes import locate

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


Run = tuple[str, float]
"""Text, and how far it is raised in points; what is raised or lowered is set smaller."""


def line(canvas: Canvas, runs: list[Run], top: float, size: float = 10) -> None:
    """Draw a line of runs, each as a text of its own, as programs for writing do."""
    x: float = LEFT
    for text, up in runs:
        own = size if not up else 0.65 * size
        canvas.setFont("Times-Roman", own)
        canvas.drawString(x, HEIGHT - top + up, text)
        x += stringWidth(text, "Times-Roman", own)


def flat(document: Document) -> str:
    return " ".join(document.text.split())


PROSE = "We followed all patients of two wards for eleven months and kept every recording of them"

MARKED: list[tuple[list[Run], str]] = [
    (
        [("We followed patients as others did", 0), ("3,4", 4), (" and as is usual.", 0), ("5–7", 4), (" Then", 0)],
        "We followed patients as others did³,⁴ and as is usual.⁵–⁷ Then",
    ),
    (
        [("The area was 0.913", 0), ("8", 4), (" and the rate 250 Hz", 0), ("9", 4), (" in 41", 0), ("10,11", 4), (" wards.", 0)],
        "The area was 0.913⁸ and the rate 250 Hz⁹ in 41¹⁰,¹¹ wards.",
    ),
    ([("The mark behind Smith", 0), ("a", 4), (" is one, and 10", 0), ("−3", 4), (" m", 0), ("2", 4), (".", 0)],
     "The mark behind Smithᵃ is one, and 10⁻³ m²."),
    ([("A test of χ".replace("χ", "x"), 0), ("2", 4), (" = 12.4 and of CO", 0), ("2", -2), (" in the 2nd of them", 0)],
     "A test of x² = 12.4 and of CO2 in the 2nd of them"),
    ([("The loss of p", 0), ("itm", 3), (" is defined below by y", 0), ("itm", 3), (" and by others", 0)],
     "The loss of pitm is defined below by yitm and by others"),
]  # fmt: skip


@pytest.mark.parametrize(("runs", "meant"), MARKED, ids=range(len(MARKED)))
def test_what_is_raised_is_part_of_its_line_and_no_part_of_the_word(
    tmp_path: Path, runs: list[Run], meant: str
) -> None:
    def page(canvas: Canvas) -> None:
        lines(canvas, [PROSE, PROSE], LEFT, 80, 10, "Times-Roman")
        line(canvas, runs, 106)
        lines(canvas, [PROSE, PROSE], LEFT, 120, 10, "Times-Roman")

    path = draw(tmp_path / "a.pdf", page)
    document = layout(path)
    assert flat(document) == f"{PROSE} {PROSE} {meant} {PROSE} {PROSE}"
    assert {block.kind for block in document.blocks} == {Kind.TEXT}
    start = document.text.index(meant)
    (marked,) = rectangles(path, document, start, start + len(meant))
    ((left, _, right, _),) = marked.boxes
    assert left == pytest.approx(LEFT, abs=2)
    wide = sum(stringWidth(text, "Times-Roman", 6.5 if up else 10) for text, up in runs)
    assert right == pytest.approx(LEFT + wide, abs=2)


def test_the_last_letter_of_a_slanted_word_is_no_mark() -> None:
    climbing, level = [100.0 - 4 * place for place in range(5)], [100.0] * 4 + [96.0]
    heights = [10.0] * 4 + [7.0]
    assert set_apart("First", range(5), climbing.__getitem__, heights.__getitem__) == "First"
    assert set_apart("First", range(5), level.__getitem__, heights.__getitem__) == "Firsᵗ"


def test_a_quote_leaves_out_citations_that_are_raised_behind_words(tmp_path: Path) -> None:
    source = layout(draw(tmp_path / "a.pdf", lambda canvas: [line(canvas, MARKED[n][0], 80 + 14 * n) for n in (0, 1)]))
    for quote in ("as others did and as is usual. Then", "The area was 0.913 and the rate 250 Hz in 41 wards"):
        assert locate(quote, source.text).status == "fuzzy"


def test_figures_of_two_cells_without_a_blank_between_them_are_two(tmp_path: Path) -> None:
    content = "".join(shown(head, 60 + 60 * n, 60) for n, head in enumerate(("Topic", "Kept", "Seen", "Share")))
    for number, both in enumerate(("21", "75", "63")):
        top = 74 + 14 * number
        content += shown(f"CD01{number}", 60, top) + shown("0.02", 240, top)
        # One text with its figures far apart, as programs for writing set two cells.
        content += f"BT 6 Tc 9 0 0 9 120 {792 - top} Tm /F1 1 Tf ({both}) Tj 0 Tc ET\n"
    document = layout(lettered(tmp_path / "a.pdf", content, {}))
    rows = [document.text[block.start : block.end] for block in document.blocks if block.kind is Kind.TABLE_ROW]
    assert rows[-3:] == ["CD010\t2\t1\t0.02", "CD011\t7\t5\t0.02", "CD012\t6\t3\t0.02"]


def test_two_blanks_behind_a_full_stop_part_no_cells(tmp_path: Path) -> None:
    typed = [
        ("We expect to be paid off soon, as all of the rolls are", ""),
        ("now being made out.", "Money cannot do us much good here"),
        ("among the hills, but we can send it home.", "Many a family"),
        ("is dependent upon it, as we all know.", "But it was late"),
    ]

    def page(canvas: Canvas) -> None:
        for number, (first, second) in enumerate(typed):
            lines(canvas, [first], LEFT, 80 + 12 * number, 10)
            lines(canvas, [second], LEFT + stringWidth(first, "Helvetica", 10) + 13, 80 + 12 * number, 10)

    document = layout(draw(tmp_path / "a.pdf", page))
    assert [block.kind for block in document.blocks] == [Kind.TEXT]
    assert "\t" not in document.text


def test_a_gap_behind_a_short_cell_that_ends_in_a_full_stop_is_one(tmp_path: Path) -> None:
    def page(canvas: Canvas) -> None:
        for number, cells in enumerate(
            (["Model", "Group", "N"], ["Small et al.", "Wards", "41"], ["Large et al.", "Homes", "57"])
        ):
            row(canvas, cells, [LEFT, LEFT + 60, LEFT + 120], 80 + 12 * number)

    assert "Small et al.\tWards\t41" in layout(draw(tmp_path / "a.pdf", page)).text


@pytest.mark.slow
def test_lines_in_a_font_of_pictures_are_no_rows_of_a_table_and_its_columns_stand_apart(shared: Path) -> None:
    path = shared.parent / "cases" / "documents" / "29_cermine_two_up.pdf"
    if not path.is_file():
        pytest.skip("the cases are not here (../shared/cases beside the repository)")
    document = layout(path)
    text = " ".join(document.text.split())
    # The file tells of some of these fonts that each letter is as high as the page.
    assert "\t\t2++\t3.54\t3.56\n" in document.text
    assert "State\tW\tW(0)\tEc\tEhyp\tEso\tESR\tEVR\tESR + EVR\n" in document.text
    assert document.tables[-1].row_count == 34
    for sentence in (
        "The kernel we use is based on scalar conﬁning and vector Coulomb potentials. Wave functions are treated to leading",
        "One very important phenomenological consequence of this has been a number of attempts to extract",
        "This model provides relativistic kinematic corrections to the standard nonrelativistic quark model us- ing a linear",
    ):
        assert sentence in text


def test_ligatures_at_the_places_of_tex_are_put_back_and_told(tmp_path: Path) -> None:
    runs = [("An e", "F1"), ("b", "F2"), ("ective network con", "F1"), ("c", "F2"), ("ning it at ", "F1")]
    runs += [("c", "F2"), ("rst with a coe", "F1"), ("e", "F2"), ("cient ", "F1"), ("b", "F2"), ("s of 0.5", "F1")]
    content, x = "", 60.0
    for text, font in runs:
        content += shown(text, x, 60, font=font)
        x += stringWidth(text, "Helvetica" if font == "F1" else "Helvetica-Oblique", 9)
    path = lettered(tmp_path / "a.pdf", content, {"b": "\x0b", "c": "\x0c", "e": "\x0e"})
    document = layout(path)
    assert flat(document).startswith("An eﬀective network conﬁning it at ﬁrst with a coeﬃcient")
    assert "ﬀs" not in document.text
    assert [warning[:30] for warning in document.warnings] == ["ligatures that the file does n"]
    assert locate("An effective network confining it at first with a coefficient", document.text).status == "normalized"


@pytest.mark.parametrize(
    ("page", "printed"),
    [(8, "0.35"), (10, "15.81,"), (11, "approximately 0.9 GeV"), (2, "order 1/mQ")],
)
def test_the_point_comma_and_slash_of_texs_formulas_are_read_where_their_font_has_no_name(
    page: int, printed: str, shared: Path
) -> None:
    path = shared.parent / "cases" / "documents" / "29_cermine_two_up.pdf"
    if not path.is_file():
        pytest.skip("the cases are not here (../shared/cases beside the repository)")
    with pdfium_file(path, ()) as file:
        assert printed in page_text(file[page - 1].get_textpage()).text.replace("\r\n", "")


def test_control_characters_of_a_font_with_places_of_its_own_are_no_ligatures() -> None:
    assert with_tex_ligatures("e\x0bective con\x0cning") == "eﬀective conﬁning"
    assert with_tex_ligatures("e\x0be\x02ti\x03e c\x05n\x0cn\x04ng") == "e\x0be\x02ti\x03e c\x05n\x0cn\x04ng"


@pytest.mark.parametrize(
    ("set_by_tex", "read"),
    [
        ("we \x0cnd that the \x0ct is o\x0b, a \x0crst", "we ﬁnd that the ﬁt is oﬀ, a ﬁrst"),
        ("(see \x0cg. 2), an o\x0b-diagonal term", "(see ﬁg. 2), an oﬀ-diagonal term"),
        ("the masses of bu\x16and cu\x16states to \x0crst order", "the masses of bu\x16and cu\x16states to ﬁrst order"),
        ("of \x0c and \x0b, with \x0b2 = 1 and \x0cni", "of \x0c and \x0b, with \x0b2 = 1 and \x0cni"),
    ],
)
def test_short_words_have_ligatures_too_and_symbols_of_formulas_stay(set_by_tex: str, read: str) -> None:
    assert with_tex_ligatures(set_by_tex) == read


ENGLISH = "We use the results of a network that is in the hands of many people and for that matter to all. "


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('Some di!culties of a di#erent kind bene"t signi"cantly from Scienti!c work.', True),
        ('A "quoted" word, a#b in code, 5% of them, and https://example.org/a#bcd?x=y&z!', False),
        (ENGLISH * 60, True),
        ((ENGLISH * 5 + "The first different effect was classified. ") * 12, False),
        (ENGLISH * 5, False),
        ("Wir nutzen den Satz aus der Stadt und den Wert des Netzes. " * 90, False),
    ],
)
def test_lost_ligatures_are_told_and_none_where_none_is(text: str, told: bool) -> None:
    assert bool(ligatures_remark(text)) is told
