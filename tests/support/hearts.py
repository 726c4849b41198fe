"""A small review of hearts with the stages that a test asks for, and decisions of people from files."""

from pathlib import Path

from screener.protocol.model import Review
from support import ROOT, Cli

STAGE = """\
  {stage}:
    question: Is it about the heart?
    template: abstract.md
    decided_by: {{humans: {humans}}}
    criteria:
      - {{id: heart, question: "Is it about the heart?"}}
      - {{id: adults, question: "Are they adults?"}}
"""


def hearts(folder: Path, cli: Cli, *stages: str, records: int = 1, humans: int = 2) -> Review:
    """Return a review with these stages and records r0, r1, …; each has a document if a stage is full text."""
    (folder / "prompts").mkdir(parents=True, exist_ok=True)
    protocol = "".join(STAGE.format(stage=stage, humans=humans) for stage in stages)
    (folder / "prompts" / "review.yaml").write_text(
        f'title: Hearts\nquestions: ["What of the heart?"]\nstages:\n{protocol}reviewers:\n  embedded: {{kind: embedded}}\n'
    )
    (folder / "prompts" / "abstract.md").write_text((ROOT / "prompts" / "abstract.md").read_text())
    rows = "".join(f"r{n},Hearts of group number {n} and how they beat all day,2020\n" for n in range(records))
    (folder / "records.csv").write_text("id,title,year\n" + rows)
    assert cli("import", folder / "records.csv", "--review", folder).code == 0
    if "fulltext" in stages:
        (folder / "text.txt").write_text("The hearts of adults beat all day. " * 40)
        for n in range(records):
            assert cli("attach", f"r{n}", folder / "text.txt", "--review", folder).code == 0
    return Review(folder)
