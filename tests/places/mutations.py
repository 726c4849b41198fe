"""Quotes that say something else than their source: one thing changed by rule, the rest as it was."""

import random
import re
from collections.abc import Callable, Sequence
from itertools import pairwise

NUMBER_WORDS = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_NUMBER = re.compile(rf"\d+(?:\.\d+)?|\b(?:{'|'.join(NUMBER_WORDS)})\b", re.IGNORECASE)
_AUXILIARY = re.compile(r"\b(?:is|are|was|were|be|been|has|have|had|can|could|will|would|may|should|do|does|did)\b")
_WORD = re.compile(r"(?<![\w-])[^\W\d_]{5,}(?![\w'’-])")


def other_number(quote: str, rng: random.Random) -> str | None:
    """One number made another: a digit changed, added or taken away, the point moved, a word for it exchanged."""
    found = list(_NUMBER.finditer(quote))
    if not found:
        return None
    chosen = rng.choice(found)
    old = chosen.group()
    if old.isalpha():
        ways = [rng.choice([word for word in NUMBER_WORDS if word != old.lower()])]
    else:
        at = rng.choice([index for index, each in enumerate(old) if each.isdigit()])
        ways = [old[:at] + str((int(old[at]) + rng.randint(1, 9)) % 10) + old[at + 1 :], old + str(rng.randint(0, 9))]
        if "." in old:
            ways.append(old.replace(".", ""))
        elif len(old) > 1:
            ways += [old[:-1], f"{old[0]}.{old[1:]}"]
    return quote[: chosen.start()] + rng.choice(ways) + quote[chosen.end() :]


def denied(quote: str, rng: random.Random) -> str | None:
    """One negation more: after an auxiliary, before a word, or as the first part of one."""
    auxiliaries, words = list(_AUXILIARY.finditer(quote)), list(_WORD.finditer(quote))
    if auxiliaries and rng.random() < 0.6:
        at = rng.choice(auxiliaries).end()
        return quote[:at] + rng.choice([" not", " never", " no longer"]) + quote[at:]
    if not words:
        return None
    at = rng.choice(words).start()
    return quote[:at] + rng.choice(["not ", "no ", "without ", "non-", "un"]) + quote[at:]


def joined(quote: str, others: Sequence[str], rng: random.Random) -> str | None:
    """The first half of one quote and the second half of another."""
    here, there = quote.split(), rng.choice(others).split()
    first, second = " ".join(here[: len(here) // 2]), " ".join(there[len(there) // 2 :])
    return f"{first} {second}" if min(len(first), len(second)) >= 20 else None


def other_word(quote: str, others: Sequence[str], rng: random.Random) -> str | None:
    """A word of five letters or more exchanged for one of another quote that begins with another letter."""
    words = list(_WORD.finditer(quote))
    if not words:
        return None
    old = rng.choice(words)
    choice = [word for word in _WORD.findall(rng.choice(others)) if word[0].lower() != old.group()[0].lower()]
    return quote[: old.start()] + rng.choice(choice) + quote[old.end() :] if choice else None


def changed_order(quote: str, rng: random.Random) -> str | None:
    """Two words of five letters or more that follow each other, the second first."""
    pairs = [
        (one, two)
        for one, two in pairwise(_WORD.finditer(quote))
        if quote[one.end() : two.start()].isspace() and one.group().lower() != two.group().lower()
    ]
    if not pairs:
        return None
    one, two = rng.choice(pairs)
    return quote[: one.start()] + two.group() + quote[one.end() : two.start()] + one.group() + quote[two.end() :]


def swapped(quote: str, others: Sequence[str], rng: random.Random) -> str | None:
    """A word exchanged for another one, or for its neighbour."""
    return changed_order(quote, rng) if rng.random() < 0.4 else other_word(quote, others, rng)


Mutation = Callable[[str, Sequence[str], random.Random], str | None]
MUTATIONS: dict[str, Mutation] = {
    "a number changed": lambda quote, _, rng: other_number(quote, rng),
    "a negation added": lambda quote, _, rng: denied(quote, rng),
    "two sentences joined": joined,
    "a word swapped": swapped,
}


def mutate(kind: str, quotes: Sequence[str], wanted: int, seed: int) -> list[tuple[int, str]]:
    """`wanted` mutations of one kind, each with the index of its quote; a quote is used again when all were used."""
    rng = random.Random(f"{kind} {seed}")
    made: list[tuple[int, str]] = []
    while len(made) < wanted:
        for index in rng.sample(range(len(quotes)), len(quotes)):
            mutation = MUTATIONS[kind](quotes[index], [*quotes[:index], *quotes[index + 1 :]], rng)
            if mutation is not None and len(made) < wanted and (index, mutation) not in made:
                made.append((index, mutation))
    return made
