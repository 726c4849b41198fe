"""Gold `dev` is divided once, by hash; records of one study fall into one part, and examples of the prompt into none."""

from pathlib import Path

from screener.core.judgement import Decision
from screener.gold import Label, dev_parts, part_of
from screener.protocol import Review

REVIEW = "5c1f0d6e-0f0a-4a57-9d0b-7c8e3b0c1602"
PROTOCOL = f"""\
id: {REVIEW}
title: Co-medication
questions: ["Which?"]
stages:
  abstract:
    question: "Eligible?"
    template: abstract.md
    criteria: [{{id: drug, question: "Is the drug studied?"}}]
"""


def label(name: str) -> Label:
    return Label(name, Decision.INCLUDE, {})


def review(folder: Path) -> Review:
    (folder / "prompts").mkdir()
    (folder / "prompts" / "review.yaml").write_text(PROTOCOL)
    (folder / "prompts" / "abstract.md").write_text("---\nversion: 1\n---\n# System\nx\n# User\ny\n")
    return Review(folder)


def test_the_parts_are_those_that_they_were_and_about_halves() -> None:
    # printf 'review-1\0a' | sha256sum, and so on: d6, 4e, 62, d9
    assert [part_of("review-1", name) for name in "abcd"] == ["tune", "tune", "tune", "check"]
    parts = [part_of(REVIEW, f"r{number}") for number in range(1_000)]
    assert 450 < parts.count("tune") < 550
    assert [part_of(REVIEW, f"r{number}") for number in range(1_000)] == parts
    assert [part_of("another-review", f"r{number}") for number in range(1_000)] != parts


def test_records_of_one_study_fall_into_one_part(tmp_path: Path) -> None:
    labels = {f"record-{number}": label(f"l{number:02}") for number in range(40)}
    alone = dev_parts(review(tmp_path), labels)
    assert alone == {record: part_of(REVIEW, each.id) for record, each in labels.items()}
    other = next(record for record in labels if alone[record] != alone["record-0"])
    linked = dev_parts(Review(tmp_path), labels, [(other, "unlabelled"), ("unlabelled", "record-0")])
    assert linked[other] == linked["record-0"] == alone["record-0"]
    assert {name: part for name, part in linked.items() if name != other} == {
        name: part for name, part in alone.items() if name != other
    }
