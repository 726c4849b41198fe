"""The abstract that a report's own document holds: how it is headed, and which passages it takes up."""

import re
from collections.abc import Iterator, Sequence

from ..core.messages import Passage

PARTS = re.compile(
    r"(?i:background|introduction|context|rationale|importance|purpose|(?:study )?(?:objectives?|aims?|design)|hypothes[ei]s|settings?"
    r"|(?:materials and |patients and )?methods?|participants|patients|subjects|interventions?|exposures?|main (?:outcomes?|results?)"
    r"(?: (?:and|&) measures?)?|measurements?|data sources|results?|findings|(?:discussion|limitations)"
    r"|conclusions?(?: and relevance)?|interpretation|significance|funding|(?:trial |clinical trial )?registration)[\s.:]*"
)
"""How the parts of an abstract are headed."""
_NAMES = ("abstract", "summary")
_ELSEWHERE = frozenset(
    [
        "zusammenfassung",
        "kurzfassung",
        "abstrakt",
        "résumé",
        "resumen",
        "resumo",
        "resum",
        "riassunto",
        "sommario",
        "samenvatting",
        "sammanfattning",
        "sammendrag",
        "resumé",
        "tiivistelmä",
        "streszczenie",
        "souhrn",
        "súhrn",
        "sažetak",
        "povzetek",
        "összefoglalás",
        "rezumat",
        "özet",
        "öz",
        "kokkuvõte",
        "аннотация",
        "резюме",
        "реферат",
        "анотація",
        "περίληψη",
        "摘要",
        "要旨",
        "要約",
        "抄録",
        "초록",
        "요약",
        "الملخص",
        "ملخص",
        "چکیده",
        "תקציר",
    ]
)
_OPENS = re.compile(r"\W*(?:abstract|summary)\b[\s.:\u2010-\u2015-]*", re.IGNORECASE)
_LETTERS = re.compile(r"(?:\w )+\w")
_OWN_WORK = re.compile(r"\s*\d|\W*(?:introduction|background|methods?|results?)\b", re.IGNORECASE)
"""The heading of a section of the paper itself: an abstract stands before them, a summary behind them is none."""
_SHORTEST, _LONGEST = 40, 6_000
"""Characters: less is a heading, more is a paper of which no other heading was seen."""
_ALIKE = 0.6
"""The share of an abstract's words that another must have to be the same one, of the shorter of the two."""
_LAST_PAGE = 3


def abstract_rank(heading: str) -> int | None:
    """Return 0 for a heading that says abstract, 1 for summary, 2 for such a name in another language, else None."""
    words = heading.strip().casefold()
    words = re.sub(r"^\W+|\W+$", "", words.replace(" ", "") if _LETTERS.fullmatch(words) else words)
    if words in _NAMES:
        return _NAMES.index(words)
    return len(_NAMES) if words in _ELSEWHERE else None


def own_abstract(passages: Sequence[Passage], known: str) -> tuple[str, set[int]]:
    """Return the abstract that stands in the first document, without its heading, and the passages that it takes up.

    Of several (for authors' readers, in two languages) it is the one that `known`, the abstract of a database, is too,
    or else the one that is headed so. Empty where there is none, or where `known` is another one, or is much longer.
    """
    found = sorted(_headed(passages), key=lambda run: abstract_rank(passages[run[0]].section) or 0)
    for indices in found:
        text = "\n\n".join(passages[index].text for index in indices)
        heading = passages[indices[0]].section
        text = text.removeprefix(heading).lstrip() if text.startswith(f"{heading}\n") else _OPENS.sub("", text, count=1)
        if _SHORTEST <= len(text) <= _LONGEST and (not known.strip() or _is_same(text, known)):
            return text, set(indices)
    return "", set()


def _headed(passages: Sequence[Passage]) -> Iterator[list[int]]:
    """Yield the passages under each heading of an abstract, with those under the headings of its parts."""
    index = 0
    while index < len(passages) and _in_front(passages, index):
        section = passages[index].section
        if abstract_rank(section) is None:
            if _OWN_WORK.match(section):
                return
            index += 1
            continue
        run = [index]
        while (index := index + 1) < len(passages) and _in_front(passages, index):
            if passages[index].section != section:
                break
            run.append(index)
        if len(run) == 1 and passages[run[0]].text.strip() == section.strip():  # nothing but the heading
            run += _parts(passages, index)
            index = run[-1] + 1
        yield run


def _in_front(passages: Sequence[Passage], index: int) -> bool:
    return passages[index].document == passages[0].document and passages[index].page <= _LAST_PAGE


def _parts(passages: Sequence[Passage], start: int) -> list[int]:
    """Return the passages of an abstract's parts that are headed as sections are: two or more, up to the paper's own."""
    parts: list[int] = []
    seen: list[str] = []
    for index in range(start, len(passages)):
        section = passages[index].section
        if not _in_front(passages, index) or not PARTS.fullmatch(section):
            break
        if section != (seen[-1] if seen else ""):
            if section in seen or (seen and section.casefold().startswith("introduction")):
                break
            seen.append(section)
        parts.append(index)
    return parts if len(seen) > 1 else []


def _is_same(text: str, known: str) -> bool:
    """Return whether a text is the abstract that is known, and not a small part of it."""
    mine, other = ({word for word in re.findall(r"\w+", each.casefold()) if len(word) > 3} for each in (text, known))
    alike = len(mine & other) >= _ALIKE * max(1, min(len(mine), len(other)))
    return alike and 2 * len(text) >= len(known.strip())
