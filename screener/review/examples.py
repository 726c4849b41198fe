"""Worked examples from gold `dev`, part `tune`: chosen for what is hard for a reviewer, and drafted into a file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..core.errors import BadInput
from ..core.files import whole_file
from ..core.judgement import Answer, Stage
from ..evaluation import (
    ChosenExample,
    against_part,
    choose_examples,
    measure,
)
from ..gold import of_tested_studies
from ..ledger import Ledger, Snapshot, reads
from ..models import Usage, cost_usd, text_tokens
from ..protocol import ChatSpec, DraftExample, Review, draft_answers, draft_file
from ..stages import ready, records_for
from .evaluating import named_reviewer

MOST = 40
"""How many examples a file may be asked to have: each is paid for in every request."""


@dataclass(frozen=True)
class DraftedExamples:
    """A file of examples as it was written. `blanks` values of it must be filled in by a person before it can be used.

    `tokens` is what all of them add to a request, roughly; `records` how many are asked anew once the prompt has them, and
    `cost_usd` what the examples add to that (None where no price is known, or the reviewer has no prompt).
    """

    stage: Stage
    reviewer: str
    path: Path
    chosen: tuple[ChosenExample, ...]
    blanks: int
    tokens: int
    records: int
    cost_usd: float | None
    provisional: bool
    """Whether no human has confirmed the labels that the answers come from."""
    candidates: int
    """How many records of the part `tune` there were to choose from."""

    def as_json(self) -> dict[str, Any]:
        """Return what `gold examples --json` prints."""
        return {
            "stage": self.stage.value,
            "reviewer": self.reviewer,
            "path": str(self.path),
            "candidates": self.candidates,
            "examples": [
                {
                    "id": each.pair.record.id,
                    "title": each.pair.record.shown_title,
                    "criterion": each.criterion,
                    "right": each.side.value,
                    "given": each.given.value,
                    "why": each.why,
                    "sure": each.sure,
                }
                for each in self.chosen
            ],
            "blanks": self.blanks,
            "tokens_a_request": self.tokens,
            "records": self.records,
            "cost_usd": self.cost_usd,
            "provisional": self.provisional,
        }


def draft_examples(
    ledger: Ledger, review: Review, stage: Stage, reviewer: str | None, n: int, path: Path | None = None
) -> DraftedExamples:
    """Choose up to `n` records of `tune` that are hard for a reviewer, and write them as a draft of the stage's examples.

    Raises `BadInput` where there is no gold, the reviewer has judged nothing of `tune`, or the file is there already.
    """
    name, spec = named_reviewer(review, stage, reviewer), review.stage(stage)
    target = path or review.prompts / f"{stage}_examples.yaml"
    _refuse(stage, n, target)
    snapshot = Snapshot(ledger)
    measured = measure(snapshot, review, stage, "dev").of_part("tune")
    labels, tested = measured.labels, of_tested_studies(ledger, measured.gold)
    evaluation = against_part(snapshot, review, stage, name, "tune")
    pairs = [pair for pair in evaluation.pairs if pair.record.id not in tested]
    chosen = choose_examples(pairs, spec, n, evaluation.study_of)
    if not chosen:
        raise BadInput(
            f"{name} has judged no record of the part `tune` of gold dev at {stage.label.lower()}; "
            f"`screener run --stage {stage} --reviewer {name}` first"
        )
    machine, full = review.reviewer(name), _in_full(snapshot, stage, name, chosen)
    drafts = []
    for each in chosen:
        record = each.pair.record
        right = {criterion: answer.value for criterion, answer in each.pair.reference.answers.items()}
        text, given = (record.title, record.abstract), full[record.id]
        answers = draft_answers(spec, text, right, given, reasons=isinstance(machine, ChatSpec))
        drafts.append(
            DraftExample(labels[record.id].id, record.doi, record.title, record.abstract, each.sentence, answers)
        )
    blanks, tokens = sum(draft.blanks for draft in drafts), sum(text_tokens(draft.shown) for draft in drafts)
    with whole_file(target) as partial_file:
        partial_file.write_text(draft_file(drafts, _head(stage, name, blanks)), encoding="utf-8")
    records = len(ready(records_for(snapshot, review, stage, texts=False))[0])
    cost = cost_usd(machine, Usage(tokens * records, 0)) if isinstance(machine, ChatSpec) else None
    provisional = evaluation.status == "provisional"
    return DraftedExamples(stage, name, target, tuple(chosen), blanks, tokens, records, cost, provisional, len(pairs))


def _refuse(stage: Stage, n: int, target: Path) -> None:
    if stage is Stage.EXTRACTION:
        raise BadInput("gold examples: worked examples are for the screening stages; a form is asked without")
    if not 1 <= n <= MOST:
        raise BadInput(f"-n: from 1 to {MOST}; each example is paid for in every request")
    if target.exists():
        raise BadInput(f"{target}: is there already; move it away, or name another file by -o FILE")


def _head(stage: Stage, reviewer: str, blanks: int) -> list[str]:
    todo = (
        [f'A person fills in every "?" ({blanks} of them); `screener check` refuses the file until then.']
        if blanks
        else []
    )
    return [
        f"Worked examples for the prompt of `{stage}`: records of gold dev (part tune) that are hard for {reviewer}.",
        "Answers are gold's. Reasons and quotes are the reviewer's where it answered the same: read them too.",
        *todo,
        "A record that stands here counts in no figure of dev.",
    ]


def _in_full(
    snapshot: Snapshot, stage: Stage, reviewer: str, chosen: Sequence[ChosenExample]
) -> dict[str, Mapping[str, Answer]]:
    """Return the reviewer's answers to the chosen records with reasons and quotes, by record id."""
    latest = snapshot.latest(stage, reviewer)
    rows = {each.pair.record.id: latest[each.pair.record.id].id for each in chosen if each.pair.record.id in latest}
    with snapshot.ledger.read() as connection:
        read = reads.judgements_with(connection, list(rows.values()))
    full: dict[str, Mapping[str, Answer]] = {}
    for each in chosen:
        name, bare = each.pair.record.id, each.pair.judged.answers
        answers = read[rows[name]].answers if name in rows else bare
        # Of a later judgement under another wording nothing is taken.
        same = {criterion: answer.value for criterion, answer in answers.items()}
        full[name] = answers if all(same.get(c) is answer.value for c, answer in bare.items()) else bare
    return full
