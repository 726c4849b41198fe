"""Which criterion takes for granted what another one asks, by the words of their questions.

`Is the pre-trained model adapted?` takes for granted that there is a pre-trained model, which `Is the model pre-trained?` asks.
The definite noun phrases of a question (`the …`, `this …`, `such …`) are compared with what the others establish.
"""

import re
from collections.abc import Collection, Iterator

from ..text import Phrase, content_of, definite_phrases, indefinite_phrases, is_participle, stem, words_of
from .model import QuestionCriterion, StageProtocol


def presuppositions(spec: StageProtocol, criterion: QuestionCriterion) -> Iterator[tuple[str, str, bool]]:
    """Yield a phrase of the question, the criterion that asks whether there is such a thing, and whether that comes later.

    One phrase for each such criterion; none for those that `applies_if` names, directly or over others.
    """
    own, known = established(criterion), _chain(spec, criterion.id)
    keys = {other.id: established(other) for other in spec.questions if other.id != criterion.id}
    order = [other.id for other in spec.questions]
    phrases = definite_phrases(criterion.question)
    opening = _OPENING.match(criterion.question)
    for name, key in keys.items():
        if name in known or criterion.id in _chain(spec, name):
            continue
        later = order.index(name) > order.index(criterion.id)
        others = [other for other in spec.questions if other.id not in (name, criterion.id)]
        shared = {word for other in others for word in keys[other.id]}
        if later:  # what several take for known before it is asked is the subject of all, and nothing that is asked
            shared |= {
                word for other in others for phrase in definite_phrases(other.question) for word in _stems(phrase)
            }
        # Of what is asked later only the subject counts: elsewhere `the task` may be any.
        subject = [phrase for phrase in phrases if opening and phrase.start == opening.end()]
        for phrase in subject if later else phrases:
            *modifiers, head = _stems(phrase)
            named = {word for other in keys.values() for word in other}.intersection(modifiers)
            # `The pre-trained model` is about pre-training, not about whether there is a model.
            asked = key - own - shared
            # `The study` is the record itself, whatever word of that stem another question has.
            itself = not named and not content_of(phrase.words[-1])
            if not itself and (named or {head}) & asked:
                yield _shown(phrase, asked), name, later
                break


def _stems(phrase: Phrase) -> list[str]:
    return [stem(word) for word in phrase.words]


def _shown(phrase: Phrase, matched: Collection[str]) -> str:
    """Return the phrase without what follows a matched noun: a verb there looks like one more noun."""
    last = max(at for at, word in enumerate(phrase.words) if stem(word) in matched)
    if is_participle(phrase.words[last]):
        return phrase.text
    return phrase.text[: phrase.text.rindex(phrase.words[last]) + len(phrase.words[last])]


def _chain(spec: StageProtocol, name: str) -> set[str]:
    """Return the criteria that one presupposes by `applies_if`, one after the other."""
    parents, chain = dict(spec.presupposed), set[str]()
    while (parent := parents.get(name)) is not None and parent not in chain:
        chain.add(parent)
        name = parent
    return chain


_OPENING = re.compile(r"^(?:is|are|was|were|does|do|did|has|have)\s+", re.IGNORECASE)


def established(criterion: QuestionCriterion) -> frozenset[str]:
    """Return the stems of what a criterion asks about: its predicate, what it brings up with `a`, and its label.

    What its own definite phrases take for known is not among them.
    """
    question = criterion.question
    taken = {stem(word) for phrase in definite_phrases(question) for word in phrase.words}
    brought = {stem(word) for phrase in indefinite_phrases(question)[:1] for word in phrase.words}
    named = content_of(f"{criterion.label} {criterion.id.replace('_', ' ')}")
    asked = content_of(question)
    return ((named & asked) | (brought & asked) | _predicate(question)) - taken


def _predicate(question: str) -> frozenset[str]:
    """Return the stem of the participle that a question asks of its subject: `pretrain` of `Is the model pre-trained?`.

    Only words of the subject may stand before it, so that no participle of a clause or behind a preposition is taken.
    """
    opening = _OPENING.match(question)
    if opening is None:
        return frozenset()
    subject = next((phrase for phrase in definite_phrases(question) if phrase.start == opening.end()), None)
    last = opening.end() if subject is None else subject.start + len(subject.text)
    for passed, word in enumerate(word for word in words_of(question) if word.start >= last):
        if question[last : word.start].strip() or passed > (4 if subject is None else 1):
            break
        if passed + (subject is not None) and is_participle(word.text):
            return content_of(word.text)
        if not word.lower.endswith("ly") and (subject is not None or not content_of(word.text, generic=True)):
            break
        last = word.end
    return frozenset()
