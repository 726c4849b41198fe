"""A new export in the place of an earlier one of the same search: what it adds, changes and has no more.

Entries are never changed. A newer version of a row is a hit of its own that counts in the place of the older one, so that
an update can be taken back wholly.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, Select, insert, select

from ..core.errors import BadInput
from ..records import Entry, FileRead, blocking_keys
from . import tables as t
from . import update_tables as ut
from .filling import ENRICHMENT
from .hit_keys import hits_with, make_keys
from .intake import EnteredFiles, enter_update
from .intake_plan import Imported
from .links import MACHINE, add_link, link_row, own_links, revive_links
from .parts import in_parts
from .rebuild import rebuild
from .sources import source_of_hit
from .store import Ledger, now
from .superseded import missing_hits, standing_updates
from .undone import forget_kept, undone_hits
from .update_plan import SourceRow, UpdatePlan, plan_update


@dataclass(frozen=True)
class ChangedRow:
    """A row that an update changes: the record, its title before, and the fields that differ."""

    record: str
    title: str
    fields: tuple[str, ...]

    @property
    def text(self) -> bool:
        """Return whether what reviewers read has changed."""
        return not {"title", "abstract"}.isdisjoint(self.fields)

    def as_json(self) -> dict[str, Any]:
        """Return it as `import --update --json` lists it."""
        return {"record": self.record, "title": self.title, "fields": list(self.fields), "text": self.text}


@dataclass(frozen=True)
class MissingRow:
    """A row that the new export does not have: the record and its title."""

    record: str
    title: str

    def as_json(self) -> dict[str, Any]:
        """Return it as `import --update --json` lists it."""
        return dict(vars(self))


@dataclass(frozen=True)
class SourceUpdate:
    """What an update does, or did: `new + changed + same` are the rows of the new export that could be read.

    `missing` are the earlier rows that it does not have, those that were missing before among them; `back` were missing
    and are there again. `id` is 0 where nothing was written.
    """

    source: str
    before: int
    """Rows of the source that counted before, those that were missing already left out."""
    new: int
    same: int
    changed: tuple[ChangedRow, ...]
    missing: tuple[MissingRow, ...]
    newly_missing: int
    back: int
    id: int = 0
    at: str = ""
    files: tuple[Imported, ...] = ()

    @property
    def new_records(self) -> int:
        """Return how many records are new: of the new rows, those that no other source had. 0 before the update is made."""
        return sum(file.new for file in self.files)

    @property
    def text_changed(self) -> int:
        """Return how many rows have another title or abstract."""
        return sum(row.text for row in self.changed)

    @property
    def counts(self) -> dict[str, int]:
        """Return the counts, as the ledger keeps them with the update."""
        return {
            "new": self.new,
            "changed": len(self.changed),
            "text_changed": self.text_changed,
            "same": self.same,
            "gone": len(self.missing),
            "newly_gone": self.newly_missing,
            "back": self.back,
        }

    def as_json(self) -> dict[str, Any]:
        """Return what `import --update --json` prints under `update`."""
        return {
            "update": self.id or None,
            "at": self.at or None,
            "source": self.source,
            "rows_before": self.before,
            **self.counts,
            **({"new_records": self.new_records} if self.files else {}),
            "changed_rows": [row.as_json() for row in self.changed],
            "gone_rows": [row.as_json() for row in self.missing],
        }


class ManyMissingError(BadInput):
    """The new export lacks more than half of the earlier one's rows; `update` says which."""

    def __init__(self, update: SourceUpdate) -> None:
        """Take the update, which was not written."""
        super().__init__(
            f"import --update: {update.newly_missing:,} of the {update.before:,} rows of {update.source} are in none of these "
            "files; nothing was changed. Give all parts of the new export in one call; if it is whole, repeat with --yes"
        )
        self.update = update


def preview_update(ledger: Ledger, source: str, files: Sequence[FileRead]) -> SourceUpdate:
    """Return what an update with these files would do; nothing is written. `BadInput` for an unknown source."""
    with ledger.read() as connection:
        return _described(connection, source, _plan(connection, source, files))


def update_source(
    ledger: Ledger,
    source: str,
    files: Sequence[FileRead],
    who: str,
    *,
    many_missing: bool = False,
    partial: bool = False,
) -> SourceUpdate:
    """Put these files, all of one new export, in the place of what a source gave before.

    `partial`: they have only what is new or was changed since, so that nothing is missing for not being in them. Raises
    `BadInput` for an unknown source and for a file of another source, and `ManyMissingError` where more than half of its
    rows would be marked as missing, unless `many_missing`. All of it is one transaction.
    """
    with ledger.write() as connection:
        plan = _plan(connection, source, files, partial=partial)
        described = _described(connection, source, plan)
        if 2 * described.newly_missing > described.before and not many_missing:
            raise ManyMissingError(described)
        old = {hit for fates in plan.fates for fate in fates.values() for hit in fate.replaces}
        texts = _texts_of(connection, old)
        entered = enter_update(connection, files, plan.fates)
        number, at = _note(connection, described, entered, plan, who)
        revive_links(connection, entered.touched)
        touched = entered.touched | old
        rebuild(connection, touched)
        _note_texts(connection, number, texts)
        forget_kept(connection)
    return SourceUpdate(**{**vars(described), "id": number, "at": at, "files": entered.imported})


def _plan(connection: Connection, source: str, files: Sequence[FileRead], *, partial: bool = False) -> UpdatePlan:
    names = source_of_hit(connection).label("source")
    if source not in set(connection.execute(select(names).distinct()).scalars()):
        known = sorted(set(connection.execute(select(names).distinct()).scalars()))
        raise BadInput(
            f"import --update: no source is called {source}; there are: {', '.join(known) or 'none'}. A first export is "
            "imported without --update"
        )
    h, m = t.hits.c, t.members.c
    query = select(h.id, h.entry, m.record_id).join(t.members, m.hit_id == h.id).where(names == source).order_by(h.id)
    if not partial:
        return plan_update(_source_rows(connection, query), [file.hits for file in files])
    # Of a source with many rows only those are read that one of the few new ones may be.
    make_keys(connection)
    already = missing_hits(connection).keys()
    keys = {key for file in files for hit in file.hits for key in blocking_keys(hit.entry)}
    wanted = sorted(hits_with(connection, keys) | already)
    rows = [row for some in in_parts(wanted) for row in _source_rows(connection, query.where(h.id.in_(some)))]
    plan = plan_update(rows, [file.hits for file in files])
    return replace(plan, missing=[hit for hit in plan.missing if hit in already])


def _source_rows(connection: Connection, query: Select[Any]) -> list[SourceRow]:
    return [SourceRow(row.id, Entry.model_validate_json(row.entry), row.record_id) for row in connection.execute(query)]


def _described(connection: Connection, source: str, plan: UpdatePlan) -> SourceUpdate:
    already = missing_hits(connection)
    hits = {*plan.missing, *plan.changed}
    row_of = {row.hit: row for row in plan.rows if row.hit in hits}
    changed = [ChangedRow(row_of[hit].record, row_of[hit].entry.title, fields) for hit, fields in plan.changed.items()]
    missing = [MissingRow(row_of[hit].record, row_of[hit].entry.title) for hit in plan.missing]
    mine = {row.hit for row in plan.rows}
    return SourceUpdate(
        source,
        len(mine - already.keys()),
        plan.new,
        plan.same,
        tuple(changed),
        tuple(missing),
        len(set(plan.missing) - already.keys()),
        len(mine & already.keys() - set(plan.missing)),
    )


def _note(
    connection: Connection, described: SourceUpdate, entered: EnteredFiles, plan: UpdatePlan, who: str
) -> tuple[int, str]:
    """Write the update, which hits it supersedes and which it does not have; return its number and time."""
    at, u, s = now(), ut.updates.c, ut.superseded_hits.c
    row = {"at": at, "source": described.source, "who": who, "body": json.dumps(described.counts)}
    number = int(connection.execute(insert(ut.updates).returning(u.id), row).scalar_one())
    replaced = {old: new for new, olds in entered.versions.items() for old in olds}
    firsts: dict[int, int] = {}
    for some in in_parts(sorted(replaced)):
        brought = select(t.hits.c.id, t.hits.c.import_id).where(t.hits.c.id.in_(some))
        firsts |= dict(connection.execute(brought).all())
        earlier = select(s.new, s.first_import).where(s.new.in_(some))
        for new, first in connection.execute(earlier):
            firsts[new] = min(first, firsts[new])
    text = {hit: not {"title", "abstract"}.isdisjoint(fields) for hit, fields in plan.changed.items()}
    superseded = [
        {"update_id": number, "old": old, "new": new, "first_import": firsts[old], "text": int(text.get(old, False))}
        for old, new in replaced.items()
    ]
    missing = [{"update_id": number, "hit_id": hit} for hit in plan.missing]
    imports = [{"update_id": number, "import_id": import_id} for import_id in (file.id for file in entered.imported)]
    for table, rows in ((ut.superseded_hits, superseded), (ut.missing_hits, missing), (ut.update_imports, imports)):
        if rows:
            connection.execute(insert(table), rows)
    return number, at


def _texts_of(connection: Connection, hits: Collection[int]) -> dict[int, tuple[str, str]]:
    """Return, by hit, its record's id and the hash of the record's text."""
    m, r, texts = t.members.c, t.records.c, dict[int, tuple[str, str]]()
    query = select(m.hit_id, r.id, r.text_hash).join(t.records, r.id == m.record_id)
    for some in in_parts(sorted(hits)):
        texts |= {row.hit_id: (row.id, row.text_hash) for row in connection.execute(query.where(m.hit_id.in_(some)))}
    return texts


def _note_texts(connection: Connection, number: int, before: Mapping[int, tuple[str, str]]) -> None:
    """Write which records have another text now, by the ids that they have now."""
    s = ut.superseded_hits.c
    new_of = dict(connection.execute(select(s.old, s.new).where(s.update_id == number)).all())
    after = _texts_of(connection, set(new_of.values()))
    rows = {
        after[new_of[hit]][0]: {
            "update_id": number,
            "record_id": after[new_of[hit]][0],
            "before": text,
            "after": after[new_of[hit]][1],
        }
        for hit, (_, text) in before.items()
        if after[new_of[hit]][1] != text
    }
    if rows:
        connection.execute(insert(ut.changed_texts), list(rows.values()))


def drop_links(connection: Connection, imports: Collection[int]) -> None:
    """Take back the links that the rows of an update brought, but for those with what they superseded."""
    h = t.hits.c
    hits = set(connection.execute(select(h.id).where(h.import_id.in_(sorted(imports)))).scalars())
    hits &= undone_hits(connection)  # another import may have brought the same rows
    s = ut.superseded_hits.c
    versions = {frozenset(row) for row in connection.execute(select(s.old, s.new))}
    for row in own_links(connection, hits, active=True):
        if frozenset((row.a, row.b)) not in versions:
            add_link(connection, link_row(row.kind, row.a, row.b, row.rule, row.score, MACHINE, active=False))


def whole_updates(connection: Connection, imports: Collection[int]) -> tuple[set[int], tuple[int, ...]]:
    """Return the imports, with all others of the updates that they belong to, and the numbers of these updates.

    Raises `BadInput` for an update after which another one of the same source holds: what it changed stands on this one.
    """
    standing = {update.id: update for update in standing_updates(connection)}
    u = ut.update_imports.c
    rows = connection.execute(select(u.update_id, u.import_id)).all()
    chosen = {update for update, import_id in rows if import_id in imports and update in standing}
    for update in sorted(chosen):
        if standing[update].source == ENRICHMENT:
            continue  # none stands on another
        later = [other for other in standing.values() if other.source == standing[update].source and other.id > update]
        if any(other.id not in chosen for other in later):
            last = later[-1]
            number = min(import_id for of, import_id in rows if of == last.id)
            raise BadInput(
                f"import --undo: {last.source} was updated again on {last.at[:10]}; take that back first (`screener import "
                f"--undo {number}`)"
            )
    return {*imports, *(import_id for update, import_id in rows if update in chosen)}, tuple(sorted(chosen))


@dataclass(frozen=True)
class ListedUpdate:
    """An update as `sources` lists it; `undone` is whether it was taken back."""

    id: int
    at: str
    source: str
    who: str
    imports: tuple[int, ...]
    counts: Mapping[str, int]
    undone: bool

    def as_json(self) -> dict[str, Any]:
        """Return it as `sources --json` lists it."""
        return {
            "update": self.id,
            "at": self.at,
            "source": self.source,
            "who": self.who,
            "imports": list(self.imports),
            **self.counts,
            "undone": self.undone,
        }


def listed_updates(connection: Connection) -> list[ListedUpdate]:
    """Return every update in its order, also those that were taken back."""
    standing = {update.id for update in standing_updates(connection)}
    imports: dict[int, list[int]] = {}
    for update, import_id in connection.execute(select(ut.update_imports)):
        imports.setdefault(update, []).append(import_id)
    return [
        ListedUpdate(row.id, row.at, row.source, row.who, tuple(sorted(imports.get(row.id, ()))), json.loads(row.body),
                     row.id not in standing)
        for row in connection.execute(select(ut.updates).order_by(ut.updates.c.id))
    ]  # fmt: skip
