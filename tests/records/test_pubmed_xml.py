from pathlib import Path

import pytest

from screener.core.errors import BadInput
from screener.records import Integrity, Relation, RelationKind, read_file
from screener.records.readers.pubmed_xml import entries_of

ARTICLE = """<PubmedArticle><MedlineCitation><PMID Version="1">30000001</PMID><Article PubModel="Print-Electronic">
<Journal><ISSN IssnType="Electronic">1476-4687</ISSN><JournalIssue><Volume>12</Volume><Issue>3</Issue>
<PubDate><Year>2018</Year><Month>Mar</Month></PubDate></JournalIssue><Title>Age reports</Title></Journal>
<ArticleTitle>Walking <i>in vivo</i>: IL-6 &lt; 5 pg/mL.</ArticleTitle>
<Pagination><MedlinePgn>1105-14</MedlinePgn></Pagination><ELocationID EIdType="doi">10.5555/Age.1</ELocationID>
<Abstract><AbstractText Label="AIM">To walk.</AbstractText><AbstractText Label="RESULTS">H<sub>2</sub>O fell.</AbstractText>
<CopyrightInformation>(c) Someone</CopyrightInformation></Abstract>
<AuthorList><Author><LastName>Ito</LastName><ForeName>Ken</ForeName><Initials>K</Initials><Suffix>Jr</Suffix></Author>
<Author><CollectiveName>WALK Group</CollectiveName></Author></AuthorList><Language>eng</Language>
<DataBankList><DataBank><DataBankName>ClinicalTrials.gov</DataBankName><AccessionNumberList>
<AccessionNumber>NCT01234567</AccessionNumber></AccessionNumberList></DataBank><DataBank><DataBankName>GENBANK</DataBankName>
<AccessionNumberList><AccessionNumber>AB123456</AccessionNumber></AccessionNumberList></DataBank></DataBankList>
<PublicationTypeList><PublicationType>Journal Article</PublicationType>
<PublicationType>Retracted Publication</PublicationType></PublicationTypeList>
<ArticleDate DateType="Electronic"><Year>2018</Year><Month>02</Month><Day>07</Day></ArticleDate></Article>
<MedlineJournalInfo><ISSNLinking>0028-0836</ISSNLinking></MedlineJournalInfo>
<CommentsCorrectionsList><CommentsCorrections RefType="RetractionIn"><RefSource>Age. 2019;1:2</RefSource>
<PMID>30000009</PMID></CommentsCorrections><CommentsCorrections RefType="Cites"><RefSource>X</RefSource>
</CommentsCorrections><CommentsCorrections RefType="CommentIn"><RefSource>Age. 2018;9:1</RefSource></CommentsCorrections>
</CommentsCorrectionsList><MeshHeadingList><MeshHeading><DescriptorName>Walking</DescriptorName>
<QualifierName>methods</QualifierName></MeshHeading></MeshHeadingList><OtherAbstract Language="spa">
<AbstractText>Resumen.</AbstractText></OtherAbstract><KeywordList><Keyword>gait</Keyword></KeywordList></MedlineCitation>
<PubmedData><History><PubMedPubDate PubStatus="entrez"><Year>2018</Year><Month>2</Month><Day>8</Day></PubMedPubDate>
</History><ArticleIdList><ArticleId IdType="pubmed">30000001</ArticleId><ArticleId IdType="pmc">PMC123</ArticleId>
</ArticleIdList><ReferenceList><Reference><ArticleIdList><ArticleId IdType="pmc">PMC9</ArticleId></ArticleIdList>
</Reference></ReferenceList></PubmedData></PubmedArticle>"""
BOOK = """<PubmedBookArticle><BookDocument><PMID>20301295</PMID><Book><Publisher><PublisherName>UW</PublisherName></Publisher>
<BookTitle>GeneReviews</BookTitle><PubDate><Year>1993</Year></PubDate><Isbn>0306406152</Isbn></Book>
<ArticleTitle>Huntington</ArticleTitle><Language>eng</Language><AuthorList Type="authors"><Author><LastName>Bean</LastName>
<ForeName>L</ForeName></Author></AuthorList><PublicationType>Review</PublicationType><Abstract><AbstractText>Text.
</AbstractText></Abstract></BookDocument></PubmedBookArticle>"""
DOCTYPE = '<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle//EN" "https://dtd.nlm.nih.gov/x.dtd">'


def document(*parts: str) -> str:
    return f'<?xml version="1.0" ?>\n{DOCTYPE}\n<PubmedArticleSet>{"".join(parts)}</PubmedArticleSet>\n'


def written(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "pubmed.xml"
    file.write_text(text, encoding="utf-8")
    return file


def test_every_field_of_an_article_is_read(tmp_path: Path) -> None:
    [hit] = read_file(written(tmp_path, document(ARTICLE))).hits
    entry = hit.entry
    assert hit.source == "PubMed"
    assert entry.title == "Walking in vivo: IL-6 < 5 pg/mL."
    assert entry.abstract == "AIM: To walk. RESULTS: H2O fell. Resumen."
    assert entry.authors == ("Ito, Ken, Jr", "WALK Group")
    assert (entry.volume, entry.issue, entry.pages, entry.year) == ("12", "3", "1105–1114", 2018)
    assert {date.kind: date.value for date in entry.dates} == {
        "published": "2018-03", "early_access": "2018-02-07", "indexed": "2018-02-08",
    }  # fmt: skip
    assert (entry.pmid, entry.doi, entry.pmcid) == ("30000001", "10.5555/age.1", "PMC123")
    assert entry.issn == ("1476-4687", "0028-0836")
    assert entry.registry == ("NCT01234567",)
    assert entry.keywords == ("gait", "Walking")
    assert (entry.reference_type, entry.integrity) == ("JOUR", Integrity.RETRACTED)
    assert entry.relations == (
        Relation(kind=RelationKind.RETRACTED_IN, identifier="pmid:30000009"),
        Relation(kind=RelationKind.COMMENT_IN, identifier="Age. 2018;9:1"),
    )


def test_a_chapter_has_its_book_and_a_title_that_is_not_there_the_vernacular_one() -> None:
    title = "<ArticleTitle>[Not Available].</ArticleTitle><VernacularTitle>Über das Gehen</VernacularTitle>"
    other = "<ArticleTitle>Walking <i>in vivo</i>: IL-6 &lt; 5 pg/mL.</ArticleTitle>"
    chapter, article = entries_of(document(BOOK, ARTICLE.replace(other, title)))
    assert (chapter.title, chapter.venue, chapter.reference_type) == ("Huntington", "GeneReviews", "CHAP")
    assert (chapter.isbn, chapter.publisher, chapter.year) == (("9780306406157",), "UW", 1993)
    assert article.title == "Über das Gehen"


def test_documents_one_behind_the_other_are_all_read_and_deleted_citations_told(tmp_path: Path) -> None:
    deleted = "<DeleteCitation><PMID>1</PMID><PMID>2</PMID></DeleteCitation>"
    joined = document(ARTICLE) + document(BOOK, deleted) + f"<PubmedArticleSet>{ARTICLE}</PubmedArticleSet>"
    file = read_file(written(tmp_path, joined))
    assert [hit.row for hit in file.hits] == [1, 2, 3]
    assert not file.rejected
    assert "deleted 2 citations" in file.notes[0]
    assert "1, 2" in file.notes[0]


def test_what_stands_before_a_break_is_read_and_the_break_is_a_rejected_row(tmp_path: Path) -> None:
    whole = document(ARTICLE, BOOK, ARTICLE)
    file = read_file(written(tmp_path, whole[: whole.rindex("<Journal>")]))
    assert [hit.entry.title[:7] for hit in file.hits] == ["Walking", "Hunting"]
    assert [row.row for row in file.rejected] == [3]
    assert "breaks off in line" in file.rejected[0].reason


def test_what_is_whole_behind_a_broken_place_is_read_too(tmp_path: Path) -> None:
    broken = document(ARTICLE.replace("</PubmedArticle>", ""), BOOK, ARTICLE)
    file = read_file(written(tmp_path, broken))
    assert sorted(hit.entry.title[:7] for hit in file.hits) == ["Hunting", "Walking"]
    assert "of what follows 2 of 3 could be read" in file.rejected[0].reason


def test_signs_that_xml_forbids_cost_nothing(tmp_path: Path) -> None:
    file = read_file(written(tmp_path, document(ARTICLE.replace("To walk.", "To\x0b walk&#11;&#x1F; and talk."))))
    assert file.hits[0].entry.abstract.startswith("AIM: To walk and talk.")


@pytest.mark.parametrize(
    "text",
    [
        f'<!DOCTYPE x [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><PubmedArticleSet>{ARTICLE}&b;</PubmedArticleSet>',
        f"<PubmedArticleSet>{'<a>' * 100_000}",
    ],
)
def test_entities_and_bottomless_nesting_are_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(BadInput, match=r"pubmed.xml: .*(entities|deep)"):
        read_file(written(tmp_path, text))
