"""All records of a review as arrays in memory: which hold some words, how many have each value of a facet, in which order.

Made from the ledger by `record_lists`; here nothing is read and nobody's judgement is known.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from ..ledger.record_columns import RecordColumns
from ..records import type_name

MISSING = "-"
"""The value of a facet for records that have none."""
Mask = NDArray[np.bool_]
"""For each record, in the order in which they came, whether it is meant."""
IN_TITLE, IN_FIELDS, IN_ABSTRACT = 9, 3, 1
"""How much it tells that a word stands in a record's title, its other fields, or only in its abstract."""
_KEPT = 64
"""So many words that were searched are remembered."""
_NO_LETTER = re.compile(r"^\W+")


@dataclass(frozen=True)
class Facet:
    """The values of one property: pairs of a record's place and the number of one of its values, in the order of places."""

    labels: tuple[str, ...]
    places: NDArray[np.int32]
    values: NDArray[np.int32]

    @classmethod
    def of(cls, values: Iterable[Sequence[str]]) -> "Facet":
        """Return the facet of records that each have some values; one without any has the value `MISSING`."""
        numbers, places, codes = dict[str, int](), list[int](), list[int]()
        for place, of_record in enumerate(values):
            for value in of_record or (MISSING,):
                places.append(place)
                codes.append(numbers.setdefault(value, len(numbers)))
        return cls(tuple(numbers), np.asarray(places, np.int32), np.asarray(codes, np.int32))

    @classmethod
    def of_codes(cls, labels: Sequence[str], codes: NDArray[np.int32]) -> "Facet":
        """Return the facet of records that have one value each, given by its number; none where that is negative."""
        places = np.flatnonzero(codes >= 0).astype(np.int32)
        return cls(tuple(labels), places, codes[places])

    @classmethod
    def of_groups(cls, groups: Mapping[str, Iterable[int]]) -> "Facet":
        """Return the facet that has the places of records by value; whoever is in none has no value."""
        return cls.of_places({name: np.asarray(sorted(places), np.int32) for name, places in groups.items()})

    @classmethod
    def of_places(cls, groups: Mapping[str, NDArray[np.int32]]) -> "Facet":
        """Return the same from arrays of places."""
        codes = [np.full(len(places), code, np.int32) for code, places in enumerate(groups.values())]
        nothing = [np.empty(0, np.int32)]
        return cls(tuple(groups), np.concatenate([*nothing, *groups.values()]), np.concatenate(nothing + codes))

    @classmethod
    def joined(cls, first: "Facet", second: "Facet") -> "Facet":
        """Return a facet with the values of two that have none in common."""
        values = np.concatenate([first.values, second.values + len(first.labels)]).astype(np.int32)
        return cls((*first.labels, *second.labels), np.concatenate([first.places, second.places]), values)

    def only(self, kept: NDArray[np.bool_]) -> "Facet":
        """Return the same with those pairs alone that are kept."""
        return Facet(self.labels, self.places[kept], self.values[kept])

    def mask(self, chosen: Iterable[str], size: int) -> Mask:
        """Return which of `size` records have any of the chosen values; a value that is none of the facet's has nobody."""
        wanted = np.zeros(len(self.labels), bool)
        wanted[[self._codes[label] for label in chosen if label in self._codes]] = True
        found = np.zeros(size, bool)
        found[self.places[wanted[self.values]]] = True
        return found

    def counts(self, mask: Mask) -> dict[str, int]:
        """Return how many of the records that are meant have each value."""
        numbers = np.bincount(self.values[mask[self.places]], minlength=len(self.labels))
        return dict(zip(self.labels, numbers.tolist(), strict=True))

    @cached_property
    def _codes(self) -> dict[str, int]:
        return {label: code for code, label in enumerate(self.labels)}


@dataclass(frozen=True)
class RecordIndex:
    """The records in the order in which they came. `text` holds the words of all, one after the other, in small letters.

    `starts` are where each record's words begin, with the end of all; `titles_end` and `abstracts` are where its title
    ends and its abstract begins.
    """

    ids: tuple[str, ...]
    facets: Mapping[str, Facet]
    years: NDArray[np.int32]
    by_title: NDArray[np.int32]
    """The place of each record in the order of titles."""
    own_texts: Mapping[str, str]
    """The hash of a record's text without what another service filled in, of those where one did."""
    text: bytes = field(repr=False)
    starts: NDArray[np.int64]
    titles_end: NDArray[np.int64]
    abstracts: NDArray[np.int64]
    made: object = field(default_factory=object, repr=False)
    """Tells this index from all others as long as anybody holds it; an `id` may come again."""
    _found: dict[str, NDArray[np.int8]] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, records: Iterable[RecordColumns]) -> "RecordIndex":
        """Return the index of records that come in their order."""
        columns, parts = list[RecordColumns](), list[bytes]()
        starts, titles_end, abstracts, position = [0], list[int](), list[int](), 0
        for record in records:
            words = [text.casefold().encode() for text in record.words]
            whole = b"\n".join(words) + b"\x00"
            titles_end.append(position + len(words[0]))
            abstracts.append(position + len(whole) - 1 - len(words[-1]))
            position += len(whole)
            starts.append(position)
            parts.append(whole)
            columns.append(_lighter(record))
        order = sorted(range(len(columns)), key=lambda place: _sortable(columns[place].title))
        by_title = np.empty(len(columns), np.int32)
        by_title[order] = np.arange(len(columns), dtype=np.int32)
        return cls(
            tuple(record.id for record in columns), _facets(columns),
            np.asarray([record.year or 0 for record in columns], np.int32), by_title,
            {record.id: record.own_text for record in columns if record.own_text}, b"".join(parts),
            np.asarray(starts, np.int64), np.asarray(titles_end, np.int64), np.asarray(abstracts, np.int64),
        )  # fmt: skip

    @property
    def size(self) -> int:
        """Return how many records there are."""
        return len(self.ids)

    @cached_property
    def place_of(self) -> dict[str, int]:
        """Return the place of each record by its id."""
        return {name: place for place, name in enumerate(self.ids)}

    def places(self, names: Iterable[str]) -> NDArray[np.int32]:
        """Return the places of some records; those that are not in the index are left out."""
        found = (self.place_of.get(name, -1) for name in names)
        return np.asarray([place for place in found if place >= 0], np.int32)

    def holding(self, names: Iterable[str]) -> Mask:
        """Return which records are among some ids."""
        mask = np.zeros(self.size, bool)
        mask[self.places(names)] = True
        return mask

    def weights(self, word: str) -> NDArray[np.int8]:
        """Return for each record how prominently it holds a word or part of one: `IN_TITLE` … `IN_ABSTRACT`, 0 for not."""
        needle = word.casefold().replace("\n", " ").replace("\x00", " ").encode("utf-8", "ignore")
        known = self._found.get(word)
        if known is None:
            known = self._weights(needle)
            if len(self._found) >= _KEPT:
                self._found.clear()
            self._found[word] = known
        return known

    def _weights(self, needle: bytes) -> NDArray[np.int8]:
        weights = np.zeros(self.size, np.int8)
        starts, text, places, found = self._starts, self.text, list[int](), list[int]()
        at = text.find(needle) if needle else -1
        while at >= 0:
            place = bisect_right(starts, at) - 1
            places.append(place)
            found.append(at)
            at = text.find(needle, starts[place + 1])
        where, at_ = np.asarray(places, np.int64), np.asarray(found, np.int64)
        later = np.where(at_ < self.abstracts[where], IN_FIELDS, IN_ABSTRACT)
        weights[where] = np.where(at_ < self.titles_end[where], IN_TITLE, later)
        return weights

    @cached_property
    def _starts(self) -> list[int]:
        # Plain numbers: to look one up among numpy's makes an object each time.
        return [int(start) for start in self.starts.tolist()]


def _lighter(record: RecordColumns) -> RecordColumns:
    """Return a record without the words, which are kept elsewhere."""
    return RecordColumns(
        record.id, record.title, record.year, record.venue, record.language, record.kind, record.sources,
        record.has_abstract, record.own_text, (),
    )  # fmt: skip


def _sortable(title: str) -> tuple[bool, str]:
    """Return what titles are sorted by: small letters, without quotation marks in front; those without a title last."""
    return not title, _NO_LETTER.sub("", title.casefold())


def _facets(records: Sequence[RecordColumns]) -> dict[str, Facet]:
    return {
        "year": Facet.of([str(record.year)] if record.year else () for record in records),
        "source": Facet.of(tuple(dict.fromkeys(record.sources)) for record in records),
        "venue": Facet.of([record.venue] if record.venue else () for record in records),
        "language": Facet.of([language(record.language)] if record.language else () for record in records),
        "type": Facet.of([_kind(record.kind)] if record.kind else () for record in records),
        "abstract": Facet.of(["yes" if record.has_abstract else "no"] for record in records),
    }


@cache
def _kind(kind: str) -> str:
    if kind in ("model", "dataset"):
        return {"model": "Model", "dataset": "Data set"}[kind]
    return type_name(kind, "endnote")


_LANGUAGES = {
    "ar": "Arabic", "ara": "Arabic", "chi": "Chinese", "cs": "Czech", "cze": "Czech", "da": "Danish", "dan": "Danish",
    "de": "German", "dut": "Dutch", "el": "Greek", "en": "English", "eng": "English", "es": "Spanish", "fa": "Persian",
    "fi": "Finnish", "fin": "Finnish", "fr": "French", "fre": "French", "ger": "German", "gre": "Greek", "he": "Hebrew",
    "heb": "Hebrew", "hu": "Hungarian", "hun": "Hungarian", "it": "Italian", "ita": "Italian", "ja": "Japanese",
    "jpn": "Japanese", "ko": "Korean", "kor": "Korean", "nl": "Dutch", "no": "Norwegian", "nor": "Norwegian",
    "per": "Persian", "pl": "Polish", "pol": "Polish", "por": "Portuguese", "pt": "Portuguese", "ru": "Russian",
    "rus": "Russian", "spa": "Spanish", "sv": "Swedish", "swe": "Swedish", "tr": "Turkish", "tur": "Turkish",
    "zh": "Chinese", "zho": "Chinese", "deu": "German", "fra": "French", "nld": "Dutch", "ell": "Greek", "fas": "Persian",
    "ces": "Czech", "uk": "Ukrainian", "ukr": "Ukrainian",
}  # fmt: skip
"""Codes of ISO 639 that databases write for languages."""


@lru_cache(1_000)
def language(written: str) -> str:
    """Return a language by one name, however a source writes it: `en`, `eng`, `en-US` and `English` are one."""
    code = written.strip().casefold().partition("-")[0].partition("_")[0]
    return _LANGUAGES.get(code, written.strip()[:1].upper() + written.strip()[1:])
