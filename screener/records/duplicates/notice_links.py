"""Which entries are notices of which: found entry by entry, whatever came first."""

from collections.abc import Iterable
from dataclasses import dataclass

from ..model import Bibliographic, Entry
from ..normalise import normalise_title
from ..notices import bare_title, identifiers, notice, notice_kind, notice_match

MOST_ALIKE = 50
"""Entries that share one key and are looked at: more share a heading or a mistake in the file."""


@dataclass(frozen=True)
class NoticeLink:
    """A notice and its paper, of which the later entry was just added; `other` is the earlier one.

    `earlier_is_notice` tells which of the two is the notice. `rule` names the evidence, `score` how alike the titles are.
    """

    other: int
    earlier_is_notice: bool
    rule: str
    score: float


def notice_keys(entry: Bibliographic) -> tuple[str, ...]:
    """Return texts of which a notice and its paper share at least one: identifiers, and the paper's title."""
    about = notice(entry)
    named = identifiers(entry) | {r.identifier for r in entry.relations if r.identifier.startswith(("doi:", "pmid:"))}
    titles = [bare_title(entry.title)]
    if about is not None:
        named |= set(about.identifiers)
        titles = [about.subject, *titles * (not about.certain)]
    squeezed = [f"title:{text}" for title in titles if (text := normalise_title(title).replace(" ", ""))]
    return (*sorted(named), *squeezed)


class NoticeIndex:
    """Finds the papers of a notice, and the notices of a paper, among the entries that were added before."""

    def __init__(self) -> None:
        """Begin empty."""
        self._entries: dict[int, Entry] = {}
        self._by_key: dict[str, list[int]] = {}

    def add(self, key: int, entry: Entry, *, known: bool = False) -> list[NoticeLink]:
        """Add an entry and return its links with earlier ones; with `known` nothing is looked up."""
        names = notice_keys(entry)
        links = [] if known else list(self._links(entry, names))
        self._entries[key] = entry
        for name in names:
            self._by_key.setdefault(name, []).append(key)
        return links

    def _links(self, entry: Entry, names: Iterable[str]) -> Iterable[NoticeLink]:
        others = dict.fromkeys(other for name in names for other in self._by_key.get(name, ())[:MOST_ALIKE])
        is_notice = notice_kind(entry) is not None
        for other in others:
            earlier = self._entries[other]
            if match := notice_match(entry, earlier):
                yield NoticeLink(other, False, *match)
            elif not is_notice and (match := notice_match(earlier, entry)):
                yield NoticeLink(other, True, *match)
