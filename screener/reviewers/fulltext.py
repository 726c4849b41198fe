"""What a reviewer is shown of a report: all of a short one, of a long one the passages that bear on the questions."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass

from ..core.messages import EmbedRequest, EmbedResponse, Passage, Request, Response, Vectors
from ..documents import Finder, PassageQuery, Report, own_abstract, passages_of
from ..protocol import QuestionCriterion

SHOWN_VERSION = "3"
"""Changes whenever the same passages and questions would give another choice."""
BEST = 6
"""So many of the best passages for a question, and all with one of its cues, must be shown before silence counts."""


@dataclass(frozen=True)
class ShownPassages:
    """The passages that are shown, and the places of those that are not, as `document:page:start-end`.

    `abstract` is the one that the report's main document has, which is shown as the abstract and not as a passage.
    `partly` are the questions, by number, of which not all passages that bear on them are shown.
    """

    passages: tuple[Passage, ...]
    unread: tuple[str, ...]
    abstract: str = ""
    partly: frozenset[int] = frozenset()


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
    of_passages, of_questions = yield from vectors_for(passages, questions)
    return Finder(passages, of_passages), of_questions


def vectors_for(
    passages: Sequence[Passage], questions: Sequence[PassageQuery]
) -> Generator[Request, Response, tuple[Vectors, Vectors]]:
    """Ask for the vectors of passages and of questions; return both."""
    texts = tuple(passage.text for passage in passages) + tuple(question.text for question in questions)
    response = yield EmbedRequest(texts)
    if not isinstance(response, EmbedResponse):
        raise TypeError(f"an embed request was answered by {type(response).__name__}")
    return response.vectors[: len(passages)], response.vectors[len(passages) :]


def choose(
    report: Report, questions: Sequence[PassageQuery], limit: int
) -> Generator[Request, Response, ShownPassages]:
    """Return what is shown of a report in at most `limit` characters."""
    every = passages_of(report.documents)
    abstract, in_abstract = own_abstract(every, report.abstract)
    passages = [passage for index, passage in enumerate(every) if index not in in_abstract]
    if sum(len(passage.as_shown) for passage in passages) <= limit:
        return ShownPassages(tuple(passages), (), abstract)
    finder, vectors = yield from finder_for(passages, questions)
    rankings = [finder.ranked(question, vector) for question, vector in zip(questions, vectors, strict=True)]
    chosen = finder.choose(rankings, limit)
    hidden = set(range(len(passages))) - set(chosen)
    partly = frozenset(
        number
        for number, (question, ranking) in enumerate(zip(questions, rankings, strict=True))
        if finder.bearing(question, ranking, BEST) & hidden
    )
    return ShownPassages(
        tuple(passages[index] for index in chosen),
        tuple(place(passages[index]) for index in sorted(hidden)),
        abstract,
        partly,
    )


def place(passage: Passage) -> str:
    """Return where a passage stands, for the ledger."""
    return f"{passage.document}:{passage.page}:{passage.start}-{passage.start + len(passage.text)}"
