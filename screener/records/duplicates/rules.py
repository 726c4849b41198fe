"""What two entries are to each other."""

from dataclasses import dataclass
from typing import Literal

from rapidfuzz import fuzz

from .comparing import Compared, compare, may_be_one
from .title_forms import count_words, has_other_word, is_generic, relation_of, says_contrary, says_nothing
from .traits import Traits

Kind = Literal["duplicate", "same_study", "notice_of", "candidate", "conflict"]
KINDS: tuple[Kind, ...] = ("duplicate", "same_study", "notice_of", "candidate", "conflict")
SAME = ("equal", "spelling")
"""Relations of titles that are one title."""
NEARLY = ("near", "other word")
"""Relations of titles that may be of two works, whatever else agrees."""
ENOUGH_WORDS = 6
"""Titles of at least so many words are likely one work where neither author nor year is known of one of them."""
ALIKE = 85.0
"""Least similarity (rapidfuzz `ratio` or `token_sort_ratio`, 0 to 100) of two titles beside a shared identifier."""
MOST_TRIALS = 3
"""Trials that a report is about. What names more is about trials, as a review is."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What two entries are to each other, by which evidence, and how alike their titles are (0 to 1)."""

    kind: Kind
    rule: str
    score: float


def verdict(a: Traits, b: Traits) -> Verdict | None:
    """Return what two entries are to each other, or None for nothing. The order of the two makes no difference."""
    if (a.is_notice or b.is_notice) and a.kind != b.kind:
        return _beside_notice(a, b)
    titles = relation_of(a.title, b.title)
    if not titles and not may_be_one(a, b):
        return None
    compared = compare(a, b)
    score = fuzz.ratio(a.title.main, b.title.main) / 100 if titles != "equal" else 1.0
    found = _by_identifier(a, b, titles, compared) if compared.shared else _by_title(a, b, titles, compared)
    shared_trial = any(number in b.registry for number in a.registry)
    if found is None and shared_trial and max(len(a.registry), len(b.registry)) <= MOST_TRIALS:
        found = "same_study", "registry number"
    return Verdict(found[0], found[1], score) if found else None


def _beside_notice(a: Traits, b: Traits) -> Verdict | None:
    """Return what a notice is to what is none, but for its paper (see `notice_links`).

    At the notice's own page, by its author and of its title, stands most likely the notice itself, in the words of a source
    that does not call it one.
    """
    compared = compare(a, b)
    same = a.is_notice != b.is_notice and relation_of(a.title, b.title) in SAME
    if not (same and compared.place and compared.author) or compared.soft:
        return None
    return Verdict("candidate", f"title, first author, {compared.place}; one is a notice", 1.0)


def _by_identifier(a: Traits, b: Traits, titles: str, compared: Compared) -> tuple[Kind, str]:
    name = compared.shared[0]
    contrary = titles != "equal" and says_contrary(a.title.main.split(), b.title.main.split())
    if contrary or not (titles or _agree_beside_identifier(a, b)):
        if compared.place and compared.author and not compared.hard:
            return "candidate", f"{name}, {compared.place}, first author; other title"
        return "conflict", name
    generic = is_generic(a.title.main) and is_generic(b.title.main) and a.title.main
    if generic and (compared.soft or (a.pages and b.pages and a.pages.first != b.pages.first)):
        # Chapters of a book, or abstracts, under the identifier of the whole: "Introduction".
        return "candidate", _with(f"{name}, title", compared.soft or ("other pages",))
    if titles == "other word" or (
        not titles and a.title.main and b.title.main and has_other_word(a.title.main, b.title.main)
    ):
        # Works of a series, or abstracts of a congress, under one identifier: "… in Austria", "… in Australia".
        return "candidate", _with(f"{name}, title (other word)", (*compared.hard, *compared.soft))
    if titles in ("", "near") and {"other pages", "other abstract", "other first author"}.intersection(compared.soft):
        # Abstracts of a congress under the identifier of the whole supplement: "… in men", "… in women".
        return "candidate", _with(f"{name}, title (near)", compared.soft)
    if a.is_notice and (compared.soft or a.years != b.years):
        # Sources give a notice the identifier of its paper, which may have several.
        return "candidate", _with(f"{name}, title", compared.soft)
    if compared.hard:
        return _apart(titles, compared, name)
    return "duplicate", name


def _agree_beside_identifier(a: Traits, b: Traits) -> bool:
    """Return whether titles that differ may be one where an identifier says so: none at all, misspelled, or cut off."""
    x, y = a.title.main, b.title.main
    if not x or not y:
        return True
    if a.title.numbers == b.title.numbers and (fuzz.ratio(x, y) >= ALIKE or fuzz.token_sort_ratio(x, y) >= ALIKE):
        return True
    short, long = sorted((x, y), key=len)
    return len(short) >= 20 and long.startswith(short) and not short[-1].isdigit() and not long[len(short)].isdigit()


def _by_title(a: Traits, b: Traits, titles: str, compared: Compared) -> tuple[Kind, str] | None:
    proof = compared.place or ("abstract" if compared.abstract else "")
    if not titles:
        return _other_titles(a, b, compared, proof)
    named = {"equal": "title", "subtitle": "title without subtitle"}.get(titles, f"title ({titles})")
    told = ", ".join([named, *["year"] * bool(compared.year), *["first author"] * bool(compared.author)])
    if is_generic(a.title.main) or is_generic(b.title.main):
        return _generic(a, b, titles, compared, told)
    clash = (*compared.hard, *compared.soft)
    if not clash:
        if titles == "equal" and (compared.identical or compared.given_id):
            return "duplicate", "identical row" if compared.identical else "given_id"
        # Each article of a volume may have the pages 1 to 10: they prove nothing beside a title that is not the same.
        from_1 = titles != "equal" and not compared.abstract and a.pages is not None and a.pages.first == 1
        if proof and titles not in NEARLY and not from_1:
            return "duplicate", f"{told}, {proof}"
        return ("candidate", _with(told, (), proof)) if proof or _likely(a, b, titles, compared) else None
    if titles in SAME and compared.author and compared.year:
        return _apart(titles, compared, told)
    # Of nearly one title an author may have several works: more than one clash says that they are.
    one = len(clash) == 1
    unknown = titles in SAME and compared.author is None and compared.year is not False
    # One title of many words by one author is of one work more often than not: a congress abstract, and its paper years later.
    own = titles == "equal" and compared.author and count_words(a.title.main) >= ENOUGH_WORDS
    likely = own or (titles in SAME and proof) or (one and (proof or compared.author or unknown))
    return ("candidate", _with(told, clash, proof)) if likely else None


def _generic(a: Traits, b: Traits, titles: str, compared: Compared, told: str) -> tuple[Kind, str] | None:
    """Return what two entries are whose title says nothing: one, if they stand at one place, and nothing else is other."""
    if titles != "equal" or not compared.author or compared.hard or compared.soft:
        return None
    if not compared.place:
        likely = compared.year and count_words(a.title.main) > 1 and not says_nothing(a.title.main)
        return ("candidate", told) if likely else None
    if says_nothing(a.title.main) and a.issue and b.issue and a.issue != b.issue:
        return None
    return "duplicate", f"{told}, {compared.place}"


def _likely(a: Traits, b: Traits, titles: str, compared: Compared) -> bool:
    """Return whether two entries whose titles agree, and where nothing clashes, are worth a person's look."""
    if compared.author:
        return True
    enough = min(count_words(a.title.main), count_words(b.title.main)) >= ENOUGH_WORDS
    return enough and titles != "subtitle" and (titles in SAME or compared.year is True)


def _other_titles(a: Traits, b: Traits, compared: Compared, proof: str) -> tuple[Kind, str] | None:
    """Return what two entries of other titles are: a translation, or a title that one source does not give."""
    if not proof or not compared.year or compared.hard or compared.soft:
        return None
    if compared.range and compared.place:  # no two works have the same pages of one volume
        return "candidate", _with("other title, year" + ", first author" * bool(compared.author), (), proof)
    if not compared.author or (a.title.main and b.title.main and a.title.numbers != b.title.numbers):
        return None
    if is_generic(a.title.main) and is_generic(b.title.main) and a.title.main and b.title.main:
        return None
    return "candidate", f"other title, year, first author, {proof}"


def _apart(titles: str, compared: Compared, told: str) -> tuple[Kind, str]:
    """Return what two entries are whose titles agree and that clash: reports of one study, or for a person to look at."""
    clash = (*compared.hard, *compared.soft)
    trials = "other registry number" in compared.hard
    same = titles in SAME and compared.author and compared.year and not trials
    return ("same_study" if same else "candidate"), _with(told, clash)


def _with(told: str, clash: tuple[str, ...], proof: str = "") -> str:
    return ", ".join(filter(None, (told, proof))) + ("; " + ", ".join(clash) if clash else "")
