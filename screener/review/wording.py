"""Advice on the wording of criteria, with its lines in `review.yaml`: by rules, or by a model on request."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ..core.judgement import Stage
from ..core.yamlfile import YamlFile
from ..protocol import Finding, Review, criticise


@dataclass(frozen=True)
class WordingNote:
    """A piece of advice with its place: the line of `file`, counted from 1, and the value there (`stages.abstract.…`)."""

    file: str
    line: int
    stage: Stage
    place: str
    finding: Finding

    @property
    def sentence(self) -> str:
        """Return it in one line: where, what, what to do."""
        quote = f'"{_short(self.finding.quote)}" ' if self.finding.quote else ""
        return f"{self.file}:{self.line}: {self.stage}.{self.finding.criterion}: {quote}{self.finding.advice}"

    def as_json(self) -> dict[str, Any]:
        """Return it as `check --json` prints it."""
        found = self.finding
        return {
            "line": self.line,
            "place": self.place,
            "stage": self.stage.value,
            "criterion": found.criterion,
            "kind": found.kind,
            "quote": found.quote,
            "advice": found.advice,
        }


def wording_notes(review: Review) -> list[WordingNote]:
    """Return what the rules find in the wording of a review's criteria, by line."""
    return with_lines(review, ((stage, criticise(stage, spec)) for stage, spec in review.written.stages.items()))


def with_lines(review: Review, found: Iterable[tuple[Stage, Iterable[Finding]]]) -> list[WordingNote]:
    """Return findings of stages with their lines in `review.yaml`, in the order of these."""
    document = YamlFile(review.prompts / "review.yaml")
    notes = []
    for stage, findings in found:
        for finding in findings:
            where = ("stages", stage.value, *finding.where)
            line = document.line_of(where, finding.quote)
            notes.append(WordingNote(str(document.path), line, stage, ".".join(map(str, where)), finding))
    return sorted(notes, key=lambda note: note.line)


LONGEST = 80
"""Characters of a quote that a line shows."""


def _short(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= LONGEST else f"{plain[:LONGEST].rsplit(' ', 1)[0]} …"
