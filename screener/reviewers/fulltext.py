"""What a reviewer is shown of a report: all of a short one, of a long one the passages that bear on the questions."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass

from ..core.messages import EmbedRequest, EmbedResponse, Passage, Request, Response, Vectors
from ..documents import Finder, PassageQuery, Report, passages_of
from ..protocol import QuestionCriterion


@dataclass(frozen=True)
class ShownPassages:
    """The passages that are shown, and the places of those that are not, as `document:page:start-end`."""

    passages: tuple[Passage, ...]
    unread: tuple[str, ...]


NOTHING = ShownPassages((), ())
"""At a stage that reads no documents."""


def about(criterion: QuestionCriterion) -> PassageQuery:
    """Return what to look for in a report in order to answer a criterion."""
    words = " ".join(filter(None, (criterion.question, criterion.met_when)))
    cues = criterion.cues
    return PassageQuery(words, (*cues.supports, *cues.suggests, *cues.contradicts))


def finder_for(
    passages: Sequence[Passage], questions: Sequence[PassageQuery]
) -> Generator[Request, Response, tuple[Finder, Vectors]]:
    """Return a finder over the passages, and the vectors of the questions; asks for the vectors it needs."""
    texts = tuple(passage.text for passage in passages) + tuple(question.text for question in questions)
    response = yield EmbedRequest(texts)
    if not isinstance(response, EmbedResponse):
        raise TypeError(f"an embed request was answered by {type(response).__name__}")
    return Finder(passages, response.vectors[: len(passages)]), response.vectors[len(passages) :]


def choose(
    report: Report, questions: Sequence[PassageQuery], limit: int
) -> Generator[Request, Response, ShownPassages]:
    """Return what is shown of a report in at most `limit` characters."""
    passages = passages_of(report.documents)
    if sum(len(passage.text) for passage in passages) <= limit:
        return ShownPassages(tuple(passages), ())
    finder, vectors = yield from finder_for(passages, questions)
    rankings = [finder.ranked(question, vector) for question, vector in zip(questions, vectors, strict=True)]
    chosen = finder.choose(rankings, limit)
    chosen_ids = set(map(id, chosen.passages))
    return ShownPassages(
        chosen.passages, tuple(place(candidate) for candidate in passages if id(candidate) not in chosen_ids)
    )


def place(passage: Passage) -> str:
    """Return where a passage stands, for the ledger."""
    return f"{passage.document}:{passage.page}:{passage.start}-{passage.start + len(passage.text)}"
