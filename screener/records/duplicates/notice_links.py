"""Which of two entries is a notice of the other, whatever came first."""

from dataclasses import dataclass

from ..model import Bibliographic
from ..normalise import normalise_title
from ..notices import bare_title, identifiers, notice, notice_kind, notice_match, subject_title
from .title_forms import has_other_word


@dataclass(frozen=True)
class NoticeLink:
    """A notice and its paper, of which the later entry was just added.

    `earlier_is_notice` tells which of the two is the notice. `rule` names the evidence, `score` how alike the titles are.
    """

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


def notice_link(entry: Bibliographic, earlier: Bibliographic) -> NoticeLink | None:
    """Return which of two entries is a notice of the other, or None where neither is."""
    if match := _match(entry, earlier):
        return NoticeLink(False, *match)
    if notice_kind(entry) is None and (match := _match(earlier, entry)):
        return NoticeLink(True, *match)
    return None


def _match(about: Bibliographic, paper: Bibliographic) -> tuple[str, float] | None:
    """Return what `notice_match` does, but for papers of which only the title, and that in all words but one, is the notice's."""
    match = notice_match(about, paper)
    if match is None or match[1] == 1.0 or not match[0].startswith("title"):
        return match
    titles = (normalise_title(title) for title in (subject_title(about), bare_title(paper.title)))
    return None if has_other_word(*titles) else match
