"""Enter files into the ledger: hits are appended, links are drawn, and the records they touch are made anew."""

import json
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from shlex import quote

from sqlalchemy import Connection, func, insert, select

from ..core.errors import BadInput
from ..records import FileRead, Hit, prepare_all
from . import tables as t
from .earlier import Earlier
from .hit_keys import insert_keys, keys_are_made, make_keys, note_made
from .imports import ImportedFile, all_imports
from .intake_plan import NEW, FileRows, Imported, IntakePlan, RowFate
from .known_rows import keys_of, rows_read_before
from .links import revive_links
from .parts import in_parts
from .rebuild import rebuild
from .statistics import look_at
from .store import Ledger, now
from .undone import absent_among, forget_kept

_AT_ONCE = 2_000
"""Rows that are inserted by one statement."""
_COMPARED = 5_000
"""New rows that are compared at a time: what they share a key with is held in memory."""
_CACHE_KB = 128 * 1024
"""What SQLite keeps of a ledger in memory while many rows are inserted."""


@dataclass(frozen=True)
class EnteredFiles:
    """What became of some files in a transaction: the counts of each, and the newer versions of earlier hits."""

    imported: tuple[Imported, ...]
    versions: Mapping[int, tuple[int, ...]]
    """By the number of a hit the ones that it replaces."""
    touched: frozenset[int]


@dataclass(frozen=True)
class _Accepted:
    """A file whose rows are entered: as which import, and beside which standing one of the same file (0: none).

    `keys` has, for each row, by what it is known again: first its own key, then those that it has under other sources.
    """

    file: FileRead
    import_id: int
    earlier: int
    keys: Sequence[tuple[str, ...]]
    before: Sequence[ImportedFile] = ()
    """The standing imports of the same file, read in the same encoding."""
    fates: Mapping[int, RowFate] = field(default_factory=dict)
    """Of an update, by the number of a row."""

    @property
    def rows(self) -> Iterator[tuple[int, Hit, tuple[str, ...], RowFate]]:
        """Yield each row with its place, its keys and its fate."""
        for place, (hit, keys) in enumerate(zip(self.file.hits, self.keys, strict=True)):
            yield place, hit, keys, self.fates.get(hit.row, NEW)


def add_files(
    ledger: Ledger,
    files: Sequence[FileRead],
    *,
    again: bool = False,
    source_given: bool = True,
    executor: Executor | None = None,
) -> list[Imported]:
    """Take the hits of some files into the ledger, all or none. A row that is there already adds nothing.

    A file that was imported before under another source is refused where the source was given, as its rows would be
    counted twice; with `again` they are. `executor` works out what is compared of new rows, where it is given. Rows whose import was taken back are back, with what was judged of them.
    """
    with ledger.read() as connection:
        ready = keys_are_made(connection)
    if not ready:
        with ledger.write() as connection:
            make_keys(connection)
    # Rows are compared while others may write; only what comes of it is entered under the lock.
    with ledger.read() as connection:
        plan = _plan(connection, files, again=again, source_given=source_given, executor=executor)
    with ledger.write() as connection:
        if _state(connection) != plan.state:
            make_keys(connection)
            plan = _plan(connection, files, again=again, source_given=source_given)
        _insert(connection, plan)
        if plan.absent:
            revive_links(connection, plan.touched)
        rebuild(connection, plan.touched, {row["id"]: (row["source"], entry) for row, entry in plan.hits})
        if plan.absent:
            forget_kept(connection)
        look_at(connection, len(plan.hits), t.records, t.hits, t.members, t.aliases)
    return plan.imported


def enter_update(
    connection: Connection, files: Sequence[FileRead], fates: Sequence[Mapping[int, RowFate]]
) -> EnteredFiles:
    """Enter the files of an update inside the caller's transaction, each with the fates of its rows by their numbers.

    Records are not made anew: which hits count no more is for the caller to write first. Raises `BadInput` for a file
    that was imported under another source.
    """
    make_keys(connection)
    plan = _plan(connection, files, again=False, source_given=True, fates=fates)
    for file in plan.imported:
        if file.refused:
            raise BadInput(file.refused)
    _insert(connection, plan)
    return EnteredFiles(tuple(plan.imported), plan.versions, frozenset(plan.touched))


def _insert(connection: Connection, plan: IntakePlan) -> None:
    if len(plan.hits) > _AT_ONCE and connection.dialect.name == "sqlite":
        # Indexes grow at places all over them: what does not fit into the cache is written again for almost every row.
        connection.exec_driver_sql(f"PRAGMA cache_size = -{_CACHE_KB}")
    for hits in in_parts(plan.hits, _AT_ONCE):
        rows = [{**row, "entry": entry.model_dump_json(exclude_defaults=True)} for row, entry in hits]
        connection.execute(insert(t.hits), rows)
    for table, others in plan.rows.items():
        for some in in_parts(others, _AT_ONCE):
            connection.execute(insert(table), some)
    insert_keys(connection, plan.keys)
    if plan.keys:
        note_made(connection, plan.keys[-1][0])


def _state(connection: Connection) -> tuple[int, ...]:
    """Return what changes whenever something does with which new rows are compared, or which says how they are entered."""
    tables = (t.imports, t.hits, t.links, t.undone_imports, t.source_names)
    newest = [select(func.coalesce(func.max(table.c.id), 0)).scalar_subquery() for table in tables]
    return tuple(connection.execute(select(*newest)).one())


def _plan(
    connection: Connection,
    files: Sequence[FileRead],
    *,
    again: bool,
    source_given: bool,
    fates: Sequence[Mapping[int, RowFate]] = (),
    executor: Executor | None = None,
) -> IntakePlan:
    plan, earlier = IntakePlan(_state(connection)), Earlier(connection)
    chosen = list(_choose(connection, files, again=again, source_given=source_given))
    if fates:
        chosen = [
            replace(file, fates=of) if isinstance(file, _Accepted) else file
            for file, of in zip(chosen, fates, strict=True)
        ]
    accepted = [file for file in chosen if isinstance(file, _Accepted)]
    earlier.look_up(chain.from_iterable(chain.from_iterable(file.keys for file in accepted)))
    if not fates:
        chosen = [_read_before(connection, file, earlier) if isinstance(file, _Accepted) else file for file in chosen]
        accepted = [file for file in chosen if isinstance(file, _Accepted)]
    else:
        earlier.look_at(hit for file in accepted for fate in file.fates.values() for hit in fate.hits)
    unknown = {
        (file.import_id, place): hit.entry
        for file in accepted
        for place, hit, keys, fate in file.rows
        if not fate.same and (fate.replaces or earlier.hit_of_key.keys().isdisjoint(keys))
    }
    fresh = dict(zip(unknown, prepare_all(list(unknown.values()), executor), strict=True))
    parts = {part[0]: part for part in in_parts(list(fresh), _COMPARED)}
    by_id = {file.import_id: file for file in accepted}
    plan.absent = bool(earlier.absent)
    for file in chosen:
        if isinstance(file, Imported):
            plan.imported.append(file)
            continue
        rows = FileRows(earlier, plan, file.import_id)
        for place, hit, keys, fate in file.rows:
            if part := parts.get((file.import_id, place)):
                earlier.compare_with(
                    [by_id[import_id].file.hits[at].entry for import_id, at in part],
                    chain.from_iterable(fresh[row].keys for row in part),
                )
                plan.absent |= bool(earlier.absent)
            rows.add(hit, keys, fresh.pop((file.import_id, place), None), fate)
        plan.imported.append(_finished(plan, file, rows))
    return plan


def _read_before(connection: Connection, file: _Accepted, earlier: Earlier) -> _Accepted:
    """Return the file with the fates of those rows that an earlier program read otherwise from the same file."""
    known = earlier.hit_of_key
    unknown = [hit for hit, keys in zip(file.file.hits, file.keys, strict=True) if known.keys().isdisjoint(keys)]
    if not unknown or not file.before:
        return file
    taken = {known[key] for keys in file.keys for key in keys if key in known}
    same = rows_read_before(connection, file.before, file.file, unknown, taken)
    earlier.look_at(absent_among(connection, same.values()))
    return replace(file, fates={row: RowFate(same=hit) for row, hit in same.items()})


def _finished(plan: IntakePlan, file: _Accepted, rows: FileRows) -> Imported:
    """Add the row of a file's import to what is to be inserted, and return what it brought."""
    read = file.file
    imported = Imported(
        read,
        rows.new,
        rows.duplicate,
        rows.repeated,
        tuple(rows.conflicts),
        rows.restored,
        file.earlier,
        id=file.import_id,
    )
    report = {k: v for k, v in imported.as_json().items() if k not in ("path", "format", "source")}
    row = {"id": file.import_id, "at": now(), "file": read.path, "sha256": read.sha256, "format": read.format,
           "source": read.source, "report": json.dumps(report)}  # fmt: skip
    plan.rows[t.imports].append(row)
    return imported


def _choose(
    connection: Connection, files: Sequence[FileRead], *, again: bool, source_given: bool
) -> Iterator[Imported | _Accepted]:
    """Yield each file with the number of its import and the keys of its rows; one that is refused as what is said of it."""
    imports = all_imports(connection)
    # Identity columns differ between databases; the one writer may count by itself.
    import_id = max((earlier.id for earlier in imports), default=0)
    for file in files:
        earlier = [item for item in imports if item.sha256 == file.sha256]
        standing = [item for item in earlier if not item.undone]
        same = [item for item in standing if file.source in (item.source, item.given_source)]
        if standing and not same and not again and source_given:
            yield Imported(file, 0, 0, 0, (), refused=_same_file(file, standing[0]))
            continue
        if same or (standing and not again):  # under the name that it has now
            file = replace(file, source=(same or standing)[0].source)
        h, known_sources, before = t.hits.c, list[str](), list[ImportedFile]()
        if standing and (same or not again):
            before = [item for item in standing if item.report.get("encoding", "") == file.encoding]
            query = select(h.source).where(h.import_id.in_([item.id for item in earlier])).distinct()
            known_sources = sorted(connection.execute(query).scalars())
        import_id += 1
        # The same file under another name is the same search, not a second one.
        name = earlier[0].file if earlier else Path(file.path).name
        imports.append(
            ImportedFile(
                import_id, now(), Path(file.path).name, file.sha256, file.format, file.source, file.source, {}, ""
            )
        )
        yield _Accepted(file, import_id, standing[0].id if standing else 0, keys_of(file, name, known_sources), before)


def _same_file(file: FileRead, earlier: ImportedFile) -> str:
    """Return why a file is not imported again under another source, and what to do."""
    return (
        f"{file.path}: is the file that was imported as {earlier.source} on {earlier.at[:10]} (import {earlier.id}); nothing is "
        f"imported. To correct the name: `screener sources rename {quote(earlier.source)} {quote(file.source)}`; to count "
        "its rows a second time, under both names: --again"
    )
