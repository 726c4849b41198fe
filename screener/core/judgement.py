"""What a reviewer says of a record: answers to criteria, each with evidence, and the decision that follows.

Every reviewer (human, chat model, embedded engine, gold) produces these same objects; the ledger stores nothing else
about an opinion.
"""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Any, Literal, Self

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer, model_validator

from .frozen import Frozen


class Value(StrEnum):
    """The answer to a criterion; `yes` always speaks for eligibility."""

    YES = "yes"
    NO = "no"
    UNCLEAR = "unclear"
    NOT_ASKED = "not_asked"
    """The criterion presupposes another (`applies_if`) that is answered `no`: it is no evidence and decides nothing. Code
    sets it; nobody is asked for it."""


ASKED = (Value.YES, Value.NO, Value.UNCLEAR)
"""The answers to a criterion that was asked."""


class Proposed(StrEnum):
    """What a machine may answer to a criterion in words, before code has made a `Value` of it."""

    YES = "yes"
    NO = "no"
    """The text says what rules it out."""
    ABSENT = "absent"
    """The text says nothing of it, and that of an eligible study would."""
    UNCLEAR = "unclear"
    NOT_ASKED = "not_asked"

    @property
    def value_of(self) -> Value:
        """Return the answer that it speaks for; `absent` speaks for `no`."""
        return Value.NO if self is Proposed.ABSENT else Value(self.value)


Drawn = Literal["random", "stratified", "chosen"]
"""How records were drawn from those that they are to speak for; `GoldSpec.drawn` says what each means."""


class Decision(StrEnum):
    """What a judgement says of the record as a whole at one stage."""

    INCLUDE = "include"
    EXCLUDE = "exclude"
    UNCLEAR = "unclear"

    @property
    def kept(self) -> bool:
        """Return whether the record goes on to the next stage: only `exclude` ends its way."""
        return self is not Decision.EXCLUDE


class Basis(StrEnum):
    """What a `no` stands on, or which silence is behind an `unclear`."""

    CONTRADICTED = "contradicted"
    """A verified quote says the criterion is not met."""
    ABSENT = "absent"
    """The text says nothing of it. It is a `no` where the protocol takes silence for one (`silence: "no"`), else it is
    `unclear`: not said where it might have been expected."""


class Match(StrEnum):
    """How a quote was found in its source."""

    EXACT = "exact"
    NORMALIZED = "normalized"
    FUZZY = "fuzzy"
    MISSING = "missing"


class Stage(StrEnum):
    """The three stages of a review."""

    ABSTRACT = "abstract"
    FULLTEXT = "fulltext"
    EXTRACTION = "extraction"

    @property
    def label(self) -> str:
        """Return the stage's name for people, the same on every screen, in the terminal and in the report."""
        return _STAGE_LABELS[self.value]


_STAGE_LABELS = {"abstract": "Titles and abstracts", "fulltext": "Full text", "extraction": "Extraction"}


class ItemStatus(StrEnum):
    """What is known of an extracted item."""

    REPORTED = "reported"
    """The report states a value."""
    NOT_REPORTED = "not_reported"
    """It was looked for and is not stated."""
    NOT_APPLICABLE = "not_applicable"
    """The question does not arise for this study."""
    UNCLEAR = "unclear"
    """Nobody can tell yet: open in the report, not found by the machine, or its quote does not hold."""


_MOST_NAMED = 80
"""Characters of a quote that a message names it by."""


class Evidence(Frozen):
    """A verbatim quote and the place where it was found.

    `start` and `end` are character offsets into the named document's text (for a record: its `title` or `abstract`);
    they are None exactly when `status` is `missing`. `page` is 1-based and None for records. `ocr` says that the text there
    was recognised in the picture of the page: it may differ from what is printed. It is written only where it is true.
    """

    quote: str
    document: str
    page: int | None = None
    start: int | None = None
    end: int | None = None
    status: Match = Match.EXACT
    ocr: bool = False

    @model_serializer(mode="wrap")
    def _without_default(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        written: dict[str, Any] = write(self)
        return written if self.ocr else {name: value for name, value in written.items() if name != "ocr"}

    @model_validator(mode="after")
    def _placed(self) -> Self:
        is_found = self.status is not Match.MISSING
        if is_found != (self.start is not None and self.end is not None):
            raise ValueError("evidence has a place exactly when its quote was found")
        return self

    @property
    def named(self) -> str:
        """Return the quote as a message names it: in one line, cut where it is long."""
        words = " ".join(self.quote.split())
        return f"“{words}”" if len(words) <= _MOST_NAMED else f"“{words[:_MOST_NAMED].rstrip()} …”"


OCR = "ocr"
"""The flag of a judgement with an answer that rests on nothing but text recognised in the picture of a page."""
PAGES_NOT_READ = "pages_not_read"
"""The flag of a judgement of a report with pages of which no text could be read."""


def ocr_flags(evidence_of_answers: Iterable[Sequence[Evidence]]) -> tuple[str, ...]:
    """Return the flag `ocr` where one of the answers, given by their evidence, has quotes of recognised text alone."""
    found = ([quote for quote in quotes if quote.status is not Match.MISSING] for quotes in evidence_of_answers)
    return (OCR,) if any(quotes and all(quote.ocr for quote in quotes) for quotes in found) else ()


class Answer(Frozen):
    """The answer to one criterion. `probability` is that of `yes`, in [0, 1], where the reviewer gives one.

    An answer `not_asked` has a reason and nothing else.
    """

    value: Value
    reason: str = ""
    probability: float | None = Field(default=None, ge=0, le=1)
    evidence: tuple[Evidence, ...] = ()
    basis: Basis | None = None


class ItemAnswer(Frozen):
    """The answer to one item of an extraction form.

    `value` is what JSON can hold, in the form's unit, and None unless the item is reported. `evidence` are the quotes
    it stands on; of an item that is `unclear`, the places where a human should look first. `derived` is the code or status
    that the form's rules give, of an item that is computed by rules: where the value is another, a person has overridden
    them, and `reason` says why.
    """

    status: ItemStatus
    value: Any = None
    other: str | None = None
    reason: str = ""
    evidence: tuple[Evidence, ...] = ()
    derived: str | None = None


class Judgement(Frozen):
    """A reviewer's answers for one record at one stage, and the decision they give.

    `items` are the answers of the stage `extraction`, keyed by the item's path in the form, such as
    `models[0].pretraining.recordings_total`.

    `stated` is true where a source gave only a decision (imported labels), so that `answers` may be empty.
    `probability` is that of inclusion, where the reviewer gives one. `flags` are remarks for the human queue. `unread`
    names the passages of a long report that the reviewer was not shown, as `document:page:start-end`, and the pages of
    which no text could be read, as `document:page`.
    """

    decision: Decision
    answers: dict[str, Answer] = Field(default_factory=dict)
    items: dict[str, ItemAnswer] = Field(default_factory=dict)
    probability: float | None = Field(default=None, ge=0, le=1)
    stated: bool = False
    reason: str = ""
    flags: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()

    def failed(self) -> str | None:
        """Return the first criterion answered `no`, in the protocol's order, or None."""
        return next((name for name, answer in self.answers.items() if answer.value is Value.NO), None)
