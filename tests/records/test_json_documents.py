import json
from pathlib import Path
from typing import Any

import pytest

from screener.core.errors import BadInput
from screener.records import Entry, FileRead, Integrity, KnownDate, RecordType, Relation, RelationKind, read_file
from screener.records.readers.json_documents import entries_of

CROSSREF = {
    "DOI": "10.5555/Age.1", "type": "journal-article", "title": ["Walking <i>in vivo</i>"], "subtitle": ["A trial"],
    "author": [{"given": "Ken", "family": "Ito"}, {"name": "WALK Group"}], "container-title": ["Age Reports"],
    "issued": {"date-parts": [[2018, 3, 7]]}, "published-online": {"date-parts": [[2018, 2]]}, "volume": "12", "issue": "3",
    "page": "105-114", "ISSN": ["0028-0836"], "publisher": "P", "abstract": "<jats:p>Text &lt; 5.</jats:p>", "language": "en",
    "clinical-trial-number": [{"clinical-trial-number": "nct01234567"}], "subject": ["Ageing"],
    "updated-by": [{"DOI": "10.5555/ret", "type": "retraction"}],
    "relation": {"has-preprint": [{"id": "10.5555/pre", "id-type": "doi"}], "cites": [{"id": "10.1/x", "id-type": "doi"}]},
}  # fmt: skip
NOTICE = {"DOI": "10.5555/err", "title": ["Correction"], "update-to": [{"DOI": "10.5555/age.1", "type": "correction"}]}
OPENALEX = {
    "id": "https://openalex.org/W123", "display_name": "Walking", "doi": "https://doi.org/10.5555/Age.1",
    "ids": {"pmid": "https://pubmed.ncbi.nlm.nih.gov/30000001", "pmcid": "https://www.ncbi.nlm.nih.gov/pmc/articles/123"},
    "abstract_inverted_index": {"again": [3], "We": [0], "walk": [1], "and": [2]}, "publication_year": 2018,
    "publication_date": "2018-03-07", "type": "article", "is_retracted": True, "language": "en",
    "authorships": [{"author": {"display_name": "Ken Ito"}}], "biblio": {"volume": "12", "first_page": "105", "last_page": "114"},
    "primary_location": {"source": {"display_name": "Age Reports", "issn": ["0028-0836"]}, "landing_page_url": "https://a.org"},
    "keywords": [{"display_name": "Gait"}],
}  # fmt: skip
DBLP = {"@id": "1", "info": {"authors": {"author": {"@pid": "1", "text": "Wei Wang 0001"}}, "title": "A test.", "venue": "CoRR",
                             "volume": "abs/2101.00001", "year": "2021", "type": "Informal Publications", "key": "journals/corr/x",
                             "ee": ["https://arxiv.org/abs/2101.00001", "x"]}}  # fmt: skip
ZENODO = {
    "id": 36, "conceptrecid": "35", "conceptdoi": "10.5281/zenodo.35", "doi": "10.5281/zenodo.36", "created": "2020-01-22T14:00",
    "links": {"html": "https://zenodo.org/record/36"},
    "metadata": {"title": "ECG signals", "description": "<p>Signals.</p><p>Of hearts.</p>", "creators": [{"name": "Ito, K."}],
                 "publication_date": "2019-08-22", "resource_type": {"type": "dataset", "title": "Dataset"}, "keywords": ["ecg"],
                 "related_identifiers": [{"identifier": "10.5555/age.1", "relation": "isSupplementTo", "scheme": "doi"},
                                         {"identifier": "10.1/c", "relation": "cites", "scheme": "doi"}]},
}  # fmt: skip
MODEL = {"id": "lab/ecg-model", "modelId": "lab/ecg-model", "pipeline_tag": "time-series", "createdAt": "2024-03-02T10:00:00Z",
         "tags": ["ecg", "arxiv:2101.00001", "license:mit", "doi:10.5555/p", "doi:10.57967/hf/1"], "readme": "---\nlicense: mit\n---\n# Card\nText."}  # fmt: skip
DATASET = {"id": "lab/ecg-data", "downloads": 3, "tags": ["language:en"], "description": "Signals"}
EUROPE_PMC = {
    "id": "30000001", "source": "MED", "pmid": "30000001", "doi": "10.5555/Age.1", "title": "Walking.", "pubYear": "2018",
    "authorString": "Ito K, WALK Group.", "pageInfo": "105-14", "abstractText": "<h4>Aim</h4>Walk.", "language": "eng",
    "journalInfo": {"volume": "12", "issue": "3", "journal": {"title": "Age Reports", "issn": "0028-0836"}},
    "pubTypeList": {"pubType": ["research-article", "Journal Article"]}, "keywordList": {"keyword": ["gait"]},
    "commentCorrectionList": {"commentCorrection": [{"id": "9", "source": "MED", "type": "Expression of concern in"}]},
}  # fmt: skip
SCHOLAR = {"paperId": "abc", "title": "Walking", "externalIds": {"DOI": "10.5555/Age.1", "PubMed": "30000001", "ArXiv": "2101.00001"},
           "journal": {"name": "Age", "pages": "105-14"}, "publicationTypes": ["JournalArticle"], "year": 2018}  # fmt: skip
CSL = {"id": "x", "type": "article-journal", "title": "Walking", "author": [{"family": "Ito", "given": "Ken",
       "non-dropping-particle": "van"}, {"literal": "WALK"}], "issued": {"date-parts": [["2018", "3"]]}, "page": "105-114",
       "container-title": "Age", "DOI": "10.5555/Age.1", "note": "PMID: 30000001\nPMCID: PMC12", "ISSN": "0028-0836"}  # fmt: skip

EXPECTED: list[tuple[str, Any, dict[str, Any]]] = [
    ("Crossref", CROSSREF, {
        "title": "Walking in vivo: A trial", "abstract": "Text < 5.", "authors": ("Ito, Ken", "WALK Group"), "year": 2018,
        "venue": "Age Reports", "locator": "12(3), 105–114", "issn": ("0028-0836",), "doi": "10.5555/age.1",
        "registry": ("NCT01234567",), "reference_type": "JOUR", "publisher": "P", "integrity": Integrity.RETRACTED,
        "relations": (Relation(kind=RelationKind.RETRACTED_IN, identifier="doi:10.5555/ret"),
                      Relation(kind=RelationKind.UPDATE_OF, identifier="doi:10.5555/pre"))}),
    ("Crossref", NOTICE, {"relations": (Relation(kind=RelationKind.ERRATUM_FOR, identifier="doi:10.5555/age.1"),)}),
    ("OpenAlex", OPENALEX, {
        "abstract": "We walk and again", "integrity": Integrity.RETRACTED, "pmid": "30000001", "pmcid": "PMC123",
        "locator": "12, 105–114", "venue": "Age Reports", "accession": ("openalex:W123",), "keywords": ("Gait",)}),
    ("DBLP", DBLP, {"title": "A test", "authors": ("Wei Wang",), "arxiv": "2101.00001", "volume": "", "reference_type": "UNPB",
                    "accession": ("dblp:journals/corr/x",), "url": "https://arxiv.org/abs/2101.00001"}),
    ("DBLP", {"info": {"title": "A test.", "key": "conf/x/y", "year": "2021", "type": "Conference and Workshop Papers",
                       "ee": ["https://doi.org/10.48550/arXiv.2101.00001", "https://doi.org/10.5555/Age.1"]}},
     {"doi": "10.5555/age.1", "arxiv": "2101.00001", "url": "https://doi.org/10.48550/arXiv.2101.00001"}),
    ("OpenAlex", OPENALEX | {"locations": [{"landing_page_url": "https://arxiv.org/abs/2101.00001"}]},
     {"arxiv": "2101.00001", "doi": "10.5555/age.1", "url": "https://a.org"}),
    ("Zenodo", ZENODO | {"metadata": ZENODO["metadata"] | {"resource_type": {"type": "model", "title": "Model"}}, "updated": "2024-05-06T1"},
     {"type": RecordType.MODEL, "reference_type": "COMP"}),
    ("Hugging Face", MODEL | {"readme": "From https://arxiv.org/pdf/2203.00002v1 and doi: 10.5555/Q.", "lastModified": "2025-01-02T03:04:05Z"}, {
        "relations": tuple(Relation(kind=RelationKind.LINKED, identifier=name)
                           for name in ("arxiv:2101.00001", "arxiv:2203.00002", "doi:10.5555/p", "doi:10.5555/q")),
        "dates": tuple(KnownDate(kind=kind, value=value) for kind, value in (
            ("published", "2024-03-02"), ("indexed", "2024-03-02"), ("updated", "2025-01-02")))}),
    ("Zenodo", ZENODO, {
        "type": RecordType.DATASET, "abstract": "Signals. Of hearts.", "doi": "10.5281/zenodo.36", "year": 2019,
        "relations": (Relation(kind=RelationKind.LINKED, identifier="doi:10.5555/age.1"),
                      Relation(kind=RelationKind.LINKED, identifier="doi:10.5281/zenodo.35"))}),
    ("Hugging Face", MODEL, {
        "type": RecordType.MODEL, "title": "lab/ecg-model", "abstract": "# Card Text.", "year": 2024, "doi": "10.57967/hf/1",
        "arxiv": None, "relations": (Relation(kind=RelationKind.LINKED, identifier="arxiv:2101.00001"),
                                     Relation(kind=RelationKind.LINKED, identifier="doi:10.5555/p")),
        "keywords": ("time-series", "ecg"), "url": "https://huggingface.co/lab/ecg-model"}),
    ("Hugging Face", DATASET, {"type": RecordType.DATASET, "url": "https://huggingface.co/datasets/lab/ecg-data", "language": "en"}),
    ("Europe PMC", EUROPE_PMC, {
        "authors": ("Ito K", "WALK Group"), "locator": "12(3), 105–114", "abstract": "Aim Walk.", "integrity": Integrity.CONCERN,
        "relations": (Relation(kind=RelationKind.CONCERN_IN, identifier="pmid:9"),), "pmid": "30000001"}),
    ("Semantic Scholar", SCHOLAR, {"pmid": "30000001", "arxiv": "2101.00001", "pages": "105–114", "reference_type": "JOUR"}),
    ("here", CSL, {"authors": ("van Ito, Ken", "WALK"), "year": 2018, "pmid": "30000001", "pmcid": "PMC12", "venue": "Age",
                   "pages": "105–114", "issn": ("0028-0836",), "given_id": None}),
]  # fmt: skip
WRAPPED: list[tuple[Any, int]] = [
    ({"message-type": "work", "message": CROSSREF}, 1),
    ({"message": {"total-results": 900, "items": [CROSSREF, NOTICE]}}, 2),
    ({"meta": {"count": 2}, "results": [OPENALEX, OPENALEX]}, 2),
    ({"result": {"hits": {"@total": "1", "hit": DBLP}}}, 1),
    ({"hits": {"hits": [ZENODO], "total": 1}}, 1),
    ({"hitCount": 1, "resultList": {"result": [EUROPE_PMC]}}, 1),
    ({"total": 1, "data": [SCHOLAR]}, 1),
    ({"items": [CSL]}, 1),
]


def written(tmp_path: Path, text: str) -> FileRead:
    file = tmp_path / "here.json"
    file.write_text(text, encoding="utf-8")
    return read_file(file)


@pytest.mark.parametrize(("source", "item", "expected"), EXPECTED, ids=lambda value: str(value)[:12])
def test_the_items_of_every_service_are_read(tmp_path: Path, source: str, item: Any, expected: dict[str, Any]) -> None:
    file = written(tmp_path, json.dumps([item]))
    assert not file.rejected
    [hit] = file.hits
    assert hit.source == source
    assert {name: getattr(hit.entry, name) for name in expected} == expected


@pytest.mark.parametrize(("document", "count"), WRAPPED, ids=lambda value: str(value)[:20])
def test_a_document_may_have_its_items_in_a_list_and_be_read_without_a_file(document: Any, count: int) -> None:
    entries = entries_of(document)
    assert len(entries) == count
    assert all(isinstance(entry, Entry) and entry.title for entry in entries)


def test_json_lines_and_documents_of_several_services_are_read_one_after_the_other(tmp_path: Path) -> None:
    lines = [json.dumps(item) for item in (CROSSREF, {"results": [OPENALEX]}, ZENODO)]
    assert [hit.source for hit in written(tmp_path, "\n".join(lines)).hits] == ["Crossref", "OpenAlex", "Zenodo"]
    pretty = "\n".join(json.dumps(json.loads(line), indent=1) for line in lines)
    assert len(written(tmp_path, pretty).hits) == 3
    broken = written(tmp_path, "\n".join([lines[0], lines[1][:40], "{1", lines[2], lines[0][:90]]))
    assert [hit.row for hit in broken.hits] == [1, 4]
    assert [row.row for row in broken.rejected] == [2, 3, 5]
    assert ["line 2 is" in broken.rejected[0].reason, "line 3 is" in broken.rejected[1].reason] == [True, True]


@pytest.mark.parametrize("whole", [1, 5, 9])
@pytest.mark.parametrize("wrap", [lambda items: items, lambda items: {"message": {"items": items}}])
def test_of_a_file_that_breaks_off_the_whole_items_are_read_and_the_break_is_told(
    tmp_path: Path, whole: int, wrap: Any
) -> None:
    text = json.dumps(wrap([{**CROSSREF, "DOI": f"10.5555/{number}"} for number in range(10)]))
    file = written(tmp_path, text[: text.index(f"10.5555/{whole}") + 20])
    assert [hit.entry.doi for hit in file.hits] == [f"10.5555/{number}" for number in range(whole)]
    assert ["breaks off in line 1" in row.reason for row in file.rejected] == [True]


def test_of_a_single_item_that_breaks_off_no_part_is_read(tmp_path: Path) -> None:
    text = json.dumps({"message": {**CROSSREF, "title": ["Walking"], "author": [{"family": "Ito"}, {"family": "Roe"}]}})
    file = written(tmp_path, text[: text.rindex('"Roe"')])
    assert [hit.entry.title for hit in file.hits] == []
    assert ["breaks off in line 1" in row.reason for row in file.rejected] == [True]


@pytest.mark.parametrize(
    ("card", "identifier"),
    [
        ("https://www.biorxiv.org/content/10.1101/2024.01.01.573210v1.full.pdf", "doi:10.1101/2024.01.01.573210"),
        ("(https://www.medrxiv.org/content/10.1101/2024.02.02.24302020v2).", "doi:10.1101/2024.02.02.24302020"),
        ("https://dl.acm.org/doi/pdf/10.1145/3292500.3330701", "doi:10.1145/3292500.3330701"),
        ("[x](https://link.springer.com/article/10.1007/s10916-024-02001-1)", "doi:10.1007/s10916-024-02001-1"),
        ("https://www.nature.com/articles/s41591-018-0268-3", "doi:10.1038/s41591-018-0268-3"),
        ("https://pubmed.ncbi.nlm.nih.gov/30617320/", "pmid:30617320"),
        ("https://ar5iv.org/abs/2406.55555", "arxiv:2406.55555"),
        ("in arXiv 2407.77777, 2024", "arxiv:2407.77777"),
        ("[![DOI](https://zenodo.org/badge/DOI/10.5281/zenodo.123.svg)](https://x.org)", "doi:10.5281/zenodo.123"),
    ],
)
def test_a_card_names_works_by_the_addresses_of_their_pages(tmp_path: Path, card: str, identifier: str) -> None:
    (tmp_path / "hub.json").write_text(json.dumps([MODEL | {"readme": card}]))
    (hit,) = read_file(tmp_path / "hub.json").hits
    assert identifier in [relation.identifier for relation in hit.entry.relations]


def test_a_page_of_a_longer_search_says_so(tmp_path: Path) -> None:
    file = written(tmp_path, json.dumps({"message": {"total-results": 900, "items": [CROSSREF]}}))
    assert file.notes[0] == "the search has 900 results, of which this page has 1"


def test_items_of_another_shape_cost_themselves(tmp_path: Path) -> None:
    odd = {**CROSSREF, "author": "Ito", "issued": 7, "relation": [], "page": {"x": 1}, "ISSN": None, "volume": 12.0}
    file = written(tmp_path, json.dumps([CROSSREF, "text", None, odd]))
    assert [hit.row for hit in file.hits] == [1, 4]
    assert (file.hits[1].entry.authors, file.hits[1].entry.volume) == (("Ito",), "12")
    assert {row.row: row.reason for row in file.rejected} == {2: "not a JSON object", 3: "not a JSON object"}


@pytest.mark.parametrize("text", ['[{"title": "One", "year": 2018}, {"title": "Two"}]', '{"records": [{"title": "One"}, {"title": "Two"}]}',
                                  '{\n "title": "One"\n}\n{\n "title": "Two"\n}'])  # fmt: skip
def test_plain_objects_have_the_fields_of_tables(tmp_path: Path, text: str) -> None:
    assert [hit.entry.title for hit in written(tmp_path, text).hits] == ["One", "Two"]


def test_plain_rows_are_no_service_s_items(tmp_path: Path) -> None:
    rows = [{"id": 1, "source": "PubMed", "type": "article", "title": "One", "authors": "Ito K; Zhu X", "year": 2018}]
    for text in (json.dumps(rows), json.dumps(rows[0])):
        [hit] = written(tmp_path, text).hits
        assert (hit.entry.authors, hit.entry.year) == (("Ito K", "Zhu X"), 2018)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[" * 50_000, "nested too deeply"),
        ('[{"DOI": "10.1/x", "title": ["A', "no item before that is whole"),
        (json.dumps({"message": CROSSREF})[:-60], "not JSON"),
        ("[1, 2, 3]", "without records"),
        ('[{"DOI": ' + "9" * 5_000 + "}]", "thousands of digits"),
        ("[]", "without records"),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_line(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(BadInput, match=rf"here\.json: .*{says}[^\n]*\Z"):
        written(tmp_path, text)


def test_a_subtitle_alone_is_the_title() -> None:
    [entry] = entries_of([{**CROSSREF, "title": []}])
    assert entry.title == "A trial"
