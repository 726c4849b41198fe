"""Which entries are the same work beyond doubt: nothing that both give differs."""

import re

from ..model import Entry
from ..normalise import first_author, normalise_title

_ONE_EACH = ("doi", "pmid", "pmcid", "arxiv", "wos")
_PRINTED = ("volume", "issue")
_LEAST_ABSTRACT = 200
"""Letters of an abstract from which on an equal one is evidence."""
_NOTICE = re.compile(
    r"erratum|corrigend|correction|retract|expression of concern|comment|letter|reply|editorial", re.IGNORECASE
)


def certainly_same(a: Entry, b: Entry) -> str:
    """Return what two entries share beside title, first author and year, or nothing where they may be two works.

    The three must be there and agree, and at least one more thing must: an identifier, volume and pages, or the
    abstract. Nothing that both give may differ. Identical rows are the same whatever they have.
    """
    if a == b and a.title:
        return "identical row"
    title, author = normalise_title(a.title), first_author(a.authors)
    if not title or not author or a.year is None or contradict(a, b):
        return ""
    if (title, author, a.year) != (normalise_title(b.title), first_author(b.authors), b.year):
        return ""
    shared = [name for name in _ONE_EACH if getattr(a, name) and getattr(a, name) == getattr(b, name)]
    if a.volume and a.pages and (a.volume, _first_page(a)) == (b.volume, _first_page(b)):
        shared.append("volume and pages")
    if len(a.abstract) >= _LEAST_ABSTRACT and normalise_title(a.abstract) == normalise_title(b.abstract):
        shared.append("abstract")
    return ", ".join(shared)


def contradict(a: Entry, b: Entry) -> bool:
    """Return whether two entries differ in something that one work has once; what one of them lacks is no difference."""
    for name in (*_ONE_EACH, *_PRINTED):
        first, second = getattr(a, name), getattr(b, name)
        if first and second and first != second:
            return True
    if a.pages and b.pages and _first_page(a) != _first_page(b):
        return True
    if a.registry and b.registry and set(a.registry).isdisjoint(b.registry):
        return True
    if a.type is not b.type or (a.reference_type and b.reference_type and a.reference_type != b.reference_type):
        return True
    return _is_notice(a) != _is_notice(b)


def _first_page(entry: Entry) -> str:
    return re.split(r"[–—-]", entry.pages)[0].strip().lower()


def _is_notice(entry: Entry) -> bool:
    return any(_NOTICE.search(kind) for kind in (entry.title, *entry.publication_types))
