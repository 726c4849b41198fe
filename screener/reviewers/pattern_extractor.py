"""The embedded extractor: what can be found without a model, and for all else the place where a human should look.

Codes are found by their vocabulary's synonyms, numbers by pattern and unit, addresses by pattern, all in the lines that
bear on the item most. It understands nothing: where two values compete it reports neither. What it does not attempt at
all it says beforehand (`left_to_people`), and nothing is ever `not_reported` by it: it cannot tell that something is not there.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from ..core.judgement import ItemAnswer, ItemStatus
from ..core.messages import Judging, Passage, Readable, Vectors
from ..documents import PASSAGES_VERSION, EvidenceTexts, PassageQuery, Quote, Report, passages_of
from ..forms import FormSpec, GroupField, ItemField, RowField, conclude
from .extraction import EXTRACTION_VERSION, settle_item
from .fulltext import vectors_for
from .pattern_values import VALUES_VERSION, attempted, find, part_of
from .place_ranking import RANKING_VERSION, Places, search_for, word_weights
from .places import LINES_VERSION, Line, lines_of
from .schema import digest

FINDER_VERSION = "3"
"""Changes whenever the same documents and form would give other items."""
BEST = 3
"""Places that are shown to a human to look at."""
_SHORT_HEAD = 3
_NAME = re.compile(r"^(?=.*[A-Z0-9].*[A-Z])(?!.*-[A-Z][a-z]).|^.*[a-z].*[A-Z]")
"""What may be a name of its own: two capitals, or one behind a digit or a small letter."""
MENTIONS = 3
"""How often a variant of the study's name is mentioned at least."""
_WHY = {
    "text": "free text",
    "texts": "free text",
    "boolean": "a judgement",
    "code": "a judgement",
    "codes": "a judgement",
    "number": "a number without a unit to know it by",
}
"""Why an item of a kind is not attempted, where it is not."""


@dataclass(frozen=True)
class _Asked:
    """An item, or a list (`row`), of one entry of a unit: the name of that entry, its path and what is looked for."""

    variant: str
    path: str
    query: PassageQuery
    item: ItemField | None = None
    row: RowField | None = None


class EmbeddedExtractor:
    """Fills what it can of a form and points to the places for the rest. `embedder` is the fingerprint."""

    def __init__(self, form: FormSpec, embedder: str) -> None:
        """The form taken apart."""
        self._form, self._whole_form, self._embedder = form.asked, form, embedder
        self.left_to_people = left_to_people(form)

    @cached_property
    def asked(self) -> str:
        """Return the hash of the form, the embedder and the engine."""
        items = [(path, item.description, item.kind, item.cues, repr(item.quantity), repr(item.link))
                for path, item in self._form.by_path.items()]  # fmt: skip
        versions = (FINDER_VERSION, PASSAGES_VERSION, LINES_VERSION, RANKING_VERSION, VALUES_VERSION)
        return digest("embedded extraction", *versions, self._embedder, items, self._form.lists)

    @cached_property
    def rule(self) -> str:
        """Return the hash of the version of the rules, and of those that the form derives items by."""
        return digest(EXTRACTION_VERSION, *self._whole_form.rules)

    def judge(self, record: Readable) -> Judging:
        """One request for vectors, then the items. Units are told apart only where they are variants of one name."""
        if not isinstance(record, Report):
            raise TypeError("a form is filled from a report, not from a record")
        sources, own_names = EvidenceTexts.of(record), names_of(record.title)
        passages = passages_of(record.documents)
        variants = variants_of(own_names, passages)
        questions = list(self._questions(variants))
        of_passages, vectors = yield from vectors_for(passages, [asked.query for asked in questions])
        places = Places(lines_of(passages, sources.documents, own_names), of_passages, word_weights(self._form))
        items: dict[str, ItemAnswer] = {}
        for asked, vector in zip(questions, vectors, strict=True):
            others = [name for name in variants if name != asked.variant]
            items[asked.path] = self._answer(asked, others, places, vector, sources)
        flags = [] if variants else [f"one_of_{unit.path}" for unit in self._form.units]
        return conclude(items, flags, (), record.unreadable, self._whole_form)

    def _questions(self, variants: Sequence[str]) -> Iterator[_Asked]:
        """Yield every item and every list; a list of objects is one question."""
        yield from (asked for group in self._form.groups for asked in _parts("", "", group))
        for unit in self._form.units:
            for number, variant in enumerate(variants or ("",)):
                prefix = f"{unit.path}[{number}]."
                yield from (asked for group in unit.groups for asked in _parts(variant, prefix, group))

    def _answer(
        self, asked: _Asked, others: Sequence[str], places: Places, vector: Vectors, sources: EvidenceTexts
    ) -> ItemAnswer:
        item = asked.item
        if item is None:
            fields = asked.row.items if asked.row is not None else ()
            searches = [search_for(field, asked.row.path if asked.row else "", _part(field)) for field in fields]
            return _look_here(places.best_of_entries(searches, vector, BEST), sources, "a list")
        scores = places.scores(search_for(item, "", _part(item)), vector)
        why = self.left_to_people.get(re.sub(r"\[\d+\]", "", asked.path), "")
        if not why:
            ranked = [places.lines[index] for index in sorted(range(len(scores)), key=lambda i: (-scores[i], i))]
            proposed = find(item, ranked, sources, (asked.variant, others))
            if proposed is not None:
                answer = settle_item(item, proposed, sources)
                if answer.status is ItemStatus.REPORTED:
                    return answer
        return _look_here(places.best(scores, BEST), sources, why)


def left_to_people(form: FormSpec) -> Mapping[str, str]:
    """Return the items and lists of a form that the embedded extractor does not attempt, by path, each with why.

    What is attempted: see `attempted`. Items inside a list are not named: the list is.
    """
    left: dict[str, str] = dict.fromkeys(form.asked.lists, "a list")
    for unit in form.units:
        left.pop(unit.path, None)
    for path, item in form.asked.by_path.items():
        if any(path.startswith(f"{name}.") for name in left):
            continue
        if not attempted(item):
            left[path] = _WHY.get(item.kind, "free text")
    return left


def _part(item: ItemField) -> Callable[[Line], float]:
    return lambda line: part_of(item, line)


def _parts(variant: str, prefix: str, group: GroupField) -> Iterator[_Asked]:
    group_path = f"{prefix}{group.path}"
    for item in group.items:
        query = PassageQuery(f"{group.path}. {item.words}", item.cues)
        yield _Asked(variant, f"{group_path}.{item.path}", query, item)
    for row in group.rows:
        cues = tuple(dict.fromkeys(cue for item in row.items for cue in item.cues))
        words = " ".join(item.words for item in row.items)
        query = PassageQuery(f"{row.path} {row.description} {words}", cues)
        yield _Asked(variant, f"{group_path}.{row.path}", query, row=row)


def _look_here(places: Sequence[tuple[str, int, int]], sources: EvidenceTexts, why: str) -> ItemAnswer:
    """Return an item that the engine cannot fill, with the best places to look; `why` where it was not attempted."""
    evidence = tuple(sources.find(Quote(sources.texts[name][start:end], name, start)) for name, start, end in places)
    reason = (
        f"not attempted ({why}); the best places are given"
        if why
        else "not found by pattern; the best places are given"
    )
    return ItemAnswer(status=ItemStatus.UNCLEAR, reason=reason, evidence=evidence)


def names_of(title: str) -> frozenset[str]:
    """Return what a title calls its subject, such as a model's name, in small letters.

    That is the few words before its colon or comma that have a capital, and of others those that look like a name.
    """
    head, *rest = re.split(r"[:,–—]", title, maxsplit=1)
    short = bool(rest) and len(head.split()) <= _SHORT_HEAD
    found = re.findall(r"\w[\w-]{2,}", head)
    words = [word.casefold() for word in found if _NAME.search(word) or (short and word[0].isupper() and len(word) > 3)]
    return frozenset(words) | {word.rpartition("-")[0] for word in words if "-" in word}


def variants_of(own_names: frozenset[str], passages: Sequence[Passage]) -> list[str]:
    """Return the variants of the study's own name that the text speaks of (`Name-S`, `Name-Large`), in their order.

    Fewer than two, or one that is hardly mentioned, are none.
    """
    counts: Counter[str] = Counter()
    for passage in passages:
        for name, ending in re.findall(r"\b([^\W\d_][\w]{3,})[-\u2010\u2011]([A-Z0-9][\w+]{0,9})\b", passage.text):
            if name.casefold() in own_names:
                counts[f"{name}-{ending}"] += 1
    variants = [name for name, count in counts.items() if count >= MENTIONS]
    return variants if len(variants) > 1 else []
