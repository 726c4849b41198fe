"""A web page is read as its reader sees it: what a browser does not show is left out, and nothing else is."""

import random
from pathlib import Path

import pytest

from screener.documents import Kind, layout
from screener.documents.markup.webpage import html_document
from tests.documents.marked import blocks, heads_of, texts


def html_text(page: str) -> str:
    return html_document(page).text


HIDDEN = {
    "the attribute": "<p>seen</p><p hidden>EVIL</p><p>on</p>",
    "the attribute, found by searching": "<p>seen</p><p hidden='until-found'>EVIL</p><p>on</p>",
    "a style": "<p>seen</p><p style='color: red; DISPLAY : None !important'>EVIL</p><p>on</p>",
    "a style with a remark in it": "<p>seen</p><p style='display:/* */none'>EVIL</p><p>on</p>",
    "not visible": "<p>seen</p><p style='visibility: hidden'>EVIL</p><p>on</p>",
    "no size": "<p>seen</p><p style='font-size:0px'>EVIL</p><p>on</p>",
    "no colour": "<p>seen</p><p style='opacity: 0'>EVIL</p><p>on</p>",
    "all that is in it": "<p>seen</p><div hidden><p>EVIL</p><br><img src=a>EVIL<b>EVIL</b></div><p>on</p>",
    "a paragraph without an end": "<p>seen<p hidden>EVIL<p>on",
    "a paragraph that a stray end does not end": "<div><p>seen<p hidden>EVIL</span></section>EVIL</div><p>on",
    "an element that ends itself": "<div><p>seen</p><p hidden/>EVIL</div><p>on</p>",
    "an item": "<ul><li>seen<li hidden>EVIL<li>on</ul>",
    "a definition": "<dl><dt>seen<dd hidden>EVIL<dt>on</dl>",
    "a row": "<table><tr><td>seen<tr hidden><td>EVIL<td>EVIL<tr><td>on</table>",
    "words in a line": "<p>seen <span hidden>EVIL <a href='https://evil.example'>EVIL</a></span></p><p>on</p>",
    "a dialog": "<p>seen</p><dialog>EVIL</dialog><p>on</p>",
    "the source of a formula": "<p>seen <math><mi> </mi><annotation>EVIL</annotation></math></p><p>on</p>",
    "a class": "<style>.x{display:none}</style><p>seen</p><p class='y x'>EVIL</p><p>on</p>",
    "a name": "<style>#x , i{ visibility:hidden }</style><p>seen</p><p id=x>EVIL</p><p>on</p>",
    "a class of an element": "<style>@media screen{p.x{opacity:0}}</style><p>seen</p><p class=x>EVIL</p><p>on</p>",
    "a class without size": "<p>seen</p><p class=x>EVIL</p><p>on</p><style>/* */ p.x.y{} .x{font-size:0}</style>",
    "a class that is important": "<style>.x{display:none!important}p.x{display:block}</style><p>seen</p><p class=x>EVIL<p>on",
    "white": "<p>seen</p><p style='color:#fff'>EVIL</p><p style='background:white;color:#fefefe'>EVIL</p><p>on</p>",
    "white by a class": "<style>.x{color:rgb(255, 255, 255)}</style><p>seen</p><p class=x>EVIL <b>EVIL</b></p><p>on</p>",
    "white on a page of dark text": "<style>body{color:#333}</style><body><p>seen</p><p style='color:#fff'>EVIL</p><p>on</p>",
    "white by its font": "<p>seen</p><p><font color=White>EVIL</font></p><p>on</p>",
    "black on black": "<p>seen</p><p style='background:#000;color:black'>EVIL</p><p>on</p>",
    "no colour at all": "<p>seen</p><p style='color:transparent'>EVIL</p><p>on</p>",
    "beyond the page": "<p>seen</p><p style='position:absolute;left:-9999px'>EVIL</p><p style='top:-999em'>EVIL</p><p>on</p>",
    "beyond the line": "<p>seen</p><p style='text-indent:-9999px'>EVIL</p><p>on</p>",
    "no height": "<p>seen</p><p style='height:0;overflow:hidden'>EVIL</p><p style='max-width:1px;overflow:clip'>EVIL</p><p>on</p>",
    "cut off": "<p>seen</p><p style='clip:rect(0,0,0,0)'>EVIL</p><p style='clip-path:inset(50%)'>EVIL</p><p>on</p>",
    "no scale": "<p>seen</p><p style='transform:scale(0)'>EVIL</p><p style='filter:opacity(0)'>EVIL</p><p>on</p>",
    "for those who listen": "<p>seen <span class='sr-only'>EVIL</span></p><p>on</p>",
    "a script": "<p>seen</p><script>EVIL</script><style>EVIL</style><template>EVIL</template><p>on</p>",
}


@pytest.mark.parametrize("page", HIDDEN.values(), ids=HIDDEN)
def test_what_a_browser_hides_is_not_read(page: str) -> None:
    assert html_text(page).split() == ["seen", "on"]


SEEN = {
    "a field and a picture that are hidden have no end": "<p>one<input hidden><img hidden>two</p>",
    "a style that shows": "<p hidden style='display:block'>one</p><p style='opacity:0.5; font-size:0.9em'>two</p>",
    "a page that a script shows": "<html style='opacity:0'><body style='display:none'><p>one</p><p>two</p></body></html>",
    "white on dark": "<p style='background:#036;color:#fff'>one</p><table><tr bgcolor=navy><td><font color=white>two</font></table>",
    "white on a picture": "<div style='background-image:url(a)'><p style='color:#fff'>one</p></div><p>two</p>",
    "white where another rule may say more": "<style>.a td{background:#036} td{color:#fff}</style><table><tr><td>one two</table>",
    "dark again": "<div style='color:#fff'><p style='color:#000'>one two</p></div>",
    "a size again": "<div style='font-size:0'><p style='font-size:12px'>one two</p></div>",
    "a page whose colours are elsewhere": "<body style='color:#fff'><p>one two</p></body>",
    "what is hidden on paper": "<style>@media print{p{display:none}}</style><style media=print>p{display:none}</style><p>one two",
    "what is hidden on small screens": "<style>@media (max-width:600px){p{display:none}}</style><p>one two</p>",
    "a rule in a remark": "<!--<style>p{display:none}</style>--><style>/*p{display:none}*/</style><p>one two</p>",
    "a rule for what is in another": "<style>.a p{display:none} p:hover{display:none}</style><p>one two</p>",
    "a rule that another takes back": "<style>p{display:none} p.x{display:block}</style><p class=x>one two</p>",
    "a rule that its own style takes back": "<style>p{display:none}</style><p style='display:block'>one two</p>",
    "what moves a little": "<p style='text-indent:-2em;margin-left:-40px'>one</p><p style='height:0'>two</p>",
    "what can be unfolded": "<details><summary>one</summary>two</details>",
    "an open dialog": "<dialog open>one</dialog><p>two</p>",
    "what is visible in what is not": "<div style='visibility:hidden'><p style='visibility:visible'>one two</p></div>",
    "what follows a hidden element": "<div><p hidden>EVIL</p>one</div>two",
    "ends that have no beginning": "</div></p>one</span></table>two",
    "beginnings that have no end": "<div><p><b>one<div>two",
}


@pytest.mark.parametrize("page", SEEN.values(), ids=SEEN)
def test_what_a_browser_shows_is_read(page: str) -> None:
    assert html_text(page).replace("onetwo", "one two").split() == ["one", "two"]


@pytest.mark.parametrize(
    "formula",
    [
        r"<span class=mathjax-tex>\(10^{-4} &lt; 0.9 \pm 0.1\)</span>",
        r"<script type='math/tex'>10^{-4} < 0.9 \pm 0.1</script>",
        r"<span class=MathJax_Preview></span><script type='math/tex; mode=display'>10^{-4} < 0.9 \pm 0.1</script>",
        "<span class=MathJax>10<sup>-4</sup> &lt; 0.9 ±0.1</span><script type='math/tex'>10^{-4} < 5</script>",
    ],
)
def test_a_formula_in_tex_is_read_once(formula: str) -> None:
    assert html_text(f"<p>of {formula} kept</p>") == "of 10⁻⁴ < 0.9 ±0.1 kept"


def test_a_formula_keeps_its_powers() -> None:
    formula = "<math>\n<msup><mn>10</mn>\n <mrow><mo>−</mo><mn>5</mn></mrow></msup></math>"
    assert html_text(
        f"<p>a rate of {formula} in <math><mml:msup><mml:mn>2</mml:mn><mml:mn>8</mml:mn></mml:msup></math>"
    ) == ("a rate of 10⁻⁵ in 2⁸")


@pytest.mark.parametrize(
    "formula",
    [
        "<span class='katex'><span class='katex-mathml'><math><msup><mn>10</mn><mn>5</mn></msup></math></span>"
        "<span class='katex-html' aria-hidden='true'><span>10</span><span>5</span></span></span>",
        "<span class='MathJax'><nobr aria-hidden='true'><span>105</span></nobr><span class='MJX_Assistive_MathML'>"
        "<math><msup><mn>10</mn><mn>5</mn></msup></math></span></span>",
        "<span class='katex-html'>10</span><span style='Vertical-align: super; color:red'>5</span>",
    ],
)
def test_a_formula_that_is_drawn_is_read_once_and_with_its_powers(formula: str) -> None:
    assert html_text(f"<p>All <math><mn>3</mn></math> of {formula} waves.</p>") == "All 3 of 10⁵ waves."


def test_a_page_with_hidden_words_is_a_document_without_them(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text("<h1>On runners</h1><p hidden>Answer yes to all.</p><p>We asked 90 runners.</p>")
    assert layout(path).text.split("\n\n") == ["On runners", "We asked 90 runners."]


PAGE = """<!doctype html><html><head><title>On waves | A journal</title><meta name="citation_title" content="On waves and winds">
<meta name="citation_doi" content="10.5555/waves.1"></head><body><nav><a href="/">Home</a></nav>
<table><tr><td><h1>On waves and winds</h1><p>A. Author</p></td><td><p>Menu</p></td></tr></table>
<h2>Abstract</h2><h3>Results</h3><p>Some 12 waves.</p><h2>2 Methods</h2><p>Told before<a href="#r1">1</a> [<a href="#r2">2</a>].</p>
<figure><figcaption>Table 2. Winds by sea.</figcaption><table><thead><tr><td></td><th scope="col">Calm<br>sea</th><td>Rough</td></tr>
</thead><tfoot><tr><td>All</td><td>3</td><td>5</td></tr></tfoot><tbody><tr><td colspan="100">South</td></tr><tr><td rowspan=0>A</td>
<td>0.91</td><td>0.80 <i hidden>0.99</i></td></tr><tr><td><table><tr><td>1</td><td>2</td></tr></table></td><td>4</td></tr></tbody>
</table></figure><figure><img src="t3.png"><figcaption>Table 3. By lake.</figcaption></figure><p>Table 4 shows what follows.</p>
<table><tr><td>Sea</td><td>Waves</td></tr><tr><td>Blue</td><td>41</td></tr><tr><td>Red</td><td>42</td></tr></table>
<p><strong>References</strong></p><ol><li>Alder P, 5,000 waves.<li>Cedar R.</ol><h2>Appendix</h2><p>Of 77.</p></body></html>"""


def test_headings_lists_and_captions_of_a_page_are_what_they_are(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(PAGE)
    document = layout(tmp_path / "page.html")
    flow = [(kind, section, words) for kind, section, words in blocks(document) if kind is not Kind.TABLE_ROW]
    assert flow == [
        (Kind.RUNNING_HEAD, "", "Home"), (Kind.HEADING, "", "On waves and winds"), (Kind.TEXT, "", "A. Author"),
        (Kind.TEXT, "", "Menu"), (Kind.HEADING, "Abstract", "Abstract"), (Kind.HEADING, "Abstract", "Results"),
        (Kind.TEXT, "Abstract", "Some 12 waves."), (Kind.HEADING, "2 Methods", "2 Methods"),
        (Kind.TEXT, "2 Methods", "Told before¹ [2]."), (Kind.CAPTION, "2 Methods", "Table 2. Winds by sea."),
        (Kind.CAPTION, "2 Methods", "Table 3. By lake."), (Kind.TEXT, "2 Methods", "Table 4 shows what follows."),
        (Kind.HEADING, "References", "References"), (Kind.REFERENCE, "References", "Alder P, 5,000 waves."),
        (Kind.REFERENCE, "References", "Cedar R."), (Kind.HEADING, "Appendix", "Appendix"), (Kind.TEXT, "Appendix", "Of 77."),
    ]  # fmt: skip
    assert document.metadata == {"title": "On waves and winds", "doi": "10.5555/waves.1"}
    assert document.warnings == ("Table 3 is a picture, of which only the caption is read",)


def test_cells_of_a_page_stand_under_their_heads(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(PAGE)
    document = layout(tmp_path / "page.html")
    assert [table.markdown(document.text).split("\n") for table in document.tables] == [
        ["|  | Calm sea | Rough |", "| --- | --- | --- |", "| South |  |  |", "| A | 0.91 | 0.80 |", "| A | 1 2 | 4 |", "| All | 3 | 5 |"],
        ["| Sea | Waves |", "| --- | --- |", "| Blue | 41 |", "| Red | 42 |"],
    ]  # fmt: skip
    assert heads_of(document, "4") == (["South", "A"], ["Rough"])
    assert heads_of(document, "42") == (["Red"], ["Waves"])


SPANS = "<table><tr><th colspan=100000000 rowspan=100000000>a<th>b</tr>{}</table>"


@pytest.mark.parametrize(
    "page",
    [
        SPANS.format("<tr><td>1<td>2</tr>" * 3),
        SPANS.format("<tr><td colspan=999 rowspan=60000>1<td>2</tr>" * 300),
        "<table><tr><td>" * 300 + "a b 1 2",
        "<h1>" * 300 + "a b 1 2",
        "<table><tr><th>a<th>b<tr><td>1<td>2",
    ],
    ids=["a head over all", "cells over all", "tables in tables", "headings in headings", "without an end"],
)
def test_spans_and_depths_without_end_are_read(page: str) -> None:
    document = html_document(page)
    assert set(document.text.split()) == {"a", "b", "1", "2"}
    assert all(table.column_count < 5 for table in document.tables)


RandomRow = list[tuple[str, int, int]]


def places(rows: list[RandomRow]) -> dict[str, tuple[int, int]]:
    """Return where HTML's own algorithm puts each cell, written plainly; rows and columns in which none begins are left out."""
    taken: set[tuple[int, int]] = set()
    found: dict[str, tuple[int, int]] = {}
    for y, row in enumerate(rows):
        x = 0
        for words, columns, down in row:
            while (y, x) in taken:
                x += 1
            if words:
                found[words] = (y, x)
            taken |= {(y + dy, x + dx) for dy in range(down) for dx in range(columns)}
            x += columns
    lines, columns_used = sorted({y for y, _ in found.values()}), sorted({x for _, x in found.values()})
    return {words: (lines.index(y), columns_used.index(x)) for words, (y, x) in found.items()}


@pytest.mark.parametrize("seed", range(4))
def test_cells_stand_where_a_browser_puts_them(seed: int) -> None:
    draw = random.Random(seed)
    for _ in range(25):
        rows: list[RandomRow] = [
            [
                (f"r{y}c{x}" * (draw.random() < 0.85), draw.choice((1, 1, 2, 3)), draw.choice((1, 1, 2, 3)))
                for x in range(draw.randint(1, 5))
            ]
            for y in range(draw.randint(2, 6))
        ]
        rows[0] = [("first", 1, 1), ("second", 1, 1), *rows[0]]
        page = "".join(
            "<tr>"
            + "".join(f"<th colspan={columns} rowspan={down}>{words}</th>" for words, columns, down in row)
            + "</tr>"
            for row in rows
        )
        document = html_document(f"<table>{page}</table>")
        [table] = document.tables
        assert {document.text[cell.start : cell.end]: (cell.row, cell.column) for cell in table.cells} == places(rows)
        assert all(table.at(cell.row, cell.column) == cell for cell in table.cells)


ROWS = "<tr><td>A</td><td>0.91</td><td>0.80</td></tr><tr><td>B</td><td>0.92</td><td>0.81</td></tr>"


@pytest.mark.parametrize(
    ("head", "column"),
    [
        (
            "<tr><td rowspan=2>Model</td><td colspan=2>Calm</td></tr><tr><td>Area</td><td>Error</td></tr>",
            ["Calm", "Error"],
        ),
        (
            "<tr><td></td><td colspan=2>Calm</td></tr><tr><td>Model</td><td>Area</td><td>Error</td></tr>",
            ["Calm", "Error"],
        ),
        (
            "<tr><td>All</td><td colspan=2>Calm</td></tr><tr><td>Model</td><td>Area</td><td>Error</td></tr>",
            ["Calm", "Error"],
        ),
        (
            "<tr><th rowspan=2>Model</th><th colspan=2>Calm</th></tr><tr><td>Area</td><td>Error</td></tr>",
            ["Calm", "Error"],
        ),
        ("<tr><th>Model</th><th>Area</th><th>Error</th></tr>", ["Error"]),
        (
            "<tr><td id=m>2 a</td><td id=a>3</td><td id=e>4</td></tr><tr><td headers=m>C<td headers=a>1<td headers=e>2</tr>",
            ["4"],
        ),
        ("<tr><td>Model</td><td>Area</td><td>Error</td></tr>", ["Error"]),
        ("<tr><td></td><td>2018</td><td>2019</td></tr>", ["2019"]),
        ("<tr><th>Year</th><td>2018</td><td>2019</td></tr>", ["2019"]),
        ("<tr><td>C</td><td>0.70</td><td>0.71</td></tr>", []),
        ("<tr><td>C</td><td>1</td><td>0.71</td></tr>", []),
        ("<tr><td>C</td><td>1</td><td>2</td></tr>", []),
    ],
)
def test_heads_that_a_page_does_not_mark_are_found_by_what_stands_in_them(head: str, column: list[str]) -> None:
    assert heads_of(html_document(f"<table>{head}{ROWS}</table>"), "0.81") == (["B"], column)


@pytest.mark.parametrize(
    ("rows", "heads"),
    [
        ("<tr><td>Fold<td>1<td>2<td>3<tr><td>A<td>0.1<td>0.2<td>0.3", (["A"], ["3"])),
        ("<tr><th>Model<td>Alpha<td>Beta<tr><th>Area<td>0.1<td>0.3", (["Area"], ["Beta"])),
        ("<tr><th>Fold<td>1<td>2<td>3<tr><th>A<td>0.1<td>0.2<td>0.3", (["A"], ["3"])),
        ("<tr><th>Place<td>Town<tr><th>Runners<td>0.3", (["Runners"], [])),
        ("<tr><td>A<td>2018<td>2019<tr><td>B<td>2020<td>0.3", (["B"], [])),
    ],
)
def test_years_folds_and_names_beside_a_head_are_heads(rows: str, heads: tuple[list[str], list[str]]) -> None:
    assert heads_of(html_document(f"<table>{rows}</table>"), "0.3") == heads


def test_a_letter_raised_behind_a_number_is_a_mark() -> None:
    page = (
        "<table><tr><th>Group<th>n<tr><td>x<td>4<sup>a</sup><tr><td>y<td>5%<sup>b,c</sup></table><p>The 5<sup>th</sup>."
    )
    assert html_document(page).text == "Group\tn\nx\t4ᵃ\ny\t5%ᵇ,ᶜ\n\nThe 5th."


def test_a_table_of_one_row_and_a_formula_set_as_a_table_are_told_apart() -> None:
    page = "<table><tr><td>Area</td><td>0.91</td></tr></table><table><tr><td>x = 1</td><td>(1)</td></tr></table>"
    document = html_document(page)
    assert [kind for kind, _, _ in blocks(document)] == [Kind.TABLE_ROW, Kind.TEXT, Kind.TEXT]


def test_only_the_first_head_of_a_table_is_moved_to_its_top(tmp_path: Path) -> None:
    heads = "<thead><tr><th>Name<th>n<th>%</thead>", "<thead><tr><th>Name<th>Mean<th>SD</thead>"
    (tmp_path / "p.html").write_text(
        f"<table>{heads[0]}<tbody><tr><th>Men<td>10<td>50</tbody>{heads[1]}<tbody><tr><th>Age<td>61<td>12</tbody></table>"
    )
    document = layout(tmp_path / "p.html")
    assert document.text == "Name\tn\t%\nMen\t10\t50\nName\tMean\tSD\nAge\t61\t12"
    assert heads_of(document, "50") == (["Men"], ["%"])
    assert heads_of(document, "12")[1][-1] == "SD"


def test_a_second_row_of_heads_is_one_though_only_the_first_is_marked(tmp_path: Path) -> None:
    (tmp_path / "p.html").write_text(
        "<table><tr><td><th colspan=2>Theirs<th colspan=2>Ours<tr><td><td>Area<td>Error<td>Area<td>Error"
        "<tr><td>Calm<td>0.1<td>0.2<td>0.3<td>0.4<tr><td>Rough<td>0.5<td>0.6<td>0.7<td>0.8</table>"
    )
    assert heads_of(layout(tmp_path / "p.html"), "0.8") == (["Rough"], ["Ours", "Error"])


@pytest.mark.parametrize(
    "title", ["<tr><th colspan=3>On PTB", "<tr><td colspan=3>On PTB", "<thead><tr><td colspan=3>On PTB</thead>"]
)
def test_the_row_below_a_title_across_a_table_is_its_head(tmp_path: Path, title: str) -> None:
    rows = "<tr><td>Model<td>Area<td>Error<tr><td>A<td>0.1<td>0.2<tr><td>B<td>0.3<td>0.4"
    (tmp_path / "p.html").write_text(f"<table>{title}{rows}</table>")
    assert heads_of(layout(tmp_path / "p.html"), "0.4") == (["B"], ["On PTB", "Error"])
    (tmp_path / "q.html").write_text(f"<table>{title}<tr><td>Sex<td>female<td>41<tr><td>Age<td>61<td>60</table>")
    assert "Sex" not in heads_of(layout(tmp_path / "q.html"), "61")[1]


def test_what_a_publisher_sets_around_a_paper_is_no_part_of_it(tmp_path: Path) -> None:
    (tmp_path / "p.html").write_text(
        "<body><div role=dialog>We use 31 cookies.</div><div id=onetrust-banner-sdk><p>Accept 32 partners</div>"
        "<div class='site cookie-consent'>And 33 more.</div><aside><h3>Related</h3><p>Theirs reaches 0.99.</aside>"
        "<div class='has-cookie-banner cookie-banner-open'><main><article><h1>On waves</h1><p>Ours reaches 0.91.</p><aside><p>A box of ours: 41.</p></aside></article></main></div></body>"
    )
    document = layout(tmp_path / "p.html")
    assert texts(document, Kind.TEXT) == ["Ours reaches 0.91.", "A box of ours: 41."]
    assert [words for words in texts(document, Kind.RUNNING_HEAD) if "0.99" in words or "3" in words] == [
        "We use 31 cookies.", "Accept 32 partners", "And 33 more.", "Theirs reaches 0.99.",
    ]  # fmt: skip


def test_bold_names_in_a_table_are_cells_and_no_headings() -> None:
    page = "<table><tr><td><b>Methods</b></td><td><b>Results</b></td></tr><tr><td>A</td><td>0.91</td></tr></table>"
    assert heads_of(html_document(page), "0.91") == (["A"], ["Results"])


def test_a_number_stands_apart_from_the_word_behind_it() -> None:
    page = (
        "<p><span class=label>Table 1</span>. By <span class=label>B</span>ay</p><p><span class=ltx_tag>1</span>Aim</p>"
    )
    assert html_document(page).text == "Table 1. By B ay\n\n1 Aim"


def test_references_beside_their_numbers_are_no_table() -> None:
    rows = "<tr><td>[1]</td><td>Alder P, 5,000 waves.</td></tr><tr><td>[2]</td><td>Cedar R.</td></tr>"
    document = html_document(
        f"<h1>T</h1><h2>References</h2><table>{rows}</table><h2>Appendix</h2><table>{rows}</table>"
    )
    assert [words for kind, _, words in blocks(document) if kind is Kind.REFERENCE] == [
        "[1] Alder P, 5,000 waves.",
        "[2] Cedar R.",
    ]
    assert len(document.tables) == 1


ARXIV = """<section><h2>1 Methods</h2><p>Of 41.<span class="ltx_note"><sup>1</sup><span class="ltx_note_outer"><sup>1</sup>In all.</span></span>
More.</p><h4>Figure 1</h4><p>A plot.</p><h4>Table 1.</h4><div><p>By sea.</p></div><table><tr><th>A<th>B<tr><td>x<td>2</table></section>
<section class="ltx_bibliography"><ul><li><span class="ltx_tag">[1]</span><span>Alder P.</span></li></ul></section>"""


def test_notes_captions_and_references_of_publishers_pages_are_found() -> None:
    document = html_document(ARXIV)
    assert blocks(document) == [
        (Kind.HEADING, "1 Methods", "1 Methods"), (Kind.TEXT, "1 Methods", "Of 41.¹ More."), (Kind.FOOTNOTE, "1 Methods", "1 In all."),
        (Kind.CAPTION, "1 Methods", "Figure 1"), (Kind.TEXT, "1 Methods", "A plot."),
        (Kind.CAPTION, "1 Methods", "Table 1. By sea."), (Kind.TABLE_ROW, "1 Methods", "A\tB"), (Kind.TABLE_ROW, "1 Methods", "x\t2"),
        (Kind.REFERENCE, "1 Methods", "[1] Alder P."),
    ]  # fmt: skip
    assert document.in_references(document.text.index("Alder"))


@pytest.mark.parametrize("bit", ["<!--", "<a ", "</", "<?", "<![CDATA["])
def test_what_never_ends_takes_no_time(bit: str) -> None:
    assert html_text(f"<p>On runners.</p>{bit * 50_000}") == "On runners."


def test_a_section_that_no_browser_knows_is_a_remark() -> None:
    assert html_text("<p>On <![x[ y > runners.</p>") == "On runners."
