"""Articles in JATS are read as their readers see them."""

from pathlib import Path

import pytest

from screener.documents import Kind, Unreadable, layout

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


def test_title_sections_tables_and_references_come_in_the_order_of_the_text(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_text(ARTICLE)
    document = layout(tmp_path / "a.xml")
    assert [line for line in document.text.split("\n") if line] == [
        "synthetic paper", "Ann B Synthetic", "https://doi.org/10.5555/synthetic.1", "Abstract", "There is none.", "Methods",
        "We had 10⁵ <records>.", "Table 1 Numbers.", "A\tB", "1\t2.5", "References", "[1] Other P. Old. 2001.",
    ]  # fmt: skip
    references = [block for block in document.blocks if block.kind is Kind.REFERENCE]
    assert [document.text[block.start : block.end] for block in references] == ["[1] Other P. Old. 2001."]


@pytest.mark.parametrize(
    "text", ["<rss/>", "no XML", ARTICLE[:600], '<!DOCTYPE a [<!ENTITY x "y">]><article>&x;</article>']
)
def test_what_is_no_article_is_not_read(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.nxml").write_text(text)
    with pytest.raises(Unreadable, match=r"a\.nxml is no article in JATS"):
        layout(tmp_path / "a.nxml")
