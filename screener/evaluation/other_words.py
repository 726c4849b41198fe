"""Values that say the same as gold's in other words: offered to a person, who says whether they do and not whose each is.

Only free texts and what `other` stands for are offered, where gold and the extraction differ by the strict rule. Whatever is
offered counts as wrong in the strict figure, and nothing but a person's word makes it right in the other one.
"""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from ..ledger.same_meanings import MeaningVerdict, ValuePair
from ..metrics import ItemKind, ItemValue, Outcome, ScoredItem, normal_text, numbers_differ, values_agree
from ..text import HashedTerms, MiniLM, load_embedder

LEAST_COSINE = 0.35
"""The cosine of two values' vectors from which on they are offered. By reason, not fitted: it decides nothing but what a
person is shown, so that it is low. Short phrases of one meaning mostly lie above 0.4 with this model, and those of
different things below 0.3. A pair too many costs a glance; a pair too few stays wrong although it
is not."""
OTHER = "other"

Embedder = Callable[[], MiniLM | HashedTerms]
"""Gives what makes vectors; called only where something is to be compared."""


@dataclass(frozen=True)
class Offer:
    """A wrong value that may mean the same as gold's, and what a person said of it."""

    study: str
    path: str
    """The item's path in the extraction."""
    given: str
    gold: str
    pair: ValuePair
    verdict: MeaningVerdict | None = None

    @property
    def shown(self) -> tuple[str, str]:
        """Return the two values in an order that a hash decides and that does not tell whose each is."""
        # The pair is sorted, so that its hash is the same whichever of the two is the machine's.
        text = "\x00".join((self.pair.item, self.pair.first, self.pair.second))
        ordered = sorted((self.given, self.gold), key=normal_text)
        turned = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[0] % 2
        return (ordered[1], ordered[0]) if turned else (ordered[0], ordered[1])

    @property
    def state(self) -> str:
        """Return `confirmed`, `refused`, or `open` where nobody has looked yet."""
        return "open" if self.verdict is None else "confirmed" if self.verdict.same else "refused"


@dataclass(frozen=True)
class OfferedValues:
    """How many wrong values were offered as the same in other words, and what became of them."""

    confirmed: int
    refused: int
    open: int
    embedder: str
    """What made the vectors; empty where there was nothing to compare."""

    @property
    def offered(self) -> int:
        """Return how many there are in all."""
        return self.confirmed + self.refused + self.open

    def as_json(self) -> dict[str, object]:
        """Return it as `evaluate --stage extraction --json` prints it."""
        return {"offered": self.offered, "confirmed": self.confirmed, "refused": self.refused, "open": self.open,
                "least_cosine": LEAST_COSINE, "embedder": self.embedder}  # fmt: skip


@dataclass(frozen=True)
class _Candidate:
    at: tuple[str, int]
    path: str
    given: str
    gold: str
    pair: ValuePair
    near: bool
    """Whether the words alone are near enough to offer it."""


def offers_of(
    studies: Mapping[str, tuple[Sequence[ScoredItem], Mapping[str, ItemValue], Mapping[str, ItemValue]]],
    kinds: Mapping[str, ItemKind],
    said: Mapping[ValuePair, MeaningVerdict],
    embedder: Embedder = load_embedder,
) -> tuple[dict[tuple[str, int], Offer], str]:
    """Return the offers by study and number of the scored item, and the name of what made the vectors (empty if none).

    `studies` has of each study its scored items, and both sides by path; `said` is what people have said of pairs.
    """
    candidates = [
        candidate
        for study, (scored, extracted, gold) in studies.items()
        for number, item in enumerate(scored)
        if (candidate := _candidate((study, number), item, extracted, gold, kinds)) is not None
    ]
    compared = [one for one in candidates if not one.near and one.pair not in said]
    cosines, name = _cosines(compared, embedder)
    offers = {}
    for one in candidates:
        if one.near or one.pair in said or cosines[one.at] >= LEAST_COSINE:
            offers[one.at] = Offer(one.at[0], one.path, one.given, one.gold, one.pair, said.get(one.pair))
    return offers, name


def _cosines(candidates: Sequence[_Candidate], embedder: Embedder) -> tuple[dict[tuple[str, int], float], str]:
    if not candidates:
        return {}, ""
    model = embedder()
    texts = sorted({text for one in candidates for text in (one.given, one.gold)})
    vectors = dict(zip(texts, model.embed(texts), strict=True))
    return {one.at: float(vectors[one.given] @ vectors[one.gold]) for one in candidates}, model.fingerprint


def _candidate(
    at: tuple[str, int],
    item: ScoredItem,
    extracted: Mapping[str, ItemValue],
    gold: Mapping[str, ItemValue],
    kinds: Mapping[str, ItemKind],
) -> _Candidate | None:
    if item.outcome is not Outcome.WRONG or item.extracted is None or item.gold is None:
        return None
    mine, theirs, kind = extracted[item.extracted], gold[item.gold], kinds[item.name]
    words = _words(mine, theirs, kind)
    if words is None or numbers_differ(*words):
        return None
    near = values_agree(mine, theirs, kind) or _share_words(*words)
    return _Candidate(at, item.extracted, *words, _pair(item.name, words), near)


def _share_words(first: str, second: str) -> bool:
    """Return whether half of the words of the shorter text stand in the other, those aside that join words.

    What names a task in two ways often has one word in common, which moves the vector of a short text little.
    """
    one, other = (
        {word for word in re.findall(r"\w+", text.casefold()) if len(word) > 3 or re.search(r"\d", word)}
        for text in (first, second)
    )
    return bool(one and other) and 2 * len(one & other) >= min(len(one), len(other))


def confirmed(
    name: str,
    extracted: ItemValue | None,
    gold: ItemValue | None,
    kinds: Mapping[str, ItemKind],
    said: Mapping[ValuePair, MeaningVerdict],
) -> bool:
    """Return whether a person said that two values of an item mean the same."""
    if extracted is None or gold is None or not (extracted.reported and gold.reported):
        return False
    words = _words(extracted, gold, kinds[name])
    verdict = said.get(_pair(name, words)) if words is not None else None
    return verdict is not None and verdict.same


def _pair(name: str, words: tuple[str, str]) -> ValuePair:
    first, second = sorted(map(normal_text, words))
    return ValuePair(name, first, second)


def _words(extracted: ItemValue, gold: ItemValue, kind: ItemKind) -> tuple[str, str] | None:
    """Return both sides in words; None where something is not put in words, or codes differ beside `other`."""
    if kind.of == "text":
        sides = [_text(side.value) for side in (extracted, gold)]
    elif kind.of == "code" and _codes(extracted) == _codes(gold) and OTHER in _codes(gold):
        sides = [side.other or "" for side in (extracted, gold)]
    else:
        return None
    return (sides[0], sides[1]) if all(side.strip() for side in sides) else None


def _text(value: object) -> str:
    """Return a text, or the members of a list of texts in one line, whatever their order."""
    return "; ".join(sorted(map(str, value))) if isinstance(value, list) else value if isinstance(value, str) else ""


def _codes(side: ItemValue) -> frozenset[str]:
    return frozenset(map(str, side.value if isinstance(side.value, list) else [side.value]))
