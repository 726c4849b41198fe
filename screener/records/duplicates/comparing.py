"""What speaks for and against two entries being one work, beside their titles."""

from dataclasses import dataclass

from rapidfuzz import fuzz

from .traits import Pages, Traits
from .venues import venues_agree

ABSTRACTS_AGREE = 85.0
"""Least similarity (rapidfuzz `ratio`, 0 to 100) of the beginnings of two abstracts that are one."""
ABSTRACTS_CLASH = 60.0
"""Two beginnings of abstracts less alike than this are of two texts. Any two English texts have 40 to 55."""
NUMBERS_CLASH = 0.5
"""Two abstracts that share less of the numbers of the one that has fewer of them report other results."""
LEAST_NUMBERS = 3
_SHORTEST = 100
"""Letters of an abstract that is long enough to be compared."""
_ONE_OF_A_KIND = ("doi", "pmid", "wos", "arxiv")
_NAMED = {"doi": "other DOI", "pmid": "other PMID", "wos": "other accession number", "arxiv": "other arXiv number"}


@dataclass(frozen=True, slots=True)
class Compared:
    """What speaks for and against two entries being one work, in words that people are shown.

    `shared` are identifiers that both have, best first. `place` is the evidence of volume and pages, empty where they do not
    prove anything; `range` is whether first and last page are the same. `given_id` is whether their files give them one number.
    `hard` are clashes that a misprint does not explain, `soft` are others. `author` and `year` are True where
    they agree, False where they do not, and None where one is not known; years agree if they are at most one apart.
    """

    shared: tuple[str, ...]
    place: str
    range: bool
    abstract: bool
    identical: bool
    given_id: bool
    author: bool | None
    year: bool | None
    hard: tuple[str, ...]
    soft: tuple[str, ...]


def may_be_one(a: Traits, b: Traits) -> bool:
    """Return whether two entries of other titles may still be one work: they share an identifier, an author or a page.

    It is a quick look: `compare` says more.
    """
    if _meet(a.identifiers, b.identifiers) or _meet(a.registry, b.registry):
        return True
    same_page = a.pages is not None and b.pages is not None and a.pages.first == b.pages.first
    both = len(a.abstract) >= _SHORTEST and len(b.abstract) >= _SHORTEST
    return _years_agree(a, b) is not False and (same_page or (both and _authors_agree(a, b) is True))


def compare(a: Traits, b: Traits) -> Compared:
    """Return what speaks for and against two entries being one work. The order of the two makes no difference."""
    same_page, same_range = _pages_agree(a.pages, b.pages), _ranges_agree(a.pages, b.pages)
    same_volume = a.volume == b.volume if a.volume and b.volume else None
    same_venue = _venues(a, b)
    place = _place(same_page, same_range, same_volume, same_venue, a, b)
    alike = _abstracts(a, b)
    year = _years_agree(a, b)
    author = _authors_agree(a, b)
    soft = [
        *["other journal"] * (same_venue is False and not (place and same_volume)),
        *["other volume"] * (same_volume is False),
        *["other pages"] * (same_page is False),
        *["other abstract"] * (alike is False),
        *["other year"] * (year is False),
        *["other first author"] * (author is False),
        *["other accession number"] * (_accessions_clash(a, b) and not (place and same_volume)),
    ]
    hard = [name for kind, name in _NAMED.items() if _differ(a.identifier(kind), b.identifier(kind))]
    if a.registry and b.registry and not _meet(a.registry, b.registry):
        hard.append("other registry number")
    if a.kind != b.kind and not (place and same_volume and _may_be_one_kind(a, b)):
        hard.append(" and ".join(sorted(kind or "article" for kind in (a.kind, b.kind))))
    identical = bool(a.row) and a.row == b.row
    given_id = bool(a.given_id) and a.given_id == b.given_id
    return Compared(
        shared_identifiers(a, b),
        place,
        same_range,
        alike is True,
        identical,
        given_id,
        author,
        year,
        tuple(hard),
        tuple(soft),
    )


def shared_identifiers(a: Traits, b: Traits) -> tuple[str, ...]:
    """Return the kinds of identifiers of which two entries share one, best first."""
    kinds = {kind for kind, value in a.identifiers if (kind, value) in b.identifiers}
    return tuple(kind for kind in ("wos", "pmid", "doi", "accession", "arxiv", "pmcid") if kind in kinds)


def _meet(a: tuple[object, ...], b: tuple[object, ...]) -> bool:
    return any(value in b for value in a)


def _differ(a: str, b: str) -> bool:
    return bool(a and b) and a != b


def _may_be_one_kind(a: Traits, b: Traits) -> bool:
    """Return whether databases call one thing now this, now that: abstracts and chapters are often called articles.

    Page S11 of a supplement and page 11 of the volume are an abstract and an article.
    """
    letters = {traits.pages.letters if traits.pages else "" for traits in (a, b)}
    return {a.kind, b.kind} <= {"", "meeting abstract", "chapter"} and len(letters) == 1


def _accessions_clash(a: Traits, b: Traits) -> bool:
    """Return whether one database has the two entries under numbers of their own."""
    numbers = [
        {value.partition(":")[0]: value for kind, value in traits.identifiers if kind == "accession"}
        for traits in (a, b)
    ]
    return any(_differ(number, numbers[1].get(database, "")) for database, number in numbers[0].items())


def _venues(a: Traits, b: Traits) -> bool | None:
    if _meet(a.issn, b.issn):
        return True
    # The two ISSN of a journal, printed and online, differ: only with another name they are of two journals.
    return venues_agree(*sorted((a.venue, b.venue))) if a.venue and b.venue else None


def _pages_agree(a: Pages | None, b: Pages | None) -> bool | None:
    """Return whether two pages are one place; None where one is not known or counts something else."""
    if a is None or b is None:
        return None
    if a.first == b.first:
        # "S12" and "12" are one page, as are "e45" and "45"; "S12" and "e12" are not.
        return not (a.letters and b.letters and a.letters != b.letters) or None
    if {a.first, b.first} & {1} or bool(a.letters) != bool(b.letters):
        return None  # the pages of one article from 1, and an article number: they say nothing of each other
    if bool(a.last) != bool(b.last) and max(a.first, b.first) >= 10_000:
        return None
    return False


def _ranges_agree(a: Pages | None, b: Pages | None) -> bool:
    return a is not None and b is not None and bool(a.last) and (a.first, a.last) == (b.first, b.last)


def _place(
    same_page: bool | None, same_range: bool, same_volume: bool | None, same_venue: bool | None, a: Traits, b: Traits
) -> str:
    if not same_page or same_volume is False:
        return ""
    # The number of a Cochrane review stays in all of its updates, as does the title.
    if a.pages is not None and a.pages.letters == "cd" and (not _meet(a.years, b.years) or _differ(a.issue, b.issue)):
        return ""
    from_1 = a.pages is not None and a.pages.first == 1
    if same_volume:
        # Each article of a volume may begin at 1.
        return "volume, pages" if not from_1 or same_range else ""
    return "journal, pages" if same_venue and (same_range or not from_1) else ""


def _abstracts(a: Traits, b: Traits) -> bool | None:
    """Return whether two abstracts are one; None where one is not known, or they are neither alike nor quite other."""
    if min(len(a.abstract), len(b.abstract)) < _SHORTEST:
        return None
    if min(len(a.numbers), len(b.numbers)) >= LEAST_NUMBERS:
        shared = len({*a.numbers} & {*b.numbers}) / min(len(a.numbers), len(b.numbers))
        if shared < NUMBERS_CLASH:
            return False
    if a.abstract == b.abstract:
        return True
    short, long = sorted((a.abstract, b.abstract), key=lambda text: (len(text), text))
    score = fuzz.ratio(short, long[: len(short)])
    if score < ABSTRACTS_AGREE:
        # A heading, or a line of the publisher, may stand before the text: look for the middle of one in the other.
        middle = slice(len(short) // 4, len(short) // 4 + _SHORTEST)
        score = max(score, fuzz.partial_ratio(short[middle], long), fuzz.partial_ratio(long[middle], short))
    return True if score >= ABSTRACTS_AGREE else False if score < ABSTRACTS_CLASH else None


def _years_agree(a: Traits, b: Traits) -> bool | None:
    if not a.years or not b.years:
        return None
    return _meet(a.years, b.years) or min(abs(x - y) for x in a.years for y in b.years) <= 1


def _authors_agree(a: Traits, b: Traits) -> bool | None:
    """Return whether two entries have one first author; None where one has nobody, or the other's among its authors."""
    if not a.author or not b.author:
        return None
    if a.author == b.author or a.author.startswith(b.author) or b.author.startswith(a.author):
        return True
    short, long = sorted((a.author, b.author), key=len)
    if fuzz.ratio(short, long) >= 80 or (len(short) >= 4 and long.endswith(short)):  # double names are often halved
        return True
    listed = a.author in b.names, b.author in a.names
    return True if all(listed) else None if any(listed) else False
