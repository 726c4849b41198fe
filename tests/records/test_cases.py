"""Small files that once went wrong (`shared/cases/records` and `attack`), each with what is right."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from support.records import CASES, needs_shared

from screener.core.errors import BadInput
from screener.records import Index, read_file

ATTACK = CASES.parent / "attack"
Fields = dict[str, Any]
NOTHING: Fields = {}
WALKING: Fields = {"title": "Walking groups for older adults: a cluster trial"}


@dataclass(frozen=True)
class Right:
    """What is right of files: fields of each entry in their order, links as (kind, number, number), rejected rows, notes."""

    entries: list[Fields]
    links: set[tuple[str, int, int]] = field(default_factory=set)
    rejected: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()
    options: dict[str, str] = field(default_factory=dict)


def _dois(*dois: str) -> list[Fields]:
    return [{"doi": doi, "year": 2010} for doi in dois]


def _years(*years: int | None) -> list[Fields]:
    return [{"year": year} for year in years]


RIGHT = {
    "01_thesis_article.ris": Right(
        [{"reference_type": "THES", "doi": None, "authors": ("Keller, Ina M.",)}, {"reference_type": "JOUR", "doi": "10.5555/sr.2017.11"}],
        {("same_study", 1, 2)}),
    "02_two_congresses.ris": Right([{"pages": "7511"}, {"pages": "3982"}], {("same_study", 1, 2)}),
    "embase_1.ris embase_2.ris": Right([{"pages": "7511"}, {"pages": "3982"}], {("same_study", 1, 2)}, options={"source": "Embase"}),
    "03_central_registry.ris": Right([{"registry": ("NCT03500001",)}, {"registry": ("NCT03500777",)}]),
    "03c_registry_csv.csv": Right([{"registry": ("NCT03500001",)}, {"registry": ("NCT03500777",)}], {("candidate", 1, 2)}),
    "04_continuation_tags.ris": Right([{"abstract":
        "Background: Outcomes differ by receptor status. ER - positive tumours were analysed apart from the others. Methods: 812 women "
        "were followed for nine years. CT - guided biopsies were read twice. Conclusion: no difference.", "doi": "10.5555/br.2014.7"}]),
    "04b_continuation_unknown.ris": Right([{"abstract":
        "Background: Readmission is common. HF - related stays were the primary outcome. Conclusion: fewer stays.", "year": 2014}]),
    "05_repeated_abstract.ris": Right(
        [{"abstract": "BACKGROUND: Children are often anxious before surgery. METHODS: We randomised 120 children to music or silence. "
                      "RESULTS: Anxiety was lower with music (p<0.01)."},
         {"abstract": "Short teaser of one sentence. The full abstract: we randomised 90 children to a clown visit or usual care and "
                      "measured anxiety."}]),
    "06_mixed_encoding.ris": Right(
        [{"title": f"Überwachung von Frühgeborenen – Teil {number}", "abstract": "Größe der Kohorte: ≥ 200 Kinder, α = 0,05."}
         for number in range(1, 6)] + [{"title": "Café au lait spots in newborns"}], notes=("line 42",)),
    "06b_gb18030.ris": Right([{"title": "深度学习在心电图诊断中的应用研究"}], options={"encoding": "gb18030"}),
    "07_retracted.ris": Right([{"integrity": ""}, {"integrity": "retracted"}], {("duplicate", 1, 2)},
                              notes=("marked as retracted: “RETRACTED: Vitamin Q",)),
    "07b_erratum_suffix.ris": Right([{"abstract": ""}, NOTHING, NOTHING], {("notice_of", 1, 2), ("notice_of", 1, 3)}),
    "09_two_sheets.xlsx": Right([{"doi": "10.5555/a.1"}, {"doi": "10.5555/b.0"}, {"doi": "10.5555/b.1"}, {"doi": "10.5555/b.2"}],
                                notes=("`Embase` (3 rows)",)),
    "09b_heading_row.xlsx": Right([{"doi": "10.5555/a.1"}], notes=("above the column names: not read",)),
    "13_near_titles.ris": Right([NOTHING] * 6, {("duplicate", 1, 2), ("duplicate", 3, 4), ("duplicate", 5, 6)}),
    "14_parts.ris": Right([{"doi": "10.5555/p.1"}, {"doi": "10.5555/p.2"}, NOTHING], {("candidate", 1, 3)}),
    "15_years.ris": Right(_years(None, None, None, 2020, None, None, 2005, None, 2005)),
    "16_dois.ris": Right(_dois(
        *(f"10.5555/abc.{number}" for number in (1, 2, 3)), "10.5555/abc/4", *(f"10.5555/abc.{number}" for number in (5, 6, 7)),
        "10.1002/(sici)1097-0258(19980815/30)17:15/16<1661::aid-sim968>3.0.co;2-2", "10.5555/abc.9", "10.5555/abc.11",
        "10.1000/abc_12_x", "10.5555/abc.13", "10.5555/abc.14", "10.5555/abc.15")),
    "17_markup.csv": Right([{"title": title} for title in (
        "Effect of Lactobacillus on CD4+ cells & IL-6", "Über die Wirkung von β-Blockern bei COPD",
        "Is p < 0.05 enough? A survey of R&D managers", "=SUM of parts: a holistic view of nursing care",
        "-Omics in paediatric asthma: what next", "+ dP/dt as a marker of contractility in sepsis",
        "@home: telecare for older adults living alone")]),
    "17b_urls.csv": Right([{"url": "https://db.example/rec?id=7&section=2&copy=1&reg=eu&para=4"}]),
    "19_mac_cr.csv": Right([{"authors": ("Müller, J.",)}, {"title": "Ein zweiter Titel über die Pflege"}]),
    "19b_utf16.csv": Right([{"title": "Überwachung älterer Menschen zu Hause", "authors": ("Müller, J.",)}]),
    "19c_utf16_nobom.csv": Right([{"title": "Überwachung älterer Menschen zu Hause", "authors": ("Müller, J.",)}]),
    "19d_crcrlf.ris": Right([{"abstract": "Some text."}]),
    "19e_blank_lines.ris": Right([{"abstract": "First paragraph. Second paragraph of the abstract."}]),
    "19f_no_er.ris": Right(_years(2010, 2011), {("candidate", 1, 2)}),
    "19g_cochrane_record_lines.ris": Right([{"accession": ("central:CN-00000001",)}, {"accession": ("central:CN-00000002",)}]),
    "19h_one_space.ris": Right([{"title": "One blank before the hyphen only", "abstract": "Text.", "year": 2010}]),
    "20_rayyan.csv": Right([{**WALKING, "pmid": "30000001", "authors": ("Ito, Ken", "Roe, Ann")}, {"year": 2019}]),
    "21_no_title.ris": Right([{"title": "", "doi": "10.5555/nt.1"}, {"title": "Short"}]),
    "22_asreview_minus1.csv": Right([NOTHING] * 4),
    "23_source_name.ris": Right([WALKING], options={"source": "PsycINFO"}, notes=("the source is PsycINFO",)),
    "24_na_strings.csv": Right([{"abstract": "", "authors": (), "doi": None}] * 2 + [{"abstract": "", "authors": ("Obi, P",)}],
                               {("candidate", 1, 2)}, rejected=(4, 5)),
    "28_repeated_ids.csv": Right([{"given_id": None}] * 4, notes=("ids belong to several titles",)),
    "29_ovid_suffix.ris": Right([NOTHING] * 4, {("duplicate", 1, 2), ("duplicate", 3, 4)}),
    "31_nbib.nbib": Right([{"pmid": "30000001", "doi": "10.5555/age.1"}]),
    "31b.bib": Right([{**WALKING, "doi": "10.5555/age.1", "authors": ("Ito, Ken",)}]),
    "31c_endnote.xml": Right([{"title": "Walking groups for older adults"}]),
    "31d_endnote.enw": Right([{**WALKING, "abstract": "Text", "authors": ("Ito, Ken",)}]),
    "31e_csl.json": Right([WALKING]),
    "31g.ciw": Right([{**WALKING, "authors": ("Ito, K",), "year": 2018}]),
    "32_two_languages.ris": Right([{"abstract": "Résumé en français. Abstract in English: walking groups lowered falls in 200 older adults."}]),
    "34_embase_link_line.ris": Right([{"pmid": "30000009", "doi": "10.5555/age.1"}, {"abstract": "Interim results of four groups."}],
                                     {("same_study", 1, 2)}, notes=("line 16",)),
    "35_endnote_multiline_title.ris": Right([{**WALKING, "abstract": "Line one of it. Line two of it: RR - 1.2 (0.8 to 1.9)."}]),
    "../attack/fused.ris": Right([{"doi": f"10.1000/a{number}"} for number in (1, 2, 3)]),
    "../attack/spaceless.ris": Right([{"title": f"{ordinal} study about {organ}"} for ordinal, organ in (
        ("First", "hearts"), ("Second", "lungs"), ("Third", "livers"), ("Fourth", "kidneys"))]),
    "../attack/csv_with_ty.csv": Right([{"title": f"{ordinal} study"} for ordinal in ("First", "Second", "Third")]),
    "../attack/bigint.jsonl": Right([{"title": "A fine study of hearts"}], rejected=(2,)),
}  # fmt: skip


@needs_shared
@pytest.mark.parametrize("names", RIGHT)
def test_a_file_that_went_wrong_is_read_and_compared_rightly(names: str) -> None:
    right = RIGHT[names]
    files = [read_file(CASES / name, **right.options) for name in names.split()]
    hits = [hit for file in files for hit in file.hits]
    index = Index()
    links = {
        (match.kind, *sorted((number, match.other)))
        for number, hit in enumerate(hits, start=1)
        for match in index.add(number, hit.entry)
    }
    assert len(hits) == len(right.entries)
    for hit, fields in zip(hits, right.entries, strict=True):
        assert {name: getattr(hit.entry, name) for name in fields} == fields
    assert links == right.links
    assert tuple(row.row for file in files for row in file.rejected) == right.rejected
    notes = "; ".join(note for file in files for note in file.notes)
    assert all(note in notes for note in right.notes)
    assert {hit.source for hit in hits} == {right.options.get("source", hit.source) for hit in hits}


@needs_shared
def test_no_file_that_went_wrong_is_left_out() -> None:
    elsewhere = {"25_no_abstract_words.csv"}
    assert {path.name for path in CASES.iterdir()} - elsewhere == {
        name for names in RIGHT for name in names.split() if "/" not in name
    }


@needs_shared
def test_words_for_no_abstract_are_none() -> None:
    assert {hit.entry.abstract for hit in read_file(CASES / "25_no_abstract_words.csv").hits} == {""}


@needs_shared
def test_chinese_text_without_its_encoding_is_refused_with_the_remedy() -> None:
    with pytest.raises(BadInput, match="--encoding gb18030"):
        read_file(CASES / "06b_gb18030.ris")


@needs_shared
def test_two_stray_quotation_marks_cost_at_most_their_own_rows_and_are_told() -> None:
    file = read_file(ATTACK / "two_stray_quotes.csv")
    titles = [f"Study number {row} of the heart" for row in range(1, 101) if row not in (10, 60)]
    assert [hit.entry.title for hit in file.hits] == titles
    assert [row.row for row in file.rejected] == [10, 60]


@needs_shared
def test_all_sheets_of_a_workbook_are_read() -> None:
    titles = [hit.entry.title for hit in read_file(ATTACK / "two.xlsx").hits]
    assert titles == ["Only study on sheet one", *(f"Study {number} on sheet two" for number in range(50))]
