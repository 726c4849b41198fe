"""What a person selects or types as the quote of an answer: looked up in the record's texts before anything rests on it."""

from collections.abc import Mapping
from typing import Any

from ..core.errors import BadInput
from ..core.judgement import Answer, Evidence, Value
from ..documents import EvidenceTexts, Quote
from ..protocol import StageProtocol
from ..records import Record

QUOTE, PLACE = "quote.", "place."
"""How the names of a criterion's fields begin: the words, and where they were selected."""
LONGEST = 4_000
"""Characters of a quote: some paragraphs."""
Words = Mapping[str, tuple[str, str]]
"""The words and the place (`start end document`, or empty) of each criterion that is quoted for."""


def words_of_form(form: Mapping[str, object], stage: StageProtocol) -> dict[str, tuple[str, str]]:
    """Return what a form's fields quote for the criteria of a stage."""
    quotes = {}
    for criterion in stage.criteria:
        text, place = form.get(QUOTE + criterion.id), form.get(PLACE + criterion.id)
        if isinstance(text, str) and text.strip():
            quotes[criterion.id] = (text.strip(), place if isinstance(place, str) else "")
    return quotes


def words_of_draft(stored: Any, stage: StageProtocol) -> dict[str, tuple[str, str]]:
    """Return what a draft quotes; what is for a criterion that is gone is dropped."""
    fields: dict[str, object] = {}
    for name, quote in dict(stored or {}).items():
        fields[QUOTE + name], fields[PLACE + name] = quote
    return words_of_form(fields, stage)


def words_of_answer(answer: Answer) -> tuple[str, str] | None:
    """Return what an answer quotes first; None where that is nothing."""
    if not answer.evidence:
        return None
    quote = answer.evidence[0]
    where = f"{quote.start} {quote.end} {quote.document}" if quote.start is not None else ""
    return " ".join(quote.quote.split()), where


def evidence_of(record: Record, text: str, place: str) -> Evidence:
    """Return a quote with its place; `BadInput` where the record's texts have no such words that are seen.

    What was selected is taken from where it stands, with the blanks and line ends of the text; what was typed is looked for.
    """
    if len(text) > LONGEST:
        raise BadInput(f"Quote too long: {len(text):,} characters, at most {LONGEST:,}; select a shorter passage.")
    texts = EvidenceTexts.of(record)
    found = texts.find(_selected(texts, text, place) or Quote(text))
    if found.start is None:
        raise BadInput("Quote not found in the documents; select it on the page, or leave it empty.")
    if texts.is_hidden(found):
        raise BadInput("Quote not accepted: these words are in the file, but nobody sees them on its pages.")
    return found


def _selected(texts: EvidenceTexts, text: str, place: str) -> Quote | None:
    """Return the words as they stand where they were selected; None where other words stand there."""
    first, _, rest = place.partition(" ")
    last, _, document = rest.partition(" ")
    if not (first.isdecimal() and last.isdecimal() and len(place) < 1000):
        return None
    start, words = int(first), texts.texts.get(document, "")[int(first) : int(last)]
    return Quote(words, document, start) if words and words.split() == text.split() else None


def with_quotes(answers: Mapping[str, Answer], quotes: Words, record: Record) -> dict[str, Answer]:
    """Return the answers with what is quoted for them; `BadInput` for words that the record does not have."""
    return {
        name: answer.model_copy(update={"evidence": (evidence_of(record, *quotes[name]),)})
        if name in quotes and answer.value is not Value.NOT_ASKED
        else answer
        for name, answer in answers.items()
    }
