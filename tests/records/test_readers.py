import json
from pathlib import Path

import pytest
from support.records import EXPORTS, PUBMED, SCREENING, WOS, needs_shared

from screener.cli.import_ import by_file
from screener.core.errors import BadInput
from screener.records import Entry, FileRead, read_file


@pytest.fixture
def read(tmp_path: Path):  # type: ignore[no-untyped-def]
    """Read a text or bytes as a file of some name."""

    def reading(content: str | bytes, name: str = "export.csv", source: str | None = None) -> FileRead:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_file(path, source=source)

    return reading


def entries(file: FileRead) -> list[Entry]:
    return [hit.entry for hit in file.hits]


def titles(file: FileRead) -> list[str]:
    return [entry.title for entry in entries(file)]


def reasons(file: FileRead) -> dict[int, str]:
    return {bad.row: bad.reason for bad in file.rejected}


class TestFilesThatCannotBeUsed:
    @pytest.mark.parametrize(
        ("name", "content", "says"),
        [
            ("a.csv", b"", "empty"),
            ("a.csv", b"\xef\xbb\xbf\r\n", "empty"),
            ("a.ris", bytes(range(256)) * 50, "binary"),
            ("a.ris", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + b"1 0 obj\n" * 40, "PDF"),
            ("a.xls", b"\xd0\xcf\x11\xe0 and no more", "spreadsheet"),
            ("a.xml", b"<?xml version='1.0'?>\n<eSummaryResult><DocSum/></eSummaryResult>", "EFetch"),
            ("a.xml", b"<!-- x --><library><book/></library>", "its first element is `library`"),
            ("a.csv", b"<!DOCTYPE html><html>Please log in</html>", "web page"),
            ("a.json", b'["no", "objects"]', "without records"),
            ("a.json", b'{\n "heading": "A title"\n}', "not JSON Lines"),
            ("a.jsonl", b'{"status": "ok", "message": {"title": "inside"}}', "title"),
            ("a.csv", b"abstract,year\nWords,2020\n", "no column is a title (columns: abstract, year)"),
            ("a.txt", b"Dear all,\nthe export follows.\n", "not recognised"),
        ],
    )
    def test_one_line_says_what_is_wrong(self, read, name: str, content: bytes, says: str) -> None:  # type: ignore[no-untyped-def]
        with pytest.raises(BadInput) as wrong:
            read(content, name)
        assert says in str(wrong.value)
        assert name in str(wrong.value)
        assert "\n" not in str(wrong.value)

    def test_missing_file_and_folder(self, tmp_path: Path) -> None:
        with pytest.raises(BadInput, match="no such file"):
            read_file(tmp_path / "not_here.ris")
        with pytest.raises(BadInput, match="folder"):
            read_file(tmp_path)

    def test_what_is_not_read_is_answered_with_what_is(self, read) -> None:  # type: ignore[no-untyped-def]
        with pytest.raises(BadInput, match=r"can be read: .*RIS; .*JSON Lines"):
            read("<TEI><text/></TEI>", "a.xml")


class TestTables:
    @pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
    def test_the_delimiter_is_found(self, read, delimiter: str) -> None:  # type: ignore[no-untyped-def]
        rows = [
            ["Title", "Authors, first to last", "Publication Year"],
            ["One", "Zhu X", "2020.0"],
            ["Two", "", "n.d."],
        ]
        file = read("\n".join(delimiter.join(f'"{cell}"' for cell in row) for row in rows))
        assert [(e.title, e.year) for e in entries(file)] == [("One", 2020), ("Two", None)]

    def test_the_extension_says_nothing(self, read) -> None:  # type: ignore[no-untyped-def]
        assert titles(read("title\tyear\nOne\t2020\n", "export.ris")) == ["One"]
        assert titles(read("TY  - JOUR\nTI  - One\nER  - \n", "export.csv")) == ["One"]

    def test_quoted_line_ends_delimiters_and_quotes_are_part_of_a_cell(self, read) -> None:  # type: ignore[no-untyped-def]
        file = read('id,title,abstract\r\n7,"One, ""the first""","Line\r\nand line"\r\n8,Two,\r\n')
        assert [(e.title, e.abstract) for e in entries(file)] == [('One, "the first"', "Line and line"), ("Two", "")]

    def test_a_mark_within_a_quoted_cell_costs_no_other_cell_its_text(self, read) -> None:  # type: ignore[no-untyped-def]
        file = read('"id","title","abstract"\n"1","Of "broken" hearts","a"\n"2","Of hearts,"We"\n"3","Of lungs","b"\n')
        assert [(hit.entry.title, hit.entry.abstract) for hit in file.hits] == [
            ('Of "broken" hearts', "a"),
            ("Of lungs", "b"),
        ]
        assert reasons(file) == {2: "a quotation mark in line 3 stands within a cell; double it, or remove it"}

    def test_an_unclosed_quotation_mark_costs_one_row(self, read) -> None:  # type: ignore[no-untyped-def]
        file = read('title,abstract\nOne,a\nTwo,"never closed\nThree,c\nFour,d\n')
        assert titles(file) == ["One", "Three", "Four"]
        assert reasons(file) == {2: "a quotation mark in line 3 is never closed"}

    def test_a_row_with_too_many_cells_is_not_read_askew(self, read) -> None:  # type: ignore[no-untyped-def]
        file = read("title,abstract,year\nOne,a,2020\nTwo, and more,b,2021\nThree,c,2022,,\nFour\n")
        assert titles(file) == ["One", "Three", "Four"]
        assert "4 cells in 3 columns" in reasons(file)[2]

    def test_columns_go_by_many_names_and_unknown_ones_are_named(self, read) -> None:  # type: ignore[no-untyped-def]
        file = read(
            "Record_ID;PRIMARY TITLE;notes_abstract;Source title;pubmedID;DOI Link;Date Published;rating\n"
            "r1;One;Words;Heart;123;https://doi.org/10.1000/X;2020-03-02;5\n"
        )
        (entry,) = entries(file)
        assert (entry.given_id, entry.title, entry.abstract, entry.venue) == ("r1", "One", "Words", "Heart")
        assert (entry.pmid, entry.doi, entry.year, entry.dates[0].value) == ("123", "10.1000/x", 2020, "2020-03-02")
        assert file.notes == ("columns not used: rating",)

    @pytest.mark.parametrize(
        ("cell", "names"),
        [
            ("Zhu, XD; Shen, WY", ("Zhu, XD", "Shen, WY")),
            ("Zhu XD, Shen WY.", ("Zhu XD", "Shen WY")),
            ("Ana Zhu and Wei Shen", ("Ana Zhu", "Wei Shen")),
            ("Ana Zhu|Wei Shen", ("Ana Zhu", "Wei Shen")),
            ("['Zhu, Ana', 'Shen, Wei']", ("Zhu, Ana", "Shen, Wei")),
            ("Zhu, Ana", ("Zhu, Ana")),
        ],
    )
    def test_authors_are_told_apart(self, read, cell: str, names: tuple[str, ...]) -> None:  # type: ignore[no-untyped-def]
        (entry,) = entries(read(f'title\tauthors\nOne\t"{cell}"\n'))
        assert entry.authors == (names if isinstance(names, tuple) else (names,))

    def test_of_a_known_tool_only_columns_that_are_not_its_own_are_named(self, read) -> None:  # type: ignore[no-untyped-def]
        known = "Authors,Title,Year,Source title,Cited by,Affiliations,EID"
        assert read(f"{known}\nZhu X.,One,2020,Heart,4,Leeds,2-s2.0-85000000001\n").notes == ()
        assert read(f"{known},Mood\nZhu X.,One,2020,Heart,4,Leeds,2-s2.0-85000000001,5\n").notes == (
            "columns not used: Mood",
        )
        assert read("Title,Cited by\nOne,4\n").notes == ("columns not used: Cited by",)

    def test_withdrawn_papers_and_expressions_of_concern_are_named_as_retracted_ones_are(self, read) -> None:  # type: ignore[no-untyped-def]
        titles = ("RETRACTED: Vitamin Q", "WITHDRAWN: Vitamin R", "Vitamin S", "Vitamin T")
        types = ("", "", "Publication with Expression of Concern", "")
        rows = "".join(f"{title},{kind}\n" for title, kind in zip(titles, types, strict=True))
        assert read(f"title,publication types\n{rows}").notes == (
            "marked as retracted: “RETRACTED: Vitamin Q”",
            "marked as withdrawn: “WITHDRAWN: Vitamin R”",
            "marked with an expression of concern: “Vitamin S”",
        )

    def test_ids_that_belong_to_several_titles_are_ignored(self, read) -> None:  # type: ignore[no-untyped-def]
        file = read("id,title\n1,One thing\n2,Another\n1,One Thing.\n1,Something else\n")
        assert (len(file.hits), file.rejected) == (4, ())
        assert {entry.given_id for entry in entries(file)} == {None}
        assert file.notes == ("ids belong to several titles (`1`), so the ids are not used",)
        same = read("id,title\n1,One thing\n2,Another\n1,One Thing.\n")
        assert [entry.given_id for entry in entries(same)] == ["1", "2", "1"]

    def test_titles_are_there_and_are_titles(self, read) -> None:  # type: ignore[no-untyped-def]
        file = read(f"title,year\n{'x' * 10_000},2020\n,2020\n<i> </i>,2020\n,\nNu\x00l,Spring 2024\n")
        assert [(e.title, e.year) for e in entries(file)] == [("Nul", 2024)]
        assert list(reasons(file)) == [1, 2, 3, 4]
        assert "10,000 characters" in reasons(file)[1]
        assert reasons(file)[2] == reasons(file)[3] == "there is no title, abstract or identifier"

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
    def test_encodings_are_found(self, read, encoding: str) -> None:  # type: ignore[no-untyped-def]
        file = read("title,authors\nÉtude “du” cœur,Müller A\n".encode(encoding))
        assert titles(file) == ["Étude “du” cœur"]
        assert bool(file.notes) == (encoding == "cp1252")

    def test_the_source_is_named_by_the_user_else_by_the_file(self, read) -> None:  # type: ignore[no-untyped-def]
        assert read("title\nOne\n", "scopus_2024.csv").source == "scopus_2024"
        assert read("title\nOne\n", "scopus_2024.csv", source="Scopus").hits[0].source == "Scopus"


class TestPubMed:
    HEADER = "PMID,Title,Authors,Citation,First Author,Journal/Book,Publication Year,Create Date,PMCID,NIHMS ID,DOI\n"

    @pytest.mark.parametrize(
        ("citation", "dates"),
        [
            ("Heart. 2024 May;46(5):33. Epub 2023 Dec 3.", [("published", "2024-05"), ("early_access", "2023-12-03")]),
            ("Heart. 2024 Apr 8. doi: 10.1000/1. Online ahead of print.", [("early_access", "2024-04-08")]),
            ("Heart. 2024 Winter;2(1):3.", [("year", "2024")]),
            ("", [("year", "2024")]),
        ],
    )
    def test_dates_are_those_of_the_citation(self, read, citation: str, dates: list[tuple[str, str]]) -> None:  # type: ignore[no-untyped-def]
        row = f'12,One,"Zhu XD, Shen WY.","{citation}",Zhu XD,Heart,2024,2024/01/02,PMC1,,10.1000/1\n'
        (entry,) = entries(read(self.HEADER + row))
        assert [(d.kind, d.value) for d in entry.dates] == [*dates, ("indexed", "2024-01-02")]
        assert (entry.pmid, entry.pmcid, entry.authors) == ("12", "PMC1", ("Zhu XD", "Shen WY"))


class TestJsonLines:
    def test_values_may_be_lists_numbers_or_missing(self, read) -> None:  # type: ignore[no-untyped-def]
        rows = [
            {"id": 1, "title": "One\u2028thing", "authors": [{"name": "Zhu, Ana"}, "Shen, Wei"], "year": 2020},
            {"id": "2", "title": "Two", "abstract": None, "keywords": ["a", "b"], "extra": {"x": 1}},
        ]
        lines = [json.dumps(row, ensure_ascii=False) for row in rows]
        file = read("\n".join([lines[0], "{broken", "[]", "", lines[1]]), "records.jsonl")
        assert [(e.given_id, e.title) for e in entries(file)] == [("1", "One thing"), ("2", "Two")]
        assert entries(file)[0].authors == ("Zhu, Ana", "Shen, Wei")
        assert entries(file)[1].keywords == ("a", "b")
        assert list(reasons(file)) == [2, 3]
        assert file.notes == ("columns not used: extra",)


class TestRis:
    def test_a_broken_record_loses_only_itself(self, read) -> None:  # type: ignore[no-untyped-def]
        file = read(
            "Provider: somebody\n\nTY  - JOUR\nTI  - One\nAB  - First\nsecond line\nER  - \n\nRecord 2 of 5\n"
            "TY  - JOUR\nAU  - Nobody, N\n\x00\x01\nTY  - JOUR\nT1  - Three\nER  -\n"
            "TI  - Four, without its first line\nER  - \n"
            "TY  - JOUR\nTI  - Five, cut off"
        )
        assert titles(file) == ["One", "Three", "Four, without its first line", "Five, cut off"]
        assert entries(file)[0].abstract == "First second line"
        assert reasons(file) == {2: "there is no title, abstract or identifier"}

    def test_what_stands_between_records_is_in_none(self, read) -> None:  # type: ignore[no-untyped-def]
        file = read("1.\nTY  - JOUR\nTI  - One\nAB  - Words\nER  - \n\n2.\nTY  - JOUR\nTI  - Two\nER  - \n")
        assert [(e.title, e.abstract) for e in entries(file)] == [("One", "Words"), ("Two", "")]

    def test_the_record_names_its_source(self, read) -> None:  # type: ignore[no-untyped-def]
        text = "TY  - JOUR\nTI  - One\nDB  - Scopus\nC2  - 31421429\nER  - \nTY  - JOUR\nTI  - Two\nDP  - NLM\nAN  - 12\nER  - \n"
        file = read(text + "TY  - JOUR\nTI  - Three\nER  - \n", "all.ris", source="Library")
        assert [(hit.source, hit.entry.pmid) for hit in file.hits] == [
            ("Library", "31421429"),
            ("Library", "12"),
            ("Library", None),
        ]
        assert [hit.source for hit in read(text, "all.ris").hits] == ["Scopus", "PubMed"]

    def test_dates_are_put_together_from_their_tags(self, read) -> None:  # type: ignore[no-untyped-def]
        tags = [
            "PY  - 2018\nDA  - Mar 1",
            "Y1  - 2014//",
            "PY  - 2020\nY1  - 4-8 Aug. 2020",
            "DA  - 2019/10//undefined",
        ]
        text = "".join(f"TY  - JOUR\nTI  - One\n{tag}\nER  - \n" for tag in tags)
        found = [(e.year, e.dates[0].kind, e.dates[0].value) for e in entries(read(text))]
        assert found == [
            (2018, "published", "2018-03-01"),
            (2014, "year", "2014"),
            (2020, "published", "2020-08-04"),
            (2019, "published", "2019-10"),
        ]

    def test_an_id_is_kept_where_every_record_has_its_own(self, read) -> None:  # type: ignore[no-untyped-def]
        record = "TY  - JOUR\nID  - {}\nTI  - Title {}\nER  - \n"
        own = read("".join(record.format(i, i) for i in (1, 2)))
        assert [e.given_id for e in entries(own)] == ["1", "2"]
        same = read("".join(record.format(7, i) for i in (1, 2)))
        assert [e.given_id for e in entries(same)] == [None, None]
        assert "`ID`" in same.notes[0]


@needs_shared
class TestRealExports:
    @pytest.mark.parametrize(
        ("name", "source", "records"),
        [
            ("asreview_baseline_tag-notes_labels.ris", "asreview_baseline_tag-notes_labels", 32),
            ("asreview_baseline_zotero.ris", "asreview_baseline_zotero", 100),
            ("asreview_embase.ris", "Embase", 6),
            ("asreview_proquest.ris", "PTSDpubs", 6),
            ("asreview_pubmed_endnote.txt", "PubMed", 6),
            ("asreview_scopus.ris", "Scopus", 6),
            ("colrev_jstor_ris.ris", "JSTOR", 4),
            ("pubmed_citesource_46.ris", "pubmed_citesource_46", 46),
            ("rispy_example_extraneous_data.ris", "rispy_example_extraneous_data", 2),
            ("rispy_example_utf_chars.ris", "rispy_example_utf_chars", 1),
            ("scopus_restoration_revtools.ris", "Scopus", 286),
            ("wos_plain_asreview.txt", "Web of Science", 10),
            ("asreview_embase.csv", "Embase", 6),
            ("asreview_missing_values.csv", "asreview_missing_values", 4),
            ("colrev_pubmed_csv.csv", "PubMed", 1),
            ("lens_bibliometrix.csv", "Lens", 8),
            ("openalex_bibliometrix.csv", "OpenAlex", 8),
            ("pubmed_colrev.csv", "PubMed", 6),
            ("scopus_bibliometrix.csv", "Scopus", 8),
        ],
    )
    def test_the_source_is_that_of_the_file(self, name: str, source: str, records: int) -> None:
        file = read_file(EXPORTS / name)
        assert len(file.hits) == records
        assert file.hits[0].source == source

    def test_screening_sets_keep_their_ids_and_leave_their_labels_alone(self) -> None:
        file = read_file(SCREENING / "SLR_on_TCP.csv")
        assert len(file.hits) == 783
        assert file.hits[0].entry.given_id == "SLR_on_TCP-00001"
        assert "label_included" in file.notes[0]

    def test_web_of_science_rows_have_identifiers_and_dates(self) -> None:
        hits = [hit for path in sorted(WOS.glob("*.xls")) for hit in read_file(path).hits]
        assert len(hits) == 682
        assert len({hit.entry.wos for hit in hits}) == 512
        assert len({hit.entry.wos for hit in hits if hit.entry.abstract}) == 287
        assert all(hit.source == "Web of Science" and hit.entry.dates for hit in hits)
        known = next(hit.entry for hit in hits if hit.entry.wos == "WOS:000685504200012")
        assert [(d.kind, d.value) for d in known.dates] == [("published", "2021-09"), ("early_access", "2021-07")]
        assert (known.pmid, known.doi, known.year) == ("34333207", "10.1016/j.cmpb.2021.106281", 2021)

    def test_pubmed_rows_have_the_dates_of_their_citation(self) -> None:
        file = read_file(PUBMED)
        assert (len(file.hits), len(file.rejected), file.source) == (821, 0, "PubMed")
        known = next(hit.entry for hit in file.hits if hit.entry.pmid == "37517989")
        assert [(d.kind, d.value) for d in known.dates] == [
            ("published", "2023-08-30"),
            ("early_access", "2023-07-24"),
            ("indexed", "2023-07-30"),
        ]
        assert known.authors[0] == "Zhang C"
        assert known.authors[-1] == "Ma H"


class TestRowsThatCannotBeUsed:
    @pytest.mark.parametrize(
        ("value", "reason"),
        [
            ("9" * 5000, "a number of thousands of digits"),
            ("[" * 100_000 + "]" * 100_000, "nested too deeply"),
            ('{"a":' * 100_000 + "1" + "}" * 100_000, "nested too deeply"),
            ('"' + "x" * 1_000_001 + '"', "`abstract` has 1,000,001 characters"),
        ],
        ids=["digits", "lists", "objects", "long"],
    )
    def test_a_row_of_json_lines_costs_no_other_row(self, read, value: str, reason: str) -> None:  # type: ignore[no-untyped-def]
        file = read(f'{{"title": "Before"}}\n{{"title": "A", "abstract": {value}}}\n{{"title": "After"}}\n', "a.jsonl")
        assert [entry.title for entry in entries(file)] == ["Before", "After"]
        assert reason in reasons(file)[2]

    @pytest.mark.parametrize("value", ["Infinity", "-Infinity", "NaN", "1e999", "[1e999]", "[" * 400 + "]" * 400, "{}"])
    def test_odd_values_of_json_are_no_year_and_cost_no_row(self, read, value: str) -> None:  # type: ignore[no-untyped-def]
        file = read(f'{{"title": "A title", "year": {value}, "authors": {value}, "doi": {value}}}\n', "a.jsonl")
        assert [(entry.title, entry.year, entry.doi) for entry in entries(file)] == [("A title", None, None)]


class TestNoRowIsLostWithoutALine:
    def test_two_stray_quotation_marks_cost_their_own_rows_alone(self, read) -> None:  # type: ignore[no-untyped-def]
        rows = [f"{n},Study {n} of hearts,Words of {n}." for n in range(1, 41)]
        rows[9], rows[29] = '10,Study 10 of hearts,"Words of 10.', '30,Study 30 of hearts,"Words of 30.'
        file = read("id,title,abstract\n" + "\n".join(rows) + "\n")
        assert [entry.given_id for entry in entries(file)] == [str(n) for n in range(1, 41) if n not in (10, 30)]
        assert reasons(file) == {
            10: "a quotation mark in line 11 is never closed", 30: "a quotation mark in line 31 is never closed",
        }  # fmt: skip

    def test_a_mark_that_another_row_s_closes_is_seen_by_the_rows_between(self, read) -> None:  # type: ignore[no-untyped-def]
        rows = [f"{n},Study {n} of hearts,Words of {n}." for n in range(1, 21)]
        rows[4], rows[11] = '5,Study 5 of hearts,"Words of 5.', '12,Study 12 of hearts,Words of 12."'
        file = read("id,title,abstract\n" + "\n".join(rows) + "\n")
        assert [entry.given_id for entry in entries(file)] == [str(n) for n in range(1, 21) if n != 5]
        assert list(reasons(file)) == [5]

    def test_cells_of_several_lines_stay_whole(self, read) -> None:  # type: ignore[no-untyped-def]
        file = read('id,title,abstract\n1,One,"First, second.\nThird\n\nTY  - fourth, and\nfifth"\n2,Two,Words\n')
        assert file.format == "table"
        assert [entry.abstract for entry in entries(file)] == ["First, second. Third TY - fourth, and fifth", "Words"]

    def test_a_record_that_lost_its_first_and_last_line_is_another_one(self, read) -> None:  # type: ignore[no-untyped-def]
        file = read(
            "TY  - JOUR\nTI  - Of hearts\nDO  - 10.1000/1\nER  - \n\nTY  - JOUR\nTI  - Of lungs\n\nTI  - Of livers\n"
            "DO  - 10.1000/3\nER  - \n"
        )
        assert [(e.title, e.doi) for e in entries(file)] == [
            ("Of hearts", "10.1000/1"), ("Of lungs", None), ("Of livers", "10.1000/3"),
        ]  # fmt: skip

    def test_a_record_with_two_titles_is_told(self, read) -> None:  # type: ignore[no-untyped-def]
        file = read("TY  - JOUR\nTI  - Of lungs\nAB  - Words\nTI  - Of livers\nER  - \n")
        assert file.notes[0].startswith("records with two titles, of which the first is read: 1;")

    def test_records_without_blanks_or_in_small_letters_are_read(self, read) -> None:  # type: ignore[no-untyped-def]
        file = read(
            "TY  - JOUR\nTI  - Of hearts\nAB  - The receptor was\nER - positive\nER  - \nTY-JOUR\nTI-Of livers\nAB-Words\nER-\n"
            "ty  - jour\nti  - Of kidneys\ner  - \nTY  - JOUR\nTI  - Of lungs\nER  - \n", "a.ris",
        )  # fmt: skip
        assert titles(file)[-3:] == ["Of livers", "Of kidneys", "Of lungs"]

    def test_what_looks_like_a_first_line_and_is_read_as_none_is_told(self, read) -> None:  # type: ignore[no-untyped-def]
        file = read("TY  - JOUR\nTI  - Of hearts\nTY -- JOUR\nAB  - Words\nER  - \n", "a.ris")
        assert file.notes == ("2 lines look like the first of a record (`TY`), and 1 records were read",)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.ris", "TY  - JOUR\nTI  - Hearts that beat\nJO  - Heart\nVL  - 12\nIS  - 3\nSP  - 45\nEP  - 67\nER  - \n"),
        ("a.csv", "title,journal,volume,issue,pages\nHearts that beat,Heart,12,3,45-67\n"),
        ("b.csv", "Title,Source title,Volume,Issue,Page start,Page end\nHearts that beat,Heart,12,3,45,67\n"),
        (
            "p.csv",
            'PMID,Title,Authors,Citation,First Author,Journal/Book,Publication Year,Create Date,PMCID,NIHMS ID,DOI\n'
            '1,Hearts that beat,"Abel A.","Heart. 2022 Feb;12(3):45-67. doi: 10.5555/x.",Abel A,Heart,2022,2022/02/01,,,10.5555/x\n',
        ),
    ],
)  # fmt: skip
def test_volume_issue_and_pages_are_read(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    [entry] = entries(read_file(tmp_path / name))
    assert (entry.venue, entry.locator) == ("Heart", "12(3), 45–67")


def test_a_remark_on_several_files_is_one_line_with_their_names() -> None:
    remarks = [(f"{n}.xls", ["columns not used: Mood", f"row {n} rejected"]) for n in range(1, 8)]
    lines = list(by_file(remarks))
    assert lines[0] == "1.xls; 2.xls; 3.xls; 4.xls; 5.xls and 2 more: columns not used: Mood"
    assert lines[1:] == [f"{n}.xls: row {n} rejected" for n in range(1, 8)]
