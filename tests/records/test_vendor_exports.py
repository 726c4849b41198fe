"""A record as databases and reference managers export it, read with every field: `vendors/` has a file of each."""

from pathlib import Path
from typing import Any

import pytest
from support import Later

from screener.core.errors import BadInput
from screener.records import FileRead, read_file

openpyxl = Later("openpyxl")

VENDORS = Path(__file__).with_name("vendors")
TITLE = "Walking groups for older adults: a cluster trial"
ABSTRACT = "BACKGROUND: Falls are common. RESULTS: Fewer falls (p < 0.01)."
COMMON: dict[str, Any] = {
    "title": TITLE, "abstract": ABSTRACT, "authors": ("Ito, Ken", "Roe, Ann"), "year": 2018, "venue": "Age Reports", "volume": "12",
    "issue": "3", "pages": "45–67", "issn": ("0306-4530",), "doi": "10.5555/age.1", "pmid": "30000001", "reference_type": "JOUR",
}  # fmt: skip
# What differs from these, and what else is to be read.
DIFFERENT: dict[str, dict[str, Any]] = {
    "acm.bib": {
        "venue": "Proceedings of the 5th Conference on Age",
        "volume": "",
        "issue": "",
        "pages": "17",
        "issn": (),
        "pmid": None,
        "isbn": ("9780306406157",),
        "reference_type": "CPAPER",
        "keywords": ("falls", "walking", "older adults"),
    },
    "airiti_jstage.ris": {"authors": ("Ito Ken", "Roe Ann"), "pmid": None, "dates": ["2018-03-04"]},
    "arxiv.bib": {
        "abstract": "",
        "authors": ("Ken Ito", "Ann Roe"),
        "venue": "",
        "volume": "",
        "issue": "",
        "pages": "",
        "issn": (),
        "doi": None,
        "pmid": None,
        "arxiv": "1803.00001",
        "reference_type": "UNPB",
    },
    "bibdesk.bib": {"authors": ("Ken Ito", "Ann Roe"), "dates": ["2018-03"]},
    "cab.ris": {
        "authors": ("Ito, K.", "Roe, A."),
        "pmid": None,
        "accession": ("cab abstracts:20180000001",),
        "source": "CAB Abstracts",
    },
    "cnki.enw": {
        "title": "深度学习在心电图诊断中的应用研究",
        "abstract": "目的:研究。方法:比较。",
        "authors": ("张伟", "李明"),
        "venue": "中国循环杂志",
        "issue": "03",
        "issn": ("1000-3614",),
        "pmid": None,
        "keywords": ("深度学习", "心电图"),
    },
    "cochrane.ris": {"authors": ("Ito K", "Roe A"), "accession": ("central:CN-01500001", "embase:L621000001")},
    "covidence.csv": {"issn": (), "pmid": None, "given_id": "#12", "reference_type": "", "dates": ["2018-03"]},
    "covidence.ris": {"pmid": None},
    "ctgov.csv": {
        "authors": ("University of Leeds", "York Trust"),
        "venue": "ClinicalTrials.gov",
        "volume": "",
        "issue": "",
        "pages": "",
        "issn": (),
        "doi": None,
        "pmid": None,
        "reference_type": "RPRT",
        "registry": ("NCT03500001", "ISRCTN12345678", "EUCTR2017-001234-12"),
        "dates": ["2018-03-04"],
        "source": "ClinicalTrials.gov",
    },
    "ctgov_v2.json": {
        "authors": ("University of Leeds",),
        "venue": "ClinicalTrials.gov",
        "volume": "",
        "issue": "",
        "pages": "",
        "issn": (),
        "doi": None,
        "pmid": None,
        "reference_type": "RPRT",
        "registry": ("NCT03500001", "EUCTR2017-001234-12"),
        "dates": ["2018-03-04"],
        "source": "ClinicalTrials.gov",
    },
    "dblp.bib": {
        "abstract": "",
        "authors": ("Ken Ito", "Ann Roe"),
        "issn": (),
        "pmid": None,
        "accession": ("dblp:journals/age/ItoR18",),
        "source": "DBLP",
    },
    "dimensions.csv": {
        "authors": (),
        "pages": "",
        "issn": (),
        "accession": ("dimensions:pub.1100000001",),
        "dates": ["2018-03-04", "2018-01-10"],
        "reference_type": "",
        "source": "Dimensions",
    },
    "ebsco_cinahl.ris": {
        "pmid": None,
        "accession": ("cinahl:128000001",),
        "language": "English",
        "publication_types": ("Article",),
        "dates": ["2018-03"],
        "publisher": "Age Press",
        "source": "rzh",
    },
    "ebsco_new.csv": {
        "pmid": None,
        "accession": ("psycinfo:2018-12345-001",),
        "dates": ["2018-03-04"],
        "language": "English",
        "source": "APA PsycInfo",
    },
    "embase.csv": {
        "authors": ("Ito K.", "Roe A."),
        "accession": ("embase:L2012345678",),
        "registry": ("NCT03500001",),
        "dates": ["2018-03-04"],
        "source": "Embase",
    },
    "embase_com.ris": {
        "issn": ("0306-4530", "2226-7190"),
        "accession": ("embase:L2012345678",),
        "registry": ("NCT03500001",),
        "source": "Embase",
    },
    "endnote.ris": {
        "authors": ("Ito, K.", "Roe, A."),
        "pmcid": "PMC7000001",
        "source": "PubMed",
        "integrity": "retracted",
        "given_id": "12",
        "keywords": ("Aged", "Accidental Falls"),
        "dates": ["2018-03", "2018-01-10"],
        "publication_types": ("Journal Article", "Randomized Controlled Trial"),
    },
    "epistemonikos.ris": {"issn": (), "pmid": None, "given_id": "epistemonikos-10000001"},
    "eric.nbib": {"pmid": None, "accession": ("eric:EJ1200001",), "source": "ERIC", "dates": ["2018-03"]},
    "euctr_full.txt": {
        "abstract": "Condition: Falls.",
        "authors": ("University of Leeds",),
        "venue": "EU Clinical Trials Register",
        "volume": "",
        "issue": "",
        "pages": "",
        "issn": (),
        "doi": None,
        "pmid": None,
        "reference_type": "RPRT",
        "registry": ("EUCTR2017-001234-12", "ISRCTN12345678"),
        "dates": ["2018-03-04"],
        "source": "EU Clinical Trials Register",
    },
    "euctr_summary.txt": {
        "abstract": "Condition: Falls of older adults.",
        "authors": ("University of Leeds",),
        "venue": "EU Clinical Trials Register",
        "volume": "",
        "issue": "",
        "pages": "",
        "issn": (),
        "doi": None,
        "pmid": None,
        "reference_type": "RPRT",
        "registry": ("EUCTR2017-001234-12",),
        "dates": ["2018-03-04"],
        "source": "EU Clinical Trials Register",
    },
    "europepmc.csv": {
        "abstract": "",
        "authors": ("Ito K", "Roe A"),
        "pmcid": "PMC7000001",
        "source": "Europe PMC",
        "dates": ["2018-01-10"],
    },
    "ictrp.csv": {
        "abstract": "Scientific title: A cluster trial. Condition: Falls. Intervention: Walking. Primary outcome: Falls.",
        "authors": ("University of Leeds",),
        "venue": "ISRCTN",
        "volume": "",
        "issue": "",
        "pages": "",
        "issn": (),
        "doi": None,
        "pmid": None,
        "reference_type": "RPRT",
        "registry": ("ISRCTN12345678", "NCT03500001"),
        "dates": ["2018-03-04"],
    },
    "ictrp.xml": {
        "abstract": "Scientific title: A cluster trial of walking groups. Condition: Falls Frailty. Intervention: Walking. Primary outcome: Falls.",
        "authors": ("University of Leeds",),
        "venue": "ISRCTN",
        "volume": "",
        "issue": "",
        "pages": "",
        "issn": (),
        "doi": None,
        "pmid": None,
        "reference_type": "RPRT",
        "registry": ("ISRCTN12345678", "NCT03500001", "EUCTR2017-001234-12"),
        "dates": ["2018-03-04"],
    },
    "ieee.csv": {
        "authors": ("K. Ito", "A. Roe"),
        "pmid": None,
        "dates": ["2018-03", "2018-01-10"],
        "source": "IEEE Xplore",
    },
    "ieee.ris": {
        "authors": ("K. Ito", "A. Roe"),
        "venue": "2018 IEEE Conference on Age",
        "volume": "",
        "issue": "",
        "pmid": None,
        "reference_type": "CONF",
    },
    "isrctn.csv": {
        "abstract": "",
        "authors": (),
        "year": None,
        "venue": "",
        "volume": "",
        "issue": "",
        "pages": "",
        "issn": (),
        "doi": None,
        "pmid": None,
        "reference_type": "",
        "registry": ("ISRCTN12345678",),
    },
    "jabref.bib": {"dates": ["2018-03-04"]},
    "jstor.ris": {"authors": ("Ito, Ken",), "doi": None, "pmid": None, "source": "JSTOR"},
    "lens.csv": {
        "authors": ("Ken Ito", "Ann Roe"),
        "issn": ("0306-4530", "2226-7190"),
        "pmcid": "PMC7000001",
        "accession": ("lens:001-234-567-890-12X",),
        "dates": ["2018-03-04"],
        "source": "Lens",
    },
    "lilacs.ris": {
        "title": "Grupos de caminhada para idosos: ensaio por conglomerados",
        "pmid": None,
        "accession": ("lilacs:lil-900001",),
        "language": "pt",
        "dates": ["2018-03"],
        "source": "LILACS",
    },
    "mendeley.bib": {"keywords": ("falls", "older adults", "walking"), "dates": ["2018-03"]},
    "mendeley.ris": {"dates": ["2018-03-04"]},
    "openalex.csv": {
        "authors": ("Ken Ito", "Ann Roe"),
        "accession": ("openalex:W2790000001",),
        "integrity": "retracted",
        "dates": ["2018-03-04"],
        "source": "OpenAlex",
    },
    "ovid_medline.ris": {
        "registry": ("NCT03500001",),
        "authors": ("Ito, Ken", "Roe, Ann"),
        "language": "English",
        "publication_types": ("Journal Article", "Randomized Controlled Trial"),
        "source": "Ovid MEDLINE(R) ALL",
    },
    "paperpile.bib": {"issn": ("0306-4530", "2226-7190"), "pmcid": "PMC7000001", "dates": ["2018-03"]},
    "proquest.csv": {"pmid": None, "accession": ("proquest:2100000001",), "dates": ["2018-03"]},
    "proquest.ris": {"pmid": None, "dates": ["2018-03-04"]},
    "psycnet.ris": {
        "abstract": ABSTRACT + " (PsycInfo Database Record (c) 2020 APA, all rights reserved)",
        "issn": ("0306-4530", "2226-7190"),
        "pmid": None,
        "accession": ("psycinfo:2018-12345-001",),
    },
    "publisher.ris": {"pmid": None, "dates": ["2018-03-04"], "publication_types": ()},
    "pubmed.txt": {
        "pmcid": "PMC7000001",
        "registry": ("ISRCTN12345678",),
        "integrity": "retracted",
        "source": "PubMed",
        "publication_types": ("Journal Article", "Retracted Publication"),
        "dates": ["2018-03", "2018-01-10"],
    },
    "pubmed_full.csv": {
        "abstract": "",
        "authors": ("Ito K", "Roe A"),
        "issn": (),
        "pmcid": "PMC7000001",
        "reference_type": "",
        "source": "PubMed",
        "dates": ["2018-03-04", "2018-01-10", "2018-01-10"],
    },
    "rayyan.csv": {
        "pmcid": "PMC7000001",
        "given_id": "rayyan-100000001",
        "reference_type": "",
        "dates": ["2018-03-04"],
    },
    "rayyan.ris": {"given_id": "100000001", "dates": ["2018-03-04"]},
    "scholar.bib": {"abstract": "", "issn": (), "doi": None, "pmid": None, "publisher": "Age Press"},
    "scholar.enw": {"abstract": "", "doi": None, "pmid": None, "publisher": "Age Press"},
    "sciencedirect.bib": {"authors": ("Ken Ito", "Ann Roe"), "pmid": None, "keywords": ("Falls", "Walking", "Aged")},
    "scopus.csv": {
        "title": "Walking groups for older adults: a cluster trial; [Marche en groupe des personnes âgées]",
        "accession": ("scopus:2-s2.0-85123456789",),
        "language": "English; French",
        "keywords": ("falls", "walking", "Aged", "Humans"),
        "publisher": "Age Press",
        "integrity": "retracted",
        "reference_type": "",
        "source": "Scopus",
    },
    "scopus.ris": {
        "authors": ("Ito, K.", "Roe, A."),
        "abstract": ABSTRACT + " © 2018 Age Press",
        "pages": "105114",
        "integrity": "retracted",
        "accession": ("scopus:2-s2.0-85123456789",),
        "source": "Scopus",
        "language": "English",
    },
    "semantic_scholar.bib": {
        "abstract": "",
        "authors": ("Ken Ito", "Ann Roe"),
        "volume": "12 3",
        "issue": "",
        "issn": (),
        "doi": None,
        "pmid": None,
    },
    "springer.csv": {
        "abstract": "",
        "authors": ("Ken Ito", "Ann Roe"),
        "pages": "",
        "issn": (),
        "pmid": None,
        "source": "SpringerLink",
    },
    "wos.bib": {
        "abstract": "BACKGROUND: Falls are common. RESULTS: Fewer falls (p <0.01).",
        "venue": "AGE REPORTS",
        "issn": ("0306-4530", "2226-7190"),
        "pmid": None,
        "wos": "WOS:000400000000001",
        "integrity": "retracted",
        "keywords": ("falls", "walking", "AGED"),
        "dates": ["2018-03-04", "2018-01"],
        "source": "Web of Science",
    },
    "wos.ris": {
        "authors": ("Ito, K", "Roe, A"),
        "venue": "AGE REPORTS",
        "issn": ("0306-4530", "2226-7190"),
        "pmid": None,
        "wos": "WOS:000400000000001",
        "dates": ["2018-03-04"],
        "publisher": "AGE PRESS",
        "source": "Web of Science",
    },
    "wos_tab.txt": {
        "venue": "AGE REPORTS",
        "issn": ("0306-4530", "2226-7190"),
        "wos": "WOS:000400000000001",
        "dates": ["2018-03-04"],
        "source": "Web of Science",
    },
    "zotero.bib": {
        "pmcid": "PMC7000001",
        "url": "https://example.org/a_b~c",
        "registry": ("NCT03500001",),
        "dates": ["2018-03"],
    },
    "zotero.csv": {
        "pmcid": "PMC7000001",
        "given_id": "ABCD2345",
        "dates": ["2018-03-04"],
        "keywords": ("Aged", "Falls"),
    },
    "zotero.ris": {"pmcid": "PMC7000001", "dates": ["2018-03-04"], "source": "PubMed"},
    "zotero_csl.json": {"pmcid": "PMC7000001", "dates": ["2018-03"]},
}
TOLD = {
    "dimensions.csv": "a line above the column names: not read",
    "isrctn.csv": "columns not used: Acronym, Plain English Summary, Date applied",
}


def read_as(file: FileRead, names: dict[str, Any]) -> dict[str, Any]:
    """Return what the fields of the only record are."""
    (hit,) = file.hits
    read = hit.entry.model_dump(include=set(names)) | {"title": hit.entry.title.removesuffix("."), "source": hit.source}
    read["dates"] = [date.value for date in hit.entry.dates]
    return {name: read[name] for name in names}


@pytest.mark.parametrize("name", DIFFERENT)
def test_every_field_of_an_export_is_read(name: str) -> None:
    file, right = read_file(VENDORS / name), COMMON | DIFFERENT[name]
    assert read_as(file, right) == right
    assert file.rejected == ()
    notes = [note for note in file.notes if not note.startswith("marked as retracted")]
    assert [note.startswith(TOLD.get(name, "-")) for note in notes] == ([True] if name in TOLD else [])


def test_every_file_has_its_right_values() -> None:
    assert {path.name for path in VENDORS.iterdir()} == set(DIFFERENT)


@pytest.mark.parametrize(
    ("encoding", "ends"),
    [("utf-16", "\r\n"), ("utf-16-le", "\r\n"), ("utf-8-sig", "\r\n"), ("utf-16", "\r"), ("cp1252", "\r")],
)
def test_web_of_science_for_windows_and_mac(encoding: str, ends: str, tmp_path: Path) -> None:
    text = (VENDORS / "wos_tab.txt").read_text(encoding="utf-8").replace("Ito, Ken", "Itô, Kén")
    (tmp_path / "savedrecs.txt").write_bytes(text.replace("\n", ends).encode(encoding))
    right = COMMON | DIFFERENT["wos_tab.txt"] | {"authors": ("Itô, Kén", "Roe, Ann")}
    assert read_as(read_file(tmp_path / "savedrecs.txt"), right) == right


def test_the_encoding_of_old_macintoshes_is_never_read_as_another(tmp_path: Path) -> None:
    text = (VENDORS / "wos_tab.txt").read_text(encoding="utf-8").replace("Ito, Ken", "Itô, Kén")
    path = tmp_path / "savedrecs.txt"
    path.write_bytes(text.encode("mac_roman"))
    with pytest.raises(BadInput, match="mac_roman"):
        read_file(path)
    assert read_file(path, encoding="mac_roman").hits[0].entry.authors == ("Itô, Kén", "Roe, Ann")


def test_web_of_science_as_a_workbook(tmp_path: Path) -> None:
    columns = {"Publication Type": "J", "Author Full Names": "Ito, Ken; Roe, Ann", "Article Title": TITLE, "Source Title": "AGE REPORTS",
               "Document Type": "Article; Retracted Publication", "Abstract": ABSTRACT, "ISSN": "0306-4530", "eISSN": "2226-7190",
               "Publication Date": "MAR 4", "Publication Year": 2018, "Volume": 12, "Issue": 3, "Start Page": 45, "End Page": 67,
               "DOI": "10.5555/age.1", "Pubmed Id": 30000001, "UT (Unique WOS ID)": "WOS:000400000000001", "Affiliations": "Leeds"}  # fmt: skip
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(list(columns))
    book.active.append(list(columns.values()))
    book.save(tmp_path / "savedrecs.xlsx")
    right = COMMON | DIFFERENT["wos_tab.txt"] | {"integrity": "retracted"}
    assert read_as(file := read_file(tmp_path / "savedrecs.xlsx"), right) == right
    assert file.notes == (f"marked as retracted: “{TITLE}”",)


@pytest.mark.parametrize(
    ("text", "kind", "remedy"),
    [
        ("30000001\n30000002\n", "a list of numbers", "search PubMed"),
        ("Scopus\nEXPORT DATE: 04 March 2024\n\nIto K.\nWalking\n(2018) Age\n", "Scopus' plain text", "CSV or RIS"),
        ("_" * 60 + "\n\nDocument 1 of 2\n\nWalking\n", "ProQuest's text", "RIS"),
        ("1. Age Rep. 2018 Mar;12(3):45-67. doi: 10.5555/age.1.\n\nWalking.\n", "PubMed's text", ".nbib"),
        ("<1>\nUnique Identifier\n  30000001\nTitle\n  Walking.\n", "Ovid's text", "RIS"),
        ("RT Journal Article\nA1 Ito,Ken\nT1 Walking\n", "RefWorks tagged text", "Zotero"),
        ("<?xml version='1.0'?><records><rec/></records>", "its first element is `records`", "export RIS"),
    ],
)
def test_what_is_not_read_is_named_with_the_way_round(text: str, kind: str, remedy: str, tmp_path: Path) -> None:
    (tmp_path / "export.txt").write_text(text, encoding="utf-8")
    with pytest.raises(BadInput) as refused:
        read_file(tmp_path / "export.txt")
    told = str(refused.value).partition("; can be read")[0]
    assert (kind in told, remedy in told) == (True, True)
