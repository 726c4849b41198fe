"""What the program has linked and nobody has decided on is told wherever the review is counted, and changes no count."""

from pathlib import Path

import pytest
from sqlalchemy import select
from support import Cli, Later
from support.hearts import hearts

from screener.ledger import MACHINE, Ledger, confirm_pair
from screener.ledger import tables as t
from screener.ledger.links import add_link, link_row
from screener.reporting.figures import figures

recomputed_links = Later("recomputed.links")

DRAWN = (
    ("candidate", 2, 1), ("candidate", 3, 1), ("same_study", 3, 1), ("same_study", 4, 1), ("same_study", 4, 2),
    ("candidate", 5, 4), ("candidate", 6, 5),
)  # fmt: skip


@pytest.mark.usefixtures("database")
def test_undecided_links_are_counted_as_such_everywhere(tmp_path: Path, cli: Cli) -> None:
    review = hearts(tmp_path, cli, "abstract", "fulltext", records=6, humans=1)
    ledger = Ledger.of(review.hidden)
    with ledger.write() as connection:
        connection.execute(t.links.delete())
        for kind, a, b in DRAWN:
            add_link(connection, link_row(kind, a, b, "title", 0.9, MACHINE))
    confirm_pair(ledger, "r3", "r4", "apart", "ada")
    confirm_pair(ledger, "r4", "r5", "same_study", "ada")
    confirm_pair(ledger, "r0", "r3", "same_study", "ada")
    decisions = "id,decision\n" + "".join(f"r{n},include\n" for n in range(4))
    (tmp_path / "ada.csv").write_text(decisions)
    for stage in ("abstract", "fulltext"):
        assert cli("label", tmp_path / "ada.csv", "--stage", stage, "--reviewer", "ada", "--review", tmp_path).code == 0

    flow = figures(ledger, review)["flow"]
    with ledger.read() as connection:
        links, members = (
            [dict(row) for row in connection.execute(select(table)).mappings()] for table in (t.links, t.members)
        )
    pairs = recomputed_links.undecided(links, members)
    assert pairs == {
        "candidate": {frozenset({"r0", "r1"}), frozenset({"r0", "r2"})},
        "same_study": {frozenset({"r1", "r3"})},
    }
    assert (flow["candidates"], flow["supposed_studies"]) == (2, 1)
    notes = {box["id"]: box["notes"] for box in flow["boxes"]}
    assert notes["removed"] == ["2 pairs of records likely to be duplicates await a decision"]
    assert "1 pair of them may be of one study; nobody has confirmed it." in notes["included"]
    assert notes["included"][0] == "3 studies", "only what a person confirmed is one study"
    assert flow["adds_up"]

    status = cli("status", "--json", "--review", tmp_path).json
    assert (status["candidates"], status["supposed_studies"], status["records"]) == (2, 1, 6)
    assert "2 pairs of records are likely duplicates" in cli("status", "--review", tmp_path).out
    rows = {row["id"]: row["unconfirmed_links"] for row in cli("export", "--json", "--review", tmp_path).json}
    assert rows == {"r0": "candidate: r1; candidate: r2", "r1": "candidate: r0; same_study: r3", "r2": "candidate: r0",
                    "r3": "same_study: r1", "r4": "", "r5": ""}  # fmt: skip
