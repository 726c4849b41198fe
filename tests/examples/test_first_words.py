"""Title, questions and stages are written into the template of a new review, and its comments stay."""

from itertools import combinations
from pathlib import Path

import pytest

from screener.core.judgement import Stage
from screener.examples import FirstWords, new_review
from screener.protocol.model import Review

HOSTILE = [
    '"',
    "a: b # c",
    "- x",
    "{{7*7}}",
    "\\n",
    "\x00\x07\x85",
    "\ud800",
    "\u2028",
    "\ufeff😀",
    "'",
    "%TAG",
    "*a &b",
    "yes",
]


@pytest.mark.parametrize("stages", [chosen for n in (1, 2, 3) for chosen in combinations(Stage, n)])
def test_any_choice_of_stages_makes_a_valid_protocol_without_rules_that_nobody_wrote(
    tmp_path: Path, stages: tuple[Stage, ...]
) -> None:
    new_review(tmp_path, FirstWords("Adults with asthma", ["Does it help?", "Does it harm?"], stages))
    protocol = Review(tmp_path).protocol
    assert list(protocol.stages) == list(stages)
    assert protocol.questions == ("Does it help?", "Does it harm?")
    assert [rule for spec in protocol.stages.values() for rule in spec.rules] == []
    assert all(spec.questions for stage, spec in protocol.stages.items() if stage is not Stage.EXTRACTION)
    text = (tmp_path / "prompts" / "review.yaml").read_text(encoding="utf-8")
    assert "# What the protocol leaves undecided stays visible here" in text
    assert "# no key, no network" in text


def test_words_are_only_ever_text(tmp_path: Path) -> None:
    for number, words in enumerate(HOSTILE):
        folder = tmp_path / str(number)
        new_review(folder, FirstWords(f"T {words}", [f"Q {words} ?"], [Stage.ABSTRACT]))
        protocol = Review(folder).protocol
        kept = " ".join("".join(" " if c in "\x00\x07\ud800" else c for c in words if c != "\ufeff").split())
        assert protocol.title == f"T {kept}".strip()
        assert protocol.questions == (" ".join(f"Q {kept} ?".split()),)
        assert list(protocol.stages) == [Stage.ABSTRACT]
