"""Articles in JATS are read as their readers see them: their headings, tables, notes and references as what they are."""

import re
from pathlib import Path

import pytest

from screener.documents import Document, Kind, Unreadable, front_matter, layout, no_document
from screener.documents.textfiles import marked_up
from tests.documents.marked import blocks, heads_of, section_of, texts

ARTICLE = """<?xml version="1.0"?>
<!DOCTYPE pmc-articleset PUBLIC "-//NLM//DTD ARTICLE SET 2.0//EN" "https://dtd.nlm.nih.gov/ncbi/pmc/articleset/nlm-articleset-2.0.dtd">
<pmc-articleset><article xmlns:xlink="http://www.w3.org/1999/xlink"><front><article-meta>
<article-id pub-id-type="doi">10.5555/synthetic.1</article-id><title-group><article-title>synthetic paper</article-title></title-group>
<contrib-group><contrib><name><surname>Synthetic</surname><given-names>Ann B</given-names></name></contrib></contrib-group>
<abstract><p>There is none.</p></abstract></article-meta></front>
<body><sec><title>Methods</title><p>We had 10<sup>5</sup> &lt;records&gt;.</p>
<table-wrap><label>Table 1</label><caption><p>Numbers.</p></caption>
<table><tr><th>A</th><th>B</th></tr><tr><td>1</td><td>2.5</td></tr></table></table-wrap></sec></body>
<back><ref-list><ref><label>1</label><mixed-citation>Other P. Old. 2001.</mixed-citation></ref></ref-list></back></article></pmc-articleset>
"""


def article(tmp_path: Path, body: str = "", back: str = "", behind: str = "", meta: str = "") -> Document:
    path = tmp_path / "a.xml"
    path.write_text(
        '<article xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:mml="http://www.w3.org/1998/Math/MathML"'
        ' xmlns:oasis="http://www.niso.org/standards/z39-96/ns/oasis-exchange/table">'
        f"<front><article-meta><title-group><article-title>On runners</article-title></title-group>{meta}</article-meta></front>"
        f"<body>{body}</body><back>{back}</back>{behind}</article>"
    )
    return layout(path)


def test_title_sections_tables_and_references_come_in_the_order_of_the_text(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_text(ARTICLE)
    document = layout(tmp_path / "a.xml")
    assert [line for line in document.text.split("\n") if line] == [
        "synthetic paper", "Ann B Synthetic", "https://doi.org/10.5555/synthetic.1", "Abstract", "There is none.", "Methods",
        "We had 10⁵ <records>.", "Table 1 Numbers.", "A\tB", "1\t2.5", "References", "[1] Other P. Old. 2001.",
    ]  # fmt: skip
    assert texts(document, Kind.REFERENCE) == ["[1] Other P. Old. 2001."]
    assert document.metadata == {"title": "synthetic paper", "doi": "10.5555/synthetic.1"}


def test_who_wrote_it_where_and_when_stands_above_it(tmp_path: Path) -> None:
    name = "<name><surname>Alder</surname><given-names>Ann</given-names></name>"
    document = article(
        tmp_path,
        "<p>Text.</p>",
        "<ref-list><ref><citation-alternatives><element-citation><year>2019</year></element-citation>"
        "<mixed-citation>Alder 2019.</mixed-citation></citation-alternatives></ref></ref-list>",
        meta=f"<contrib-group><contrib>{name}</contrib></contrib-group><aff><label>1</label><institution>University of Waves</institution>,"
        " <country>Norway</country></aff><pub-date><year>2021</year></pub-date>",
    )
    assert document.text.split("\n\n") == [
        "On runners", "Ann Alder", "1 University of Waves, Norway", "2021", "Text.", "References", "[1] Alder 2019.",
    ]  # fmt: skip
    assert (front_matter(document).authors, front_matter(document).year) == (("Ann Alder",), 2021)


def test_a_section_is_that_of_the_title_it_stands_under_and_an_abstract_is_one(tmp_path: Path) -> None:
    document = article(
        tmp_path,
        "<p>Before.</p><sec><title>2 Methods</title><p>Of all.</p><sec><title>Runners</title><p>Of 41.</p></sec><p>Again.</p></sec>",
        "<ack><title>Thanks</title><p>To all.</p></ack><sec><title>Data availability</title><p>On request.</p></sec>"
        "<ref-list><title>Literatur</title><ref><mixed-citation>Alder P, 5,000 runners.</mixed-citation></ref></ref-list>"
        "<fn-group><fn><label>*</label><p>No conflict.</p></fn></fn-group>"
        "<app-group><app><title>Appendix A</title><p>Of 2,222.</p></app></app-group>",
        meta="<abstract><sec><title>Results</title><p>Some ran.</p></sec></abstract>"
        "<funding-group><funding-statement>By a fund.</funding-statement></funding-group>",
    )
    sections = {text: section for _, section, text in blocks(document)}
    assert sections == {
        "On runners": "", "Abstract": "Abstract", "Results": "Abstract", "Some ran.": "Abstract", "Before.": "",
        "2 Methods": "2 Methods", "Of all.": "2 Methods", "Runners": "Runners", "Of 41.": "Runners", "Again.": "2 Methods",
        "Thanks": "Thanks", "To all.": "Thanks", "Data availability": "Data availability", "On request.": "Data availability",
        "Literatur": "Literatur", "[1] Alder P, 5,000 runners.": "Literatur", "* No conflict.": "",
        "Appendix A": "Appendix A", "Of 2,222.": "Appendix A", "Funding": "Funding", "By a fund.": "Funding",
    }  # fmt: skip
    assert document.in_references(document.text.index("5,000"))
    assert not document.in_references(document.text.index("2,222"))
    assert texts(document, Kind.FOOTNOTE) == ["* No conflict."]


SPANS = """<table-wrap><label>Table 1.</label><caption><title>Area by ward.</title></caption><table><thead>
<tr><th rowspan="2">Model</th><th colspan="2">First ward</th><th>Second ward</th></tr><tr><td>Area</td><td>Error</td><td>Area</td></tr>
</thead><tbody><tr><td colspan="4">Adults</td></tr><tr><td rowspan="2">Proposed</td><td>0.913</td><td/><td>0.887</td></tr>
<tr><td>0.914</td><td>0.07</td><td>0.888</td></tr><tr><td>Base<break/>line</td><td>0.874<xref ref-type="table-fn">a</xref></td>
<td>0.10</td><td></td></tr></tbody></table><table-wrap-foot><fn><label>a</label><p>Ten runs.</p></fn></table-wrap-foot></table-wrap>"""


def test_a_table_keeps_its_places_where_cells_are_empty_or_reach_over_others(tmp_path: Path) -> None:
    document = article(tmp_path, f"<sec><title>Results</title>{SPANS}</sec>")
    [table] = document.tables
    assert table.markdown(document.text).split("\n") == [
        "| Model | First ward / Area | First ward / Error | Second ward / Area |",
        "| --- | --- | --- | --- |",
        "| Adults |  |  |  |",
        "| Proposed | 0.913 |  | 0.887 |",
        "| Proposed | 0.914 | 0.07 | 0.888 |",
        "| Base line | 0.874ᵃ | 0.10 |  |",
    ]
    assert heads_of(document, "0.888") == (["Adults", "Proposed"], ["Second ward", "Area"])
    assert table.caption is not None
    assert document.text[slice(*table.caption)] == "Table 1. Area by ward."
    assert texts(document, Kind.FOOTNOTE) == ["a Ten runs."]
    assert section_of(document, "0.07") == "Results"


CALS = """<table-wrap><label>Table 2</label><oasis:table><oasis:tgroup cols="3"><oasis:colspec colname="a"/><oasis:colspec colname="b"/>
<oasis:colspec colname="c"/><oasis:thead><oasis:row><oasis:entry morerows="1">Model</oasis:entry>
<oasis:entry namest="b" nameend="c">Ward</oasis:entry></oasis:row><oasis:row><oasis:entry colname="b">First</oasis:entry>
<oasis:entry colname="c">Second</oasis:entry></oasis:row></oasis:thead><oasis:tbody><oasis:row><oasis:entry>Proposed</oasis:entry>
<oasis:entry colname="c">0.887</oasis:entry></oasis:row></oasis:tbody></oasis:tgroup></oasis:table></table-wrap>"""


def test_a_table_in_the_model_of_oasis_is_one_too(tmp_path: Path) -> None:
    document = article(
        tmp_path,
        CALS.replace(">Proposed</oasis:entry>", ">Proposed</oasis:entry><oasis:entry colname='b'>1</oasis:entry>"),
    )
    assert heads_of(document, "0.887") == (["Proposed"], ["Ward", "Second"])
    assert heads_of(article(tmp_path, CALS), "0.887")[0] == ["Proposed"]
    numbered = re.sub(r"<oasis:colspec[^>]*>", "", CALS.replace('"b"', '"col2"').replace('"c"', '"col3"'))
    assert heads_of(article(tmp_path, numbered), "0.887") == (["Proposed"], ["Ward", "Second"])


def test_several_tables_under_one_caption_are_several_and_one_that_is_a_picture_is_told(tmp_path: Path) -> None:
    rows = "<tr><th>A</th><th>B</th></tr><tr><td>{}</td><td>7</td></tr>"
    document = article(
        tmp_path,
        f"<table-wrap><label>Table 3</label><table>{rows.format('x')}</table><table>{rows.format('y')}</table></table-wrap>"
        "<table-wrap><label>Table 4</label><alternatives><graphic/></alternatives></table-wrap>"
        f"<table-wrap><label>Table 5</label><alternatives><graphic/><table>{rows.format('z')}</table></alternatives></table-wrap>",
    )
    captions = [document.text[slice(*table.caption)] if table.caption else "" for table in document.tables]
    assert captions == ["Table 3", "Table 3", "Table 5"]
    assert document.warnings == ("Table 4 is a picture, of which only the caption is read",)


def test_a_table_with_a_bare_number_and_only_a_picture_in_a_cell_is_told_by_name(tmp_path: Path) -> None:
    picture = "<oasis:table><oasis:tgroup><oasis:tbody><oasis:row><oasis:entry><graphic/></oasis:entry></oasis:row></oasis:tbody></oasis:tgroup></oasis:table>"
    document = article(
        tmp_path, f"<table-wrap><label>1</label><caption><title>Of all.</title></caption>{picture}</table-wrap>"
    )
    assert texts(document, Kind.CAPTION) == ["Table 1 Of all."]
    assert document.warnings == ("Table 1 is a picture, of which only the caption is read",)


@pytest.mark.parametrize(
    "wrapped", ["<response><records>{}</records></response>", "<OAI-PMH><record>{}</record></OAI-PMH>"]
)
def test_an_article_in_the_answer_of_a_service_is_read(tmp_path: Path, wrapped: str) -> None:
    path = tmp_path / "a.xml"
    path.write_text(wrapped.format("<article><body><p>Text.</p></body></article>"))
    assert (no_document(path), layout(path).text) == ("", "Text.")
    path.write_text(wrapped.format("nothing"))
    assert no_document(path).startswith("no article in JATS")


def test_what_floats_behind_the_article_is_read_and_no_reference(tmp_path: Path) -> None:
    document = article(
        tmp_path,
        "<sec><title>Results</title><p>See Table 1.</p></sec>",
        "<ref-list><ref><mixed-citation>Alder P.</mixed-citation></ref></ref-list>",
        f"<floats-group>{SPANS}<fig><label>Figure 1.</label><caption><p>Who ran.</p><p>And how.</p></caption></fig></floats-group>",
    )
    assert [(kind, section) for kind, section, text in blocks(document) if "0.914" in text] == [(Kind.TABLE_ROW, "")]
    assert texts(document, Kind.CAPTION) == ["Table 1. Area by ward.", "Figure 1. Who ran. And how."]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("41 runners<xref ref-type='bibr'>3</xref> ran", "41 runners³ ran"),
        ("of 5,000<xref ref-type='bibr'>3</xref>", "of 5,000³"),
        ("ran.<xref ref-type='bibr'><sup>4,5</sup></xref>", "ran.⁴,⁵"),
        ("as told [<xref ref-type='bibr'>3</xref>, <xref ref-type='bibr'>4</xref>]", "as told [3, 4]"),
        ("see <xref ref-type='fig'>Figure 1</xref>", "see Figure 1"),
        ("10<sup>−3</sup> m<sup>2</sup>, the 20<sup>th</sup>", "10⁻³ m², the 20th"),
        ("<mml:math><mml:mfrac><mml:mn>1</mml:mn><mml:mn>2</mml:mn></mml:mfrac></mml:math>", "1/2"),
        ("of <tex-math>$18{,}885 \\times 10^{-4}$</tex-math>", "of 18,885 ×10⁻⁴"),
        ("<alternatives><tex-math>\\begin{document}$$0.9 \\pm 0.1$$\\end{document}</tex-math></alternatives>", "0.9 ±0.1"),
        ("a<fn><p>A note.</p></fn> sentence", "a sentence"),
        ("at <ext-link xlink:href='https://example.org/x'>our place</ext-link>", "at our place (https://example.org/x)"),
        ("5 &nbsp;&alpha; &amp; 6", "5 α & 6"),
    ],
)  # fmt: skip
def test_marks_and_formulas_in_a_sentence_change_no_number(tmp_path: Path, written: str, read: str) -> None:
    assert texts(article(tmp_path, f"<p>{written}</p>"), Kind.TEXT) == [read]


def test_what_is_in_the_file_besides_the_article_is_told(tmp_path: Path) -> None:
    document = article(tmp_path, "<p>Text.</p>", behind="<sub-article><body><p>A report.</p></body></sub-article>")
    assert "A report" not in document.text
    assert document.warnings == ("1 article within the article, such as a report of a reviewer, is not read",)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("<rss/>", "its first element is `rss`"),
        ("no XML", "it is no XML"),
        ("<TEI xmlns='http://www.tei-c.org/ns/1.0'><text/></TEI>", "it is TEI"),
        (ARTICLE[:600], "the file breaks off in line 7"),
        ('<!DOCTYPE article [<!ENTITY x "y">]><article>&x;</article>', "it declares entities"),
        (f"<article><body>{'<sec>' * 200}{'</sec>' * 200}</body></article>", "deep in each other"),
    ],
)
def test_what_is_no_article_is_not_read(tmp_path: Path, text: str, reason: str) -> None:
    (tmp_path / "a.nxml").write_text(text)
    with pytest.raises(Unreadable, match=r"a\.nxml is no article in JATS") as refused:
        layout(tmp_path / "a.nxml")
    assert reason in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "written", "reason"),
    [
        (
            "a.xml", f"<!DOCTYPE z [<!ENTITY a '{'a' * 30_000}'>]><article><body><p>&a;</p></body></article>",
            "a.xml is no article in JATS: it declares entities, which are not read; save it without them, or attach the PDF",
        ),
        (
            "a.xml", "<!DOCTYPE z [<!ENTITY a 'a'>]><article><body><p>&a;</p></body></article>",
            "a.xml is no article in JATS: it declares entities, which are not read; save it without them, or attach the PDF",
        ),
        (
            "a.xml", "<?xml version='1.0' encoding='utf-99'?><article><body><p>On.</p></body></article>",
            "a.xml is said to be in the encoding `utf-99`, which is not known; save it as UTF-8, or attach the PDF",
        ),
        ("a.html", "%PDF-1.4 ...", "a.html is a PDF by what is in it; name it .pdf"),
    ],
)  # fmt: skip
def test_a_file_that_is_not_read_says_why(tmp_path: Path, name: str, written: str, reason: str) -> None:
    (tmp_path / name).write_text(written)
    with pytest.raises(Unreadable) as raised:
        marked_up(tmp_path / name)
    assert str(raised.value) == reason
