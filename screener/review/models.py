"""Models and data sets of a review: which are on topic, as a person says, and which publications they name."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..core.errors import BadInput
from ..core.judgement import Stage
from ..ledger import Ledger, reads
from ..ledger.hub import Hub, HubClass, HubEntry, Topic, read_hub
from ..ledger.hub_acts import link_publication, named_identifiers, set_topics, undo_topics, unlink_publication
from ..protocol import QuestionCriterion, Review
from ..records import Record
from ..text import cue_spans
from .changes import after_change

CLASSES = {
    HubClass.OPEN: "topic not judged yet",
    HubClass.OFF_TOPIC: "not on topic",
    HubClass.WITH_PUBLICATION: "on topic, with a publication",
    HubClass.DOCUMENTED: "on topic, with a card and no publication",
    HubClass.UNDOCUMENTED: "on topic, without card and publication",
}
"""The classes of models and data sets in words."""


@dataclass(frozen=True)
class TopicSuggestion:
    """What the protocol's words say of a card: `on`, `off` or `unclear`, and the words of the card that say so."""

    topic: str
    words: tuple[str, ...] = ()
    against: tuple[str, ...] = ()


@dataclass(frozen=True)
class ShownPublication:
    """A publication that a model or data set names. `via_model` is one that came by no other source."""

    id: str
    title: str
    via_model: bool


@dataclass(frozen=True)
class ModelRow:
    """A model or data set: what it is, where it stands, what the program suggests, and its publications.

    `topic` is what a person, `who`, said: `on`, `off` or empty. `names` are the identifiers of publications in its card.
    """

    id: str
    title: str
    kind: str
    sources: tuple[str, ...]
    url: str
    card: str
    hub_class: str
    topic: str
    who: str
    suggestion: TopicSuggestion
    names: tuple[str, ...]
    publications: tuple[ShownPublication, ...]

    def as_json(self) -> dict[str, Any]:
        """Return what `models list --json` lists; the card is in the record."""
        return {
            "id": self.id,
            "title": self.title,
            "kind": self.kind,
            "sources": list(self.sources),
            "url": self.url,
            "class": self.hub_class,
            "topic": self.topic or None,
            "who": self.who or None,
            "suggestion": vars(self.suggestion) | {"words": list(self.suggestion.words), "against": list(self.suggestion.against)},
            "names": list(self.names),
            "publications": [vars(publication) for publication in self.publications],
        }  # fmt: skip


def list_models(ledger: Ledger, review: Review) -> tuple[ModelRow, ...]:
    """Return the models and data sets in the order in which they came."""
    with ledger.read() as connection:
        hub = read_hub(connection)
        titles = reads.titles(connection, sorted({name for entry in hub.entries for name in entry.publications}))
    criteria = _questions(review)
    return tuple(_row(entry, hub, titles, criteria) for entry in hub.entries)


def count_models(ledger: Ledger) -> dict[str, int]:
    """Return how many models and data sets are in each class, and `via_model`: the publications that are screened through
    them alone; empty where there are none.
    """
    with ledger.read() as connection:
        hub = read_hub(connection)
    if not hub.entries:
        return {}
    counts = Counter(entry.hub_class for entry in hub.entries)
    return {**{name.value: counts[name] for name in HubClass}, "via_model": len(hub.screened_via_model)}


def suggest_topic(record: Record, criteria: Sequence[QuestionCriterion]) -> TopicSuggestion:
    """Return what the cues of criteria say of a model's card, its name and its tags.

    The first criterion with cues tells the topic. Two words of its own speak for it: one alone is often the word that was
    searched for, and a name of something else; it is off topic, or unclear where words of other criteria are there too.
    More words against than for it make it unclear, and so does a lack of any card.
    """
    questions = [criterion for criterion in criteria if criterion.cues.supports or criterion.cues.suggests]
    if not questions:
        return TopicSuggestion("unclear")
    text = "\n".join((record.title, ", ".join(record.keywords), record.abstract))
    words = _words(text, (*questions[0].cues.supports, *questions[0].cues.suggests))
    against = _words(text, questions[0].cues.contradicts)
    others = [word for criterion in questions[1:] for word in _words(text, criterion.cues.supports).values()]
    if len(words) > 1 and len(words) > len(against):
        topic = "on"
    elif len(words) > 1 or not record.abstract or (words and others):
        topic = "unclear"
    else:
        topic = "off"
    shown = (*words.values(), *others)
    return TopicSuggestion(topic, tuple(dict.fromkeys(shown)), tuple(dict.fromkeys(against.values())))


def _words(text: str, cues: Sequence[str]) -> dict[str, str]:
    """Return the cues that are in a text, each with the first word or phrase that it was found as."""
    words = dict[str, str]()
    for start, end, cue in cue_spans(text, cues):
        words.setdefault(cue, " ".join(text[start:end].split()))
    return words


def _questions(review: Review) -> tuple[QuestionCriterion, ...]:
    stages = review.protocol.stages
    first = next(stage for stage in Stage if stage in stages)
    return stages[first].questions


def _row(entry: HubEntry, hub: Hub, titles: Mapping[str, str], criteria: Sequence[QuestionCriterion]) -> ModelRow:
    record = entry.record
    return ModelRow(
        record.id, record.shown_title, record.type.value, record.sources, record.url, record.abstract, entry.hub_class.value,
        entry.topic.value, entry.who, suggest_topic(record, criteria), named_identifiers(record),
        tuple(ShownPublication(name, titles.get(name, name), name in hub.via_model) for name in entry.publications),
    )  # fmt: skip


def judge_topic(ledger: Ledger, review: Review, records: Sequence[str], topic: str, who: str) -> int:
    """Note what a person says of models and data sets, and enter the publications of those on topic."""
    judged = set_topics(ledger, records, topic_named(topic), who)
    after_change(ledger, review)
    return judged


def undo_topic(ledger: Ledger, review: Review, who: str) -> int:
    """Take back what a person said of topics last; return of how many."""
    undone = undo_topics(ledger, who)
    after_change(ledger, review)
    return undone


def link_model(ledger: Ledger, review: Review, record: str, publication: str, who: str) -> str:
    """Link a model or data set with its publication; return the publication's record."""
    linked = link_publication(ledger, record, publication, who)
    after_change(ledger, review)
    return linked


def unlink_model(ledger: Ledger, review: Review, record: str, publication: str, who: str) -> str:
    """Undo the link of a model or data set with a publication; return the publication's record."""
    unlinked = unlink_publication(ledger, record, publication, who)
    after_change(ledger, review)
    return unlinked


def topic_named(name: str) -> Topic:
    """Return the topic of that name; `BadInput` with the ones that there are."""
    names = {"on": Topic.ON, "off": Topic.OFF, "publication": Topic.PUBLICATION, "open": Topic.OPEN}
    if name not in names:
        raise BadInput(f"topic: `{name}` is none of {', '.join(names)}")
    return names[name]
