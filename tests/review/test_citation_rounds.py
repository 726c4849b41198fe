"""Citations are followed round by round from the studies that are included by then."""

from collections.abc import Callable
from pathlib import Path

import pytest
from servers.services import Services
from servers.services.openalex import OpenAlexApi, openalex_work
from support import Cli
from support.report import figures_in, read_page
from support.web_app import PROTOCOL

pytestmark = pytest.mark.slow

WORKS = [
    openalex_work(1, cites=[11, 12]), openalex_work(11), openalex_work(12, cites=[14]), openalex_work(14),
    openalex_work(21, cites=[1]), openalex_work(22, cites=[1]), openalex_work(31, cites=[21]),
]  # fmt: skip
SOURCES = """sources:
  - name: Scopus
  - name: Citations
    kind: citation_searching
    database: openalexcitations
    queries:
      - {name: forwards, query: "forwards: included"}
      - {name: backwards, query: "backwards: included"}
"""


@pytest.fixture
def review(blank: Path, cli: Cli) -> Path:
    """A review of abstracts in which one person decides, with one record of Scopus."""
    protocol = blank / "prompts" / "review.yaml"
    protocol.write_text(f"sources: sources.yaml\n{PROTOCOL}")
    (blank / "prompts" / "sources.yaml").write_text(SOURCES)
    Path("scopus.csv").write_text("Title,DOI,Year\nsynthetic work 1,10.5555/synthetic.1,2024\n")
    assert cli("import", "scopus.csv", "--source", "Scopus").code == 0
    return blank


def include(cli: Cli, *dois: str) -> None:
    Path("anna.csv").write_text("doi,decision\n" + "".join(f"10.5555/synthetic.{doi},include\n" for doi in dois))
    for who in ("anna", "ben"):
        done = cli("label", "anna.csv", "--stage", "abstract", "--reviewer", who)
        assert done.code == 0, done.err


def received(cli: Cli) -> list[int]:
    done = cli("retrieve", "citations", "--json")
    assert done.code == 0, done.err
    return [query["received"] for query in done.json["sources"][0]["queries"]]


def test_each_round_begins_with_what_was_included_since_the_last_one(
    review: Path, serve: Callable[..., Services], cli: Cli
) -> None:
    server = serve(OpenAlexApi(WORKS))
    assert "no study is included that was not searched from before" in cli("retrieve", "citations").out
    assert server.requests == []
    include(cli, "1")
    assert received(cli) == [2, 2]
    assert received(cli) == [0, 0], "nothing was included since"
    include(cli, "21", "12")
    assert received(cli) == [2, 2], "31 cites 21 and 1 cites 12; 21 cites 1, and 12 cites 14"
    sources = {row["name"]: row["rows"] for row in cli("sources", "--json").json["sources"]}
    assert sources == {"Scopus": 1, "Citations": 8}
    assert cli("report", "-o", "report.html", "--with-synthetic").code == 0
    figures = figures_in(read_page(Path("report.html")))
    log = next(source for source in figures["searches"]["sources"] if source["name"] == "Citations")
    forwards = log["queries"][0]["runs"]
    assert [run["query"] for run in forwards] == [  # in the order of the records
        "forwards: doi:10.5555/synthetic.1", "forwards: doi:10.5555/synthetic.21 doi:10.5555/synthetic.12",
    ]  # fmt: skip
    told = [
        (run["round"], run["direction"], len(run["seeds"]), run["index"], run["received"], run["new"])
        for run in forwards
    ]
    assert told == [(1, "forwards", 1, "OpenAlex", 2, 2), (2, "forwards", 2, "OpenAlex", 2, 1)], "1 was there"
    items = {item["id"]: item for item in figures["searches"]["items"]}
    day = forwards[0]["at"][:10]
    assert (
        f"Citations, round 2, forwards from 2 seeds in OpenAlex on {day}: 2 records, 1 of them new"
        in items["5"]["filled"]
    )
    assert items["5"]["person"] == ""
    assert items["8"]["filled"].startswith("2 queries are listed in full, as the program ran them.")
    assert f"4 searches were run by the program on {day}. 1 file imported on {day}." in items["12"]["filled"]
    assert figures["flow"]["adds_up"]
    boxes = {box["id"]: box["count"] for box in figures["flow"]["boxes"] if box.get("column") == "others"}
    assert (boxes["other_identified"], boxes["other_screened"], boxes["other_kept"]) == (8, 6, 2)
    assert "1 record came from Scopus (1 row)." in figures["methods"][0]
    assert "8 records were identified by other methods: Citations (" in figures["methods"][0]
