"""Values that may mean the same as gold's in other words, put to a person who does not know whose each is."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from ..core.errors import BadInput
from ..core.judgement import Stage
from ..evaluation import Offer, OfferedValues, Part, values_offered
from ..ledger import Ledger
from ..ledger.same_meanings import MeaningVerdict, say_meaning, take_back_meaning
from ..protocol import Review
from ..stages import canonical_reviewer_name, form_of
from .evaluating import check_split, named_reviewer


@dataclass(frozen=True)
class OpenMeaning:
    """Two values on which nobody has decided, in the order in which they are shown, with what the item is and asks."""

    offer: Offer
    label: str
    question: str
    studies: Sequence[str]
    """The studies in which the two values meet; one verdict holds for all."""

    @property
    def id(self) -> str:
        """Return a name for the pair, of 16 hex digits."""
        pair = self.offer.pair
        text = "\x00".join((pair.item, pair.first, pair.second))
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


@dataclass(frozen=True)
class OpenMeanings:
    """What a person is asked, and how many pairs were offered in all."""

    person: str
    """The name under which the answers are kept."""
    pairs: Sequence[OpenMeaning]
    """Those on which nobody has decided."""
    decided: Sequence[OpenMeaning]
    """Those on which somebody has, so that they can be shown again where that is taken back."""
    offered: OfferedValues


def open_meanings(ledger: Ledger, review: Review, reviewer: str | None, split: str | None, who: str) -> OpenMeanings:
    """Return the pairs of values of a reviewer (default: the stage's machine) that wait for a person, each once.

    Raises `BadInput` without gold or extractions, and for a name that is no person's or that of the reviewer who is checked.
    """
    check_split(Stage.EXTRACTION, split)
    machine = named_reviewer(review, Stage.EXTRACTION, reviewer)
    person = canonical_reviewer_name(ledger, review, [who])[who]
    if person == machine:
        raise BadInput(f"--who: {person} gave these values, and so cannot be the one who confirms them")
    all_offers, offered = values_offered(ledger, review, machine, cast(Part, split or "test"))
    form = form_of(review)
    by_pair: dict[tuple[str, str, str], list[Offer]] = {}
    for offer in all_offers:
        by_pair.setdefault((offer.pair.item, offer.pair.first, offer.pair.second), []).append(offer)
    pairs = []
    for (item, *_), offers in by_pair.items():
        label, field = form.labels.get(item, item), form.item(item)
        studies = list(dict.fromkeys(offer.study for offer in offers))
        pairs.append(OpenMeaning(offers[0], label, field.description if field else "", studies))
    # In an order of its own: that of the studies would show which values go together.
    pairs.sort(key=lambda pair: pair.id)
    waiting, decided = (
        [pair for pair in pairs if (pair.offer.verdict is None) is is_open] for is_open in (True, False)
    )
    return OpenMeanings(person, waiting, decided, offered)


def decide_meaning(ledger: Ledger, meaning: OpenMeaning, person: str, *, same: bool) -> None:
    """Keep what a person says of two values, under their name."""
    with ledger.write() as connection:
        say_meaning(connection, meaning.offer.pair, meaning.offer.shown, person, same=same)


def take_back(ledger: Ledger, person: str) -> MeaningVerdict | None:
    """Take back what a person said last of two values; None where there is nothing to take back."""
    with ledger.write() as connection:
        return take_back_meaning(connection, person)
