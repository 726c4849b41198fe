"""RIS of every vendor: no record and no text is lost, and each tag is read for what the vendor puts there."""

import pytest
import rispy
from support.records import EXPORTS, needs_shared

from screener.records import Entry, RowCollector, looks_like_ris, parse_ris, read_file
from screener.records.readers.ris import read_ris


def read(text: str, source: str = "") -> tuple[list[Entry], list[str], list[int]]:
    """Return the entries of an RIS text, the notes, and the rows that were rejected."""
    assert looks_like_ris(text)
    rows = RowCollector(source or "a", given=bool(source))
    notes = read_ris(text, rows)
    return [hit.entry for hit in rows.hits], notes, [row.row for row in rows.rejected]


def one(body: str, kind: str = "JOUR", source: str = "") -> Entry:
    """Return the entry of one record with a title and these lines."""
    [entry], notes, _ = read(f"TY  - {kind}\nTI  - Hearts that beat\n{body}\nER  - \n", source)
    assert notes == []
    return entry


class TestTextThatLooksLikeATag:
    @pytest.mark.parametrize("line", ["ER - positive tumours", "CT - guided biopsies", "HF - related stays", "RR - 1.2 (0.8)",
                                      "ER-positive tumours", "IL-6 was high", "AB - initio models",
                                      "HF  - related stays", "CT  - guided biopsies", "ER  - positive tumours"])  # fmt: skip
    @pytest.mark.parametrize("tag", ["AB", "N2"])
    def test_a_line_of_the_abstract_stays_in_it(self, line: str, tag: str) -> None:
        entry = one(f"{tag}  - Words before.\n{line} were read.\nConclusion: none.\nPY  - 2014\nDO  - 10.5555/x")
        assert entry.abstract == " ".join(f"Words before. {line} were read. Conclusion: none.".split())
        assert (entry.year, entry.doi) == (2014, "10.5555/x")

    @pytest.mark.parametrize(
        "line", ["ER - positive tumours", "HF - related stays", "CT - guided biopsies", "RR - 1.2"]
    )
    def test_also_where_all_tags_have_one_blank(self, line: str) -> None:
        [entry], notes, _ = read(f"TY - JOUR\nTI - Hearts\nAB - Words.\n{line} x\nMore.\nPY - 2010\nKW - one\nER -\n")
        assert (entry.abstract, entry.year, entry.keywords, notes) == (f"Words. {line} x More.", 2010, ("one",), [])

    @pytest.mark.parametrize("line", ["CT  - guided biopsies", "ER  - positive tumours", "ABSTRACTS of words"])
    def test_also_where_all_other_lines_are_tags(self, line: str) -> None:
        assert one(f"AB  - Words.\n{line}\nPY  - 2014").abstract == f"Words. {line}".replace("  ", " ")

    def test_a_line_like_a_first_one_that_is_none_is_told(self) -> None:
        [entry], notes, _ = read("TY  - JOUR\nTI  - Hearts\nAB  - Words.\nTY  - Koenig criteria\nER  - \n")
        assert entry.abstract == "Words. TY - Koenig criteria"
        assert notes == ["2 lines look like the first of a record (`TY`), and 1 records were read"]

    def test_a_tag_behind_the_abstract_begins_with_a_capital_letter(self) -> None:
        assert one("AB  - Words\nof hearts.\nAD  - Department of hearts").abstract == "Words of hearts."

    def test_what_is_no_tag_and_in_another_style_is_a_line_of_the_value(self) -> None:
        assert one("KW  - first\nXX - second").keywords == ("first", "XX - second")

    def test_empty_lines_between_all_tags_part_no_record(self) -> None:
        entries, _, _ = read("TY  - JOUR\n\nTI  - Of hearts\n\nT1  - Of lungs\n\nPY  - 2014\n\nER  - \n")
        assert [entry.title for entry in entries] == ["Of hearts"]

    def test_ids_that_come_twice_are_not_used(self) -> None:
        text = "TY  - JOUR\nID  - 1\nTI  - Of hearts\nER  - \n"
        entries, notes, _ = read(text + text)
        assert [entry.given_id for entry in entries] == [None, None]
        assert ["`ID`" in note for note in notes] == [True]

    def test_where_two_styles_are_as_frequent_the_standard_counts(self) -> None:
        [entry], _, _ = read("TY  - JOUR\nAB  - Words.\nCT - Guided\nCP - Higher\n")
        assert entry.abstract == "Words. CT - Guided CP - Higher"

    def test_the_first_record_may_begin_without_its_type(self) -> None:
        entries, _, _ = read("TI  - Of hearts\nPY  - 2014\nER  - \n\nTY  - JOUR\nTI  - Of lungs\nER  - \n")
        assert [entry.title for entry in entries] == ["Of hearts", "Of lungs"]

    def test_titles_and_keywords_of_several_lines(self) -> None:
        entry = one("AB  - One.\n\nTwo:\nKW  - first\nsecond, part\n*third\nPY  - 2018")
        assert (entry.abstract, entry.keywords) == ("One. Two:", ("first", "second, part", "third"))
        [entry], _, _ = read("TY  - JOUR\nTI  - Walking groups:\n a cluster trial\nER  - \n")
        assert entry.title == "Walking groups: a cluster trial"


class TestRecordsThatAreWrittenBadly:
    TITLES = ("Of hearts", "Of lungs", "Of livers", "Of kidneys")

    @pytest.mark.parametrize(
        "form",
        ["TY  - JOUR\nTI  - {}\nAB  - Words.\nER  - \n\n", "TY - JOUR\nTI - {}\nAB - Words.\nER -\n", "TY-JOUR\nTI-{}\nAB-Words.\nER-\n",
         "ty  - jour\nti  - {}\nab  - Words.\ner  - \n", "TY  - JOUR\r\r\nTI  - {}\r\r\nAB  - Words.\r\r\nER  - \r\r\n",
         "TY  - JOUR\rTI  - {}\rAB  - Words.\rER  - \r", "TY  - JOUR\n\nTI  - {}\n\nAB  - Words.\n\nER  - \n\n", "TY  - JOUR\nTI  - {}\nAB  - Words.\n\n",
         "TY  - JOUR\nTI  - {}\nAB  - Words.\n", "\ufeffTY  - JOUR\nTI  - {}\nAB  - Words.\nER  - \n", "  TY  - JOUR\n  TI  - {}\n  AB  - Words.\n  ER  - \n",
         "Record #1 of 4\nTY  - JOUR\nTI  - {}\nAB  - Words.\n\n", "1.\nTY  - JOUR\nTI  - {}\nAB  - Words.\nER  -\n",
         "TY  - Journal Article\nTI  - {}\nAB  - Words.\nER  - \n", "TY\xa0 - JOUR\nTI\xa0 - {}\nAB\xa0 - Words.\nER\xa0 - \n",
         "TY  – JOUR\nTI  – {}\nAB  – Words.\nER  – \n", "TY  -JOUR\nTI  -{}\nAB  -Words.\nER  -\n"],
    )  # fmt: skip
    def test_every_record_is_read_in_every_form(self, form: str) -> None:
        found, notes, rejected = read("".join(form.format(title) for title in self.TITLES))
        assert [(e.title, e.abstract, e.reference_type) for e in found] == [(t, "Words.", "JOUR") for t in self.TITLES]
        assert (notes, rejected) == ([], [])

    @pytest.mark.parametrize(
        "fused",
        ["TI  - Of lungs\nDO  - 10.1000/2\n\nTI  - Of livers\nDO  - 10.1000/3\n", "AU  - A\nTI  - Of lungs\nDO  - 10.1000/2\n\nAU  - B\nTI  - Of livers\nDO  - 10.1000/3\n",
         "T1  - Of lungs\nDO  - 10.1000/2\n\nTI  - Of livers\nDO  - 10.1000/3\n", "TI  - Of lungs\nDO  - 10.1000/2\nER  - \nTI  - Of livers\nDO  - 10.1000/3\n"],
    )  # fmt: skip
    def test_a_record_that_lost_its_first_line_is_another_one(self, fused: str) -> None:
        found, _, _ = read(f"TY  - JOUR\n{fused}ER  - \n")
        assert [(e.title, e.doi) for e in found] == [("Of lungs", "10.1000/2"), ("Of livers", "10.1000/3")]

    def test_one_title_in_two_tags_is_one_record(self) -> None:
        [entry], notes, _ = read("TY  - JOUR\nT1  - Of lungs\n\nTI  - Of Lungs.\nAB  - Words\nER  - \n")
        assert (entry.title, notes) == ("Of Lungs.", [])

    def test_what_stands_between_records_is_told_with_its_line(self) -> None:
        found, [note], _ = read(
            "Exported by hand, see me\nTY  - JOUR\nTI  - One\nER  - \nLink to the text: http://x\nand a second line\n\n"
            "L2  - http://lost\n1.\nTY  - JOUR\nTI  - Two\nPY  - 2010\nA remark on it\nER  - \n\n2.\n"
        )
        assert [e.title for e in found] == ["One", "Two"]
        assert note == (
            "text that belongs to no record, not read: line 1 `Exported by hand, see me`; lines 5 to 6 `Link to the text: http://x`;"
            " line 8 `L2  - http://lost`; line 13 `A remark on it`"
        )

    def test_unknown_tags_and_records_without_anything_are_told(self) -> None:
        found, notes, rejected = read("TY  - JOUR\nTI  - One\nPY  - 2010\nQX  - Words\nER  - \nTY  - JOUR\nER  - \n")
        assert ([e.title for e in found], rejected) == (["One"], [2])
        assert notes == ["tags that are not known, not read: QX (1)"]


class TestWhereVendorsPutThings:
    @pytest.mark.parametrize(
        ("lines", "field", "value"),
        [
            ("T2  - Heart", "venue", "Heart"), ("JF  - Heart\nJA  - Hrt", "venue", "Heart"), ("J2  - Hrt", "venue", "Hrt"),
            ("JO  - Heart", "venue", "Heart"), ("J9  - HRT\nJI  - Hrt.", "venue", "Hrt."), ("BT  - A book", "venue", "A book"),
            ("SP  - 45\nEP  - 67", "pages", "45–67"), ("SP  - 45-67", "pages", "45–67"), ("C7  - 104501", "pages", "104501"),
            ("M1  - e0815", "pages", "e0815"), ("M1  - (Liu R.) Department of Hearts, 3", "pages", ""),
            ("SP  - 3\nC7  - 104501", "pages", "3"), ("VO  - 8", "volume", "8"), ("IS  - 3", "issue", "3"), ("PU  - ELSEVIER", "publisher", "ELSEVIER"),
            ("SN  - 03064530 (ISSN)", "issn", ("0306-4530",)), ("SN  - 2226-7190\nSN  - 0306-4530, 2226-7190", "issn", ("2226-7190", "0306-4530")),
            ("SN  - 978-3-16-148410-0", "isbn", ("9783161484100",)), ("LA  - eng", "language", "eng"), ("KW  - a; b", "keywords", ("a", "b")),
            ("M3  - Article; Early Access", "publication_types", ("Article", "Early Access")), ("A1  - Lund, E", "authors", ("Lund, E",)),
            ("AU  - Lund, E\nA2  - Editor, F", "authors", ("Lund, E",)), ("A2  - Editor, F", "authors", ("Editor, F",)),
            ("AB  - First.\nAB  - Second.", "abstract", "First. Second."), ("N2  - Teaser.\nAB  - Whole.", "abstract", "Teaser. Whole."),
            ("AB  - The whole text.\nN2  - The whole", "abstract", "The whole text."), ("AB  - Same.\nN2  - Same.", "abstract", "Same."),
            ("L3  - https://dx.doi.org/10.5555/A.7", "doi", "10.5555/a.7"), ("M3  - doi: 10.5555/a.6", "doi", "10.5555/a.6"),
            ("N1  - doi: 10.5555/a.5", "doi", "10.5555/a.5"), ("N1  - Comment on: Heart 2010. doi: 10.5555/other", "doi", None),
            ("AN  - 10.5555/a.11", "doi", "10.5555/a.11"), ("UR  - https://x.example/doi/pdf/10.5555/a.15?download=true", "doi", "10.5555/a.15"),
            ("DO  - 10.5555/a.14/full", "doi", "10.5555/a.14"), (r"DO  - 10.1000/abc_12{\_}x", "doi", "10.1000/abc_12_x"),
            ("DB  - Embase\nU2  - L39097156\nC5  - 15368318", "accession", ("embase:L39097156",)), ("DB  - Embase\nC5  - 15368318", "pmid", "15368318"),
            ("DB  - Scopus\nC2  - 31421429", "pmid", "31421429"), ("DP  - NLM\nAN  - 21553931", "pmid", "21553931"), ("C2  - PMC3186962", "pmcid", "PMC3186962"),
            ("DB  - Ovid MEDLINE(R)\nAN  - 123", "pmid", "123"), ("DB  - Ovid MEDLINE(R)\nID  - 12345678", "pmid", "12345678"),
            ("AN  - CN-01900001\nC3  - PUBMED 29358045,EMBASE 620123456", "pmid", "29358045"), ("N1  - PMID: 123", "pmid", "123"),
            ("N1  - Comment in: Heart. 2014. PMID: 123", "pmid", None), ("UR  - https://pubmed.ncbi.nlm.nih.gov/123/", "pmid", "123"),
            ("AN  - CN-01900001\nC3  - PUBMED 29358045,EMBASE 620123456", "accession", ("central:CN-01900001", "embase:L620123456")),
            ("DB  - rzh\nAN  - 104567890", "accession", ("cinahl:104567890",)), ("DB  - CINAHL Plus\nAN  - 104567890", "accession", ("cinahl:104567890",)),
            ("AN  - 4711", "accession", ()), ("DB  - PTSDpubs\nAN  - 2214991469; 51887", "accession", ("ptsdpubs:2214991469", "ptsdpubs:51887")),
            ("UR  - https://www.scopus.com/inward/record.uri?eid=2-s2.0-85074596690&doi=10.1%2fx", "accession", ("scopus:2-s2.0-85074596690",)),
            ("AN  - WOS:000444108200009", "wos", "WOS:000444108200009"), ("UR  - https://clinicaltrials.gov/show/NCT03500001", "registry", ("NCT03500001",)),
            ("AU  - NCT03500001", "registry", ("NCT03500001",)), ("C1  - ISRCTN12345678", "registry", ("ISRCTN12345678",)),
            ("AB  - As in NCT03500001", "registry", ()), ("UR  - https://x.example/?a=1&copy=2", "url", "https://x.example/?a=1&copy=2"),
            ("PY  - 2018\nDA  - Mar 1", "dates", ("2018-03-01",)), ("PY  - 2005\nDA  - 2019/05/01", "dates", ("2005",)), ("Y2  - 2019/03/27", "year", None),
            ("Y1  - 2020/11//Nov/Dec2020", "dates", ("2020-11",)), ("PY  - '98", "year", None), ("PY  - 10 15", "year", None),
            ("M1  - 1234\nIS  - 1234", "pages", ""), ("BT  - Hearts that beat", "venue", ""), ("DO  - 10.1186/ISRCTN12345678", "registry", ("ISRCTN12345678",)),
            ("AU  - NCT03500001,", "registry", ("NCT03500001",)), ("AB  - Words.\nN2  - Words. More.", "abstract", "Words. More."),
            ("PY  - 1998-2003", "year", None), ("PY  - 1998-2003", "dates", ()), ("PY  - 2019/2020", "year", 2019), ("PY  - in press", "year", None),
            ("PY  - 2011\nDA  - Jun\nET  - 2011/05/11", "dates", ("2011-06", "2011-05-11")),
            ("DP  - NLM\nN1  - 1179-1926\nLund, Eva\nJournal Article\nRandomized Controlled Trial\nSwitzerland", "publication_types",
             ("Journal Article", "Randomized Controlled Trial")),
            ("N1  - Erratum in: Heart. 2015;3:4. PMID: 99", "relations", ("erratum_in pmid:99",)),
            ("N1  - Comment on: Heart. doi: 10.5555/Other", "relations", ("comment_on doi:10.5555/other",)),
        ],
    )  # fmt: skip
    def test_each_dialect(self, lines: str, field: str, value: object) -> None:
        found = getattr(one(lines), field)
        if field == "dates":
            found = tuple(date.value for date in found)
        if field == "relations":
            found = tuple(f"{each.kind} {each.identifier}" for each in found)
        assert found == value

    def test_the_users_source_says_whose_accession_numbers_these_are(self) -> None:
        assert one("AN  - 104567890", source="CINAHL").accession == ("cinahl:104567890",)
        assert one("AN  - 12345", source="PubMed").pmid == "12345"

    @pytest.mark.parametrize(("written", "code"), [("THES", "THES"), ("Thesis", "THES"), ("cpaper", "CPAPER"), ("GEN", "GEN"), ("EJOUR", "EJOUR")])  # fmt: skip
    def test_the_type_of_reference_is_kept(self, written: str, code: str) -> None:
        assert one("PY  - 2010", kind=written).reference_type == code


@needs_shared
class TestRealFiles:
    @pytest.mark.parametrize(
        "name",
        ["asreview_baseline_zotero.ris", "asreview_embase.ris", "asreview_ovid_zotero.ris", "asreview_proquest.ris", "asreview_pubmed_endnote.txt",
         "asreview_pubmed_zotero.ris", "asreview_scopus.ris", "ovid_synthesisr.ris", "pubmed_citesource_46.ris", "wos_plain_asreview.txt",
         "colrev_ieee_ris.ris", "rispy_example_full.ris"],
    )  # fmt: skip
    def test_titles_years_and_identifiers_are_those_of_another_parser(self, name: str) -> None:
        text = (EXPORTS / name).read_text(encoding="utf-8-sig")
        text = "".join(
            line for line in text.splitlines(keepends=True) if not line.startswith(("Link to the Ovid", "1.\n"))
        )
        other = rispy.loads(text, skip_unknown_tags=True)
        found, _, _ = read(text)
        assert len(found) == len(other)
        for entry, row in zip(found, other, strict=True):
            assert entry.title == " ".join((row.get("title") or row["primary_title"]).split())
            assert str(entry.year) in (row.get("year") or row["publication_year"])
            assert len(entry.authors) == len(row.get("authors") or row["first_authors"])
            assert (entry.doi or "") in (row.get("doi") or row.get("urls", [""])[0]).lower().replace("%2f", "/")
            assert entry.volume == row.get("volume", "").replace("nan", "")

    def test_two_records_field_by_field(self) -> None:
        embase = read_file(EXPORTS / "asreview_embase.ris").hits[1].entry
        assert embase.model_dump(include={"authors", "abstract", "keywords", "title", "url"}) != {}
        assert embase.model_dump(exclude={"authors", "abstract", "keywords", "title", "url"}, exclude_defaults=True, mode="json") == {
            "year": 2004, "dates": [{"kind": "year", "value": "2004"}], "venue": "Cancer", "volume": "102", "issue": "4", "pages": "253–258",
            "issn": ["0008-543X"], "reference_type": "JOUR", "publication_types": ["Article"], "language": "English", "doi": "10.1002/cncr.20369",
            "pmid": "15368318", "accession": ["embase:L39097156"],
        }  # fmt: skip
        wos = read_file(EXPORTS / "wos_plain_asreview.txt").hits[0].entry
        assert wos.model_dump(exclude={"authors", "abstract", "keywords", "title", "url"}, exclude_defaults=True, mode="json") == {
            "year": 2018, "dates": [{"kind": "published", "value": "2018-09"}], "venue": "JOURNAL OF APPLIED RESEARCH IN MEMORY AND COGNITION",
            "volume": "7", "issue": "3", "pages": "387–397", "issn": ["2211-3681", "2211-369X"], "publisher": "ELSEVIER SCIENCE INC",
            "reference_type": "JOUR", "language": "English", "doi": "10.1016/j.jarmac.2018.03.001", "wos": "WOS:000444108200009",
        }  # fmt: skip


def test_parsing_alone_gives_tags_in_their_order() -> None:
    [record] = parse_ris("TY  - JOUR\nN1  - a\nTI  - One\nN1  - b\n c\nER  - \n").records
    assert (record.line, record.fields) == (1, {"TY": ["JOUR"], "N1": ["a", "b\nc"], "TI": ["One"]})
