"""Every format that is written and can be read: each field that it has comes back.

Which fields those are is said in a table of `docs/how-to/other-tools.md`, which is read here.
"""

import re
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from screener.exchange.exporters import as_csv, as_jsonl, as_xlsx
from screener.exchange.other_tools import ToolRecord, as_asreview
from screener.exchange.writers import as_bibtex, as_eppi, as_nbib, as_ris
from screener.exchange.writers.columns import COLUMNS, bibliographic
from screener.records import Record, integrity_of, read_file
from screener.records.normalise import clean
from screener.records.placeholders import without_placeholders
from screener.records.readers.latex import without_latex

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "other-tools.md"
Write = Callable[[Sequence[Record]], bytes]


def rows_of(records: Sequence[Record]) -> list[dict[str, Any]]:
    return [
        bibliographic(r) | {"id": r.id, "title": r.shown_title, "doi": r.doi or "", "year": r.year} for r in records
    ]


def text(write: Callable[[Sequence[ToolRecord]], str]) -> Write:
    return lambda records: write([ToolRecord(record, None, "", {}, []) for record in records]).encode()


NAMES = ["id", "title", "doi", "year", *COLUMNS]
FORMATS: dict[str, Write] = {
    "ris": text(as_ris),
    "bibtex": text(as_bibtex),
    "nbib": text(as_nbib),
    "eppi": text(as_eppi),
    "asreview": text(as_asreview),
    "csv": lambda records: as_csv(rows_of(records), NAMES),
    "xlsx": lambda records: as_xlsx(rows_of(records), NAMES),
    "jsonl": lambda records: as_jsonl(rows_of(records)),
}
PARTED = {"csv", "xlsx", "eppi", "asreview"}
"""Formats in which signs part the values of a field."""


@cache
def carried(format: str) -> frozenset[str]:
    """Return the fields that the page says a format carries."""
    lines = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in PAGE.read_text(encoding="utf-8").splitlines()
        if line.startswith("|")
    ]
    head = next(line for line in lines if line[0] == "field")
    place = head.index(f"`{format}`")
    return frozenset(
        name
        for line in lines[lines.index(head) + 2 :]
        if len(line) == len(head) and line[place] == "yes"
        for name in re.findall(r"`(\w+)`", line[0])
    )


def read_back(format: str, records: Sequence[Record], folder: Path) -> list[dict[str, Any]]:
    path = folder / "out"
    path.write_bytes(FORMATS[format](records))
    read = read_file(path)
    assert [rejected.reason for rejected in read.rejected] == []
    return [{name: getattr(hit.entry, name) for name in carried(format)} for hit in read.hits]


ODD = ["Zhu", "Müller", "心电图", "العربية", "ЭКГ", "𝑥", "ﬁ", "{", "}", "\\", "\\cmd", "$", "$x$", "%", "&", "#", "_", "~", "^", "--",
       "---", "``", "''", '"', "?`", "!`", "<<", ">>", "|", ";", ",", "'", "*", "-", "=1+1", "@", "@article{x,", "ER  - ",
       "TY  - JOUR", "PMID- 1", "N1  - x", "\n", "and", "2024", "<b>", "p < 0.05", "&amp;", "a" * 300]  # fmt: skip


def settled(written: str) -> str:
    """Return a text as a reader would have left it."""
    while (cleaned := clean(written)) != written:
        written = cleaned
    return written


TEXTS = st.lists(st.sampled_from(ODD), max_size=6).flatmap(
    lambda parts: st.sampled_from(["", " "]).map(lambda between: settled(between.join(parts)))
)
NAMED = st.sampled_from(["Zhu, Xiao-Dong", "Zhu XD", "World Health Organization", "Smith, John, Jr", "van der Berg, A.",
                         "Department of Health, Education, and Welfare", "Sons and Lovers Group", "李, 明"])  # fmt: skip
SAMPLES: dict[str, Sequence[Any]] = {
    "volume": ["", "12", "Suppl 1"],
    "issue": ["", "3", "3-4", "Pt 2"],
    "pages": ["", "45–67", "S12–S15", "e12345", "105114", "9", "67–+"],
    "issn": [(), ("2049-3630",), ("2049-3630", "0028-0836")],
    "isbn": [(), ("9780306406157",)],
    "publisher": ["", "Smith & Sons", "50% {Press}"],
    "reference_type": ["JOUR", "CPAPER", "THES", "CHAP", "BOOK", "RPRT", "ABST", "UNPB", "DATA", "NEWS", "GEN", "ELEC"],
    "publication_types": [(), ("Review",), ("Clinical Trial, Phase II", "Journal Article")],
    "language": ["", "English", "eng; fre"],
    "url": ["", "https://example.org/a~b/%7Ec?x=1&y=a_b#d", "https://doi.org/10.1000/a_b"],
    "pmid": [None, "123"],
    "pmcid": [None, "PMC77"],
    "arxiv": [None, "2101.00001", "math.gt/0309136"],
    "wos": [None, "WOS:000123456789012"],
    "accession": [(), ("embase:L2012345678", "cinahl:123456789"), ("academic search:12345",)],
    "registry": [(), ("NCT01234567",), ("ISRCTN12345678", "EUCTR2010-012345-67")],
    "relations": [(), ({"kind": "erratum_in", "identifier": "pmid:99"}, {"kind": "comment_on", "identifier": "doi:10.1000/c"})],
    "type": ["publication"],
}  # fmt: skip
DATES = [
    (None, ()),
    (2024, ({"kind": "year", "value": "2024"},)),
    (2024, ({"kind": "published", "value": "2024-03"},)),
    (2024, ({"kind": "published", "value": "2024-03-19"}, {"kind": "early_access", "value": "2023-12-01"})),
]


@st.composite
def records(draw: st.DrawFn) -> Record:
    year, dates = draw(st.sampled_from(DATES))
    doi = draw(
        st.sampled_from(
            [None, "10.1000/a_b--c", "10.1002/(sici)1097-0258(19980815/30)17:15/16<1661::aid-sim968>3.0.co;2-2"]
        )
    )
    fields = {name: draw(st.sampled_from(list(values))) for name, values in SAMPLES.items()}
    title, venue = draw(TEXTS), draw(TEXTS)
    authors = draw(st.lists(st.one_of(NAMED, TEXTS), max_size=3, unique=True))
    keywords = draw(st.lists(TEXTS, max_size=3, unique=True))
    doi = "10.1000/a_b" if "doi.org" in fields["url"] else doi
    return tidy(
        {"id": "r1", "title": title, "abstract": draw(TEXTS), "venue": venue if venue != title else "", "year": year, "dates": dates,
         "authors": list(filter(None, authors)), "keywords": list(filter(None, keywords)), "doi": doi or "10.1000/x", **fields}
    )  # fmt: skip


def tidy(fields: dict[str, Any]) -> Record:
    texts = {name: settled(fields.get(name) or "") for name in ("title", "abstract", "venue")}
    record = without_placeholders(Record.model_validate(fields | texts))
    # What certainly is LaTeX is read as text in every format: no field that a reader has left says `{\\"u}`.
    while (plain := without_latex(record)) != record:
        record = plain
    return record.model_copy(update={"integrity": integrity_of(record)})


def within(record: Record, format: str) -> Record:
    """Return a record without what the page says that a format cannot tell."""
    authors, keywords = list(record.authors), [word.lstrip("* ") for word in record.keywords]
    if format in PARTED:
        authors, keywords = ([re.sub(r"[;|\[\]]", " ", value) for value in values] for values in (authors, keywords))
        authors += ["Zz, Q"] if len(authors) == 1 else []
        keywords += ["z"] if len(keywords) == 1 else []
    if format in ("ris", "bibtex", "nbib"):
        keywords = [re.sub(r"[;|*]", " ", word) for word in keywords]
    lists = {
        name: list(dict.fromkeys(map(settled, values)))
        for name, values in (("authors", authors), ("keywords", keywords))
    }
    return tidy(record.model_dump() | lists)  # fmt: skip


def check(format: str, record: Record, folder: Path) -> None:
    fitting = within(record, format)
    (read,) = read_back(format, [fitting], folder)
    assert read == {name: getattr(fitting, name) for name in carried(format)}


@pytest.mark.parametrize("format", [name for name in FORMATS if name != "xlsx"])
@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(record=records())
@example(
    record=tidy(
        {
            "id": "r",
            "title": "ER  - and TY  - JOUR",
            "abstract": "word " * 20_000,
            "doi": "10.1000/x",
            "reference_type": "JOUR",
        }
    )
)
@example(record=tidy({"id": "r", "abstract": "No title. TY  - JOUR", "doi": "10.1000/x", "reference_type": "GEN"}))
def test_every_field_that_a_format_has_comes_back(format: str, record: Record, tmp_path: Path) -> None:
    check(format, record, tmp_path)


@settings(max_examples=2, deadline=None, suppress_health_check=list(HealthCheck))
@given(record=records())
def test_every_field_comes_back_from_a_workbook(record: Record, tmp_path: Path) -> None:
    check("xlsx", record, tmp_path)


@pytest.mark.parametrize("format", ["csv", "jsonl"])
def test_what_a_database_says_of_its_entry_comes_back_from_a_table(format: str, tmp_path: Path) -> None:
    dates = [
        {"kind": "published", "value": "2024-03"},
        {"kind": "indexed", "value": "2024-04-01"},
        {"kind": "updated", "value": "2025-01-02"},
    ]
    [back] = read_back(
        format, [Record.model_validate({"id": "r1", "title": "Zhu", "year": 2024, "dates": dates})], tmp_path
    )
    assert [date.model_dump() for date in back["dates"]] == dates


def test_the_page_says_of_every_field_which_formats_have_it() -> None:
    fields = set(Record.model_fields) - {"id", "sources", "aliases", "abstract_source", "own_text", "sealed"}
    assert set().union(*map(carried, FORMATS)) == fields
    assert {"title", "abstract", "authors", "year", "venue", "doi", "url"} <= set.intersection(
        *(set(carried(f)) for f in FORMATS)
    )


TELLING = [{"abstract": "Only an abstract is there, with words."}, {"doi": "10.1000/x"}, {"pmid": "123"}, {"pmcid": "PMC77"},
           {"url": "https://example.org/x"}, {"registry": ("NCT01234567",)}, {"accession": ("embase:L2012345678",)},
           {"wos": "WOS:000123456789012"}, {"arxiv": "2101.00001"}, {"isbn": ("9780306406157",)}]  # fmt: skip


@pytest.mark.parametrize("format", FORMATS)
def test_records_without_a_title_come_back_by_what_tells_them(format: str, tmp_path: Path) -> None:
    records = [Record.model_validate({"id": f"r{number}"} | told) for number, told in enumerate(TELLING)]
    (tmp_path / "out").write_bytes(FORMATS[format](records))
    read = read_file(tmp_path / "out")
    told = [{name: getattr(hit.entry, name) for name in fields} for hit, fields in zip(read.hits, TELLING, strict=True)]
    assert (told, {hit.entry.title for hit in read.hits}, read.rejected) == (TELLING, {""}, ())
