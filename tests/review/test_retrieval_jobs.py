"""Retrieval as a job: what it brings, how it says how far it is, and that one which was stopped goes on."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from servers.services import Services
from servers.services.full_texts import arxiv_pdfs
from servers.services.pubmed import PubMedApi, synthetic
from support.documents import paper
from support.sent import empty_review

from screener.core.job_work import GivenJob, StoppedEarly
from screener.ledger import reads
from screener.ledger.store import Ledger
from screener.review.api import open as open_review
from screener.review.jobs_of_review import WORKS, JobReview

Serve = Callable[..., Services]
TITLE = "synthetic heart beats in long recordings of many people"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    sources = "sources:\n  - name: PubMed\n    queries: [{name: titles, query: 'heart[Title]'}]\n"
    return empty_review(tmp_path / "review", sources).root


def do(folder: Path, kind: str, progress: Callable[..., None] = lambda *_: None, **args: Any) -> Any:
    stop = threading.Event()

    def report(*said: Any) -> None:
        if progress(*said):  # type: ignore[func-returns-value]
            stop.set()

    return WORKS[kind](JobReview(folder, None, GivenJob("review", args, "anna")), report, stop)  # type: ignore[arg-type]


def test_a_search_is_counted_run_stopped_and_goes_on(folder: Path, serve: Serve) -> None:
    serve(PubMedApi([synthetic(number, entered="2024/01/02") for number in range(5)]))
    search = {"what": "search", "sources": ["PubMed"]}
    counted = do(folder, "retrieve", **search, dry_run=True)
    assert [query["stated"] for source in counted["sources"] for query in source["queries"]] == [5]
    assert counted["records"] == 0
    said = list[tuple[Any, ...]]()
    with pytest.raises(StoppedEarly):
        do(folder, "retrieve", lambda *words: said.append(words) or True, **search)  # type: ignore[func-returns-value]
    assert said[0][1:] == (5, "PubMed, titles")
    assert do(folder, "retrieve", **search)["records"] == 5


def test_full_texts_are_looked_for_and_what_is_found_is_attached(folder: Path, serve: Serve) -> None:
    serve(arxiv_pdfs({"2401.00003": paper(TITLE)}))
    (folder / "r.csv").write_text(f"title,arxiv\n{TITLE},2401.00003\nAnother paper that nobody has,\n")
    with open_review(folder) as review:
        review.import_files(folder / "r.csv")
    said = list[tuple[Any, ...]]()
    told = do(folder, "full_texts", lambda *words: said.append(words))
    assert (len(told["new"]), said[-1]) == (1, (2, 2, "Reports asked for"))
    ledger = Ledger.of(folder / ".screener")
    with ledger.read() as connection:
        record = reads.find_record(connection, told["new"][0])
    ledger.close()
    assert record is not None
    assert record.title == TITLE
