"""Recognised text (OCR) is laid out as any other, marked as what it is, and never taken for a text that the file has."""

from pathlib import Path

import pytest
from reportlab.pdfgen.canvas import Canvas
from support.documents import HEIGHT, LEFT, LOREM, SECOND, WIDTH, draw
from support.scans import write_partly_scanned

from screener.core.judgement import OCR, Evidence, ItemAnswer, ItemStatus
from screener.documents import Document, EvidenceTexts, Kind, Quote, layout, passages_of, rectangles
from screener.documents.ocr.recognised import RecognisedLine, RecognisedPage
from screener.documents.ocr.remarks import remedy
from screener.forms import conclude

pytest.importorskip("pypdfium2", reason="pages are recognised where pypdfium2 draws them: install screener[ocr]")


def recognised_line(text: str, left: float, top: float, confidence: float = 0.99) -> RecognisedLine:
    words, x = [], left
    for word in text.split(" "):
        words.append((x, x + 4.5 * len(word)))
        x += 4.5 * len(word) + 3
    return RecognisedLine(text=text, words=tuple(words), top=top, bottom=top + 11, confidence=confidence)


def page(number: int, *found: RecognisedLine, angle: float = 0.0, left_out: int = 0) -> RecognisedPage:
    return RecognisedPage(
        page=number, width=WIDTH, height=HEIGHT, angle=angle, lines=found, left_out=left_out, by="rapidocr 3"
    )


def columns(number: int = 2, angle: float = 0.0) -> RecognisedPage:
    left = [recognised_line(text, LEFT, 80 + 12 * n) for n, text in enumerate(LOREM)]
    right = [recognised_line(text.upper()[:40], SECOND, 80 + 12 * n) for n, text in enumerate(LOREM)]
    both = [line for pair in zip(left, right, strict=True) for line in pair]
    return page(number, *both, angle=angle)


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    return write_partly_scanned(tmp_path / "scan.pdf", "We trained an encoder")


@pytest.mark.parametrize("angle", [0.0, 1.4])
def test_columns_of_a_recognised_page_are_read_one_after_the_other(scan: Path, angle: float) -> None:
    document = layout(scan, recognised=[columns(angle=angle)])
    text = document.page_text(2)
    assert text.split() == " ".join([*LOREM, *(text.upper()[:40] for text in LOREM)]).split()
    assert document.recognised_pages == (2,)
    assert document.unread == (3,)
    assert document.reader.endswith(", rapidocr 3")
    assert document.warnings[0].startswith("page 2 read by text recognition (OCR), rapidocr 3")


def test_a_file_is_read_by_another_where_its_pictures_were_read(scan: Path) -> None:
    """Judgements of the two texts are told apart by it, and so are the texts of two people."""
    with_ocr, without = layout(scan, recognised=[columns()]), layout(scan)
    assert with_ocr.reader != without.reader
    assert with_ocr.page_text(1) == without.page_text(1)
    assert without.recognised == ()


def test_lines_of_two_columns_that_were_read_as_one_are_parted_at_the_gutter(scan: Path) -> None:
    """The gap between two columns is often no wider than some gap within a justified line."""
    left = [recognised_line(text, LEFT, 80 + 12 * n) for n, text in enumerate(LOREM)]
    edge = max(line.words[-1][1] for line in left) + 7
    merged = []
    for n, (line, text) in enumerate(zip(left, LOREM, strict=True)):
        shift = edge - 7 - line.words[-1][1]  # justified: the last word stands at the column's end
        words = (*line.words[:-1], (line.words[-1][0] + shift, line.words[-1][1] + shift))
        right = recognised_line(text.upper()[:40].strip(), edge, line.top)
        together = line.model_copy(update={"text": f"{line.text} {right.text}", "words": (*words, *right.words)})
        merged += [together] if n % 2 == 0 and shift < 3 else [line.model_copy(update={"words": words}), right]
    assert any(len(line.text) > 90 for line in merged)
    document = layout(scan, recognised=[page(2, *merged)])
    expected = " ".join([*LOREM, *(text.upper()[:40] for text in LOREM)])
    assert document.page_text(2).split() == expected.split()


def test_cells_are_parted_at_gaps_that_have_no_blank(scan: Path) -> None:
    heads = ("Model", "Accuracy", "Recall")
    rows = [heads, ("first", "0.913", "0.87"), ("second", "0.902", "0.88"), ("third", "0.899", "0.91")]
    cells = [
        recognised_line(cell, 80 + 120 * x, 100 + 14 * y) for y, row in enumerate(rows) for x, cell in enumerate(row)
    ]
    document = layout(scan, recognised=[page(2, *cells)])
    assert document.page_text(2).splitlines() == ["\t".join(row) for row in rows]


def test_lines_that_were_found_a_bit_too_high_are_no_headings(scan: Path) -> None:
    """The height of letters in a picture tells that of the font but roughly: on all lines it may be too large."""
    lines = [recognised_line("Ward North", 80, 500), *columns().lines[:8]]
    high = [line.model_copy(update={"bottom": line.top + 19}) for line in lines]
    document = layout(scan, recognised=[page(2, *high)])
    assert [block for block in document.blocks_on(2) if block.kind is Kind.HEADING] == []


FOUR_COLUMNS = (100.0, 200.0, 260.0, 330.0, 390.0)


def table_lines(*, together: bool = False) -> list[RecognisedLine]:
    """A table of names and four columns of figures, under a head of two lines, as it is recognised."""
    over = [recognised_line("Internal", 212, 100), recognised_line("External", 342, 100)]
    names = ("Model", "first model", "second model", "third model")
    figures = [("AUC", "Recall", "AUC", "Recall")]
    figures += [tuple(f"0.{number}{row}{column}" for column in range(4)) for row, number in ((1, 9), (2, 8), (3, 7))]
    found = list(over)
    for row, (name, cells) in enumerate(zip(names, figures, strict=True)):
        top = 114 + 14 * row
        placed = [recognised_line(cell, x, top) for cell, x in zip(cells, FOUR_COLUMNS[1:], strict=True)]
        found.append(recognised_line(name, FOUR_COLUMNS[0], top))
        if together and row:
            words = tuple(edge for cell in placed for edge in cell.words)
            placed = [placed[0].model_copy(update={"text": " ".join(cells), "words": words})]
        found += placed
    return found


def head_over(document: Document, words: str) -> list[str]:
    (table,) = document.tables
    cell = table.cell_at(document.text.index(words))
    assert cell is not None
    heads = (*table.row_heads(cell), *table.column_heads(cell))
    return [document.text[head.start : head.end] for head in heads]


@pytest.mark.parametrize("together", [False, True])
def test_heads_over_several_columns_are_told_by_the_rules_in_the_picture(scan: Path, *, together: bool) -> None:
    rules = [(98.0, y, 425.0, y + 1) for y in (98.0, 127.0, 172.0)]
    rules += [(198.0, 112.5, 300.0, 113.0), (328.0, 112.5, 425.0, 113.0)]
    drawn = page(2, *table_lines(together=together)).model_copy(
        update={"across": tuple(sorted(rules, key=lambda r: r[1]))}
    )
    document = layout(scan, recognised=[drawn])
    assert head_over(document, "0.820") == ["second model", "Internal", "AUC"]
    assert head_over(document, "0.733") == ["third model", "External", "Recall"]


def test_figures_that_were_read_as_one_line_are_cells_of_their_columns(scan: Path) -> None:
    """The gaps between two columns are no wider than a blank."""
    rows = [recognised_line(f"model {n}", 100, 100 + 14 * n) for n in range(4)]
    for n in range(4):
        cells = recognised_line(f"0.9{n} 0.8{n} 0.7{n}", 180, 100 + 14 * n)
        rows.append(cells)
    heads = [recognised_line(text, 180 + 21 * n, 86) for n, text in enumerate(("AUC", "F1", "Rec"))]
    rules = tuple((98.0, y, 245.0, y + 1) for y in (84.0, 98.0, 156.0))
    document = layout(scan, recognised=[page(2, *heads, *rows).model_copy(update={"across": rules})])
    assert head_over(document, "0.82") == ["model 2", "F1"]


def test_a_word_that_was_found_as_two_is_one_cell(scan: Path) -> None:
    lines = table_lines()
    number = next(n for n, line in enumerate(lines) if line.text == "first model")
    (first, second), name = lines[number].words, lines[number]
    parts = [
        name.model_copy(update={"text": "first/", "words": (first,)}),
        name.model_copy(update={"text": "model", "words": ((first[1] + 0.5, second[1]),)}),
    ]
    document = layout(scan, recognised=[page(2, *lines[:number], *parts, *lines[number + 1 :])])
    assert "first/model\t0.910" in document.text
    start = document.text.index("/model")
    (marked,) = rectangles(scan, document, start, start + 6)
    assert marked.boxes[0][2] == pytest.approx(second[1], abs=0.1)


UNSURE = "could not be read into rows and columns with certainty"


def test_a_table_whose_rows_are_not_told_with_certainty_is_told(scan: Path) -> None:
    rules = tuple((98.0, y, 425.0, y + 1) for y in (98.0, 127.0, 172.0))
    sure = page(2, *table_lines()[2:]).model_copy(update={"across": rules})
    assert not any(UNSURE in warning for warning in layout(scan, recognised=[sure]).warnings)
    nameless = [line for line in table_lines()[2:] if line.text != "second model"]
    unsure = page(2, *nameless).model_copy(update={"across": rules})
    assert any(UNSURE in warning for warning in layout(scan, recognised=[unsure]).warnings)
    caption = recognised_line("Table 3. Results on both sets.", 100, 80)
    alone = layout(scan, recognised=[page(2, caption, *columns().lines[:3])])
    assert any(UNSURE in warning for warning in alone.warnings)


@pytest.mark.parametrize("further", [True, False])
def test_a_name_over_rows_that_have_a_further_name_each_is_certain(scan: Path, further: bool) -> None:
    lines = [recognised_line(text, x, 100) for text, x in (("Set", 100), ("Model", 180), ("AUC", 300), ("Loss", 380))]
    for n in range(4):
        top = 130 + 15 * n
        lines += [recognised_line(f"{n}.{k}4", x, top) for k, x in ((1, 300), (2, 380))]
        lines += [recognised_line(("first", "second")[n % 2], 180, top)] if further or n % 2 == 0 else []
        lines += [recognised_line(("Wards", "Homes")[n // 2], 100, top)] if n % 2 == 0 else []
    rules = tuple((98.0, y, 425.0, y + 1) for y in (98.0, 122.0, 192.0))
    read = layout(scan, recognised=[page(2, *lines).model_copy(update={"across": rules})])
    assert read.tables[0].row_count == 5
    assert any(UNSURE in warning for warning in read.warnings) == (not further)


def test_a_quote_on_a_recognised_page_is_marked_where_its_letters_are(scan: Path) -> None:
    document = layout(scan, recognised=[columns()])
    start = document.text.index("hospitals in the north")
    (marked,) = rectangles(scan, document, start, start + len("hospitals"))
    (box,) = marked.boxes
    before = LOREM[1].split(" ")[: LOREM[1].split(" ").index("hospitals")]
    left = LEFT + sum(4.5 * len(word) + 3 for word in before)
    assert (marked.page, marked.width, marked.height) == (2, pytest.approx(WIDTH), pytest.approx(HEIGHT))
    assert box == pytest.approx((left, 92, left + 4.5 * len("hospitals"), 103))


@pytest.mark.parametrize(
    ("angle", "box"),
    [
        (0, (100, 200, 145, 211)),
        (90, (WIDTH - 211, 100, WIDTH - 200, 145)),
        (180, (WIDTH - 145, HEIGHT - 211, WIDTH - 100, HEIGHT - 200)),
        (270, (200, HEIGHT - 145, 211, HEIGHT - 100)),
    ],
)
def test_places_are_those_of_the_page_as_it_is_shown(angle: float, box: tuple[float, ...]) -> None:
    turned = page(2, recognised_line("ten__words", 100, 200), angle=angle)
    assert next(turned.boxes([range(10)])) == pytest.approx(box)


def test_what_the_file_has_as_text_is_not_read_twice(tmp_path: Path) -> None:
    def stamped(canvas: Canvas) -> None:
        canvas.drawString(100, HEIGHT - 700, "Downloaded in 2020")
        for number in range(40):
            canvas.line(72, 100 + 10 * number, 400, 105 + 10 * number)

    path = draw(tmp_path / "a.pdf", stamped)
    own = layout(path)
    assert own.unread == (1,)
    document = layout(path, recognised=[columns(1)])
    assert document.text.count("Downloaded in 2020") == 1
    assert LOREM[0] in document.text


def test_a_picture_on_which_nothing_was_seen_is_read_and_one_with_unreadable_lines_is_not(scan: Path) -> None:
    document = layout(scan, recognised=[page(2), page(3, left_out=4)])
    assert document.unread == (3,)
    assert document.warnings == ("pages without text: 3; text recognition (OCR) found none there",)


def test_lines_of_two_sizes_in_equal_number_are_laid_out(scan: Path) -> None:
    """The height between two sizes is that of no line."""
    small, large = recognised_line("ten words", 80, 100), recognised_line("TEN WORDS", 80, 200)
    large = large.model_copy(update={"bottom": large.top + 40})
    document = layout(scan, recognised=[page(2, small, large)])
    assert document.page_text(2).split() == ["ten", "words", "TEN", "WORDS"]


def test_lines_of_little_certainty_are_told(scan: Path) -> None:
    sure = columns()
    document = layout(scan, recognised=[page(2, *sure.lines, recognised_line("0.9I3 of all", 80, 300, 0.61))])
    assert any("page 2: 1, least of all “0.9I3 of all” (61%)" in warning for warning in document.warnings)
    assert "0.9I3 of all" in document.text  # what was read stands as it was read


def quoted(document: Document, words: str) -> Evidence:
    return EvidenceTexts({"main": document.text}, {"main": document}).find(Quote(words))


def test_quotes_and_passages_of_recognised_text_are_marked(scan: Path) -> None:
    document = layout(scan, recognised=[columns()])
    by_ocr, own = quoted(document, "four hospitals in the north"), quoted(document, "in line 3 of the paper")
    assert (by_ocr.ocr, own.ocr) == (True, False)
    assert Evidence.model_validate_json(by_ocr.model_dump_json()) == by_ocr
    assert "ocr" not in own.model_dump_json()  # what was stored before is written as before
    assert [passage.place.split(", ")[1:3] for passage in passages_of({"main": document})][-1] == ["page 2", "OCR"]
    items = {"a": ItemAnswer(status=ItemStatus.REPORTED, value=1, evidence=(own, by_ocr))}
    assert conclude(items).flags == ()
    items["b"] = ItemAnswer(status=ItemStatus.REPORTED, value=1, evidence=(by_ocr,))
    assert conclude(items).flags == (OCR,)


def test_numbers_are_not_repaired(scan: Path) -> None:
    document = layout(
        scan, recognised=[page(2, *columns().lines, recognised_line("an accuracy of O.9I3 was found", 80, 300))]
    )
    assert quoted(document, "an accuracy of 0.913 was found").status.value == "missing"
    assert "0.913" not in document.text


def test_pages_that_were_not_recognised_come_with_the_remedy(scan: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCREENER_OCR", "0")
    assert "SCREENER_OCR" in remedy(layout(scan))
    assert remedy(layout(scan, recognised=[page(2)])).startswith("look at them")
