import random
import re
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import ROOT
from support.records import ABSTRACT, PUBMED, QUERIES, SCREENING, TITLE, WOS, an_entry, clusters, needs_shared, what

from screener.protocol.searches import SourcesFile
from screener.protocol.yamlfile import YamlFile
from screener.records import Entry, Index, KnownDate, RecordType, merge, name_of, read_file, titles_agree
from screener.records.duplicates.index import MOST_ALIKE

ZHU, ZHU_2 = ("Zhu, Xiao-Dong", "Shen, Wei"), ("Zhu XD",)
ABSTRACT_2 = "Mice were fed and their hearts were weighed; nothing here is about what the title says it is about. " * 3


class TestIdentifiers:
    @pytest.mark.parametrize("kind", ["doi", "pmid", "wos", "arxiv", "given_id"])
    def test_a_shared_identifier_and_title_is_a_duplicate(self, kind: str) -> None:
        first = an_entry(**{kind: "10.1000/1"}, year=2019)
        assert what(first, an_entry(TITLE.upper() + ".", **{kind: "10.1000/1"}, year=2021)) == [("duplicate", kind)]

    def test_a_shared_identifier_with_another_title_is_a_conflict(self) -> None:
        second = an_entry("Hearts of mice and what they weigh", doi="10.1000/1")
        assert what(an_entry(doi="10.1000/1"), second) == [("conflict", "doi")]

    def test_different_identifiers_of_one_kind_are_linked_and_never_merged(self) -> None:
        for kind in ("doi", "pmid", "wos", "arxiv"):
            first, second = (an_entry(**{kind: name}, authors=ZHU, year=2020) for name in ("10.1000/1", "10.1000/2"))
            assert what(first, second) == [("same_study", "title, year, first author")]

    def test_a_chain_of_likenesses_joins_no_two_dois(self) -> None:
        index = Index()
        index.add(1, an_entry(doi="10.1000/1", pmid="1"))
        index.add(2, an_entry(pmid="1", wos="WOS:1"))
        assert [m.kind for m in index.add(3, an_entry(doi="10.1000/2", wos="WOS:1"))] == ["same_study"]

    def test_an_identifier_says_more_than_a_title(self) -> None:
        index = Index()
        index.add(1, an_entry(wos="WOS:1", authors=ZHU, year=2020))
        index.add(2, an_entry(wos="WOS:2", doi="10.1000/2", authors=ZHU, year=2020))
        matches = index.add(3, an_entry(doi="10.1000/2", authors=ZHU_2, year=2020))
        assert [(m.kind, m.other) for m in matches] == [("duplicate", 2), ("same_study", 1)]
        assert matches[0].rule == "doi"


class TestTitles:
    @pytest.mark.parametrize(
        ("a", "b", "agree"),
        [
            ("fine tuning risk stratification", "finetuning risk stratification", True),
            ("risk stratification in heart failure", "risk stratification in heart failure does it help", True),
            ("a study of one thing and another", "a study of one thing and anothr", True),
            ("outcomes of heart surgery part 1", "outcomes of heart surgery part 2", False),
            ("outcomes of heart surgery part i", "outcomes of heart surgery part ii", False),
            ("heart", "heart failure in mice", False),
            ("", "", False),
        ],
    )
    def test_titles_that_agree(self, a: str, b: str, agree: bool) -> None:
        assert bool(titles_agree(a, b)) == agree

    def test_title_year_and_author_make_a_duplicate(self) -> None:
        first, second = an_entry(authors=ZHU, year=2020), an_entry(TITLE.upper(), authors=ZHU_2, year=2020)
        assert what(first, second) == [("duplicate", "title, year, first author")]

    @pytest.mark.parametrize(
        ("first", "second", "found"),
        [
            ({"year": 2020}, {"year": 2020}, [("duplicate", "title, year")]),
            ({"authors": ZHU}, {"authors": ZHU_2, "year": 2020}, [("duplicate", "title, first author")]),
            ({}, {"year": 2020, "authors": ZHU}, []),
            ({"abstract": ABSTRACT}, {"abstract": ABSTRACT}, [("duplicate", "title, abstract")]),
            (
                {"abstract": ABSTRACT, "year": 2020},
                {"abstract": ABSTRACT_2, "year": 2020},
                [("same_study", "title, year")],
            ),
            ({"year": 2020, "authors": ZHU}, {"year": 2020, "authors": ("Li, N",)}, []),
            ({"year": 2010, "authors": ZHU}, {"year": 2020, "authors": ZHU}, []),
            ({"year": 2020, "authors": ZHU}, {"year": 2021, "authors": ZHU}, [("same_study", "title, first author")]),
        ],
    )
    def test_what_is_unknown_does_not_contradict_but_something_must_agree(
        self, first: dict[str, object], second: dict[str, object], found: list[tuple[str, str]]
    ) -> None:
        assert what(an_entry(**first), an_entry(**second)) == found
        assert what(an_entry(**second), an_entry(**first)) == found

    def test_early_access_in_december_meets_print_in_january(self) -> None:
        online = KnownDate(kind="early_access", value="2020-12"), KnownDate(kind="published", value="2021-01")
        first = an_entry(authors=ZHU, year=2021, dates=online)
        assert what(first, an_entry(authors=ZHU, year=2020)) == [("duplicate", "title, year, first author")]
        indexed = (KnownDate(kind="indexed", value="2020-12"),)
        assert (
            what(an_entry(authors=ZHU, year=2021, dates=indexed), an_entry(authors=ZHU, year=2020))[0][0] != "duplicate"
        )

    @pytest.mark.parametrize(
        "title", ["Editorial", "Letter to the Editor", "Reply to the authors by the editor", "Index"]
    )
    def test_titles_that_many_carry_identify_nothing(self, title: str) -> None:
        assert what(an_entry(title, authors=ZHU, year=2020), an_entry(title, authors=ZHU, year=2020)) == []

    def test_an_erratum_needs_author_and_year(self) -> None:
        notice = "Erratum to: " + TITLE
        assert what(an_entry(notice, year=2020), an_entry(notice, year=2020)) == []
        assert what(an_entry(notice, year=2020, authors=ZHU), an_entry(notice, year=2020, authors=ZHU_2)) == [
            ("duplicate", "title, year, first author")
        ]


class TestReportsOfOneStudy:
    @pytest.mark.parametrize(
        "other",
        [
            {"publication_types": ("Meeting Abstract",)},
            {"doi": "10.48550/arxiv.2101.00001"},
            {"venue": "medRxiv : the preprint server"},
            {"type": RecordType.MODEL},
        ],
    )
    def test_another_form_is_linked(self, other: dict[str, object]) -> None:
        found = what(an_entry(authors=ZHU, year=2020), an_entry(authors=ZHU, year=2020, **other))
        assert found == [("same_study", "title, year, first author")]

    def test_a_correction_is_not_its_paper_whatever_its_title(self) -> None:
        paper, named = an_entry(doi="10.1000/1"), an_entry("Correction to: " + TITLE, doi="10.1000/1")
        typed = an_entry(TITLE + " (vol 107, A144, 2021)", doi="10.1000/1", publication_types=("Correction",))
        assert what(paper, named) == [("notice_of", "doi")]
        assert what(paper, typed) == [("notice_of", "doi")]
        assert what(typed, named) == [("duplicate", "doi")]


class TestIndex:
    def test_a_known_merge_is_taken_as_it_is(self) -> None:
        index = Index()
        index.add(1, an_entry("One thing entirely", doi="10.1000/1"))
        assert index.add(2, an_entry("Another thing altogether", pmid="2"), merged_with=1) == []
        assert index.add(3, an_entry("Another thing altogether", pmid="2"))[0].other == 1

    def test_of_many_entries_of_one_identifier_few_are_looked_at_and_the_same_title_is_found(self) -> None:
        index = Index()
        titles = [f"{'abcdefghij'[i // 10] * 9} {'klmnopqrst'[i % 10] * 9} of something" for i in range(100)]
        matches = [index.add(i, an_entry(title, doi="10.1000/1")) for i, title in enumerate(titles)]
        assert max(map(len, matches)) <= MOST_ALIKE + 1
        assert {match.kind for match in matches[99]} == {"conflict"}
        again = index.add(100, an_entry(titles[80], doi="10.1000/1"))
        assert (again[0].kind, again[0].other) == ("duplicate", 80)

    def test_of_many_entries_of_one_title_that_of_the_same_author_is_found(self) -> None:
        index, authors = Index(), [f"{a}{b}{a}{b}a, J" for a in "BCDFGHKLMN" for b in "aeiouy"]
        title = "A title that is the same for everybody here"
        for i, author in enumerate(authors):
            assert not any(m.kind == "duplicate" for m in index.add(i, an_entry(title, authors=(author,), year=2020)))
        again = index.add(100, an_entry(title, authors=(authors[55],), year=2020))
        assert [(m.kind, m.other) for m in again if m.kind == "duplicate"] == [("duplicate", 55)]


# Works with titles of their own; each is told by several sources, which know more or less of it. All share at least
# an identifier, or author and year, so that any two of them can be seen to be one.
WORKS = [
    Entry(
        title=f"{number} ways to read an electrocardiogram of the {organ}",
        authors=(f"{family}, Ana",),
        year=2015 + place,
        doi=f"10.1000/{place}",
        pmid=str(100 + place),
    )
    for place, (number, organ, family) in enumerate(
        [("Five", "heart", "Zhu"), ("Six", "mouse", "Li"), ("Seven", "horse", "Odum"), ("Eight", "whale", "Rao")]
    )
]
versions = st.builds(
    lambda work, without, loud: (
        work,
        WORKS[work].model_copy(update=dict.fromkeys(without) | ({"title": WORKS[work].title.upper()} if loud else {})),
    ),
    st.integers(0, len(WORKS) - 1),
    st.sets(st.sampled_from(["doi", "pmid"])),
    st.booleans(),
)


@given(st.lists(versions, min_size=1, max_size=12), st.randoms(use_true_random=False))
def test_the_order_of_entries_does_not_change_what_is_one(told: list[tuple[int, Entry]], draw: random.Random) -> None:
    entries = {key: entry for key, (_, entry) in enumerate(told)}
    shuffled = list(entries.items())
    draw.shuffle(shuffled)
    by_work = {frozenset(k for k, (w, _) in enumerate(told) if w == work) for work in {w for w, _ in told}}
    assert clusters(entries) == clusters(dict(shuffled)) == by_work


@given(
    st.lists(
        st.builds(
            Entry,
            title=st.sampled_from([TITLE, TITLE.upper(), TITLE + " again"]),
            authors=st.sampled_from([(), ZHU, ("Li, N",)]),
            year=st.sampled_from([None, 2020, 2021]),
            doi=st.sampled_from([None, "10.1000/1", "10.1000/2"]),
            pmid=st.sampled_from([None, "1", "2"]),
        ),
        max_size=12,
    )
)
def test_whatever_comes_no_two_identifiers_of_a_kind_become_one_record(entries: list[Entry]) -> None:
    for cluster in clusters(dict(enumerate(entries))):
        assert len({entries[key].doi for key in cluster} - {None}) <= 1
        assert len({entries[key].pmid for key in cluster} - {None}) <= 1


class TestMerge:
    FIRST = an_entry(authors=ZHU, year=2020, dates=(KnownDate(kind="published", value="2020-02"),), doi="10.1000/1")
    SECOND = an_entry(
        TITLE.upper(),
        abstract=ABSTRACT,
        year=2019,
        pmid="1",
        dates=(KnownDate(kind="early_access", value="2019-12"), KnownDate(kind="published", value="2020-02")),
    )

    def test_a_field_is_that_of_the_first_source_that_has_it(self) -> None:
        record = merge([("Web of Science", self.FIRST), ("PubMed", self.SECOND)], "a", ["b", "a"])
        assert (record.title, record.year, record.doi, record.pmid) == (TITLE, 2020, "10.1000/1", "1")
        assert (record.abstract, record.abstract_source) == (ABSTRACT, "PubMed")
        assert [date.value for date in record.dates] == ["2020-02", "2019-12"]
        assert (record.sources, record.aliases) == (("Web of Science", "PubMed"), ("b",))

    def test_merging_what_was_merged_adds_nothing(self) -> None:
        pairs = [("Web of Science", self.FIRST), ("PubMed", self.SECOND)]
        assert merge([*pairs, *pairs], "a") == merge(pairs, "a")

    def test_a_paraphrase_from_gold_gives_way_to_a_real_abstract(self) -> None:
        gold = an_entry(abstract="A paraphrase.")
        assert merge([("gold ecg", gold), ("PubMed", self.SECOND)], "a").abstract == ABSTRACT

    def test_an_entry_is_named_by_the_best_id_it_has(self) -> None:
        entry = an_entry(given_id="ecg-1", wos="WOS:1", pmid="2", doi="10.1000/1", arxiv="2101.00001")
        assert name_of(entry)[:-1] == ["ecg-1", "WOS:1", "PMID:2", "doi:10.1000/1", "arxiv:2101.00001"]
        bare, same = (
            name_of(an_entry(year=2020, authors=ZHU)),
            name_of(an_entry(TITLE.upper(), year=2020, authors=ZHU_2)),
        )
        assert re.fullmatch(r"r-[0-9a-f]{10}", bare[0])
        assert bare == same


@needs_shared
class TestRealData:
    def test_the_review_s_exports_are_joined_by_identifiers(self) -> None:
        hits = [hit for path in [*sorted(WOS.glob("*.xls")), PUBMED] for hit in read_file(path).hits]
        index, counts = Index(), Counter[tuple[str, str, str]]()
        for key, hit in enumerate(hits):
            counts.update((hit.source, match.kind, match.rule) for match in index.add(key, hit.entry))
        # Each of the 32 links between a notice and its paper was looked at; `tests/records/test_notices.py` has the rules.
        assert sum(n for (_, kind, _), n in counts.items() if kind == "notice_of") == 32
        assert {key: n for key, n in counts.items() if key[1] != "notice_of"} == {
            ("Web of Science", "duplicate", "wos"): 170,
            ("PubMed", "duplicate", "pmid"): 203,
            # Corrections: named so in one database's title and in the other's document type.
            ("PubMed", "duplicate", "doi"): 4,
            # Meeting abstracts of papers.
            ("PubMed", "same_study", "title, year, first author"): 1,
            ("PubMed", "same_study", "title, first author"): 2,
        }

    def test_rows_that_share_a_doi_and_a_title_are_found_in_a_labelled_set(self) -> None:
        index = Index()
        matches = [m for h in read_file(SCREENING / "SLR_on_TCP.csv").hits for m in index.add(h.row, h.entry)]
        assert [(m.kind, m.rule) for m in matches] == [("duplicate", "doi")] * 4

    def test_the_sources_file_has_every_search_as_it_was_run(self) -> None:
        path = ROOT / "prompts" / "sources.yaml"
        sources = {source.name: source for source in YamlFile(path).validate(SourcesFile).sources}
        written = [
            line.removeprefix(">").strip()
            for name in ("journal_query.md", "ai_conference_query.md")
            for line in (QUERIES / name).read_text().splitlines()
            if re.match(">(TI=|title:)", line)
        ]
        ours = [query.query for name in ("Web of Science", "DBLP") for query in sources[name].queries]
        assert ours == written
        assert sources["PubMed"].queries[0].query in (QUERIES / "pubmed_query.md").read_text()
        assert [sources[name].total_reported for name in ("Web of Science", "DBLP", "PubMed")] == [682, 40, 821]
        assert {path.stem for path in WOS.glob("*.xls")} <= {query.name for query in sources["Web of Science"].queries}


def test_volume_and_pages_are_those_in_the_venue_that_is_shown() -> None:
    preprint = Entry(title="Hearts that beat", venue="arXiv")
    printed = Entry(title="Hearts that beat", venue="Heart", volume="12", issue="3", pages="45–67")
    assert merge([("a", preprint), ("b", printed)], "r").locator == ""
    assert merge([("b", printed), ("a", preprint)], "r").locator == "12(3), 45–67"
    assert merge([("a", Entry(title="Hearts that beat", venue="Heart")), ("b", printed)], "r").locator == "12(3), 45–67"
