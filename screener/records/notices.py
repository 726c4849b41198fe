"""Notices about papers (errata, retractions, replies), the papers that they are about, and marks of integrity.

A notice is recognised by its title, its type of publication, or what its source says it is related to. Rules are narrow:
a paper that is taken for a notice would be lost from screening. What a title alone leaves open ("Response to exercise in …")
is a *possible* notice, and one only where a paper of just that title is there.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz

from . import notice_words as words
from .model import Bibliographic, Entry, Integrity, RelationKind
from .normalise import SIGN, first_author, normalise_title
from .normalise import doi as canonical_doi
from .notice_kinds import NoticeKind

LEAST_WORDS = 4
"""Titles of fewer words name no paper, unless an identifier does."""
ENOUGH_WORDS = 8
"""Words of a title that names its paper by itself, where neither venue nor author is known."""
ALIKE = 95.0
"""Least similarity (rapidfuzz `ratio`, 0 to 100) of the title in a notice and the paper's, normalised; with the same numbers."""
LONGEST_ANSWER = 60
"""Words. A reply or comment with a longer abstract is a record of its own."""
LATEST = 40
"""Years after its paper in which a notice may come."""

_KIND_OF_RELATION = {
    RelationKind.ERRATUM_FOR: NoticeKind.ERRATUM,
    RelationKind.CONCERN_FOR: NoticeKind.CONCERN,
    RelationKind.RETRACTION_OF: NoticeKind.RETRACTION,
}
_MARK_OF_RELATION = {
    RelationKind.ERRATUM_IN: Integrity.CORRECTED,
    RelationKind.CONCERN_IN: Integrity.CONCERN,
    RelationKind.RETRACTED_IN: Integrity.RETRACTED,
}
_MARK_OF_TYPE = {name: Integrity(mark) for name, mark in words.PAPER_TYPES.items()}
_GRAVITY = list(Integrity)
_OF_PAPER = frozenset(_KIND_OF_RELATION) | {RelationKind.COMMENT_ON}
_IN_NOTICE = frozenset(_MARK_OF_RELATION) | {RelationKind.COMMENT_IN}


@dataclass(frozen=True)
class Place:
    """Where a paper stands: volume, year, and first page or article number."""

    volume: str
    year: int
    page: str


@dataclass(frozen=True)
class Notice:
    """What an entry says it is a notice of. `subject` is the paper's title as the notice writes it, empty for none.

    `certain` is whether the entry is a notice for sure, whatever else there is. `identifiers` are those of the paper
    (`doi:…`, `pmid:…`).
    """

    kind: NoticeKind
    subject: str
    certain: bool
    identifiers: tuple[str, ...] = ()
    place: Place | None = None


def notice(entry: Bibliographic) -> Notice | None:
    """Return what an entry is a notice of, or None for a work of its own.

    A possible notice (`certain` is False) is to be taken for one only beside its paper.
    """
    relations = tuple(r.identifier for r in entry.relations if r.kind in _OF_PAPER and ":" in r.identifier)
    kind = _kind_of_type(entry) or _kind_of_relation(entry)
    by_title = _by_title(entry) if _may_tell(entry.title) else None
    if kind is None and by_title is None:
        return None
    subject, certain = entry.title, kind is not None
    if by_title is not None:
        kind, subject, certain = kind or by_title[0], by_title[1], certain or by_title[2]
    assert kind is not None
    if kind in (NoticeKind.REPLY, NoticeKind.EDITORIAL) and _has_data(entry.abstract):
        return None
    written = canonical_doi(entry.title.rstrip(")]} ."))
    named = (f"doi:{written}",) if written and written != entry.doi else ()
    return Notice(kind, _paper_title(subject), certain, tuple(dict.fromkeys((*relations, *named))), _place(entry.title))


def notice_kind(entry: Bibliographic) -> NoticeKind | None:
    """Return what kind of notice an entry is for sure, or None."""
    found = notice(entry)
    return found.kind if found is not None and found.certain else None


def subject_title(entry: Bibliographic) -> str:
    """Return the title of the work that an entry is or is about: without `Erratum:`, `[retracted]`, `(vol 107, A144, 2021)`."""
    found = notice(entry)
    return found.subject if found is not None else bare_title(entry.title)


@lru_cache(maxsize=16_384)
def bare_title(title: str) -> str:
    """Return a paper's title without what sources write into it of its integrity: `RETRACTED:`, `[Erratum appears in …]`."""
    text = words.REMARKS.sub("", words.APPEARS.sub(" ", title))
    for pattern in (words.RETRACTED_BEFORE, words.WITHDRAWN_BEFORE, words.IEEE_NOTICE):
        text = pattern.sub("", text, count=1)
    for pattern in (words.RETRACTED_AFTER, words.WITHDRAWN_AFTER):
        text = pattern.sub("", text, count=1)
    return " ".join(text.split()) or title


def integrity_of(entry: Bibliographic) -> Integrity:
    """Return the gravest mark that an entry carries: in its title, its types, its relations, or set by its reader.

    A notice carries none: it marks its paper (see `MARKS`).
    """
    marks = [entry.integrity, *(_MARK_OF_RELATION[r.kind] for r in entry.relations if r.kind in _MARK_OF_RELATION)]
    marks += [mark for kind in entry.publication_types if (mark := _MARK_OF_TYPE.get(_plain(kind)))]
    if _may_tell(entry.title):
        marks += _marks_in_title(entry.title)
    gravest = max(marks, key=_GRAVITY.index)
    return gravest if gravest is Integrity.UNMARKED or notice_kind(entry) is None else Integrity.UNMARKED


def _marks_in_title(title: str) -> list[Integrity]:
    marks = [_mark_of(remark) for remark in words.APPEARS.findall(title)]
    if words.RETRACTED_BEFORE.search(title) or words.RETRACTED_AFTER.search(title) or words.IEEE_NOTICE.match(title):
        marks.append(Integrity.RETRACTED)
    if words.WITHDRAWN_BEFORE.search(title) or words.WITHDRAWN_AFTER.search(title):
        marks.append(Integrity.WITHDRAWN)
    return marks


def with_integrity(entry: Entry) -> Entry:
    """Return an entry with all that it says itself of its integrity."""
    mark = integrity_of(entry)
    return entry if mark is entry.integrity else entry.model_copy(update={"integrity": mark})


def notice_match(about: Bibliographic, paper: Bibliographic) -> tuple[str, float] | None:
    """Return by which evidence one entry is a notice of another, and how alike the titles are (0 to 1); None if it is not.

    The evidence is a relation, or the paper's identifier; its place (volume, page and year in the same venue); or its title
    with the venue, the first author, or a title that is long enough. A notice of a notice is none: a letter and the reply to
    it are both about the paper.
    """
    found = notice(about)
    if found is None or notice_kind(paper) is not None:
        return None
    names, own = identifiers(paper), identifiers(about)
    score = _titles_alike(found.subject, bare_title(paper.title))
    if score < 1.0 and _is_about_it_too(found.subject, paper, score):
        score = 0.0
    if not names.isdisjoint(found.identifiers) or any(
        r.kind in _IN_NOTICE and r.identifier in own for r in paper.relations
    ):
        return ("relation", score or 1.0) if found.certain or score else None
    shared = sorted(name.partition(":")[0] for name in names & own)
    if shared and (score or found.certain):
        return shared[0], score or 1.0
    same_venue = venues_agree(about, paper)
    if found.certain and same_venue and found.place is not None and found.place == _place_of(paper):
        return "volume, page, year", score or 1.0
    if not score or not _may_follow(about, paper):
        return None
    return _by_evidence(found, about, paper, same_venue, score)


def _is_about_it_too(subject: str, paper: Bibliographic, score: float) -> bool:
    """Return whether what may be a notice's paper is itself about that paper: a letter with data of its own, "Re: …"."""
    by_title = _by_title(paper) if _may_tell(paper.title) else None
    return by_title is not None and _titles_alike(subject, _paper_title(by_title[1])) > score


def _by_evidence(
    found: Notice, about: Bibliographic, paper: Bibliographic, same_venue: bool, score: float
) -> tuple[str, float] | None:
    authors = first_author(about.authors), first_author(paper.authors)
    same_author = bool(authors[0]) and authors[0] == authors[1]
    if same_venue or same_author:
        return "title, " + ", ".join(["venue"] * same_venue + ["first author"] * same_author), score
    # Those who comment and those who correct may be others, but a notice stands in its paper's journal.
    elsewhere = bool(about.venue and paper.venue)
    enough = len(normalise_title(found.subject).split()) >= ENOUGH_WORDS
    return ("title", score) if found.certain and enough and not elsewhere else None


def identifiers(entry: Bibliographic) -> set[str]:
    """Return what an entry is known by, as relations name it: `doi:…`, `pmid:…`, `arxiv:…`."""
    return {f"{kind}:{value}" for kind in ("doi", "pmid", "arxiv") if (value := getattr(entry, kind))}


def venues_agree(a: Bibliographic, b: Bibliographic) -> bool:
    """Return whether two entries stand in one journal: one ISSN, or one name, written out or abbreviated."""
    if not set(a.issn).isdisjoint(b.issn):
        return True
    first, second = (_venue_words(entry.venue) for entry in (a, b))
    if not first or not second:
        return False
    short, long = sorted((first, second), key=lambda venue: sum(map(len, venue)))
    return len(short) == len(long) and all(b.startswith(a) for a, b in zip(short, long, strict=True))


def _venue_words(venue: str) -> list[str]:
    return [word for word in normalise_title(venue).split() if word not in words.SMALL]


def _kind_of_type(entry: Bibliographic) -> NoticeKind | None:
    kinds = [
        words.NOTICE_TYPES[plain] for kind in entry.publication_types if (plain := _plain(kind)) in words.NOTICE_TYPES
    ]
    return NoticeKind(kinds[0]) if kinds else None


def _kind_of_relation(entry: Bibliographic) -> NoticeKind | None:
    kinds = [_KIND_OF_RELATION[r.kind] for r in entry.relations if r.kind in _KIND_OF_RELATION]
    return kinds[0] if kinds else None


def _by_title(entry: Bibliographic) -> tuple[NoticeKind, str, bool] | None:
    """Return the kind of a notice by its title, the rest of that, and whether the title is enough to say so."""
    title = _straight(words.REMARKS.sub("", words.APPEARS.sub(" ", entry.title))).strip()
    if words.IEEE_NOTICE.match(title) and not words.COLON_NOTICE.match(title):
        return None
    if (match := words.RETRACTED_BEFORE.match(title)) and _by_journal(entry):
        return NoticeKind.RETRACTION, title[match.end() :], True
    for form in words.FORMS:
        if match := form.pattern.search(title):
            rest = title[match.end() :] if form.before else title[: match.start()]
            rest = rest.strip(" ]") if form.before else rest
            if form.alone and not rest.strip(" .:-]"):
                return NoticeKind(form.kind), "", True
            if rest.strip(" .:-]"):
                return NoticeKind(form.kind), rest, form.certain
    return None


def _by_journal(entry: Bibliographic) -> bool:
    """Return whether the journal itself is named as the only author, as one publisher's notices `Retracted: …` have it."""
    if len(entry.authors) != 1 or not entry.venue:
        return False
    names = re.findall(r"[^\W\d_]{4,}", entry.authors[0].casefold())
    venue = normalise_title(entry.venue).split()
    return bool(names) and all(any(name.startswith(word) or word.startswith(name) for word in venue) for name in names)


def _has_data(abstract: str) -> bool:
    """Return whether the abstract of a reply or comment tells of data of its own: it is long, or has figures."""
    return len(abstract.split()) > LONGEST_ANSWER or bool(words.DATA.search(abstract))


def _may_tell(title: str) -> bool:
    small = title.casefold()
    return any(part in small for part in words.TRIGGERS)


def _straight(text: str) -> str:
    return text.translate(words.STRAIGHT)


def _plain(kind: str) -> str:
    return normalise_title(kind)


def _mark_of(remark: str) -> Integrity:
    lowered = remark.casefold()
    if "concern" in lowered:
        return Integrity.CONCERN
    return Integrity.RETRACTED if "retract" in lowered else Integrity.CORRECTED


def _paper_title(rest: str) -> str:
    """Return the title in what follows `Erratum to`: what is quoted, else all but authors before and a citation behind."""
    text = words.OTHER_NOTICE.sub("", _straight(rest).strip(" :-–—"), count=1).strip()
    if (quoted := words.QUOTED.search(text)) and len((inside := str(quoted[1] or quoted[2])).split()) >= 2:
        return inside.strip(" .,;")
    text = words.VOLUME.sub("", words.AUTHORS_BEFORE.sub("", text, count=1)).strip()
    if (cut := _cut_bracket(text)) is not None:
        text = text[:cut].strip()
    while (start := _last_bracket(text)) is not None and words.CITATION.search(text[start:]):
        text = text[:start].strip()
    return words.ABSTRACT_NUMBER.sub("", text.strip(" .'\""))


def _cut_bracket(text: str) -> int | None:
    """Return where the brackets begin that never close, as in a title that was cut off in its citation; None for none."""
    opened: list[int] = []
    for at, sign in enumerate(text):
        if sign in "([":
            opened.append(at)
        elif sign in ")]" and opened:
            opened.pop()
    enough = bool(opened) and len(text[: opened[0]].split()) >= LEAST_WORDS
    return opened[0] if enough else None


def _last_bracket(text: str) -> int | None:
    """Return where the brackets begin that end a text; None where none do. One that never closes was cut off."""
    if not text.endswith((")", "]")):
        opened = max(text.rfind(" ("), text.rfind(" ["))
        return opened + 1 if opened > 0 and not re.search(r"[)\]]", text[opened:]) else None
    depth = 0
    for at in range(len(text) - 1, 0, -1):
        depth += (text[at] in ")]") - (text[at] in "([")
        if not depth:
            return at
    return None


def _place(title: str) -> Place | None:
    for pattern in words.PLACES:
        if match := pattern.search(_straight(title)):
            return Place(match["volume"].casefold(), int(match["year"]), _first_page(match["page"]))
    return None


def _place_of(paper: Bibliographic) -> Place | None:
    if not (paper.volume and paper.year and paper.pages):
        return None
    return Place(paper.volume.casefold(), paper.year, _first_page(paper.pages))


def _first_page(pages: str) -> str:
    return re.split(r"[-–—+ ]", pages.strip(), maxsplit=1)[0].casefold()


def _titles_alike(a: str, b: str) -> float:
    """Return how alike two titles are, 0 to 1, or 0 where they are not of one paper."""
    first, second = normalise_title(a), normalise_title(b)
    if min(len(first.split()), len(second.split())) < LEAST_WORDS and not _signs(first):
        return 0.0
    if first.replace(" ", "") == second.replace(" ", ""):
        return 1.0
    score = fuzz.ratio(first, second)
    return score / 100 if score >= ALIKE and _numbers(first) == _numbers(second) else 0.0


def _signs(title: str) -> bool:
    """Return whether a title is long enough in a script that does not part words."""
    return len(SIGN.findall(title)) >= 2 * LEAST_WORDS


def _numbers(title: str) -> Sequence[str]:
    return [word for word in title.split() if word.isdigit() or re.fullmatch(r"[ivx]+", word)]


def _may_follow(about: Bibliographic, paper: Bibliographic) -> bool:
    """Return whether a notice may have come out when it did: not before its paper, but for an early date of one of them."""
    return about.year is None or paper.year is None or -1 <= about.year - paper.year <= LATEST
