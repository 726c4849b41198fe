"""A small review with titles and abstracts, and full text."""

from pathlib import Path

from support import ROOT, Cli

PROTOCOL = """\
title: Tests
questions: ["How are tests ordered?"]
stages:
  abstract:
    question: "Is it about the ordering of tests?"
    template: abstract.md
    criteria: &criteria
      - {id: ordering, question: "Is it about ordering?"}
      - {id: software, question: "Is it about software?"}
    decided_by: {humans: 2}
  fulltext:
    question: "Does it order tests?"
    template: fulltext.md
    criteria: *criteria
    decided_by: {humans: 2}
reviewers:
  embedded: {kind: embedded}
"""


def two_stage_review(folder: Path, cli: Cli, records: int = 12) -> Path:
    """Make a review with records that nobody has judged; one of them came twice."""
    (folder / "prompts").mkdir(parents=True)
    (folder / "prompts" / "review.yaml").write_text(PROTOCOL)
    for name in ("abstract.md", "fulltext.md"):
        (folder / "prompts" / name).write_text((ROOT / "prompts" / name).read_text())
    rows = [f"Ordering of tests by their cost number {n},10.1000/{n},{2000 + n}" for n in range(records)]
    rows.append("Ordering of tests by their cost number 3: a review,10.1000/3,2003")  # merged
    (folder / "records.csv").write_text("title,doi,year\n" + "\n".join(rows) + "\n")
    assert cli("import", folder / "records.csv", "--review", folder).code == 0
    return folder
