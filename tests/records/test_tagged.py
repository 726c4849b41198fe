"""MEDLINE, Web of Science's tags, EndNote's tags and Cochrane's text: every record, every field, and what is in none is told."""

import re
from pathlib import Path

import pytest
from support.records import EXPORTS, needs_shared

from screener.records import Entry, FileRead, read_file

MEDLINE = """PMID- 30000001
OWN - NLM
IS  - 0306-4530 (Print)
IS  - 2226-7190 (Electronic)
VI  - 12
IP  - 3
DP  - 2018 Mar 4
TI  - Walking groups for older
      adults: a cluster trial.
PG  - 45-67
LID - S0048-9697(17)30912-9 [pii]
LID - 10.5555/AGE.1 [doi]
AB  - BACKGROUND: Falls are common.
      ER - positive or not. METHODS: Words.
CI  - Copyright somebody
FAU - Ito, Ken
AU  - Ito K
FAU - Roe, Ann
AU  - Roe A
CN  - FALLS Group
LA  - eng
SI  - ClinicalTrials.gov/NCT03500001
SI  - PDB/1ABC
PT  - Journal Article
PT  - Randomized Controlled Trial
DEP - 20180110
JT  - Age reports
TA  - Age Rep
CIN - Age Rep. 2019;13:1. doi: 10.5555/age.9.
      PMID: 30000009
EIN - Age Rep. 2018;12:99
RIN - Age Rep. 2020;14:5. PMID: 30000010
MH  - *Accidental Falls/prevention & control
MH  - Humans
OT  - walking
PMC - PMC7000001
CRDT- 2018/01/11 06:00
AID - 10.5555/AGE.1 [doi]
SO  - Age Rep. 2018 Mar 4;12(3):45-67.
"""
WOS = """FN Clarivate Analytics Web of Science
VR 1.0
PT J
AU Ito, K
   Roe, A
AF Ito, Ken
   Roe, Ann
TI Walking groups for older
   adults: a cluster trial
SO AGE REPORTS
LA English
DT Article; Early Access
DE Falls; walking
ID OLDER-ADULTS; CLUSTER
   TRIAL
AB Falls are common.
   ER positive or not.
PU ELSEVIER
SN 0306-4530
EI 2226-7190
PD MAR 4
PY 2018
VL 12
IS 3
AR ARTN 1722034
DI 10.5555/AGE.1
EA JAN 2018
PM 30000001
UT WOS:000514379300001
ER

EF
"""
ENDNOTE = """%0 Journal Article
%A Ito, Ken
%A Roe, Ann
%D 2018
%T Walking groups for older
adults: a cluster trial
%J Age reports
%V 12
%N 3
%P 45-67
%X Falls are common.

Methods: words.
%K falls
walking
%@ 0306-4530
%R 10.5555/AGE.1
%M 30000001
%U https://x.example/1
%G eng
%~ PubMed
%9 Randomized Controlled Trial
%8 Mar 4
%I Elsevier
%Z Erratum in: Age Rep. 2018. PMID: 30000009
"""
COCHRANE = """Record #1 of 1
ID: CN-01900001
AU: Ito K
AU: Roe A
TI: Walking groups for older adults: a cluster trial
SO: Age reports
YR: 2018
VL: 12
NO: 3
PG: 45-67
PM: PUBMED 30000001
XR: EMBASE 620123456
PT: Journal Article; Randomized Controlled Trial
KY: Falls; *Walking
DOI: 10.5555/AGE.1
AB: Falls are common.
OR: 1.2 was found.
US: https://www.cochranelibrary.com/central/doi/10.1002/central/CN-01900001/full
"""
TEXTS = {"MEDLINE": MEDLINE, "Web of Science text": WOS, "EndNote tagged": ENDNOTE, "Cochrane text": COCHRANE}


@pytest.fixture
def read(tmp_path: Path):  # type: ignore[no-untyped-def]
    def reading(text: str, source: str | None = None) -> FileRead:
        path = tmp_path / "export.txt"
        path.write_bytes(text.encode())
        return read_file(path, source=source)

    return reading


def fields(entry: Entry) -> dict[str, object]:
    return entry.model_dump(mode="json", exclude_defaults=True)


COMMON = {"title": "Walking groups for older adults: a cluster trial", "year": 2018, "volume": "12", "issue": "3", "doi": "10.5555/age.1",
          "pmid": "30000001", "reference_type": "JOUR"}  # fmt: skip


def test_medline_with_every_field(read) -> None:  # type: ignore[no-untyped-def]
    file = read(MEDLINE)
    assert (file.format, file.hits[0].source) == ("MEDLINE", "PubMed")
    assert file.notes == ("marked as retracted: “Walking groups for older adults: a cluster trial.”",)
    assert fields(file.hits[0].entry) == COMMON | {
        "title": f"{COMMON['title']}.", "abstract": "BACKGROUND: Falls are common. ER - positive or not. METHODS: Words.",
        "authors": ["Ito, Ken", "Roe, Ann", "FALLS Group"], "venue": "Age reports", "pages": "45–67", "issn": ["0306-4530", "2226-7190"],
        "dates": [{"kind": "published", "value": "2018-03-04"}, {"kind": "early_access", "value": "2018-01-10"},
                  {"kind": "indexed", "value": "2018-01-11"}],
        "publication_types": ["Journal Article", "Randomized Controlled Trial"], "language": "eng", "pmcid": "PMC7000001",
        "keywords": ["Accidental Falls/prevention & control", "Humans", "walking"], "registry": ["NCT03500001"], "integrity": "retracted",
        "relations": [{"kind": "comment_in", "identifier": "pmid:30000009"}, {"kind": "erratum_in", "identifier": "Age Rep. 2018;12:99"},
                      {"kind": "retracted_in", "identifier": "pmid:30000010"}],
    }  # fmt: skip


def test_web_of_science_with_every_field(read) -> None:  # type: ignore[no-untyped-def]
    file = read(WOS)
    assert (file.format, file.hits[0].source, file.notes) == ("Web of Science text", "Web of Science", ())
    assert fields(file.hits[0].entry) == COMMON | {
        "abstract": "Falls are common. ER positive or not.", "authors": ["Ito, Ken", "Roe, Ann"], "venue": "AGE REPORTS", "pages": "1722034",
        "issn": ["0306-4530", "2226-7190"], "dates": [{"kind": "published", "value": "2018-03-04"}, {"kind": "early_access", "value": "2018-01"}],
        "publication_types": ["Article", "Early Access"], "language": "English", "keywords": ["Falls", "walking", "OLDER-ADULTS", "CLUSTER TRIAL"],
        "publisher": "ELSEVIER", "wos": "WOS:000514379300001",
    }  # fmt: skip


def test_endnote_with_every_field(read) -> None:  # type: ignore[no-untyped-def]
    file = read(ENDNOTE)
    assert (file.format, file.hits[0].source, file.notes) == ("EndNote tagged", "PubMed", ())
    found = fields(file.hits[0].entry)
    assert found.pop("integrity", "corrected") == "corrected"
    assert found == COMMON | {
        "abstract": "Falls are common. Methods: words.", "authors": ["Ito, Ken", "Roe, Ann"], "venue": "Age reports", "pages": "45–67",
        "issn": ["0306-4530"], "dates": [{"kind": "published", "value": "2018-03-04"}], "publication_types": ["Randomized Controlled Trial"],
        "language": "eng", "keywords": ["falls", "walking"], "publisher": "Elsevier", "url": "https://x.example/1",
        "relations": [{"kind": "erratum_in", "identifier": "pmid:30000009"}],
    }  # fmt: skip


ELSEWHERE = [
    ("PMID- 1\nTI  - Hearts\nDEP - 20190401\n", "year", 2019),
    ("PMID- 1\nTI  - Hearts\nOAB - Other words.\n", "abstract", "Other words."),
    ("PMID- 1\nTI  - Hearts\nLID - 10.5555/inner [pii]\nLID - 10.5555/right [doi]\n", "doi", "10.5555/right"),
    ("OWN - ERIC\nTI  - Hearts\nISSN- ISSN-0306-4530\n", "issn", ("0306-4530",)),
    ("PT J\nTI Hearts\nEA JAN 2018\nER\n\nEF\n", "year", 2018),
    ("PT J\nAU Ito, K\nTI Hearts\nCA FALLS Group\nER\n\nEF\n", "authors", ("Ito, K", "FALLS Group")),
    ("PT J\nTI Hearts\nUT ISI:000514379300001\nER\n\nEF\n", "accession", ()),
    (
        "PT J\nTI Hearts\nAB Words.\nER positive tumours.\nPY 2018\nER\n\nEF\n",
        "abstract",
        "Words. ER positive tumours.",
    ),
]


@pytest.mark.parametrize(("text", "field", "expected"), ELSEWHERE)
def test_what_stands_elsewhere_is_read_too(read, text: str, field: str, expected: object) -> None:  # type: ignore[no-untyped-def]
    [hit] = read(text).hits
    assert getattr(hit.entry, field) == expected


def test_cochrane_with_a_bare_pmid_and_the_address_of_a_trial(read) -> None:  # type: ignore[no-untyped-def]
    address = "https://clinicaltrials.gov/show/NCT03500001"
    [hit] = read(f"Record #1 of 1\nID: CN-1\nTI: Hearts\nPM: 30000001\nUS: {address}\n").hits
    assert (hit.entry.pmid, hit.entry.registry) == ("30000001", ("NCT03500001",))


def test_cochrane_with_every_field(read) -> None:  # type: ignore[no-untyped-def]
    file = read(COCHRANE)
    assert (file.format, file.hits[0].source, file.notes) == ("Cochrane text", "Cochrane Library", ())
    assert fields(file.hits[0].entry) == COMMON | {
        "abstract": "Falls are common. OR: 1.2 was found.", "authors": ["Ito K", "Roe A"], "venue": "Age reports", "pages": "45–67",
        "dates": [{"kind": "year", "value": "2018"}], "publication_types": ["Journal Article", "Randomized Controlled Trial"],
        "keywords": ["Falls", "Walking"], "accession": ["central:CN-01900001", "embase:L620123456"],
        "url": "https://www.cochranelibrary.com/central/doi/10.1002/central/CN-01900001/full",
    }  # fmt: skip


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("ends", ["\r\n", "\r", "\r\r\n"])
def test_line_ends_and_marks_change_nothing(read, name: str, ends: str) -> None:  # type: ignore[no-untyped-def]
    file = read("\ufeff\n" + TEXTS[name].replace("\n", ends))
    assert (file.format, fields(file.hits[0].entry)) == (name, fields(read(TEXTS[name]).hits[0].entry))


@pytest.mark.parametrize(
    ("record", "last"),
    [("PMID- {0}\nTI  - Title {0}\nAB  - One.\n\n      Two.\n", "PMID- 9\n"), ("PMID- {0}\nTI  - Title {0}\nAB  - One. Two.", ""),
     ("PT J\nTI Title {0}\nAB One.\n   Two.\nER\n", ""), ("PT J\nTI Title {0}\nAB One.\n\n   Two.\n", "EF"),
     ("PT J\nTI Title {0}\nAB One.\nHF related: Two.\nER\n", ""), ("%0 Book\n%T Title {0}\n%X One.\n\nTwo.", ""),
     ("Record #{0} of 3\nID: CN-0190000{0}\nTI: Title {0}\nAB: One.\n\nTwo.\n", "")],
)  # fmt: skip
def test_records_that_are_written_badly_are_all_read(read, record: str, last: str) -> None:  # type: ignore[no-untyped-def]
    file = read("\n".join(record.format(number) for number in (1, 2, 3)) + f"\n{last}")
    found = [(hit.entry.title, re.sub("HF related: ", "", hit.entry.abstract)) for hit in file.hits if hit.entry.title]
    assert found == [(f"Title {number}", "One. Two.") for number in (1, 2, 3)]
    assert len(file.hits) + len(file.rejected) == 3 + (last == "PMID- 9\n")
    assert file.notes == ()


@pytest.mark.parametrize(
    "fused",
    ["PMID- 1\nTI  - Of lungs\nAB  - One.\n\nOWN - NLM\nTI  - Of livers\nAB  - Two.\n", "PT J\nTI Of lungs\nAB One.\n\nAU Roe, A\nTI Of livers\nAB Two.\nER\n",
     "%0 Book\n%T Of lungs\n%X One.\n\n%A Roe\n%T Of livers\n%X Two.\n"],
)  # fmt: skip
def test_a_record_that_lost_its_first_line_is_another_one(read, fused: str) -> None:  # type: ignore[no-untyped-def]
    assert [(h.entry.title, h.entry.abstract) for h in read(fused).hits] == [
        ("Of lungs", "One."),
        ("Of livers", "Two."),
    ]


def test_two_titles_and_text_in_no_record_are_told(read) -> None:  # type: ignore[no-untyped-def]
    file = read("FN Clarivate Web of Science\nVR 1.0\nPT J\nTI One\nTI Two\nER\nA remark of mine\nPT J\nTI Three\nER\n")
    assert file.notes == (
        "records with two titles, of which the first is read: 1",
        "text that belongs to no record, not read: line 7 `A remark of mine`",
    )


def test_vernacular_titles_and_other_databases_of_web_of_science(read) -> None:  # type: ignore[no-untyped-def]
    [hit] = read("PMID- 1\nTI  - [Not Available].\nTT  - Gehen im Alter.\n").hits
    assert hit.entry.title == "Gehen im Alter."
    [one, two] = read("PT J\nTI One\nUT MEDLINE:30000001\nER\nPT S\nTI Two\nUT BCI:BCI201900001\nER\n").hits
    assert (one.entry.pmid, one.entry.accession, two.entry.accession) == ("30000001", (), ("bci:BCI201900001",))
    assert (one.entry.reference_type, two.entry.reference_type) == ("JOUR", "SER")


COUNTED = {"colrev_eric_nbib.nbib": (r"^OWN - ", 1), "pubmed_medline_biopython1.nbib": (r"^PMID-", 1), "pubmed_medline_biopython2.nbib": (r"^PMID-", 4),
               "pubmed_synthesisr.txt": (r"^PMID-", 3), "wos_restoration_revtools.ciw": (r"^UT ", 247), "wos_synthesisr.ciw": (r"^UT ", 5),
               "wos_rispy.ris": (r"^UT ", 2), "wos_tagged_synthesisr.txt": (r"^UT ", 4)}  # fmt: skip


@needs_shared
class TestRealFiles:
    @pytest.mark.parametrize("name", COUNTED)
    def test_every_record_with_its_identifier(self, name: str) -> None:
        pattern, count = COUNTED[name]
        text = (EXPORTS / name).read_text(encoding="utf-8-sig")
        file = read_file(EXPORTS / name)
        assert len(re.findall(pattern, text, re.MULTILINE)) == len(file.hits) == count
        assert (file.rejected, file.notes) == ((), ())
        known = {hit.entry.pmid or hit.entry.wos or hit.entry.doi for hit in file.hits}
        assert len(known - {None}) == count
        dois = {hit.entry.doi for hit in file.hits if hit.entry.doi}
        written = set(re.findall(r"^(?:DI |(?:AID|LID) *- (?:http://dx.doi.org/)?)(10\.\S+)", text, re.MULTILINE))
        assert dois == {doi.lower() for doi in written}
        abstracts = len(re.findall(r"^AB(?: |  - )\S", text, re.MULTILINE))
        assert sum(bool(hit.entry.abstract) for hit in file.hits) == abstracts

    def test_two_records_field_by_field(self) -> None:
        left_out = {"authors", "abstract", "keywords", "title", "url"}
        wos = read_file(EXPORTS / "wos_restoration_revtools.ciw").hits[0].entry
        assert wos.model_dump(mode="json", exclude=left_out, exclude_defaults=True) == {
            "year": 2019, "dates": [{"kind": "published", "value": "2019-03-15"}], "venue": "SCIENCE OF THE TOTAL ENVIRONMENT", "volume": "656",
            "pages": "598–607", "issn": ["0048-9697", "1879-1026"], "reference_type": "JOUR", "doi": "10.1016/j.scitotenv.2018.11.375",
            "pmid": "30529964", "wos": "WOS:000455039600059",
        }  # fmt: skip
        pubmed = read_file(EXPORTS / "pubmed_medline_biopython2.nbib").hits[0].entry
        assert pubmed.model_dump(mode="json", exclude=left_out, exclude_defaults=True) == {
            "year": 2006, "dates": [{"kind": "year", "value": "2006"}, {"kind": "early_access", "value": "2006-01-10"},
                                    {"kind": "indexed", "value": "2006-01-13"}],
            "venue": "BMC bioinformatics", "volume": "7", "pages": "10", "issn": ["1471-2105"], "reference_type": "JOUR",
            "publication_types": ["Evaluation Studies", "Journal Article"], "language": "eng", "doi": "10.1186/1471-2105-7-10",
            "pmid": "16403221", "pmcid": "PMC1373603",
        }  # fmt: skip


def test_a_heading_above_the_first_record_of_medline_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.nbib"
    path.write_text("PubMed, 3 May: 1 result\n\nPMID- 31111111\nOWN - NLM\nTI  - Coffee and drivers\n")
    file = read_file(path)
    assert [hit.entry.title for hit in file.hits] == ["Coffee and drivers"]
    assert file.notes == ("text that belongs to no record, not read: line 1 `PubMed, 3 May: 1 result`",)


LIKE_TAGS = {
    "enw": ("%0 Journal Article\n%T Cells\n%D 2020\n%X We counted lymphocytes\n%B - text\n%A and others\n%D = 5\n%5 of them\n% 20 of mice.\n%J Heart\n",
            "We counted lymphocytes %B - text %A and others %D = 5 %5 of them % 20 of mice."),
    "ris": ("TY  - JOUR\nTI  - Cells\nAB  - We compared\nT1  - weighted and\nT2  - weighted images, and\nPY  - as such.\nPY  - 2020\n"
            "JO  - Heart\nER  - \n", "We compared T1 - weighted and T2 - weighted images, and PY - as such."),
    "nbib": ("PMID- 1\nOWN - NLM\nTI  - Cells\nAB  - We compared\nTI  - and others.\nDP  - 2020\nJT  - Heart\n",
             "We compared TI - and others."),
    "ciw": ("FN Clarivate Analytics Web of Science\nPT J\nTI Cells\nAB We compared\nCT images with\nSO on\nPY of MRI.\nSO Heart\nPY 2020\nER\n",
            "We compared CT images with SO on PY of MRI."),
    "txt": ("ID: CN-00000001\nTI: Cells\nAB: We compared\nSO: as many\nCC: creatinine clearance.\nYR: 2020\nSO: Heart\n",
            "We compared SO: as many CC: creatinine clearance."),
}  # fmt: skip


@pytest.mark.parametrize("name", LIKE_TAGS)
def test_lines_of_an_abstract_that_look_like_tags_are_text_of_it(read, name: str) -> None:  # type: ignore[no-untyped-def]
    text, abstract = LIKE_TAGS[name]
    file = read(text)
    assert [(hit.entry.title, hit.entry.abstract, hit.entry.venue, hit.entry.year) for hit in file.hits] == [
        ("Cells", abstract, "Heart", 2020)
    ]
    assert file.notes == ()


@pytest.mark.parametrize("venue", ["eLife", "npj Digital Medicine", "medRxiv", "2D Materials"])
@pytest.mark.parametrize("abstract", ["We compared", "We compared."])
def test_a_journal_with_a_small_letter_behind_an_abstract_is_a_journal(read, venue: str, abstract: str) -> None:  # type: ignore[no-untyped-def]
    for text in (f"TY  - JOUR\nTI  - Cells\nAB  - {abstract}\nT2  - {venue}\nKW  - hearts\nAU  - van Loon, A\nER  - \n",
                 f"%0 Journal Article\n%T Cells\n%X {abstract}\n%J {venue}\n%K hearts\n%A van Loon, A\n"):  # fmt: skip
        (hit,) = read(text).hits
        assert (hit.entry.venue, hit.entry.abstract, hit.entry.keywords) == (venue, abstract, ("hearts",))
        assert hit.entry.authors == ("van Loon, A",)
