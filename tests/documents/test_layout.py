"""Layout reads a page as a person does, loses nothing on it, and says what every part of it is."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from reportlab.pdfgen.canvas import Canvas
from support import ROOT
from support.documents import HEIGHT, LEFT, LOREM, SECOND, WIDTH, draw, heading, lines, picture, row

from screener.documents import Document, Kind, Reader, layout, plain, read_pdfium, read_pypdf
from screener.documents.model import is_references
from screener.documents.pages.accents import composed
from screener.text.quotes import locate

pytest.importorskip("pypdfium2", reason="layout needs pypdfium2: install screener[pdf]")


def texts(document: Document, kind: Kind) -> list[str]:
    return [document.text[block.start : block.end] for block in document.blocks if block.kind is kind]


def flat(text: str) -> str:
    return " ".join(text.split())


def test_two_columns_are_read_one_after_the_other_whatever_order_the_file_has(tmp_path: Path) -> None:
    left = [f"Left {number}: {line}"[:55] for number, line in enumerate(LOREM)]
    right = [f"Right {number}: {line}"[:55] for number, line in enumerate(LOREM)]

    def page(canvas: Canvas) -> None:
        lines(canvas, ["A title that reaches across both of the columns of the page below it"], LEFT, 60, 14)
        for number in range(len(LOREM)):  # line by line across the page, as some programs write
            lines(canvas, [left[number]], LEFT, 120 + 12 * number)
            lines(canvas, [right[number]], SECOND, 120 + 12 * number)

    document = layout(draw(tmp_path / "a.pdf", page))
    assert flat(document.text).startswith("A title that reaches across")
    assert flat(document.text).endswith(flat(" ".join(left + right)))


def test_three_columns_and_a_band_across_are_read_in_order(tmp_path: Path) -> None:
    short = [line[:32] for line in LOREM]

    def page(canvas: Canvas) -> None:
        for number in range(len(short)):
            for name, x in (("a", 50), ("b", 225), ("c", 400)):
                lines(canvas, [f"{name}{number} {short[number]}"], x, 80 + 12 * number)
        lines(
            canvas,
            ["A sentence in the middle of the page that reaches over all three of the columns of it, and not just two"],
            50,
            180,
        )
        for number in range(len(short)):
            for name, x in (("d", 50), ("e", 225), ("f", 400)):
                lines(canvas, [f"{name}{number} {short[number]}"], x, 210 + 12 * number)

    text = layout(draw(tmp_path / "a.pdf", page)).text
    order = [text.index(f"{name}{number} ") for name in "abc" for number in range(7)]
    order.append(text.index("A sentence in the middle"))
    order += [text.index(f"{name}{number} ") for name in "def" for number in range(7)]
    assert order == sorted(order)


def test_a_table_is_rows_of_cells_under_its_caption(tmp_path: Path) -> None:
    def page(canvas: Canvas) -> None:
        top = lines(canvas, LOREM, LEFT, 80)
        top = lines(canvas, ["Table 2. Performance on the held-out part."], LEFT, top + 14)
        xs: list[float] = [LEFT, LEFT + 140, LEFT + 200]
        for cells in (["Model", "AUROC", "F1"], ["ECG-Alpha large", "0.93", "0.71"], ["ECG-Beta", "0.89", "0.66"]):
            top = row(canvas, cells, xs, top)
        lines(canvas, LOREM, LEFT, top + 20)

    document = layout(draw(tmp_path / "a.pdf", page))
    assert texts(document, Kind.CAPTION) == ["Table 2. Performance on the held-out part."]
    assert texts(document, Kind.TABLE_ROW) == [
        "Model\tAUROC\tF1",
        "ECG-Alpha large\t0.93\t0.71",
        "ECG-Beta\t0.89\t0.66",
    ]
    assert locate("ECG-Alpha large 0.93 0.71", document.text).status == "normalized"


def test_a_table_across_both_columns_keeps_its_rows(tmp_path: Path) -> None:
    def page(canvas: Canvas) -> None:
        lines(canvas, ["Table 1. A table as wide as the page, with its caption centred above it, so to say."], 130, 70)
        xs: list[float] = [70, 150, 230, 330, 410, 490]
        for number, name in enumerate(("Alpha", "Beta", "Gamma", "Delta")):
            row(canvas, [name, *(f"0.{number}{column}" for column in range(1, 6))], xs, 90 + 12 * number)
        lines(canvas, LOREM * 2, LEFT, 160)
        lines(canvas, [line.upper()[:40] for line in LOREM * 2], SECOND, 160)

    document = layout(draw(tmp_path / "a.pdf", page))
    assert texts(document, Kind.TABLE_ROW)[1] == "Beta\t0.11\t0.12\t0.13\t0.14\t0.15"
    assert document.text.index(LOREM[-1]) < document.text.index(LOREM[0].upper()[:40])


def test_a_word_divided_at_a_line_end_is_found_whole(tmp_path: Path) -> None:
    def page(canvas: Canvas) -> None:
        lines(canvas, ["The model was pre-", "trained on recordings of healthy vol-", "unteers."], LEFT, 80)

    document = layout(draw(tmp_path / "a.pdf", page))
    assert document.text == "The model was pre-\ntrained on recordings of healthy vol-\nunteers."
    assert locate("was pretrained on recordings of healthy volunteers", document.text).status == "normalized"
    (text,) = plain(tmp_path / "a.pdf")
    assert locate("was pretrained on recordings of healthy volunteers", text).status == "normalized"


def test_an_accent_drawn_apart_from_its_letter_is_put_on_it() -> None:
    boxes = {at: (10.0 * at, 5.0, 10.0 * at + 8, 15.0) for at in range(100, 120)}
    boxes[107] = (1010.0, 1.0, 1018.0, 4.0)  # the accent stands over the letter at 101
    assert composed("Muller ¨ )", range(100, 110), boxes.get) == ("Müller)", [100, 101, 102, 103, 104, 105, 109])
    boxes[107] = (2000.0, 1.0, 2008.0, 4.0)
    assert composed("Muller ¨ )", range(100, 110), boxes.get)[0] == "Muller ¨ )"


def paper(canvas: Canvas, number: int, body: list[str], head: str = "A Journal of Things 12(3)") -> None:
    lines(canvas, [head], LEFT, 30, 8)
    lines(canvas, [str(110 + number)], 290, 815, 8)
    lines(canvas, body, LEFT, 80)


def test_running_heads_and_page_numbers_stand_outside_the_sentences(tmp_path: Path) -> None:
    bodies = [
        ["First page of the text, which ends.", "This sentence begins on one page and goes on without"],
        ["a break in thought on the page that follows it. Then", "there is another that also runs over the"],
        ["end of its page, and here it is finished."],
    ]
    pages = [lambda canvas, n=n, body=body: paper(canvas, n, body) for n, body in enumerate(bodies)]  # type: ignore[misc]
    document = layout(draw(tmp_path / "a.pdf", *pages))
    assert texts(document, Kind.RUNNING_HEAD).count("A Journal of Things 12(3)") == 3
    assert {"110", "111", "112"} <= set(texts(document, Kind.RUNNING_HEAD))
    place = locate("goes on without a break in thought on the page", document.text)
    assert place.start is not None
    assert place.end is not None
    assert (document.page_of(place.start), document.page_of(place.end - 1)) == (1, 2)


def test_a_line_that_stands_at_the_top_of_one_page_only_is_text(tmp_path: Path) -> None:
    def page(canvas: Canvas) -> None:
        lines(canvas, LOREM, LEFT, 40)

    def other(canvas: Canvas) -> None:
        lines(canvas, [line[::-1] for line in LOREM], LEFT, 40)

    assert texts(layout(draw(tmp_path / "a.pdf", page, other)), Kind.RUNNING_HEAD) == []


def test_a_link_that_is_only_an_annotation_is_in_the_text_and_in_its_section(tmp_path: Path) -> None:
    def page(canvas: Canvas) -> None:
        top = heading(canvas, "Code availability", LEFT, 80)
        lines(canvas, ["The code is available here."], LEFT, top)
        canvas.linkURL("https://example.org/lab/ecg-alpha", (LEFT, 842 - top - 2, 200, 842 - top + 10))
        lines(canvas, LOREM, LEFT, top + 30)

    document = layout(draw(tmp_path / "a.pdf", page))
    assert [(link.page, link.uri) for link in document.links] == [(1, "https://example.org/lab/ecg-alpha")]
    block = next(each for each in document.blocks if each.kind is Kind.LINK)
    assert document.text[block.start : block.end] == "https://example.org/lab/ecg-alpha"
    assert block.section == "Code availability"


def references_page(canvas: Canvas) -> None:
    top = heading(canvas, "5 Discussion", LEFT, 60)
    top = lines(canvas, ["Our model reached an AUROC of 0.91 on the test part."], LEFT, top)
    top = heading(canvas, "References", LEFT, top + 10)
    top = lines(canvas, ["[1] A. Author. A model with an AUROC of 0.99. Journal 1 (2020)."], LEFT, top)
    top = lines(canvas, ["[2] B. Author. Another model with 12 million parameters,"], LEFT, top)
    top = lines(canvas, ["in two lines. Journal 2 (2021). https://example.org/theirs"], LEFT + 14, top)
    canvas.linkURL("https://example.org/theirs", (LEFT + 150, 842 - top, 300, 842 - top + 12))
    top = heading(canvas, "Appendix A", LEFT, top + 10)
    lines(canvas, ["The model has 85 million parameters."], LEFT, top)


def test_values_of_the_references_are_told_apart_from_the_papers_own(tmp_path: Path) -> None:
    document = layout(draw(tmp_path / "a.pdf", references_page))
    text = document.text
    assert len(texts(document, Kind.REFERENCE)) == 2
    assert document.in_references(text.index("0.99"))
    assert document.in_references(text.index("12 million"))
    assert document.in_references(text.rindex("https://example.org/theirs"))
    assert not document.in_references(text.index("0.91"))
    assert not document.in_references(text.index("85 million"))


@pytest.mark.parametrize("name", ["References", "REFERENCES", "7. References", "VII. REFERENCES", "Bibliography:"])
def test_the_list_of_references_is_known_by_its_heading(name: str) -> None:
    assert is_references(name)


@pytest.mark.parametrize("name", ["Reference standard", "Methods", "Referencesystem", ""])
def test_other_headings_are_not_the_references(name: str) -> None:
    assert not is_references(name)


def test_sections_captions_and_footnotes_are_named(tmp_path: Path) -> None:
    def page(canvas: Canvas) -> None:
        lines(canvas, ["A Foundation Model for Things"], LEFT, 60, 18)
        top = heading(canvas, "Abstract", LEFT, 90)
        top = lines(canvas, LOREM[:3], LEFT, top)
        top = heading(canvas, "1 Introduction", LEFT, top + 6)
        top = lines(canvas, LOREM, LEFT, top)
        top = heading(canvas, "1.1 Data", LEFT, top + 6)
        top = lines(canvas, LOREM, LEFT, top)
        top = lines(canvas, ["Figure 1: How it all hangs together", "and why."], LEFT, top + 12, 8)
        lines(canvas, ["1 Both authors contributed equally to this work."], LEFT, 770, 7)

    document = layout(draw(tmp_path / "a.pdf", page))
    headings = ["A Foundation Model for Things", "Abstract", "1 Introduction", "1.1 Data"]
    assert texts(document, Kind.HEADING) == headings
    assert texts(document, Kind.CAPTION) == ["Figure 1: How it all hangs together\nand why."]
    assert texts(document, Kind.FOOTNOTE) == ["1 Both authors contributed equally to this work."]
    sections = [block.section for block in document.blocks if block.kind is Kind.TEXT]
    assert sections == ["Abstract", "1 Introduction", "1.1 Data"]


def test_in_text_mentions_of_figures_are_no_captions(tmp_path: Path) -> None:
    def page(canvas: Canvas) -> None:
        lines(
            canvas,
            [*LOREM, "Figure 2 shows that all of this is true, as does the", "table. Table 3 does not."],
            LEFT,
            80,
        )

    assert texts(layout(draw(tmp_path / "a.pdf", page)), Kind.CAPTION) == []


def test_blocks_cover_the_text_and_pages_join_to_it(tmp_path: Path) -> None:
    document = layout(draw(tmp_path / "a.pdf", references_page, picture, references_page))
    position = 0
    for block in document.blocks:
        assert document.text[position : block.start].strip() == ""
        assert block.end > block.start
        position = block.end
    assert document.text[position:].strip() == ""
    assert "\f".join(document.page_text(number) for number in (1, 2, 3)) == document.text
    for number in (1, 2, 3):
        start, end = document.page_span(number)
        assert {document.page_of(offset) for offset in (start, max(start, end - 1))} == {number}
    with pytest.raises(IndexError):
        document.page_text(4)
    with pytest.raises(IndexError):
        document.page_of(len(document.text) + 1)


@pytest.mark.parametrize("reader", [read_pdfium, read_pypdf])
def test_layout_loses_no_character_of_the_plain_text(tmp_path: Path, reader: Reader) -> None:
    path = draw(tmp_path / "a.pdf", references_page, references_page)
    document, pages = layout(path), plain(path, reader=reader)
    for number, text in enumerate(pages, 1):
        own = document.page_text(number).replace("\nhttps://example.org/theirs", "", 1)
        assert sorted(own.replace("\t", "")) != []
        assert sorted("".join(text.split())) == sorted("".join(own.split()))


def test_a_document_survives_json(tmp_path: Path) -> None:
    document = layout(draw(tmp_path / "a.pdf", references_page))
    assert Document.model_validate_json(document.model_dump_json()) == document
    assert "pypdfium2" in document.reader
    assert "layout" in document.reader


def test_a_scan_is_a_document_without_text_and_says_what_to_do(tmp_path: Path) -> None:
    document = layout(draw(tmp_path / "a.pdf", picture, picture))
    assert document.scan
    assert len(document.pages) == 2
    assert "OCR" in document.warnings[0]


def test_a_scan_with_a_cover_page_is_still_a_scan_and_one_picture_makes_none(tmp_path: Path) -> None:
    def cover(canvas: Canvas) -> None:
        lines(canvas, LOREM, LEFT, 80)

    covered = layout(draw(tmp_path / "a.pdf", cover, *[picture] * 5))
    assert covered.scan
    one = layout(draw(tmp_path / "b.pdf", cover, cover, picture))
    assert not one.scan
    assert one.warnings == ("pages without text: 3",)
    assert (one.unread, covered.unread) == ((3,), (2, 3, 4, 5, 6))


@pytest.mark.parametrize(("baseline", "unread"), [(False, (5, 6)), (True, (6,))])  # pypdf does not know what is a head
def test_a_blank_page_hides_nothing_and_a_picture_under_a_running_head_may(
    tmp_path: Path, baseline: bool, unread: tuple[int, ...]
) -> None:
    def text(canvas: Canvas) -> None:
        stamp(canvas)
        lines(canvas, [f"{line} on page {canvas.getPageNumber()}" for line in LOREM], LEFT, 80)

    def stamp(canvas: Canvas) -> None:
        lines(canvas, ["Journal of Slow Engineering, downloaded by a guest"], LEFT, 30)

    def stamped(canvas: Canvas) -> None:
        picture(canvas)
        stamp(canvas)

    def rule(canvas: Canvas) -> None:
        canvas.line(LEFT, 400, 500, 400)

    document = layout(draw(tmp_path / "a.pdf", text, text, text, text, stamped, picture, rule), baseline=baseline)
    assert (document.unread, document.scan) == (unread, False)
    assert document.warnings[-1] == f"pages without text: {'5-6' if len(unread) > 1 else '6'}"


def test_pypdf_alone_gives_sections_references_links_and_a_warning(tmp_path: Path) -> None:
    document = layout(draw(tmp_path / "a.pdf", references_page), baseline=True)
    assert "pypdf" in document.reader
    assert "without layout" in document.warnings[0]
    assert document.in_references(document.text.index("0.99"))
    assert not document.in_references(document.text.index("0.91"))
    assert document.links[0].uri == "https://example.org/theirs"


@pytest.fixture
def broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a pypdfium2 that is there and does not load, before the real one for programs started now."""
    folder = tmp_path / "broken"
    (folder / "pypdfium2").mkdir(parents=True)
    (folder / "pypdfium2" / "__init__.py").write_text("raise ImportError('wrong ELF class')\n")
    monkeypatch.setenv("PYTHONPATH", f"{folder}{os.pathsep}{os.environ.get('PYTHONPATH', '')}".rstrip(os.pathsep))
    return folder


def test_where_pypdfium2_does_not_load_pypdf_reads_and_says_why(tmp_path: Path, broken: Path) -> None:
    path = draw(tmp_path / "a.pdf", references_page)
    program = f"""
from pathlib import Path
import sys
sys.path.insert(0, {str(broken)!r})
from screener.documents import layout, plain, render
from screener.core.errors import BadInput
found = layout(Path({str(path)!r}))
print(found.reader)
print(found.warnings)
print("0.91 on the test part" in plain(Path({str(path)!r}))[0])
try:
    render(Path({str(path)!r}), 1)
except BadInput as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    reader, warnings, text, shown = done.stdout.splitlines()
    assert reader.startswith("pypdf ")
    assert "pypdfium2 does not load (ImportError: wrong ELF class); read by pypdf without layout" in warnings
    assert text == "True"
    assert "install screener[pdf] anew: pypdfium2 does not load" in shown


@pytest.mark.slow
def test_a_pypdfium2_that_does_not_load_is_told_once_for_all_files(tmp_path: Path, broken: Path) -> None:
    papers = tmp_path / "papers"
    papers.mkdir()
    for name in ("one", "two"):
        draw(papers / f"{name}.pdf", references_page)
    (tmp_path / "records.csv").write_text("id,title\none,A study of signals\ntwo,Another study of rivers\n")
    program = f"import sys; sys.path.insert(0, {str(broken)!r}); from screener.cli.main import main; main()"

    def screener(*arguments: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-c", program, *arguments]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120)

    screener("init", "review")
    screener("import", "records.csv", "--review", "review")
    done = screener("import", "--pdfs", "papers", "--json", "--review", "review")
    found = json.loads(done.stdout)["pdfs"]
    assert done.returncode == 0
    assert [one["status"] for one in found] != ["unreadable"] * 2
    assert all("does not load" in one["warnings"][0] and "load" not in one["reason"] for one in found)
    assert done.stderr.count("pypdfium2 does not load (ImportError: wrong ELF class)") == 1


def test_without_pypdfium2_pypdf_reads_and_a_page_cannot_be_shown(tmp_path: Path) -> None:
    path = draw(tmp_path / "a.pdf", references_page)
    program = f"""
import sys
sys.modules["pypdfium2"] = None
from pathlib import Path
from screener.documents import ParserProcess, layout, plain, render
from screener.core.errors import BadInput
print(layout(Path({str(path)!r})).reader)
print("0.91 on the test part" in plain(Path({str(path)!r}))[0])
try:
    render(Path({str(path)!r}), 1)
except BadInput as error:
    print(error)
"""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environment)
    reader, found, shown = done.stdout.splitlines()
    assert reader.startswith("pypdf ")
    assert found == "True"
    assert shown == "showing pages needs pypdfium2; install screener[pdf]"


def test_a_label_in_a_figure_opens_no_section(tmp_path: Path) -> None:
    def page(canvas: Canvas) -> None:
        top = heading(canvas, "2 Methods", LEFT, 60)
        top = lines(canvas, LOREM, LEFT, top)
        lines(canvas, ["Data"], LEFT + 30, top + 30)
        lines(canvas, ["Model"], LEFT + 120, top + 50)
        lines(canvas, LOREM, LEFT, top + 90)

    assert {block.section for block in layout(draw(tmp_path / "a.pdf", page)).blocks} == {"2 Methods"}


def test_text_files_are_documents_of_one_page(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("# ECG-Alpha\r\n\r\nWeights: https://example.org/w\r\n", encoding="utf-8")
    document = layout(tmp_path / "README.md")
    assert document.pages == (0,)
    assert document.page_of(5) == 1
    assert document.text == "ECG-Alpha\n\nWeights: https://example.org/w"


def test_html_is_read_as_it_is_seen(tmp_path: Path) -> None:
    (tmp_path / "card.html").write_text(
        "<html><head><title>Card</title><style>p {color: red}</style></head><body><h1>Model &amp; data</h1>"
        "<script>alert('no')</script><p>Trained on\n  1.5&nbsp;million <b>ECGs</b>.</p>"
        "<table><tr><td>AUROC</td><td>0.91</td></tr></table>"
        '<p>Code <a href="https://example.org/code">here</a>.</p></body></html>',
        encoding="utf-8",
    )
    document = layout(tmp_path / "card.html")
    assert "Model & data" in document.text
    assert "1.5 million ECGs." in flat(document.text)
    assert "AUROC\t0.91" in document.text
    assert "here (https://example.org/code)" in document.text
    assert "alert" not in document.text
    assert "color" not in document.text


def raised(canvas: Canvas, parts: list[tuple[str, float]], top: float, size: float = 9, x: float = LEFT) -> None:
    """Draw a line of parts, each so many points above the line; what is not on it is set smaller."""
    text = canvas.beginText(x, HEIGHT - top)
    for words, rise in parts:
        text.setFont("Helvetica", 0.65 * size if rise else size)
        text.setRise(rise)
        text.textOut(words)
    canvas.drawText(text)


@pytest.mark.parametrize("turned", [0, 90])
def test_raised_and_lowered_digits_are_no_part_of_the_number_before_them(tmp_path: Path, turned: int) -> None:
    said = [
        ([("Samples held 10", 0), ("5", 4), (" CFU per mL and 3 x 10", 0), ("6", 4), (" cells", 0)],
         "Samples held 10⁵ CFU per mL and 3 x 10⁶ cells"),
        ([("We enrolled 214", 0), ("12,13", 4), (" adults, 1,045", 0), ("14–16", 4), (" children", 0)],
         "We enrolled 214¹²,¹³ adults, 1,045¹⁴–¹⁶ children"),
        ([("A rate of 10", 0), ("−3", 4), (" in grade 3.", 0), ("17", 4), (" It was 2017", 0)],
         "A rate of 10⁻³ in grade 3.¹⁷ It was 2017"),
        ([("Written in base 10", 0), ("2", -2), (" as CO", 0), ("2", -2), (" per m", 0), ("2", 4), (" of 345", 0)],
         "Written in base 10₂ as CO2 per m² of 345"),
    ]  # fmt: skip

    def page(canvas: Canvas) -> None:
        canvas.setPageRotation(turned)
        if turned:
            canvas.rotate(90)
            canvas.translate(0, -WIDTH)
        for number, (parts, _) in enumerate(said):
            raised(canvas, parts, (300 if turned else 100) + 30 * number)

    document = layout(draw(tmp_path / "raised.pdf", page))
    assert flat(document.text) == " ".join(wanted for _, wanted in said)
    assert read_pdfium(tmp_path / "raised.pdf")[0].count("21412") == 1, "the plain text of the page joins them"


def test_pypdf_alone_reads_raised_digits_as_such_too(tmp_path: Path) -> None:
    said = [
        [("Samples held 10", 0), ("5", 4), (" CFU per mL, a rate of 10", 0), ("−3", 4), (" cells", 0)],
        [("We enrolled 214", 0), ("12,13", 4), (" adults of Smith", 0), ("4", 4), (" in grade 3.", 0), ("17", 4)],
    ]

    def page(canvas: Canvas) -> None:
        heading(canvas, "On samples of 2017", LEFT, 60)
        for number, parts in enumerate(said):
            raised(canvas, parts, 100 + 30 * number)
        lines(canvas, ["12 of them in small print"], LEFT, 200, size=6)

    document = layout(draw(tmp_path / "a.pdf", page), baseline=True)
    assert flat(document.text) == (
        "On samples of 2017 Samples held 10⁵ CFU per mL, a rate of 10⁻³ cells"
        " We enrolled 214¹²,¹³ adults of Smith4 in grade 3.¹⁷ 12 of them in small print"
    )


def test_what_a_page_of_the_web_raises_is_no_part_of_the_number_before_it(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(
        "<p>10<sup>2</sup> units, 3 × 10<sup>−6</sup>, 214<sup><a href='#r'>12</a>,<a href='#s'>13</a></sup> adults,"
        " 45 <sup>123</sup> wards, grade 3.<sup>4</sup> The 5<sup>th</sup> of 45<sup>a</sup>: CO<sub>2</sub>,"
        " kg/m<sup>2</sup>, 10<sub>2</sub>, 7<sup>[8]</sup>. <sup>1</sup>99 left, 6<sup>7"
    )
    assert layout(tmp_path / "a.html").text == (
        "10² units, 3 × 10⁻⁶, 214¹²,¹³ adults, 45 ¹²³ wards, grade 3.⁴ The 5th of 45ᵃ: CO2, kg/m², 10₂, 7[8]. ¹99 left, 6⁷"
    )


def test_a_table_of_powers_is_still_a_table(tmp_path: Path) -> None:
    columns = [LEFT, LEFT + 150, LEFT + 250]

    def page(canvas: Canvas) -> None:
        lines(canvas, ["Table 1: Counts of the two groups."], LEFT, 100)
        row(canvas, ["Group", "Before", "After"], columns, 120)
        for number, name in enumerate(["Treated", "Control"]):
            lines(canvas, [name], LEFT, 140 + 14 * number)
            for x in columns[1:]:
                raised(canvas, [("10", 0), ("5", 4)], 140 + 14 * number, x=x)

    document = layout(draw(tmp_path / "table.pdf", page))
    assert texts(document, Kind.TABLE_ROW) == ["Group\tBefore\tAfter", "Treated\t10⁵\t10⁵", "Control\t10⁵\t10⁵"]
