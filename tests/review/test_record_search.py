"""Records found by words and facets: what is counted, in which order, and that nothing in it tells of what may not be seen."""

import gc
import weakref
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, insert

from screener.core.judgement import Answer, Decision, Judgement, Stage, Value
from screener.ledger import Ledger, add_files, put_draft, set_tag
from screener.ledger import tables as t
from screener.ledger.enrichments import Enrichment, add_enrichments
from screener.ledger.judgements import NewJudgement, add_judgements
from screener.ledger.notes import add_note
from screener.protocol import Review
from screener.records import Entry, FileRead, Hit
from screener.review.record_lists import RecordLists, lists_of
from screener.review.record_search import ORDERS, FoundRecords, PersonalView, RecordQuery

STAGE = Stage.ABSTRACT
ENTRIES = (
    ("Base", Entry(given_id="r1", title="Hearts of mice", abstract="On ECG title", year=2020, venue="Heart", language="eng")),
    ("Base", Entry(given_id="r2", title="100% ÄRGER", abstract="with hearts", year=2021, venue="Lung", language="English")),
    ("Other", Entry(given_id="r3", title="“A title” of words", year=2021, venue="Heart", keywords=("HEARTS", "ecg"))),
    ("Other", Entry(given_id="r4", title="Lungs", abstract="Of men", language="de")),
)  # fmt: skip


@dataclass(frozen=True)
class Sees:
    """Somebody who may see others' work on some records only, and machines' on others."""

    people: frozenset[str] = frozenset()
    machine: frozenset[str] = frozenset()

    def may_see(self, stage: Stage, ids: Iterable[str]) -> set[str]:
        return {name for name in ids if name in self.people}

    def may_see_machine(self, stage: Stage, ids: Iterable[str]) -> set[str]:
        return {name for name in ids if name in self.machine}


EVERYTHING = Sees(*[frozenset({"r1", "r2", "r3", "r4"})] * 2)


def written(tmp_path: Path) -> Path:
    (tmp_path / "prompts").mkdir()
    (tmp_path / "prompts" / "abstract.md").write_text("{{ title }}")
    (tmp_path / "prompts" / "review.yaml").write_text(
        "title: Small\nquestions: [Does it work?]\nstages:\n  abstract:\n    question: Is it?\n    template: abstract.md\n"
        "    criteria:\n      - {id: signal, question: Is it one?}\n    decided_by: {humans: 1, machine: embedded}\n"
        "reviewers:\n  embedded: {kind: embedded}\n"
    )
    return tmp_path


def judged(name: str, who: str, decision: Decision, role: str = "human", probability: float | None = None) -> Any:
    answers = {"signal": Answer(value=Value.NO)} if decision is Decision.EXCLUDE else {}
    return NewJudgement(
        name, "", STAGE, who, role, Judgement(decision=decision, answers=answers, probability=probability)
    )


@pytest.fixture(scope="module")
def lists(tmp_path_factory: pytest.TempPathFactory) -> RecordLists:
    """What no test changes."""
    return made(written(tmp_path_factory.mktemp("lists")))


@pytest.fixture
def changing(tmp_path: Path, database: str) -> RecordLists:
    """The same for a test that changes it."""
    return made(written(tmp_path))


def made(folder: Path) -> RecordLists:
    """ada has included r1 and begun r3; ben has excluded r1 and r2; a machine has judged all. Each has tagged and noted."""
    review, ledger = Review(folder), Ledger.of(folder / ".screener")
    for source in ("Base", "Other"):
        hits = tuple(
            Hit(source=source, row=row, entry=entry) for row, (of, entry) in enumerate(ENTRIES, 1) if of == source
        )
        add_files(ledger, [FileRead(path=source, format="csv", source=source, sha256=source, hits=hits, rejected=())])
    with ledger.write() as connection:
        add_judgements(connection, [
            judged("r1", "ada", Decision.INCLUDE), judged("r1", "ben", Decision.EXCLUDE),
            judged("r2", "ben", Decision.EXCLUDE),
            *(judged(f"r{n}", "embedded", Decision.INCLUDE, "machine", n / 10) for n in (1, 2, 3, 4)),
        ])  # fmt: skip
        put_draft(connection, STAGE, "r3", "ada", {})
        set_tag(connection, STAGE, "r3", "ada", "animal")
        set_tag(connection, STAGE, "r4", "ben", "animal")
        add_note(connection, STAGE, "r2", "ben", "Bens opinion of it")
    return lists_of(ledger, review)


def find(lists: RecordLists, sees: Sees = Sees(), order: str = "", **asked: Any) -> FoundRecords:
    words = asked.pop("words", ())
    return PersonalView(lists, STAGE, "ada", sees).find(RecordQuery(STAGE, words, asked, order))


def counts(found: FoundRecords, facet: str) -> dict[str, int]:
    return {value: count for value, count in found.counts[facet].items() if count}


@pytest.mark.parametrize(
    ("asked", "ids"),
    [
        ({}, ["r1", "r2", "r3", "r4"]),
        ({"words": ["HEARTS"]}, ["r1", "r3", "r2"]),
        ({"words": ["ärger"]}, ["r2"]),
        ({"words": ["100%"]}, ["r2"]),
        ({"words": ["0_0"]}, []),
        ({"words": ["of", "lungs"]}, ["r4"]),
        ({"words": ["abstract"]}, []),
        ({"words": ["title"]}, ["r3", "r1"]),
        ({"words": ["anim"]}, ["r3"]),
        ({"words": ["opinion"]}, []),
        ({"tag": ["animal"]}, ["r3"]),
        ({"year": ["2021", "2020"]}, ["r1", "r2", "r3"]),
        ({"year": ["2021"], "venue": ["Heart", "Lung"]}, ["r2", "r3"]),
        ({"year": ["-"]}, ["r4"]),
        ({"language": ["English"]}, ["r1", "r2"]),
        ({"abstract": ["no"]}, ["r3"]),
        ({"source": ["Other"], "words": ["hearts"]}, ["r3"]),
        ({"show": ["mine"]}, ["r1"]),
        ({"show": ["open"]}, ["r2", "r3", "r4"]),
        ({"show": ["draft", "include"]}, ["r1", "r3"]),
        ({"venue": ["No such journal"]}, []),
    ],
)
def test_records_are_found(lists: RecordLists, asked: dict[str, Any], ids: list[str]) -> None:
    assert find(lists, **asked).ids() == ids


def test_the_counts_of_a_facet_are_those_under_the_others(lists: RecordLists) -> None:
    found = find(lists, year=["2021"], venue=["Heart"])
    assert found.ids() == ["r3"]
    assert counts(found, "year") == {"2020": 1, "2021": 1}
    assert counts(found, "venue") == {"Heart": 1, "Lung": 1}
    assert counts(found, "source") == {"Other": 1}


@pytest.mark.parametrize(
    ("order", "ids"),
    [
        ("import", ["r1", "r2", "r3", "r4"]),
        ("newest", ["r2", "r3", "r1", "r4"]),
        ("oldest", ["r1", "r2", "r3", "r4"]),
        ("title", ["r2", "r3", "r1", "r4"]),
        ("probability", ["r4", "r3", "r2", "r1"]),
    ],
)
def test_hits_come_in_the_order_that_was_asked_for(lists: RecordLists, order: str, ids: list[str]) -> None:
    assert find(lists, EVERYTHING, order).ids() == ids


def test_what_others_found_is_counted_where_it_may_be_seen(lists: RecordLists) -> None:
    found = find(lists, EVERYTHING)
    assert counts(found, "decision") == {"exclude": 1, "none": 3}
    assert counts(found, "standing") == {"conflict": 1, "final": 1, "pending": 2}
    assert counts(found, "person") == {"ada": 1, "ben": 2}
    assert counts(found, "excluded_for") == {"signal": 1}
    assert find(lists, EVERYTHING, words=["opinion"]).ids() == ["r2"]
    assert find(lists, EVERYTHING, tag=["animal"]).ids() == ["r3", "r4"]


def test_nothing_tells_of_others_work_where_it_may_not_be_seen(changing: RecordLists) -> None:
    def told() -> list[Any]:
        asked: list[dict[str, Any]] = [{}, {"words": ["opinion"]}, {"words": ["anim"]}]
        asked += [{"decision": [value]} for value in ("include", "exclude", "none")]
        asked += [{"standing": [value]} for value in ("final", "conflict", "suggested", "pending")]
        asked += [{"person": ["ben"]}, {"excluded_for": ["signal"]}, {"tag": ["animal"]}, {"notes": ["yes"]}]
        found = [find(changing, Sees(), order, **query) for query in asked for order in ORDERS]
        return [
            (one.ids(), {name: counts(one, name) for name in one.counts}, one.probability_of("r4")) for one in found
        ]

    before = told()
    j, e = t.judgements.c, t.ui_events.c
    with changing.ledger.write() as connection:
        connection.execute(delete(t.judgements).where(j.reviewer != "ada"))
        connection.execute(delete(t.ui_events).where(e.reviewer != "ada"))
    assert told() == before
    assert before[0][1]["decision"] == {"include": 1, "none": 3}


def test_a_record_judged_by_oneself_shows_ones_own_decision_while_others_are_hidden(lists: RecordLists) -> None:
    seen = find(lists, Sees(people=frozenset({"r2"})))
    assert counts(seen, "decision") == {"include": 1, "exclude": 1, "none": 2}
    assert counts(seen, "standing") == {"final": 2, "pending": 2}
    assert find(lists, Sees(people=frozenset({"r2"})), "probability").ids() == ["r1", "r2", "r3", "r4"]


def test_what_changes_in_the_ledger_is_found_at_once(changing: RecordLists) -> None:
    assert find(changing, abstract=["no"]).ids() == ["r3"]
    with changing.ledger.write() as connection:
        add_judgements(connection, [judged("r3", "ada", Decision.UNCLEAR)])
        set_tag(connection, STAGE, "r1", "ada", "fresh")
    assert find(changing, show=["unclear"]).ids() == ["r3"]
    assert find(changing, words=["fres"]).ids() == ["r1"]
    filled = Entry(title=ENTRIES[2][1].title, abstract="Now there is one on zebras.")
    add_enrichments(changing.ledger, [Enrichment("r3", "OpenAlex", filled, "doi")], "ada")
    assert find(changing, abstract=["no"]).ids() == []
    assert find(changing, words=["zebra"]).ids() == ["r3"]


def test_a_record_that_was_merged_keeps_what_was_done_with_its_parts(changing: RecordLists) -> None:
    with changing.ledger.write() as connection:
        connection.execute(insert(t.aliases).values(alias="old", record_id="r4"))
        add_judgements(connection, [judged("old", "ada", Decision.EXCLUDE)])
        add_note(connection, STAGE, "old", "ada", "about the older one")
    assert find(changing, show=["exclude"]).ids() == ["r4"]
    assert find(changing, words=["older one"]).ids() == ["r4"]
    assert counts(find(changing), "excluded_for") == {"signal": 1}


def test_the_lists_of_a_ledger_are_freed_with_it(tmp_path: Path) -> None:
    lists = made(written(tmp_path))
    assert find(lists).total == 4
    lists.ledger.close()
    freed = weakref.ref(lists)
    del lists
    gc.collect()
    assert freed() is None, "a protocol that is saved opens the ledger anew: each time all records would stay in memory"
