import random
import re
from collections import Counter
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz import fuzz, process
from support import ROOT
from support.records import ABSTRACT, PUBMED, QUERIES, SCREENING, TITLE, WOS, an_entry, clusters, needs_shared

from screener.core.yamlfile import YamlFile
from screener.protocol.searches import SourcesFile
from screener.records import Entry, Index, KnownDate, merge, name_of, normalise_title, read_file
from screener.records.duplicates.index import MOST_ALIKE

ZHU, ZHU_2 = ("Zhu, Xiao-Dong", "Shen, Wei"), ("Zhu XD",)


class TestIndex:
    def test_a_known_merge_is_taken_as_it_is(self) -> None:
        index = Index()
        index.add(1, an_entry("One thing entirely", doi="10.1000/1"))
        index.add_known(2, an_entry("Another thing altogether", pmid="2"), merged_with=1)
        assert index.add(3, an_entry("Another thing altogether", pmid="2"))[0].other == 1

    def test_known_entries_are_forgotten_but_for_those_of_a_record_that_got_a_new_one(self) -> None:
        index = Index()
        for number, doi in ((1, "10.1000/1"), (3, "10.1000/2"), (2, "10.1000/1")):
            index.add_known(number, an_entry(f"The work of {doi}", doi=doi), merged_with=1 if number == 2 else None)
        [match] = index.add(9, an_entry("The work of 10.1000/1", doi="10.1000/1"))
        index.forget()
        assert (match.other, 1 in index, 2 in index, 3 in index, 9 in index) == (1, True, True, False, True)
        index.add_known(3, an_entry("The work of 10.1000/2", doi="10.1000/2"))
        assert [
            match.other
            for match in index.add(10, an_entry("The work of 10.1000/2", doi="10.1000/2"))
            if match.kind == "duplicate"
        ] == [3]

    def test_of_many_entries_of_one_identifier_few_are_looked_at_and_the_same_title_is_found(self) -> None:
        index = Index()
        titles = [f"{'abcdefghij'[i // 10] * 9} {'klmnopqrst'[i % 10] * 9} of something" for i in range(100)]
        matches = [index.add(i, an_entry(title, doi="10.1000/1")) for i, title in enumerate(titles)]
        assert max(map(len, matches)) <= 2 * MOST_ALIKE
        assert {match.kind for match in matches[99]} == {"conflict"}
        again = index.add(100, an_entry(titles[80], doi="10.1000/1"))
        assert (again[0].kind, again[0].other) == ("duplicate", 80)

    def test_of_many_entries_of_one_title_that_of_the_same_author_is_found(self) -> None:
        index, authors = Index(), [f"{a}{b}{c}{b}k, J" for a in "BCDFGH" for b in "aeiou" for c in "mnrt"]
        title = "A title that is the same for everybody here"
        for i, author in enumerate(authors):
            entry = an_entry(title, authors=(author,), year=2020, volume="1", pages=str(i + 10))
            assert not any(m.kind == "duplicate" for m in index.add(i, entry))
        again = index.add(999, an_entry(title, authors=(authors[105],), year=2020, volume="1", pages="115"))
        assert [(m.kind, m.other) for m in again if m.kind == "duplicate"] == [("duplicate", 105)]

    def test_a_third_entry_shows_two_records_to_be_one(self) -> None:
        index = Index()
        index.add(1, an_entry(doi="10.1000/1"))
        index.add(2, an_entry(pmid="2"))
        both = index.add(3, an_entry(doi="10.1000/1", pmid="2"))
        assert [(m.kind, m.other) for m in both] == [("duplicate", 2), ("duplicate", 1)]
        assert [m.other for m in index.add(4, an_entry(pmid="2")) if m.kind == "duplicate"] == [1]

    def test_what_a_person_has_parted_no_third_entry_joins(self) -> None:
        index = Index()
        index.add(1, an_entry(doi="10.1000/1"))
        index.add(2, an_entry(pmid="2"))
        index.keep_apart(2, 1)
        matches = index.add(3, an_entry(doi="10.1000/1", pmid="2"))
        assert [(m.kind, m.other) for m in matches] == [("duplicate", 2), ("candidate", 1)]

    def test_others_that_share_no_key_change_nothing(self) -> None:
        entry, paper = an_entry(authors=ZHU, year=2020), an_entry(authors=ZHU_2, year=2020, volume="3", pages="4-9")
        alone, among = Index(), Index()
        for key in range(5):
            among.add(key, an_entry(f"{'abcde'[key] * 8} of {'klmno'[key] * 9}", doi=f"10.1000/{key}"))
        for index in (alone, among):
            index.add(10, paper)
        assert alone.add(11, entry) == among.add(11, entry) != []


# Works with titles of their own; each is told by several sources, which know more or less of it. All share at least an
# identifier, or volume and pages, so that any two of them can be seen to be one.
WORKS = [
    Entry(
        title=f"{number} ways to read an electrocardiogram of the {organ}",
        authors=(f"{family}, Ana",),
        year=2015 + place,
        doi=f"10.1000/{place}",
        pmid=str(100 + place),
        venue="Heart",
        volume=str(place + 3),
        pages=f"10{place}–11{place}",
    )
    for place, (number, organ, family) in enumerate(
        [("Five", "heart", "Zhu"), ("Six", "mouse", "Li"), ("Seven", "horse", "Odum"), ("Eight", "whale", "Rao")]
    )
]
versions = st.builds(
    lambda work, without, loud: (
        work,
        WORKS[work].model_copy(
            update={name: Entry.model_fields[name].default for name in without}
            | ({"title": WORKS[work].title.upper()} if loud else {})
        ),
    ),
    st.integers(0, len(WORKS) - 1),
    st.sampled_from(
        [
            set(),
            {"doi"},
            {"pmid", "year"},
            {"doi", "pmid"},
            {"volume", "pages"},
            {"volume", "pages", "pmid"},
            {"venue"},
            {"authors"},
        ]
    ),
    st.booleans(),
)


@settings(max_examples=30, deadline=None)
@given(st.lists(versions, min_size=1, max_size=12), st.randoms(use_true_random=False))
def test_the_order_of_entries_does_not_change_what_is_one(told: list[tuple[int, Entry]], draw: random.Random) -> None:
    entries = {key: entry for key, (_, entry) in enumerate(told)}
    shuffled = list(entries.items())
    draw.shuffle(shuffled)
    groups = clusters(entries)
    assert groups == clusters(dict(shuffled))
    assert all(len({told[key][0] for key in group}) == 1 for group in groups)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.builds(
            Entry,
            title=st.sampled_from([TITLE, TITLE.upper(), TITLE + " again"]),
            authors=st.sampled_from([(), ZHU, ("Li, N",)]),
            year=st.sampled_from([None, 2020, 2021]),
            doi=st.sampled_from([None, "10.1000/1", "10.1000/2"]),
            pmid=st.sampled_from([None, "1", "2"]),
            registry=st.sampled_from([(), ("NCT01234567",), ("NCT07654321",)]),
            volume=st.just("3"),
            pages=st.sampled_from(["", "45–67"]),
        ),
        max_size=12,
    )
)
def test_whatever_comes_no_two_that_clash_become_one_record(entries: list[Entry]) -> None:
    for cluster in clusters(dict(enumerate(entries))):
        assert len({entries[key].doi for key in cluster} - {None}) <= 1
        assert len({entries[key].pmid for key in cluster} - {None}) <= 1
        assert len({entries[key].registry for key in cluster} - {()}) <= 1


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


def pairs(groups: set[frozenset[int]]) -> set[tuple[int, ...]]:
    return {pair for group in groups for pair in combinations(sorted(group), 2)}


@needs_shared
class TestRealData:
    def test_the_review_s_exports_are_joined_by_identifiers(self) -> None:
        hits = [hit for path in [*sorted(WOS.glob("*.xls")), PUBMED] for hit in read_file(path).hits]
        index, counts = Index(), Counter[tuple[str, str, str]]()
        for key, hit in enumerate(hits):
            counts.update((hit.source, match.kind, match.rule) for match in index.add(key, hit.entry))
        # Each of the 34 links between a notice and its paper was looked at; `tests/records/test_notices.py` has the rules.
        assert sum(n for (_, kind, _), n in counts.items() if kind == "notice_of") == 34
        assert {key: n for key, n in counts.items() if key[1] != "notice_of"} == {
            ("Web of Science", "duplicate", "wos"): 170,
            ("PubMed", "duplicate", "pmid"): 203,
            # Corrections: named so in one database's title and in the other's document type.
            ("PubMed", "duplicate", "doi"): 4,
            # Meeting abstracts of papers, and of a preprint.
            ("PubMed", "same_study", "title, year, first author; other DOI, article and meeting abstract, other journal, other volume"): 2,
            ("PubMed", "same_study", "title, year, first author; other DOI, meeting abstract and preprint, other journal"): 1,
            ("PubMed", "same_study", "title, year, first author; article and meeting abstract, other journal, other volume"): 1,
            ("PubMed", "same_study", "title (spelling), year, first author; article and meeting abstract, other journal, other volume"): 1,
            # Two abstracts of one title on a page: for a person to see.
            ("Web of Science", "candidate", "title, year, volume, pages; other DOI, other accession number, other first author"): 1,
        }  # fmt: skip

    @pytest.mark.slow
    def test_without_identifiers_titles_and_places_join_the_same_rows_and_no_others(self) -> None:
        entries = [hit.entry for path in [*sorted(WOS.glob("*.xls")), PUBMED] for hit in read_file(path).hits]
        without = {"doi": None, "pmid": None, "wos": None, "pmcid": None, "accession": (), "url": ""}
        by_identifier = pairs(clusters(dict(enumerate(entries))))
        by_title = pairs(clusters({key: entry.model_copy(update=without) for key, entry in enumerate(entries)}))
        assert len(by_identifier) == 616
        assert by_title <= by_identifier
        assert len(by_title) >= 606

    @pytest.mark.slow
    def test_the_50_nearest_titles_of_two_records_are_of_two_entries(self) -> None:
        # Looked at one by one: letters and replies, corrections, abstracts of a congress and their papers, another year of
        # an award, another country's version of a scale, a protocol and its review. None of the 50 is one entry given twice.
        entries = dict(
            enumerate(h.entry for path in [*sorted(WOS.glob("*.xls")), PUBMED] for h in read_file(path).hits)
        )
        first = [entries[min(group)] for group in clusters(entries)]
        assert len(first) == 512 + 614
        titles = [normalise_title(entry.title) for entry in first]
        scores = process.cdist(titles, titles, scorer=fuzz.ratio, score_cutoff=80, workers=1)
        near = sorted(((scores[a, b], a, b) for a, b in zip(*scores.nonzero(), strict=True) if a < b), reverse=True)[
            :50
        ]
        assert len(near) == 50
        for _, a, b in near:
            one, other = first[a], first[b]
            place, also = ((entry.venue.casefold(), entry.volume, entry.pages) for entry in (one, other))
            assert place != also
            assert (one.doi or one.pmid or one.wos) != (other.doi or other.pmid or other.wos)

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
