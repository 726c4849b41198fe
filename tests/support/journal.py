"""A small review as a journal gets it: full texts of works from four kinds of sources, judged by one person."""

from pathlib import Path

import screener
from support import ROOT
from support.hearts import STAGE

SOURCES = """\
sources:
  - name: PubMed
    searched: "2026-01-02"
    peer_review: A. Librarian, PRESS 2015, 2025-12-20
    queries:
      - name: all
        query: heart*
        translation: '"heart"[MeSH Terms] OR "heart*"[All Fields]'
        warnings: ["Phrase not found: heartt"]
  - {name: Cited works, kind: citation_searching}
  - {name: Heart Foundation, kind: organisation}
  - {name: hearts.example, kind: website}
"""
ROWS = (
    ("PubMed", "p0,Hearts of all kinds,,2020,,"),
    ("PubMed", 'p1,Zebra hearts,"Abel, Ann; Berg, Bo",2019,Heart Journal,10.5555/zebra'),
    ("PubMed", 'p2,Apple hearts?,"Cid, Di",2021,Heart Journal,10.5555/apple'),
    ("Cited works", "c1,A cited work on valves,,2001,,"),
    ("Heart Foundation", "o1,A brochure about pumping,,,,"),
    ("hearts.example", "w1,A page on the aorta,,,,"),
)


def journal_review(folder: Path) -> Path:
    """Make the review in a folder: p0 and c1 are included, p1 and p2 excluded, o1 and w1 not judged."""
    (folder / "prompts").mkdir(parents=True)
    stage = STAGE.format(stage="fulltext", humans=1)
    (folder / "prompts" / "review.yaml").write_text(
        f'title: Hearts\nsources: sources.yaml\nquestions: ["What of the heart?"]\nstages:\n{stage}'
    )
    (folder / "prompts" / "abstract.md").write_text((ROOT / "prompts" / "abstract.md").read_text())
    (folder / "prompts" / "sources.yaml").write_text(SOURCES)
    review = screener.open(folder)
    for number, (source, row) in enumerate(ROWS):
        (folder / f"{number}.csv").write_text(f"id,title,authors,year,venue,doi\n{row}\n")
        review.import_files(folder / f"{number}.csv", source=source)
    (folder / "ann.csv").write_text(
        "id,decision,adults,reason\np0,include,,\np1,exclude,no,Zebras only\np2,exclude,,It has no data\nc1,include,,\n"
    )
    review.label(folder / "ann.csv", "fulltext", "ann")
    return folder
