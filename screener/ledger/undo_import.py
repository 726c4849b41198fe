"""Take imports back, and correct the names of sources."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select

from ..core.errors import BadInput
from . import tables as t
from .imports import ImportedFile, all_imports
from .parts import in_parts
from .rebuild import rebuild
from .sources import RenamedSource, note_rename
from .store import Ledger, now
from .undone import HiddenJudgement, absent_hits, forget_kept, gone_ids, judgements_under
from .updates import drop_links, whole_updates


@dataclass(frozen=True)
class UndoneImports:
    """What was taken back: the imports, how many rows count no more, the records that are gone, what was judged of them.

    `kept` records have lost a row and are there by another one. `updates` were taken back with their imports; `earlier`
    rows count again as they were before.
    """

    imports: tuple[ImportedFile, ...]
    rows: int
    records: tuple[str, ...]
    kept: int
    judgements: tuple[HiddenJudgement, ...]
    updates: tuple[int, ...] = ()
    earlier: int = 0


class JudgedRecordsError(BadInput):
    """People have judged records that would be gone; `judgements` are theirs."""

    def __init__(self, judgements: Sequence[HiddenJudgement]) -> None:
        """Take the judgements; what to do is for the caller to say."""
        super().__init__("people have judged records of this import")
        self.judgements = tuple(judgements)


def undo_imports(ledger: Ledger, numbers: Collection[int], who: str, *, with_judgements: bool) -> UndoneImports:
    """Take imports back by rows that say so; nothing is deleted. Of an update all files are taken back together.

    Raises `BadInput` for a number that is none or was taken back already, and `JudgedRecordsError` where people have
    judged a record that would be gone, unless `with_judgements`.
    """
    with ledger.write() as connection:
        numbers, updates = whole_updates(connection, numbers)
        chosen = [imported for imported in all_imports(connection) if imported.id in numbers]
        if missing := sorted(set(numbers) - {imported.id for imported in chosen}):
            raise BadInput(f"import --undo: there is no import {missing[0]}; `screener sources` lists them")
        for imported in chosen:
            if imported.undone:
                raise BadInput(
                    f"import --undo: import {imported.id} ({imported.file}) was taken back already, on {imported.undone[:10]}"
                )
        absent, gone = absent_hits(connection), gone_ids(connection)
        at = now()
        connection.execute(
            insert(t.undone_imports), [{"import_id": imported.id, "who": who, "at": at} for imported in chosen]
        )
        lost = absent_hits(connection) - absent
        back = absent - absent_hits(connection)
        records_before = _records_of(connection, lost)
        if updates:
            drop_links(connection, numbers)
        rebuild(connection, lost | back)
        newly_gone = gone_ids(connection) - gone
        judgements = judgements_under(connection, newly_gone)
        by_people = [judgement for judgement in judgements if judgement.role != "machine"]
        if by_people and not with_judgements:
            raise JudgedRecordsError(by_people)
        forget_kept(connection)
    records = tuple(name for name in records_before if name in newly_gone)
    kept = len(records_before) - len(records)
    return UndoneImports(tuple(chosen), len(lost), records, kept, tuple(judgements), updates, len(back))


def _records_of(connection: Connection, hits: Collection[int]) -> list[str]:
    m, names = t.members.c, dict[str, None]()
    for some in in_parts(sorted(hits)):
        query = select(m.record_id).where(m.hit_id.in_(some)).order_by(m.hit_id)
        names |= dict.fromkeys(connection.execute(query).scalars())
    return list(names)


def rename_source(ledger: Ledger, old: str, new: str, who: str) -> RenamedSource:
    """Give a source another name, also on what was imported; what the files say of themselves stays in the ledger.

    Raises `BadInput` where there is no such source.
    """
    with ledger.write() as connection:
        renamed, hits = note_rename(connection, old, new, who)
        rebuild(connection, set(hits) - absent_hits(connection))
        forget_kept(connection)
    return renamed
