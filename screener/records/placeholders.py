"""What stands in a field for nothing: `NA`, `None`, `[No abstract available]`.

Only a whole field is a placeholder, never a word within a text. What counts depends on the field:

| field | counts as empty |
| --- | --- |
| every text field | `NA`, `N/A`, `#N/A`, `<NA>`, `None`, `null`, `NaN`, `nil`, `undefined`, `not available`, `not applicable`, `unknown`, dashes, question marks, dots |
| title | also `[no title]`, `title not available`, `[Not Available].` (MEDLINE); `Untitled` is a title, as journals print it |
| abstract | also `no abstract`, `[No abstract available]`, `abstract not available`, `[ABSTRACT FROM AUTHOR]`, and such words in the languages usual in databases |
| authors | `NA` in capitals only, since Na is a name; also `[Anonymous]`, `Anon.`, `[No author name available]`, … |
| pages | also `n/a-n/a` and `No Pagination Specified` |
"""

import re
from functools import lru_cache
from typing import TypeVar

from ..core.messages import NO_TITLE
from .model import Bibliographic

LONGEST = 120
"""Characters. A longer text is no placeholder."""

_NOTHING = frozenset(
    {
        "",
        "na",
        "n/a",
        "n.a",
        "#n/a",
        "<na>",
        "none",
        "null",
        "nan",
        "nil",
        "undefined",
        "not available",
        "not applicable",
        "not provided",
        "no data",
        "unknown",
    }
)
_NAMES = frozenset({"NA", "N/A", "None", "null", "NULL", "NaN", "nan", "n/a", "not available", "Not available", "unknown", "Unknown"})  # fmt: skip
_NO_TITLE = re.compile(r"(?:there is )?no title(?: (?:available|given|provided|supplied))?|title (?:not|un)\W?(?:available|known)"
                       r"|missing title|title missing|title unknown|unknown title")  # fmt: skip
_NO_ABSTRACT = re.compile(
    r"(?:(?:this (?:article|paper|record|item) )?(?:has|contains|with|there is) )?no abstract(?: is| was)?"
    r"(?: (?:available|given|included|provided|submitted|supplied|present|found|text|on file))?"
    r"(?: for this (?:article|paper|record|item|publication)| (?:from|by) (?:the )?(?:authors?|publisher|source|database))?"
    r"|(?:an |the )?abstract (?:is )?(?:not|un)\W?(?:available|given|included|provided|submitted|supplied|present|found)"
    r"(?: for this (?:article|paper|record|item|publication)| (?:from|by) (?:the )?(?:authors?|publisher|source|database))?"
    r"|tbd|to be determined|international audience|peer\W?reviewed"
    r"|click to increase image size(?: click to decrease image size)?"
    r"|abstract unavailable|without abstract|missing abstract|abstract missing|abstract\W+(?:none|n/?a|null|not available)"
    r"|\(?abstract (?:from|by) (?:author|publisher)s?\)?"
    r"|(?:no hay resumen|sin resumen|resumen no disponible|resumo não disponível|sem resumo|pas de résumé"
    r"|résumé (?:non|in)\W?disponible|(?:keine?? (?:abstract|zusammenfassung)|abstract nicht) (?:verfügbar|vorhanden)"
    r"|kein(?:e zusammenfassung| abstract)|nessun abstract|abstract non disponibile)(?: disponible| disponível)?"
    r"|аннотация отсутствует|нет аннотации|[无無](?:摘要|中文摘要|英文摘要)|暂无摘要|摘要なし|抄録なし|초록 ?없음"
)
_HEADINGS = frozenset({"abstract", "summary"})
_NO_AUTHOR = re.compile(
    r"anon|anonymous|no authors?(?: names?| ids?)?(?: (?:available|listed|given|found|identified|found))?|author unknown"
    r"|unknown author|authors? not (?:available|listed)"
)
_NO_PAGES = re.compile(r"n/?a?\W?[-–]\W?n/?a?|no pagination(?: specified)?|no.specified|unpaginated|n/a–n/a")
_AROUND = " \t.,;:!?-–—_*[](){}\"'"

EntryT = TypeVar("EntryT", bound=Bibliographic)


def _bare(text: str) -> str:
    return text.strip(_AROUND).casefold()


@lru_cache(65_536)  # keywords, languages and journals come again and again in a file
def is_nothing(field: str, text: str) -> bool:
    """Return whether the whole text of a field stands for nothing. An empty text does too."""
    if len(text) > LONGEST:
        # Programs that show a record without a title show its identifier or the beginning of its abstract instead.
        return field == "title" and text.startswith(f"{NO_TITLE} ")
    if field == "authors":
        return not text.strip(_AROUND) or text.strip(_AROUND) in _NAMES or bool(_NO_AUTHOR.fullmatch(_bare(text)))
    bare = _bare(text)
    if bare in _NOTHING:
        return True
    if field == "title":
        return text.startswith(f"{NO_TITLE} ") or bool(_NO_TITLE.fullmatch(bare))
    if field == "abstract":
        # With dots behind it, it is an abstract that was cut short.
        return text.strip(" :[]").casefold() in _HEADINGS or bool(_NO_ABSTRACT.fullmatch(bare))
    return field == "pages" and bool(_NO_PAGES.fullmatch(bare))


def without_placeholders(entry: EntryT) -> EntryT:
    """Return the entry with every placeholder emptied."""
    changed: dict[str, object] = {}
    for field in _TEXTS:
        text = getattr(entry, field)
        if text and is_nothing(field, text):
            changed[field] = ""
    for field in _LISTS:
        values = getattr(entry, field)
        if any(is_nothing(field, value) for value in values):
            changed[field] = tuple(value for value in values if not is_nothing(field, value))
    return entry.model_copy(update=changed) if changed else entry


_TEXTS = ("title", "abstract", "venue", "volume", "issue", "pages", "publisher", "language", "url")
_LISTS = ("authors", "keywords", "publication_types")
