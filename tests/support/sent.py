"""A review that begins with full texts, to which files are sent."""

from pathlib import Path

from screener.protocol import Review

from . import ROOT

PROTOCOL = """
title: Small things
questions: ["Does it work?"]
stages:
  fulltext:
    question: Is it a report?
    template: fulltext.md
    criteria: [{id: a, question: "Is it about it?"}]
    decided_by: {humans: 1}
reviewers: {}
"""


def empty_review(folder: Path, sources: str = "") -> Review:
    """A review without records; `sources` is its file of sources, where it has one."""
    prompts = folder / "prompts"
    prompts.mkdir(parents=True)
    (prompts / "review.yaml").write_text(PROTOCOL + "sources: sources.yaml\n" * bool(sources), encoding="utf-8")
    if sources:
        (prompts / "sources.yaml").write_text(sources)
    (prompts / "fulltext.md").write_text((ROOT / "prompts" / "fulltext.md").read_text(encoding="utf-8"))
    return Review(folder)
