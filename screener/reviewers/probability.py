"""A probability model as a reviewer: one request a record, a calibrated probability for each criterion."""

import json
import math
from collections.abc import Mapping
from typing import Any

from ..core.judgement import Value
from ..core.messages import (
    NO_TITLE,
    Judging,
    Passage,
    ProbabilityRequest,
    ProbabilityResponse,
    Readable,
    UnusableReplyError,
)
from ..documents import PASSAGES_VERSION, Report
from ..protocol import LONGEST_TEXT, QuestionCriterion, StageProtocol
from ..protocol.model import Thresholds
from .fulltext import NOTHING, SHOWN_VERSION, about, choose
from .schema import digest
from .screening import RULE_VERSION, Proposal, finish

FULL_TEXT = 20_000
"""Characters of a report's documents that are shown; of a longer one, the passages that bear on the criteria."""
EVEN = Thresholds(no_below=0.2, yes_from=0.8)
"""Where the protocol names no thresholds for a criterion."""


class ProbabilityReviewer:
    """Judges one stage by probabilities. They come without quotes, so a `no` can only stand on silence."""

    def __init__(
        self,
        stage: StageProtocol,
        thresholds: Mapping[str, Thresholds],
        model: Mapping[str, Any],
        *,
        embedder: str | None = None,
    ) -> None:
        """`thresholds` by criterion; `model` is the model's fingerprint.

        `embedder`, at a stage that reads documents, is the fingerprint of what answers the requests for vectors.
        """
        self._stage, self._thresholds, self._model, self._embedder = stage, thresholds, model, embedder

    @property
    def asked(self) -> str:
        """Return the hash of the criteria's wording and the model; at full text of how passages are chosen, too."""
        extra: list[Any] = []
        if self._embedder is not None:
            cues = [criterion.cues.model_dump_json() for criterion in self._stage.questions]
            extra = [FULL_TEXT, PASSAGES_VERSION, SHOWN_VERSION, self._embedder, cues]
        return digest("probability", [(c.id, _instructions(c)) for c in self._stage.questions], self._model, *extra)

    @property
    def rule(self) -> str:
        """Return the hash of thresholds, criteria by rule and the version of the rules."""
        limits = {c.id: self._limits(c).model_dump() for c in self._stage.questions}
        order = [(c.id, getattr(c, "quote", ""), getattr(c, "silence", "")) for c in self._stage.criteria]
        rules = [rule.model_dump(mode="json") for rule in self._stage.rules]
        return digest(RULE_VERSION, limits, order, rules, *self._stage.presupposed)

    def _limits(self, criterion: QuestionCriterion) -> Thresholds:
        return self._thresholds.get(criterion.id, EVEN)

    def judge(self, record: Readable) -> Judging:
        """One request for all criteria. Raises `UnusableReplyError` for an answer that lacks one or is no probability."""
        shown = NOTHING
        if isinstance(record, Report):
            shown = yield from choose(record, [about(c) for c in self._stage.questions], FULL_TEXT)
        abstract = (shown.abstract or record.abstract)[:LONGEST_TEXT] or "(none)"
        parts = [f"Title: {record.title[:LONGEST_TEXT] or NO_TITLE}\nAbstract: {abstract}"]
        if shown.unread:
            parts.append(f"({len(shown.unread)} more passages of the report are not shown.)")
        state = "\n\n".join([*parts, *(_passage_text(passage) for passage in shown.passages)])
        response = yield ProbabilityRequest(state, tuple((c.id, _instructions(c)) for c in self._stage.questions))
        if not isinstance(response, ProbabilityResponse):
            raise TypeError(f"a probability request was answered by {type(response).__name__}")
        probabilities = dict(response.probabilities)
        proposals: dict[str, Proposal] = {}
        for criterion in self._stage.questions:
            p = probabilities.get(criterion.id)
            if p is None or not math.isfinite(p) or not 0 <= p <= 1:
                raise UnusableReplyError(
                    f"{criterion.id}: {p} is no probability", json.dumps(probabilities, default=str)
                )
            limits = self._limits(criterion)
            value = Value.YES if p >= limits.yes_from else Value.NO if p < limits.no_below else Value.UNCLEAR
            proposals[criterion.id] = Proposal(value, f"probability {p:.2f}", p, silent=value is Value.NO)
        flags = ["text_cut"] if max(len(record.title), len(record.abstract)) > LONGEST_TEXT else []
        if not (record.abstract.strip() or shown.abstract or shown.passages):
            flags.append("title_only")
        return finish(self._stage, record, proposals, flags=flags, unread=shown.unread)


def _passage_text(passage: Passage) -> str:
    return f"[{passage.document}, page {passage.page}{', OCR' * passage.ocr}]\n{passage.as_shown}"


def _instructions(criterion: QuestionCriterion) -> str:
    parts = [criterion.question]
    if criterion.met_when:
        parts.append(f"Met when: {criterion.met_when}")
    if criterion.not_met_when:
        parts.append(f"Not met when: {criterion.not_met_when}")
    return " ".join(parts)
