import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screener.records import Entry, KnownDate, read_file
from screener.records.readers import bibtex, latex
from screener.records.readers.latex import plain_text
from screener.records.readers.rows import RowCollector


def read(text: str) -> RowCollector:
    rows = RowCollector("here")
    bibtex.read_bibtex(text, rows)
    return rows


def entry(text: str) -> Entry:
    rows = read(text)
    assert not rows.rejected
    return rows.hits[0].entry


@pytest.mark.parametrize(
    ("written", "text"),
    [
        (r"{\"o} {\'E}tude G{\"{o}}del \c{c} {\ss} \o{} \L{}\'{o}d\'z \v{S} {\'\i}", "ö Étude Gödel ç ß ø Łódź Š í"),
        (r"{DNA} of {{IL}-6}", "DNA of IL-6"),
        (r"$\alpha$-cells, $p<0.05$, $10^{-3}$ and $n = 3$", "α-cells, p<0.05, 10^-3 and n = 3"),
        (r"100\% \& more {\textgreater} 5{\textpm}3 {\textmu}g", "100% & more > 5±3 µg"),
        (r"{\textless}p{\textgreater} 5\,mg", "<p> 5 mg"),
        ("costs $5 and saves $6 of 50% of all", "costs $5 and saves $6 of 50% of all"),
        ("one $ only and 5 # of x_2", "one $ only and 5 # of x_2"),
        (r"\emph{in vivo} and \url{https://x.org/a_b}", "in vivo and https://x.org/a_b"),
        (r"C:\datapath here", r"C:\datapath here"),
        ("``quoted'' text --- with dashes", "“quoted” text — with dashes"),
        (r"{unbalanced", "unbalanced"),
        ("{" * 3_000, ""),
    ],
)
def test_latex_becomes_text_and_what_is_none_stays(written: str, text: str) -> None:
    assert " ".join(plain_text(written).split()) == text


@pytest.mark.parametrize(
    ("written", "text"),
    [
        (r"{\"U}ber $\beta$-Blocker bei {COPD}", "Über β-Blocker bei COPD"),
        (r"Growth of \textit{E. coli}", "Growth of E. coli"),
        ("{TNF} in sepsis", "TNF in sepsis"),
        (r"The \"hidden\" price, $5 to $10: don\'t ask", r"The \"hidden\" price, $5 to $10: don\'t ask"),
        (r"Planes {110} and {a, b} in C:\data", r"Planes {110} and {a, b} in C:\data"),
    ],
)
def test_outside_bibtex_only_what_is_certainly_latex_becomes_text(written: str, text: str) -> None:
    rows = RowCollector("here")
    rows.add(1, Entry(title=written, authors=(r"M{\"u}ller, J",)))
    assert (rows.hits[0].entry.title, rows.hits[0].entry.authors) == (text, ("Müller, J",))


def test_strings_joins_crossref_and_both_delimiters_are_understood() -> None:
    rows = read(
        """
        % a comment
        @string{jx = "Journal of X"}
        @STRING(press = {University Press})
        @article(one, Title = "A " # {{DNA} study}, author = "M{\\"u}ller, J{\\'e} and {World Health Organization} and
          van der Berg, Jr., A. and others", journal = jx # " (Online)", pages = "1--5", month = mar # "~4", year = 2010)
        @inproceedings{two, crossref = {book}, title = {In it}, author = {Ana Zhu AND Wei Shen}, pages = {3}}
        @proceedings{book, title = {Proceedings of X}, year = 2001, publisher = press, doi = {10.1000/whole}}
        """
    )
    one, two, book = (hit.entry for hit in rows.hits)
    assert (one.title, one.venue, one.pages, one.dates[0].value) == (
        "A DNA study", "Journal of X (Online)", "1–5", "2010-03-04",
    )  # fmt: skip
    assert one.authors == ("Müller, Jé", "World Health Organization", "van der Berg, A., Jr.")
    assert (two.venue, two.year, two.publisher, two.doi) == ("Proceedings of X", 2001, "University Press", None)
    assert two.authors == ("Ana Zhu", "Wei Shen")
    assert (book.reference_type, book.doi) == ("CONF", "10.1000/whole")


def test_a_broken_block_costs_itself_and_names_its_line() -> None:
    text = "@article{a, title={One}}\n\n@article{b, title={Two\n@book{c, title={Three}}\n@article{d title={Four}}\n"
    rows = read(text + "@misc{e, title={Five}}\n@article{f, title = {cut o")
    assert [hit.entry.title for hit in rows.hits] == ["One", "Three", "Five"]
    assert [hit.row for hit in rows.hits] == [1, 3, 5]
    assert ["line 3" in rows.rejected[0].reason, "line 5" in rows.rejected[1].reason] == [True, True]
    assert "line 7" in rows.rejected[2].reason


def test_text_between_entries_and_fields_given_twice_are_told() -> None:
    rows = RowCollector("here")
    text = "@article{a, title={One}, year={2001}, keywords={x}, keywords={y}, year={2001}}\nSee also Miller 2010\n@article{a, title={Two}}"
    notes = bibtex.read_bibtex(text, rows)
    assert [hit.entry.title for hit in rows.hits] == ["One", "Two"]
    assert rows.hits[0].entry.keywords == ("x", "y")
    assert [("line 2" in note, "line 1" in note) for note in notes] == [(True, False), (False, True)]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ("unique-id = {WOS:000223334444221}, doi = {10.1007/9-9\\_3}, month = {MAR 1}, year = {2022}, eissn = {1476-4687},"
         "article-number = {6756}, earlyaccessdate = {FEB 2022}",
         {"wos": "WOS:000223334444221", "doi": "10.1007/9-9_3", "issn": ("1476-4687",), "pages": "6756"}),
        ("eprint = {2101.00001v2}, archiveprefix = {arXiv}, primaryclass = {cs.LG}",
         {"arxiv": "2101.00001", "reference_type": "UNPB"}),
        ("journal = {CoRR}, volume = {abs/2101.00001}, bibsource = {dblp}", {"arxiv": "2101.00001", "volume": ""}),
        ("journal = {arXiv preprint arXiv:2101.00001}", {"arxiv": "2101.00001"}),
        ("url = {https://www.scopus.com/inward/record.uri?eid=2-s2.0-123&doi=10.1%2f2}, document_type = {Review},"
         "art_number = {12}, pubmed_id = {34333207}",
         {"accession": ("scopus:2-s2.0-123",), "publication_types": ("Review",), "pages": "12", "pmid": "34333207"}),
        ("note = {PMID: 34333207, trial NCT01234567}", {"pmid": "34333207", "registry": ("NCT01234567",)}),
        ("url = {https://europepmc.org/articles/PMC7777777}", {"pmcid": "PMC7777777"}),
        ("journaltitle = {J}, date = {2020-03-01}, issue = {2}, number = {7}, subtitle = {B}",
         {"venue": "J", "year": 2020, "issue": "2", "title": "T: B"}),
        ("isbn = {0-306-40615-2}, school = {U}", {"isbn": ("9780306406157",), "publisher": "U"}),
        ("year = {2018}, month = {Mar}, day = {7}", {"dates": (KnownDate(kind="published", value="2018-03-07"),)}),
        ("unique-id = {MEDLINE:34333207}", {"pmid": "34333207", "accession": ()}),
        ("file = {:C\\:/x.pdf:PDF}, keywords = {a, b; c}", {"keywords": ("a, b", "c")}),
    ],
)  # fmt: skip
def test_the_dialects_of_databases_and_managers_are_read(fields: str, expected: dict[str, object]) -> None:
    kind = "misc" if "primaryclass" in fields else "article"
    read_entry = entry(f"@{kind}{{k, title = {{T}}, {fields}}}")
    assert {name: getattr(read_entry, name) for name in expected} == expected


def test_a_subtitle_alone_is_the_title() -> None:
    assert entry("@article{k, subtitle = {B}}").title == "B"


def test_keys_that_name_a_database_are_identifiers() -> None:
    assert entry("@article {PMID:18888888, Title={T}}").pmid == "18888888"
    assert entry("@misc {PPR:PPR666666, Title={T}}").accession == ("europepmc:PPR666666",)
    assert entry("@article{DBLP:journals/x/Y22, title={T}}").accession == ("dblp:journals/x/Y22",)


def test_a_file_is_recognised_by_its_content(tmp_path: Path) -> None:
    file = tmp_path / "export.txt"
    file.write_text("Scopus\nEXPORT DATE: 1 May 2024\n\n@ARTICLE{Li2020,\ntitle={A},\nsource={Scopus},\n}\n")
    read_back = read_file(file)
    assert (read_back.format, len(read_back.hits), read_back.hits[0].source) == ("BibTeX", 1, "Scopus")
    assert read_back.notes == ()


@given(st.lists(st.sampled_from(["word ", "Zhu", "{", "}", "{A}", "--", "---", "``", "''", r"\&", r"\%", r"\_", r"\$", "%", "^", "<", "?",
                                 "`", "'", "-", "é", "心", " "]), max_size=9).map("".join))  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_simple_latex_is_read_as_the_whole_decoder_reads_it(written: str) -> None:
    simple = latex._simply_plain(written)
    if simple is not None and latex._LATEX.search(written):
        prepared = re.sub(r"(?<!\\)%", r"\\%", written)
        assert simple.split() == str(latex._decoder().latex_to_text(prepared)).split()


def test_fields_with_simple_latex_need_no_decoder() -> None:
    written = r"{ECG}s of 50\% -- ``all'' of Smith \& Sons"
    assert latex._simply_plain(written) == "ECGs of 50% – “all” of Smith & Sons" == plain_text(written)
    assert latex._simply_plain(r"{\"U}ber") is None
    assert latex._simply_plain("}{") is None
    assert latex._simply_plain("$x$") is None
