"""The kind of reviewer `terms`: a criterion is met where the title or abstract has one of some terms, else unclear."""

from pydantic import BaseModel, ConfigDict, Field

from screener.core.judgement import Value
from screener.core.messages import Judging, Readable
from screener.protocol.reviewer_kinds import ReviewerContext, ReviewerKind
from screener.reviewers.schema import digest
from screener.reviewers.screening import Proposal, finish


class Options(BaseModel):
    """What `options` of the reviewer may hold."""

    model_config = ConfigDict(extra="forbid")

    terms: tuple[str, ...] = Field(min_length=1)


class TermsReviewer:
    """Judges by terms alone; it asks no model anything."""

    def __init__(self, options: Options, context: ReviewerContext) -> None:
        """`options` are checked already."""
        self._terms, self._stage = options.terms, context.protocol

    @property
    def asked(self) -> str:
        """Hash of all that the answers depend on besides the record's text."""
        return digest("terms", 1, self._terms, [criterion.id for criterion in self._stage.questions])

    @property
    def rule(self) -> str:
        """Hash of what is derived from the answers."""
        return digest("terms", 1)

    def judge(self, record: Readable) -> Judging:
        """Answer every question by the first term that the text has."""
        text = f"{record.title} {record.abstract}".casefold()
        term = next((term for term in self._terms if term.casefold() in text), None)
        reason = f"it has the term {term}" if term else "it has none of the terms"
        value = Value.YES if term else Value.UNCLEAR
        return finish(self._stage, record, {c.id: Proposal(value, reason) for c in self._stage.questions})
        yield  # a reviewer is a generator: here a request would be sent


TERMS = ReviewerKind(Options, TermsReviewer)
