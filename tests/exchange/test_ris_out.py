"""RIS of an export: which tags hold what."""

from pathlib import Path

import rispy

from screener.exchange.other_tools import ToolRecord
from screener.exchange.writers import as_ris
from screener.records import Record, read_file

RECORD = Record.model_validate({
    "id": "r1", "title": "ER - a title", "abstract": "TY  - JOUR\nER  - \nText.", "authors": ["Zhu, Xiao-Dong", "WHO, Geneva"],
    "year": 2024, "dates": [{"kind": "published", "value": "2024-03-19"}, {"kind": "early_access", "value": "2024-01-02"}],
    "venue": "Heart", "volume": "12", "issue": "3", "pages": "45–67", "issn": ["2049-3630"], "isbn": ["9780306406157"],
    "publisher": "BMJ", "reference_type": "CPAPER", "publication_types": ["Clinical Trial", "Review"], "language": "English",
    "keywords": ["a b", "c"], "url": "https://example.org/x?a=1&b=2", "doi": "10.1000/a_b", "pmid": "123", "pmcid": "PMC77",
    "arxiv": "2101.00001", "wos": "WOS:000123456789012", "accession": ["embase:L2012345678", "academic search:123456789"],
    "registry": ["NCT01234567", "EUCTR2010-012345-67"], "integrity": "retracted",
    "relations": [{"kind": "retracted_in", "identifier": "pmid:99"}, {"kind": "erratum_in", "identifier": "doi:10.1000/e"}],
})  # fmt: skip


def read_back(record: Record, folder: Path) -> dict[str, object]:
    path = folder / "out.ris"
    path.write_text(as_ris([ToolRecord(record, None, "", {}, [])]), encoding="utf-8")
    (hit,) = read_file(path).hits
    return {name: value for name, value in hit.entry.model_dump().items() if name != "given_id"}


def test_every_field_that_ris_has_comes_back(tmp_path: Path) -> None:
    own = {"id", "sources", "aliases", "abstract_source", "own_text", "sealed"}
    assert read_back(RECORD, tmp_path) == RECORD.model_dump(exclude=own) | {"abstract": "TY - JOUR ER - Text."}


def test_another_parser_finds_each_value_under_the_tag_that_reference_managers_read(tmp_path: Path) -> None:
    (record,) = rispy.loads(as_ris([ToolRecord(RECORD, None, "", {}, [])]))
    expected = {
        "type_of_reference": "CPAPER", "title": "ER - a title", "secondary_title": "Heart", "year": "2024", "volume": "12",
        "number": "3", "start_page": "45", "end_page": "67", "doi": "10.1000/a_b", "date": "2024/03/19", "publisher": "BMJ",
        "keywords": ["a b", "c"], "authors": ["Zhu, Xiao-Dong", "WHO, Geneva"], "custom2": "PMC77",
    }  # fmt: skip
    assert {name: record.get(name) for name in expected} == expected


def test_without_a_type_the_types_of_publication_or_the_venue_tell_it() -> None:
    def code(**fields: object) -> str:
        record = Record.model_validate({"id": "r", "title": "t", **fields})
        return as_ris([ToolRecord(record, None, "", {}, [])]).split("\n")[0]

    assert code(publication_types=["Academic Dissertation"], venue="x") == "TY  - THES"
    assert code(publication_types=["Proceedings Paper"]) == "TY  - CPAPER"
    assert code(type="dataset") == "TY  - DATA"
    assert code(venue="Heart") == "TY  - JOUR"
    assert code(isbn=["9780306406157"]) == "TY  - BOOK"
    assert code() == "TY  - GEN"


def test_a_retraction_that_only_the_record_knows_is_told_as_a_type() -> None:
    record = Record.model_validate({"id": "r", "title": "Mice", "integrity": "retracted"})
    assert "M3  - Retracted Publication\n" in as_ris([ToolRecord(record, None, "", {}, [])])


def test_an_article_number_stands_for_the_pages_and_in_its_own_tag() -> None:
    record = Record.model_validate({"id": "r", "title": "Mice", "pages": "e12345"})
    assert "SP  - e12345\nC7  - e12345\n" in as_ris([ToolRecord(record, None, "", {}, [])])
