"""Rules on venues: what they remove is offered to nobody, and comes back when rule or list changes."""

from pathlib import Path

import pytest
from support.imports import a_file
from support.venues import FIRST, THIRD, a_jcr_file, sources, venue_review

from screener.adjudication.queue import adjudicate, conflicts, enter, next_record, progress
from screener.adjudication.slots import crowded
from screener.core.errors import BadInput
from screener.core.judgement import Decision, Judgement, Stage
from screener.ledger import Ledger, add_files, reads
from screener.protocol import Review
from screener.records import Entry, RecordType
from screener.stages import VenueStatus, load_stages, records_for, venue_standings

ABSTRACT = Stage.ABSTRACT
KEEP, DROP = Judgement(decision=Decision.INCLUDE, stated=True), Judgement(decision=Decision.EXCLUDE, stated=True)
GOOD = Entry(
    given_id="good", title="Ordering of the hearts of mice", venue="First Hearts", issn=(FIRST,), doi="10.5555/1"
)
BAD = Entry(given_id="bad", title="Sorting of the lungs of apes", venue="Third Hearts", issn=(THIRD,), doi="10.5555/2")
ODD = Entry(given_id="odd", title="Arranging of livers by weight", venue="Bulletin of Livers", doi="10.5555/3")
BARE = Entry(given_id="bare", title="Kidneys in their natural order", doi="10.5555/4")


@pytest.fixture
def review(tmp_path: Path) -> Review:
    return venue_review(tmp_path / "review")


@pytest.fixture
def ledger(review: Review) -> Ledger:
    ledger = Ledger.of(review.hidden)
    add_files(ledger, [a_file((GOOD, BAD, ODD, BARE), "a", "Journals")])
    return ledger


def standings(ledger: Ledger, review: Review) -> dict[str, str]:
    return {name: str(found.status) for name, found in venue_standings(ledger, review).records.items()}


def screened(ledger: Ledger, review: Review) -> list[str]:
    return [record.id for record in records_for(ledger, review, ABSTRACT)]


def test_only_what_a_list_says_is_not_eligible_is_removed(ledger: Ledger, review: Review) -> None:
    assert standings(ledger, review) == {"good": "kept", "bad": "removed", "odd": "queued", "bare": "queued"}
    assert screened(ledger, review) == ["good", "odd", "bare"]
    found = venue_standings(ledger, review).records
    assert found["bad"].why == "Third Hearts: Q3 in HEARTS (JCR 2024, by ISSN)"
    assert found["odd"].why == "Bulletin of Livers is in no JCR file"
    assert found["bare"].why == "the row names no venue"


@pytest.mark.parametrize(
    ("source", "row", "status"),
    [
        ("Journals", BAD, "removed"),
        ("Journals", BAD.model_copy(update={"venue": "First Hearts", "issn": (FIRST,)}), "kept"),
        ("Journals", BAD.model_copy(update={"venue": "Sorted Lungs", "issn": ()}), "queued"),
        ("Free", BAD, None),
        ("Unlisted", BAD, None),
    ],
)
def test_a_record_is_removed_only_if_every_row_of_it_fails(
    ledger: Ledger, review: Review, source: str, row: Entry, status: str | None
) -> None:
    add_files(ledger, [a_file((row.model_copy(update={"given_id": "again"}),), "b", source)])
    assert standings(ledger, review).get("bad") == status
    assert ("bad" in screened(ledger, review)) is (status != "removed")


def test_what_is_removed_comes_to_nobody_and_what_was_judged_of_it_stays(ledger: Ledger, review: Review) -> None:
    (review.prompts / "sources.yaml").write_text(sources("any"))
    free = Review(review.root)
    enter(ledger, free, ABSTRACT, "bad", "ada", KEEP)
    enter(ledger, free, ABSTRACT, "bad", "ben", DROP)
    assert list(conflicts(ledger, ABSTRACT, free)) == ["bad"]
    assert progress(ledger, free, ABSTRACT).conflicts == 1

    (review.prompts / "sources.yaml").write_text(sources())
    review = Review(review.root)
    assert not conflicts(ledger, ABSTRACT, review)
    assert (progress(ledger, review, ABSTRACT).records, progress(ledger, review, ABSTRACT).conflicts) == (3, 0)
    offered = []
    for _ in range(4):
        if (record := next_record(ledger, review, ABSTRACT, "cid")) is None:
            break
        offered.append(record.id)
        enter(ledger, review, ABSTRACT, record.id, "cid", KEEP)
    assert sorted(offered) == ["bare", "good", "odd"]
    with ledger.read() as connection:
        assert "by the rule on venues" in crowded(connection, review, ABSTRACT, "bad", "cid")
        assert crowded(connection, review, ABSTRACT, "good", "dan") == ""
    assert "bad" not in load_stages(ledger, review, brief=True)[ABSTRACT].standings

    adjudicate(ledger, free, ABSTRACT, "bad", "zoe", KEEP)
    assert load_stages(ledger, free, brief=True)[ABSTRACT].standings["bad"].decision is Decision.INCLUDE
    with ledger.read() as connection:
        assert len([row for row in reads.judgements(connection, ABSTRACT) if row.record_id == "bad"]) == 3


def test_a_changed_list_or_rule_brings_records_back(ledger: Ledger, review: Review) -> None:
    assert "bad" not in screened(ledger, review)
    a_jcr_file(review.prompts / "jcr" / "lungs.csv", "LUNGS", ("Third Hearts", THIRD, "Q1"))
    assert "bad" not in screened(ledger, review), "a category that the protocol does not name lets nothing pass"
    (review.prompts / "sources.yaml").write_text(
        sources("{jcr: {files: jcr, year: 2024, categories: [HEARTS, LUNGS]}}")
    )
    assert standings(ledger, Review(review.root))["bad"] == "kept"
    named = "{jcr: {files: jcr/hearts.csv, year: 2024, categories: [HEARTS]}, eligible: [Third Hearts], ineligible: [Bulletin of Livers]}"
    (review.prompts / "sources.yaml").write_text(sources(named))
    assert standings(ledger, Review(review.root)) == {"good": "kept", "bad": "kept", "odd": "removed", "bare": "queued"}


def test_a_rule_whose_list_is_not_there_removes_nothing_and_says_so(ledger: Ledger, review: Review) -> None:
    (review.prompts / "jcr" / "hearts.csv").unlink()
    found = venue_standings(ledger, review)
    assert not found.records
    line = "there is no export of the Journal Citation Reports in prompts/jcr; put yours there"
    assert found.missing == {"Journals": line}
    assert screened(ledger, review) == ["good", "bad", "odd", "bare"]


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("{jcr: {files: jcr, year: 2023, categories: [HEARTS]}}", "no file is of the JCR year 2023 .* only 2024"),
        ("{jcr: {files: jcr, year: 2024, categories: [HEART]}}", "has the category HEART that the rule names"),
    ],
)
def test_a_list_that_lacks_what_the_rule_names_is_told(ledger: Ledger, review: Review, rule: str, message: str) -> None:
    (review.prompts / "sources.yaml").write_text(sources(rule))
    with pytest.raises(BadInput, match=message):
        venue_standings(ledger, Review(review.root))


def test_dblps_key_tells_the_conference(review: Review) -> None:
    (review.prompts / "sources.yaml").write_text(sources("{conferences: core_a_star}"))
    ledger = Ledger.of(review.hidden)
    keys = ("conf/nips/A24", "conf/icassp/B24", "conf/cvpr/C24")
    venues = ("NeurIPS", "ICASSP", "CVPR Workshops")
    rows = [
        Entry(given_id=key, title=f"Synthetic paper {key} of many", venue=venue, accession=(f"dblp:{key}",))
        for key, venue in zip(keys, venues, strict=True)
    ]
    add_files(ledger, [a_file(rows, "c", "Journals")])
    found = standings(ledger, Review(review.root))
    assert found == {keys[0]: VenueStatus.KEPT, keys[1]: VenueStatus.REMOVED, keys[2]: VenueStatus.QUEUED}


def test_models_and_data_sets_are_printed_nowhere_and_wait_for_nobody(review: Review) -> None:
    ledger = Ledger.of(review.hidden)
    models = [
        Entry(given_id=kind, title=f"synthetic {kind} of hearts", type=kind)
        for kind in (RecordType.MODEL, RecordType.DATASET)
    ]
    add_files(ledger, [a_file((BARE, *models), "a", "Journals")])
    assert standings(ledger, review) == {"bare": "queued"}
