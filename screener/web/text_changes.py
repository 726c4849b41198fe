"""What an update changed in a record's title and abstract, word by word, for who judged the earlier text."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from ..core.judgement import Stage
from ..ledger import StoredJudgement, TextChange, no_longer_in, text_history
from ..ledger.enrichments import ENRICHMENT_SUFFIX
from ..ledger.store import Connection
from ..records import Record

_LONG = 20_000
"""Characters of a text beyond which both versions are shown whole: to compare them word by word would take too long."""


@dataclass(frozen=True)
class Piece:
    """Words that both versions have (`same`), or only the newer (`ins`) or the older one (`del`)."""

    kind: str
    text: str


@dataclass(frozen=True)
class ShownChange:
    """A change as it is shown: when and in which source, and title and abstract in pieces; empty where they are the same."""

    at: str
    source: str
    title: Sequence[Piece]
    abstract: Sequence[Piece]


def changes_for(connection: Connection, stage: Stage, record: Record, own: StoredJudgement | None) -> list[ShownChange]:
    """Return the changes of a record's text since the reviewer judged it; none while they have not, or at full text."""
    if stage is not Stage.ABSTRACT or own is None or own.text_hash == record.text_hash:
        return []
    return [_shown(change) for change in text_history(connection, record.id) if change.at > own.at]


def judged_without(stage: Stage, record: Record, own: StoredJudgement | None) -> str:
    """Return whose abstract the reviewer had not read when they judged the record; empty where they had, or there is none."""
    if stage is not Stage.ABSTRACT or own is None or not record.own_text or own.text_hash != record.own_text:
        return ""
    return record.abstract_source.removesuffix(ENRICHMENT_SUFFIX)


def marks_of(connection: Connection, record_id: str) -> list[str]:
    """Return the sources that have the record no more, each in a sentence."""
    return [row.sentence for row in no_longer_in(connection) if row.record == record_id]


def _shown(change: TextChange) -> ShownChange:
    return ShownChange(
        change.at,
        change.source,
        pieces(change.old_title, change.new_title) if change.old_title != change.new_title else (),
        pieces(change.old_abstract, change.new_abstract) if change.old_abstract != change.new_abstract else (),
    )


def pieces(old: str, new: str) -> list[Piece]:
    """Return two versions of a text as one, in pieces that are the same, inserted or deleted."""
    if max(len(old), len(new)) > _LONG:
        return [Piece(kind, text) for kind, text in (("del", old), ("ins", new)) if text]
    before, after = re.findall(r"\s+|\w+|[^\w\s]", old), re.findall(r"\s+|\w+|[^\w\s]", new)
    shown = []
    for kind, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            shown.append(Piece("same", "".join(before[a:b])))
            continue
        shown += [
            Piece(name, text) for name, text in (("del", "".join(before[a:b])), ("ins", "".join(after[c:d]))) if text
        ]
    return shown
