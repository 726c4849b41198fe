"""A small review whose source `Journals` has a rule on venues, with an invented export of the Journal Citation Reports."""

from collections.abc import Sequence
from pathlib import Path

from screener.protocol import Review
from support import ROOT
from support.two_stages import PROTOCOL

RULE = "{jcr: {files: jcr, year: 2024, categories: [HEARTS]}}"
_JCR = """\
"Selected Categories: {category} Selected Editions: SCIE Selected JCR Year: {year}"

Journal name,JCR Abbreviation,ISSN,eISSN,Category,JIF Quartile,% of Citable OA
"""
FIRST, THIRD = "0009-7322", "0028-0836"
"""ISSNs of the journals of the first and of the third quartile."""


def a_jcr_file(path: Path, category: str, *rows: tuple[str, str, str], year: int = 2024) -> None:
    """Write an export; a row has name, ISSN and quartile."""
    lines = "".join(f'"{name}","{name.upper()}","{issn}","N/A","{category}","{q}","1.2"%,\n' for name, issn, q in rows)
    path.parent.mkdir(exist_ok=True)
    path.write_text(_JCR.format(category=category, year=year) + lines)


def sources(rule: str = RULE, other: str = "any") -> str:
    return f"sources:\n  - {{name: Journals, venues: {rule}}}\n  - {{name: Free, venues: {other}}}\n"


def venue_review(folder: Path, rule: str = RULE, criteria: Sequence[str] = ()) -> Review:
    """Make the review: `Journals` has a rule, `Free` is exempt."""
    prompts = folder / "prompts"
    prompts.mkdir(parents=True)
    text = PROTOCOL.replace("questions:", "sources: sources.yaml\nquestions:")
    for criterion in criteria:
        text = text.replace("    criteria: &criteria\n", f"    criteria: &criteria\n      - {criterion}\n")
    (prompts / "review.yaml").write_text(text)
    (prompts / "sources.yaml").write_text(sources(rule))
    for name in ("abstract.md", "fulltext.md"):
        (prompts / name).write_text((ROOT / "prompts" / name).read_text())
    a_jcr_file(prompts / "jcr" / "hearts.csv", "HEARTS", ("First Hearts", FIRST, "Q1"), ("Third Hearts", THIRD, "Q3"))
    return Review(folder)
