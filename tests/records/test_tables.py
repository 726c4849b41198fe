"""Tables of every tool: their columns, lines above them, cells with line ends, sheets, and what stands for nothing."""

import datetime as dt
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from support import Later

from screener.core.errors import BadInput
from screener.records import Entry, FileRead, read_file
from screener.records.placeholders import is_nothing, without_placeholders
from screener.records.readers.cells import glued_names, names
from screener.records.readers.columns import COLUMNS, columns_by_field

openpyxl = Later("openpyxl")

Read = Callable[..., FileRead]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def reading(text: str, name: str = "export.csv", encoding: str = "utf-8", source: str | None = None) -> FileRead:
        path = tmp_path / name
        path.write_bytes(text.encode(encoding))
        return read_file(path, source=source)

    return reading


def fields(entry: Entry) -> dict[str, Any]:
    """What an entry says, without its type and its dates."""
    return {name: value for name, value in entry if value and name not in ("type", "dates")}


def table(pairs: Sequence[tuple[str, str]], delimiter: str = ",") -> str:
    return "\n".join(delimiter.join(f'"{pair[at]}"' for pair in pairs) for at in (0, 1)) + "\n"


WOS_TAGS = [
    ("PT", "J"), ("AU", "Zhu, X"), ("AF", "Zhu, Xin; Shen, Wei"), ("TI", "Of hearts"), ("SO", "HEART"), ("LA", "English"),
    ("DT", "Article; Early Access"), ("DE", "heart; beat"), ("ID", "RHYTHM"), ("AB", "Words."), ("SN", "0012-3692"),
    ("EI", "2045-2322"), ("PU", "ELSEVIER"), ("PY", "2020"), ("PD", "MAR 19"), ("VL", "12"), ("IS", "3"), ("BP", "45"),
    ("EP", "67"), ("DI", "10.1000/w"), ("PM", "123"), ("UT", "WOS:000451039805163"), ("DA", "2024-01-01"), ("SP", "A sponsor"),
]  # fmt: skip
WOS_ENTRY = {
    "title": "Of hearts", "abstract": "Words.", "authors": ("Zhu, Xin", "Shen, Wei"), "year": 2020, "venue": "HEART",
    "volume": "12", "issue": "3", "pages": "45–67", "issn": ("0012-3692", "2045-2322"), "publisher": "ELSEVIER",
    "reference_type": "JOUR", "publication_types": ("Article", "Early Access"), "language": "English",
    "keywords": ("heart", "beat", "RHYTHM"), "doi": "10.1000/w", "pmid": "123", "wos": "WOS:000451039805163",
}  # fmt: skip
EXPORTS_OF_TOOLS: list[tuple[str, str, list[tuple[str, str]], dict[str, Any]]] = [
    ("Web of Science (tab)", "Web of Science", WOS_TAGS, WOS_ENTRY),
    ("Scopus", "Scopus",
     [("Authors", "Liu F.; Li C."), ("Author full names", "Liu, Fengyuan (60410297700); Li, Chunyun (58862216200)"),
      ("Author(s) ID", "1"), ("Title", "Of hearts"), ("Year", "2026"), ("Source title", "Digital Heart"), ("Volume", "12"),
      ("Issue", ""), ("Art. No.", "e17"), ("Page start", ""), ("Page end", ""), ("DOI", "10.1000/s"), ("Link", "https://s.example/x?a=1&copy=2"),
      ("Author Keywords", "beat; pulse"), ("Index Keywords", "human"), ("Publisher", "SAGE"), ("ISSN", "20552076"),
      ("PubMed ID", "77"), ("Language of Original Document", "English"), ("Document Type", "Conference paper"),
      ("Source", "Scopus"), ("EID", "2-s2.0-105030721984")],
     {"title": "Of hearts", "authors": ("Liu, Fengyuan", "Li, Chunyun"), "year": 2026, "venue": "Digital Heart", "volume": "12",
      "pages": "e17", "issn": ("2055-2076",), "publisher": "SAGE", "reference_type": "CPAPER",
      "publication_types": ("Conference paper",), "language": "English", "keywords": ("beat", "pulse", "human"),
      "url": "https://s.example/x?a=1&copy=2", "doi": "10.1000/s", "pmid": "77", "accession": ("scopus:2-s2.0-105030721984",)}),
    ("IEEE Xplore", "IEEE Xplore",
     [("Document Title", "Of hearts"), ("Authors", "X. Zhang; Y. Li"), ("Publication Title", "2020 ICASSP"),
      ("Date Added To Xplore", "1 May 2020"), ("Publication Year", "2020"), ("Start Page", "12"), ("End Page", "18"),
      ("Abstract", "Words."), ("ISSN", "2379-190X"), ("ISBNs", "978-1-5090-6631-5"), ("DOI", "10.1109/x"),
      ("PDF Link", "https://i.example/x.pdf"), ("Author Keywords", "ecg;deep"), ("IEEE Terms", "Heart"), ("Publisher", "IEEE"),
      ("Document Identifier", "IEEE Conferences")],
     {"title": "Of hearts", "abstract": "Words.", "authors": ("X. Zhang", "Y. Li"), "year": 2020, "venue": "2020 ICASSP",
      "pages": "12–18", "issn": ("2379-190X",), "isbn": ("9781509066315",), "publisher": "IEEE", "reference_type": "CPAPER",
      "publication_types": ("IEEE Conferences",), "keywords": ("ecg", "deep", "Heart"), "url": "https://i.example/x.pdf",
      "doi": "10.1109/x"}),
    ("Embase", "Embase",
     [("Title", "Of hearts"), ("Author Names", "Shi X., Adler D.G."), ("Source", "Heart and Lung (2014) 3:4 (152-160). Date of Publication: 1 Mar 2014"),
      ("ISSN", "0012-3692"), ("Abstract", "Words."), ("Emtree Medical Index Terms", "adult, cyst (diagnosis, surgery), aged"),
      ("Clinical Trial Numbers", "ClinicalTrials.gov (NCT01234567)"), ("Article Language", "English"),
      ("Publication Type", "Conference Abstract"), ("Medline PMID", "123"), ("PUI", "L600012345"), ("DOI", "10.1000/e")],
     {"title": "Of hearts", "abstract": "Words.", "authors": ("Shi X.", "Adler D.G."), "year": 2014, "venue": "Heart and Lung",
      "volume": "3", "issue": "4", "pages": "152–160", "issn": ("0012-3692",), "reference_type": "ABST",
      "publication_types": ("Conference Abstract",), "language": "English", "keywords": ("adult", "cyst (diagnosis, surgery)", "aged"),
      "doi": "10.1000/e", "pmid": "123", "accession": ("embase:L600012345",), "registry": ("NCT01234567",)}),
    ("EBSCO", "CINAHL Complete",
     [("title", "Of hearts"), ("abstract", "Words."), ("contributors", "Smith, J.;Doe, A."), ("longDBName", "CINAHL Complete"),
      ("an", "142345678"), ("publicationDate", "20200301"), ("source", "Nursing"), ("volume", "1"), ("issue", "2"),
      ("pageStart", "3"), ("pageEnd", "4"), ("subjects", "A;B"), ("docTypes", "Article")],
     {"title": "Of hearts", "abstract": "Words.", "authors": ("Smith, J.", "Doe, A."), "year": 2020, "venue": "Nursing",
      "volume": "1", "issue": "2", "pages": "3–4", "reference_type": "JOUR", "publication_types": ("Article",),
      "keywords": ("A", "B"), "accession": ("cinahl:142345678",)}),
    ("Rayyan", "export",
     [("key", "rayyan-1"), ("title", "Of hearts"), ("year", "2018"), ("month", "3"), ("day", "5"), ("journal", "Age"),
      ("issn", "0012-3692"), ("volume", "1"), ("issue", "2"), ("pages", "3-4"), ("authors", "Ito, Ken and Roe, Ann"),
      ("url", "https://r.example"), ("language", "eng"), ("publisher", "P"), ("abstract", "Words."), ("notes", ""),
      ("pubmed_id", "30000001"), ("pmc_id", "PMC7")],
     {"title": "Of hearts", "abstract": "Words.", "authors": ("Ito, Ken", "Roe, Ann"), "year": 2018, "venue": "Age", "volume": "1",
      "issue": "2", "pages": "3–4", "issn": ("0012-3692",), "publisher": "P", "language": "eng", "url": "https://r.example",
      "given_id": "rayyan-1", "pmid": "30000001", "pmcid": "PMC7"}),
    ("Covidence", "export",
     [("Title", "Of hearts"), ("Authors", "Smith, J.; Doe, A."), ("Published Year", "2020"), ("Published Month", "3"),
      ("Journal", "Heart"), ("Accession Number", "WOS:000451039805163"), ("DOI", "10.1000/c"), ("Covidence #", "#12")],
     {"title": "Of hearts", "authors": ("Smith, J.", "Doe, A."), "year": 2020, "venue": "Heart", "doi": "10.1000/c",
      "given_id": "#12", "wos": "WOS:000451039805163"}),
    ("Zotero", "export",
     [("Key", "ABCD1234"), ("Item Type", "thesis"), ("Publication Year", "2020"), ("Author", "Smith, John"), ("Title", "Of hearts"),
      ("Publication Title", ""), ("Url", "https://z.example"), ("Abstract Note", "Words."), ("Date", "2020-03-05"), ("Manual Tags", "a; b")],
     {"title": "Of hearts", "abstract": "Words.", "authors": ("Smith, John",), "year": 2020, "reference_type": "THES",
      "publication_types": ("thesis",), "keywords": ("a", "b"), "url": "https://z.example", "given_id": "ABCD1234"}),
    ("Publish or Perish", "export",
     [("Cites", "12"), ("Authors", "J Smith, A Doe…"), ("Title", "Of hearts"), ("Year", "2020"), ("Source", "Heart"),
      ("ArticleURL", "https://p.example"), ("GSRank", "1"), ("Volume", "1"), ("Issue", "2"), ("StartPage", "3"), ("EndPage", "4")],
     {"title": "Of hearts", "authors": ("J Smith", "A Doe"), "year": 2020, "venue": "Heart", "volume": "1", "issue": "2",
      "pages": "3–4", "url": "https://p.example"}),
    ("ProQuest", "export",
     [("Title", "Of hearts"), ("StoreId", "12345"), ("documentType", "Dissertation/Thesis"), ("pubtitle", "Heart"), ("year", "2020"),
      ("startPage", "45"), ("digitalObjectIdentifier", "10.1000/p"), ("languages", "English")],
     {"title": "Of hearts", "year": 2020, "venue": "Heart", "pages": "45", "reference_type": "THES",
      "publication_types": ("Dissertation/Thesis",), "language": "English", "doi": "10.1000/p", "accession": ("proquest:12345",)}),
    ("ClinicalTrials.gov", "ClinicalTrials.gov",
     [("NCT Number", "NCT03500001"), ("Study Title", "Of hearts"), ("Study Status", "COMPLETED"), ("Brief Summary", "Words.")],
     {"title": "Of hearts", "abstract": "Words.", "registry": ("NCT03500001",), "publication_types": ("trial registration",),
      "reference_type": "RPRT", "venue": "ClinicalTrials.gov", "publisher": "ClinicalTrials.gov",
      "url": "https://clinicaltrials.gov/study/NCT03500001"}),
    ("OpenAlex", "OpenAlex",
     [("id", "https://openalex.org/W2755950973"), ("display_name", "Of hearts"), ("authorships.author.display_name", "Ana Zhu|Wei Shen"),
      ("biblio.volume", "1"), ("biblio.first_page", "3"), ("biblio.last_page", "4"), ("is_retracted", "True"), ("type", "article")],
     {"title": "Of hearts", "authors": ("Ana Zhu", "Wei Shen"), "volume": "1", "pages": "3–4", "reference_type": "JOUR",
      "publication_types": ("article",), "accession": ("openalex:W2755950973",), "integrity": "retracted"}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("tool", "source", "cells", "expected"), EXPORTS_OF_TOOLS, ids=[name for name, *_ in EXPORTS_OF_TOOLS]
)
def test_all_fields_of_a_tool_s_table_are_read(
    read: Read, tool: str, source: str, cells: list[tuple[str, str]], expected: dict[str, Any]
) -> None:
    file = read(table(cells))
    assert (file.format, len(file.hits), file.hits[0].source) == (tool, 1, source)
    assert fields(file.hits[0].entry) == expected


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_web_of_science_names_columns_by_tags_in_any_encoding(read: Read, encoding: str) -> None:
    if encoding == "utf-16-le":
        pytest.importorskip("screener.records.readers.encoding")
    text = "\n".join("\t".join(pair[at] for pair in WOS_TAGS) for at in (0, 1))
    assert fields(read(text, "savedrecs.txt", encoding).hits[0].entry) == WOS_ENTRY


def test_springer_glues_names() -> None:
    assert glued_names("Andy SmithTom Weber") == ("Andy Smith", "Tom Weber")
    assert glued_names("Ronald McDonaldÉmile ZolaAnna de Vries") == ("Ronald McDonald", "Émile Zola", "Anna de Vries")
    assert glued_names("Smith, A.; Weber, T.") == ("Smith, A.", "Weber, T.")


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("Smith, J., Doe, A.", ("Smith, J.", "Doe, A.")),
        ("Smith, J., Doe, A. & Ito, K.", ("Smith, J.", "Doe, A.", "Ito, K.")),
        ("Liu R., Adler D.G.", ("Liu R.", "Adler D.G.")),
        ("Zhu XD, Shen WY.", ("Zhu XD", "Shen WY")),
        ("Ito, Ken and World Health Organization", ("Ito, Ken", "World Health Organization")),
        ("Zhu X\nShen W", ("Zhu X", "Shen W")),
        ("Zhu, Xiao-Dong", ("Zhu, Xiao-Dong",)),
        ("Zhu X, et al.", ("Zhu X",)),
    ],
)
def test_names_are_told_apart(cell: str, expected: tuple[str, ...]) -> None:
    assert names(cell) == expected


def test_no_column_name_means_two_things() -> None:
    plain = [name for names_of in COLUMNS.values() for name in names_of]
    assert len(plain) == len(set(plain))
    assert columns_by_field(["pageStart", "page_start", "Page Start"]) == {"first_page": ["pageStart"]}


class TestEmbaseWithAFieldALine:
    TEXT = (
        '"TITLE","Of hearts"\n"AUTHOR NAMES","Shi X.","Jiang P."\n"SOURCE","Heart (2014) 3:3 (152-160). Date of Publication: 2014"\n'
        '"ABSTRACT","Words, and more."\n"MEDLINE PMID","12345678","http://pubmed.example/12345678"\n\n"RECORD 2"\n'
        '"TITLE","Of livers"\n"PUI","L600012345"\n"TITLE","Of lungs"\n"DOI","10.1000/l"\n'
    )

    def test_records_are_read(self, read: Read) -> None:
        file = read(self.TEXT)
        assert file.hits[0].source == "Embase"
        assert [hit.entry.title for hit in file.hits] == ["Of hearts", "Of livers", "Of lungs"]
        first = file.hits[0].entry
        assert (first.authors, first.pmid, first.abstract) == (("Shi X.", "Jiang P."), "12345678", "Words, and more.")
        assert (first.venue, first.locator, first.year) == ("Heart", "3(3), 152–160", 2014)
        assert (file.hits[1].entry.accession, file.hits[2].entry.doi) == (("embase:L600012345",), "10.1000/l")


class TestLinesAboveTheColumnNames:
    @pytest.mark.parametrize(
        "above",
        [
            '"About the data: Exported on Jan 01, 2024. Criteria: ""heart"" in title; year 2020"\n',
            "Search of 1 May, by Ann; 27 hits\n\n",
            'A stray " mark\n',
            "Title of the project,Hearts\nAuthor,Ann\n,,\n",
            "\n\n\n",
        ],
    )
    def test_they_are_found_and_told(self, read: Read, above: str) -> None:
        file = read(above + "Title,Abstract,Year\nOf hearts,Words,2020\nOf livers,Words,2021\n")
        assert [hit.entry.title for hit in file.hits] == ["Of hearts", "Of livers"]
        assert any("above the column names" in note for note in file.notes) == bool(above.strip())

    def test_a_file_without_a_title_column_is_refused_with_its_columns(self, read: Read) -> None:
        with pytest.raises(BadInput, match=r"no column is a title \(columns: Search, abstract\)"):
            read("Search,abstract\nOf hearts,Words\n")

    def test_a_word_within_a_cell_names_no_column(self, read: Read) -> None:
        file = read('id,title,abstract\n1,Of hearts,"Words\nTitle, Abstract, Year, DOI\nmore"\n2,Of livers,b\n')
        assert [hit.entry.title for hit in file.hits] == ["Of hearts", "Of livers"]


class TestDelimitedText:
    def test_excel_says_which_sign_parts_the_cells(self, read: Read) -> None:
        assert read("sep=;\ntitle;year\nA, b;2020\n").hits[0].entry.title == "A, b"

    def test_bars_stay_in_titles_and_part_keywords(self, read: Read) -> None:
        entry = read("title,keywords\nA | B,d | e\n").hits[0].entry
        assert (entry.title, entry.keywords) == ("A | B", ("d", "e"))

    def test_empty_rows_at_the_end_are_none_and_others_are_told(self, read: Read) -> None:
        file = read("title;year\nOf hearts;2020\n;\nOf livers;2021\n;\n;\n;\n")
        assert [hit.row for hit in file.hits] == [1, 3]
        assert [(bad.row, bad.reason) for bad in file.rejected] == [(2, "the row is empty")]

    def test_of_columns_of_one_name_the_first_with_a_value_counts(self, read: Read) -> None:
        file = read("title,abstract,abstract\nA,,b\nC,d,e\n")
        assert [hit.entry.abstract for hit in file.hits] == ["b", "d"]

    def test_a_name_of_two_lines_is_a_name(self, read: Read) -> None:
        file = read('title,"Publication\nYear","odd\nname"\nA,2020,b\n')
        assert (file.hits[0].entry.year, file.notes) == (2020, ("columns not used: odd name",))

    def test_quotation_marks_behind_backslashes(self, read: Read) -> None:
        file = read('title,year\n"He said \\"go\\" to all",2020\n"{\\"U}ber alles",2021\n"C:\\",2022\n')
        assert file.hits[0].entry.title == 'He said "go" to all'
        assert len(file.hits) == 3

    def test_a_mark_between_rows_of_two_columns_is_told(self, read: Read) -> None:
        rows = [f"{n},Study {n}" for n in range(1, 21)]
        rows[4], rows[11] = '5,"Study 5', '12,Study 12"'
        file = read("id,title\n" + "\n".join(rows) + "\n")
        assert len(file.hits) + len(file.rejected) == 20 or any("look like several rows" in note for note in file.notes)

    def test_many_stray_marks_cost_only_their_lines(self, read: Read) -> None:
        rows = [f'{n},"Study {n},words' if n % 3 == 0 else f"{n},Study {n},words" for n in range(1, 3001)]
        file = read("id,title,abstract\n" + "\n".join(rows) + "\n")
        assert (len(file.hits), len(file.rejected)) == (2000, 1000)

    def test_rows_name_their_database_unless_the_user_does(self, read: Read) -> None:
        text = "title,database\nOf hearts,CINAHL\nOf livers,\n"
        assert [hit.source for hit in read(text).hits] == ["CINAHL", "export"]
        assert [hit.source for hit in read(text, source="Library").hits] == ["Library", "Library"]


class TestWorkbooks:
    @pytest.fixture
    def book(self, tmp_path: Path) -> Path:
        book = openpyxl.Workbook()
        first = book.active
        assert first is not None
        first.title = "Main"
        for row in (
            ["Publication", None, None, "Other"],
            ["Title", "Abstract", "Year", "DOI"],
            ["One", "a", 2020, "10.1000/1"],
        ):
            first.append(row)
        first.merge_cells("A1:C1")
        first.append([None, None, None, None])
        first["E9"].font = openpyxl.styles.Font(bold=True)
        hidden = book.create_sheet("Old")
        hidden.sheet_state = "hidden"
        for row in (["title", "authors"], ["Two", "Zhu X"]):
            hidden.append(row)
        joined = book.create_sheet("Joined")
        for row in (["Title", "Published", None], [None, "Year", "Journal"], ["Three", dt.date(2020, 3, 5), "Heart"]):
            joined.append(row)
        joined.merge_cells("A1:A2")
        joined.merge_cells("B1:C1")
        notes = book.create_sheet("Notes")
        notes.append(["by", "Ann"])
        book.create_sheet("Empty")
        path = tmp_path / "book.xlsx"
        book.save(path)
        return path

    def test_sheets_headings_joined_and_hidden_ones(self, book: Path) -> None:
        file = read_file(book)
        found = [(hit.entry.title, hit.entry.year, hit.entry.doi or hit.entry.venue) for hit in file.hits]
        assert found == [("One", 2020, "10.1000/1"), ("Two", None, ""), ("Three", 2020, "Heart")]
        assert file.rejected == ()
        assert file.notes[0] == (
            "sheets read: `Main` (1 row), `Old` (hidden) (1 row), `Joined` (1 row); "
            "not read, for want of a column of titles: `Notes`"
        )
        assert file.notes[1] == "sheet `Main`: a line above the column names: not read (“Publication Other”)"

    def test_the_name_of_the_file_says_nothing(self, book: Path) -> None:
        other = book.with_suffix(".csv")
        other.write_bytes(book.read_bytes())
        assert len(read_file(other).hits) == 3


class TestWhatStandsForNothing:
    @pytest.mark.parametrize(
        ("field", "text"),
        [
            *((field, text) for field in ("title", "abstract", "venue", "volume") for text in ("NA", "n/a", "None", "null", "-", "—")),
            *(("title", text) for text in ("[no title]", "[Not Available].", "Title not available", "[no title] doi:10.1000/1")),
            *(("abstract", text) for text in ("[No abstract available]", "No abstract available.", "Abstract not available",
                                              "This article has no abstract.", "An abstract is not available.", "[Abstract unavailable]", "#N/A", "Abstract", "TBD",
                                              "International audience", "Peer Reviewed", "Click to increase image size",
                                              "<NA>", "undefined", "No abstract available for this article", "Abstract: None", "No hay resumen",
                                              "Abstract not available from publisher", "No abstract was submitted", "[ABSTRACT FROM AUTHOR]",
                                              "Resumen no disponible", "Kein Abstract verfügbar", "无摘要", "초록 없음")),
            *(("authors", text) for text in ("NA", "[Anonymous]", "Anon.", "[No author name available]", "No authors listed")),
            *(("pages", text) for text in ("n/a-n/a", "n/a–n/a", "No Pagination Specified", "No-Specified", "-")),
        ],
    )  # fmt: skip
    def test_it_is_empty(self, field: str, text: str) -> None:
        assert is_nothing(field, text)

    @pytest.mark.parametrize(
        ("field", "text"),
        [
            ("title", "NA channels of the heart"), ("title", "None of the above: a survey"), ("title", "Untitled"),
            ("title", "Null results in psychology"), ("abstract", "No abstract reasoning was tested in this group."),
            ("abstract", "None."[:-1] + " of the patients died."), ("authors", "Na"), ("authors", "Na, K"), ("authors", "Null, J"),
            ("venue", "Nature"), ("volume", "0"), ("pages", "1-9"), ("issue", "N/A 3"),
        ],
    )  # fmt: skip
    def test_text_is_kept(self, field: str, text: str) -> None:
        assert not is_nothing(field, text)

    def test_it_counts_in_every_format(self, read: Read) -> None:
        ris = "TY  - JOUR\nTI  - [Not Available]\nAB  - Words.\nAU  - [Anonymous]\nAU  - Zhu, X\nSP  - n/a\nEP  - n/a\nER  - \n"
        entry = read(ris, "a.ris").hits[0].entry
        assert (entry.title, entry.authors, entry.pages) == ("", ("Zhu, X",), "")

    def test_an_entry_without_any_is_the_same_object(self) -> None:
        entry = Entry(title="Of hearts", authors=("Zhu, X",))
        assert without_placeholders(entry) is entry


class TestRowsWithoutATitle:
    def test_they_are_kept_where_something_tells_the_work(self, read: Read) -> None:
        file = read(
            "title,abstract,doi,authors\nNA,Words,,\n,,10.1000/1,\n,[No abstract available],NA,Zhu X\nNone,None,None,None\n"
        )
        assert [(hit.row, hit.entry.abstract, hit.entry.doi) for hit in file.hits] == [
            (1, "Words", None),
            (2, "", "10.1000/1"),
        ]
        assert {bad.row: bad.reason for bad in file.rejected} == {
            3: "there is no title, abstract or identifier", 4: "there is no title, abstract or identifier",
        }  # fmt: skip
