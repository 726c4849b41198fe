"""The seed review's 1,126 records, 839 of them without an abstract: how many have one after looking them up.

Titles and identifiers are real; the services' abstracts are synthetic.
"""

from pathlib import Path

import pytest
from servers.services.look_ups import CrossrefPapers, EuropePmcPapers, Paper, SemanticScholarPapers, openalex_papers
from servers.services.pubmed import PubMedApi
from support import Cli


def papers_of(rows: list[dict[str, str]]) -> list[Paper]:
    """The works behind exported rows, with synthetic abstracts."""
    return [
        Paper(
            row["title"], f"Synthetic abstract of work {number}, which says nothing.", doi=row["doi"], pmid=row["pmid"],
            authors=("Synthetic, Ada",),
        )
        for number, row in enumerate(rows)
    ]  # fmt: skip


@pytest.mark.slow
def test_the_share_without_an_abstract_falls_by_what_services_know_and_titles_confirm(
    ecg: Path, cli: Cli, shared: Path, serve
) -> None:
    seed = [*sorted((shared / "seed-review" / "wos").glob("*.xls")), *(shared / "seed-review" / "pubmed").glob("*.csv")]
    assert cli("import", *seed, "--json").json["records"] == 1126
    lacking = [row for row in cli("export", "--json").json if row["has_abstract"] == "no"]
    assert len(lacking) == 839
    papers = papers_of(lacking)
    # Europe PMC knows three of four, OpenAlex some of the others, and has another work under one DOI in fifty.
    wrong = [
        Paper("synthetic optics of deep sea lenses", paper.abstract, doi=paper.doi, pmid=paper.pmid)
        for place, paper in enumerate(papers)
        if place % 50 == 3 and paper.doi
    ]
    server = serve(
        EuropePmcPapers([paper for place, paper in enumerate(papers) if place % 4 != 3]),
        openalex_papers([*wrong, *(paper for place, paper in enumerate(papers) if place % 8 == 7)]),
        CrossrefPapers(wrong), SemanticScholarPapers([]), PubMedApi([]),
    )  # fmt: skip
    told = cli("retrieve", "--enrich", "--json")
    assert told.code == 0, told.err
    rows = {row["source"]: row for row in told.json["records"]}
    without = sum(row["without"] for row in rows.values())
    found = sum(sum(row["found"].values()) for row in rows.values())
    europepmc = sum(row["found"].get("Europe PMC", 0) for row in rows.values())
    known = sum(bool(paper.doi or paper.pmid) for place, paper in enumerate(papers) if place % 4 != 3)
    assert (without, europepmc) == (839, known)
    assert found == europepmc + sum(row["found"].get("OpenAlex", 0) for row in rows.values())
    assert sum(row["has_abstract"] == "no" for row in cli("export", "--json").json) == 839 - found
    refused = {work["record"] for work in told.json["refused"]}
    assert sum(row["refused"] for row in rows.values()) == len(refused) > 0
    # Meeting abstracts without an identifier are found by their titles, under authors that they do not have.
    assert sum(row["candidates"] for row in rows.values()) == len(told.json["candidates"]) > 0
    status = cli("status", "--json").json
    assert (status["records"], status["sources"]["PubMed"]["received"]) == (1126, 821)
    asked = len(server.requests)
    assert asked < 300
    assert cli("retrieve", "--enrich", "--json").json["requests"] == 0
    assert len(server.requests) == asked
