"""Take back an import or a file of decisions, list the sources, and correct the name of one."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, TypeVar

from ..core.errors import BadInput
from ..core.judgement import Stage
from ..ledger import (
    HiddenJudgement,
    ImportedFile,
    JudgedRecordsError,
    LabelFile,
    Ledger,
    ListedUpdate,
    NoLongerIn,
    RenamedSource,
    UndoneImports,
    all_imports,
    hits_by_source,
    label_files,
    listed_updates,
    no_longer_in,
    reads,
    rename_source,
    sources_by_import,
    undo_imports,
    undo_label_file,
    void_queues,
)
from ..ledger.synthetic import read_synthetic
from ..protocol import Review
from .changes import after_change

TEST_SERVERS = "test-servers"
"""What `import --undo` takes for everything that came from test servers."""


@dataclass(frozen=True)
class UndoneImport:
    """What became of the imports that were taken back; `records` is how many the review has now."""

    undone: UndoneImports
    records: int

    @property
    def by_people(self) -> tuple[HiddenJudgement, ...]:
        """Return the judgements, adjudications and gold labels that count no more."""
        return tuple(judgement for judgement in self.undone.judgements if judgement.role != "machine")

    @property
    def by_machines(self) -> int:
        """Return how many judgements of machines count no more."""
        return len(self.undone.judgements) - len(self.by_people)

    def as_json(self) -> dict[str, Any]:
        """Return what `import --undo --json` prints."""
        return {
            "imports": [file.as_json() for file in self.undone.imports],
            "rows": self.undone.rows,
            "gone": list(self.undone.records),
            "kept": self.undone.kept,
            "updates": list(self.undone.updates),
            "earlier_rows": self.undone.earlier,
            "judgements": [judgement.as_json() for judgement in self.by_people],
            "machine_judgements": self.by_machines,
            "records": self.records,
        }


def undo_import(ledger: Ledger, review: Review, what: str, who: str, *, with_judgements: bool) -> UndoneImport:
    """Take back the import of a file, of the number that `sources` lists it under, or `TEST_SERVERS`: all that these sent.

    Raises `BadInput` where nothing or more than one import is meant, and where people have judged a record that would be
    gone, unless `with_judgements`.
    """
    with ledger.read() as connection:
        imports = all_imports(connection)
        synthetic = read_synthetic(connection).imports if what == TEST_SERVERS else ()
    if synthetic:
        numbers = list(synthetic)
    elif what.isdecimal() and not Path(what).is_file():
        numbers = [int(what)]
    else:
        matching = _named_by(what, imports, "import --undo", "`screener sources` lists the imports")
        if len({(file.sha256, file.source) for file in matching}) > 1:
            raise _several("import --undo", what, [f"{file.id} ({file.source}, {file.at[:10]})" for file in matching])
        numbers = [file.id for file in matching]
    try:
        undone = undo_imports(ledger, numbers, who, with_judgements=with_judgements)
    except JudgedRecordsError as error:
        raise JudgedByPeople(error.judgements) from None
    after_change(ledger, review)
    with ledger.read() as connection:
        return UndoneImport(undone, reads.count_records(connection))


class JudgedByPeople(BadInput):
    """People have judged `records` of an import that was to be taken back."""

    def __init__(self, judgements: Sequence[HiddenJudgement]) -> None:
        """Say whose judgements they are, and how to take them back too."""
        super().__init__(_judged(judgements))
        self.records = len({judgement.record for judgement in judgements})


def _judged(judgements: Sequence[HiddenJudgement]) -> str:
    people = Counter(f"{judgement.reviewer}{' (gold)' if judgement.role == 'gold' else ''}" for judgement in judgements)
    records = len({judgement.record for judgement in judgements})
    return (
        f"import --undo: {records:,} {'record' if records == 1 else 'records'} that would be gone have been judged "
        f"({', '.join(f'{name}: {count:,}' for name, count in people.items())}); nothing was changed. To take these "
        "judgements back too, and list them: --with-judgements. An import of the same file brings them back"
    )


class _FileRow(Protocol):
    @property
    def id(self) -> int: ...
    @property
    def file(self) -> str: ...
    @property
    def sha256(self) -> str: ...
    @property
    def undone(self) -> str: ...


F = TypeVar("F", bound=_FileRow)


def _named_by(what: str, files: Sequence[F], command: str, hint: str) -> list[F]:
    """Return the files that count and are meant by a path: those of its content and name, of its content, or of its name."""
    path = Path(what)
    digest = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
    of_content, of_name = [f for f in files if f.sha256 == digest], [f for f in files if f.file == path.name]
    for matching in ([file for file in of_content if file in of_name], of_content, of_name):
        standing = [file for file in matching if not file.undone]
        if standing:
            return standing
        if matching:
            raise BadInput(f"{command}: {what} was taken back already, on {matching[-1].undone[:10]}")
    raise BadInput(f"{command}: {what} is no file that was read, nor the number of one; {hint}")


def _several(command: str, what: str, choices: Sequence[str]) -> BadInput:
    return BadInput(f"{command}: {what} was read more than once; give the number: {', '.join(choices)}")


@dataclass(frozen=True)
class UndoneLabels:
    """The file of decisions that was taken back, and how many of its judgements counted until now."""

    file: LabelFile
    withdrawn: int

    def as_json(self) -> dict[str, Any]:
        """Return what `label --undo --json` prints."""
        return {
            "label_file": self.file.id,
            "file": self.file.file,
            "stage": self.file.stage.value,
            "withdrawn": self.withdrawn,
        }


def undo_labels(ledger: Ledger, review: Review, what: str, who: str, stage: Stage | None = None) -> UndoneLabels:
    """Take back the decisions of a file, or of the number that `label` printed: what stood before counts again.

    Raises `BadInput` where nothing or more than one file is meant.
    """
    command = "label --undo"
    with ledger.read() as connection:
        files = [file for file in label_files(connection) if stage in (None, file.stage)]
    listed = ", ".join(f"{file.id} ({file.file}, {file.stage})" for file in files if not file.undone)
    hint = f"there are: {listed}" if listed else "no file of decisions is there to be taken back"
    if what.isdecimal() and not Path(what).is_file():
        matching = [file for file in files if file.id == int(what)]
        if not matching:
            raise BadInput(f"{command}: no file of decisions has the number {what}; {hint}")
        if matching[0].undone:
            raise BadInput(f"{command}: {matching[0].file} was taken back already, on {matching[0].undone[:10]}")
    else:
        matching = _named_by(what, files, command, hint)
    if len(matching) > 1:
        raise _several(command, what, [f"{file.id} ({file.stage}, {file.at[:10]})" for file in matching])
    with ledger.write() as connection:
        if next(file for file in label_files(connection) if file.id == matching[0].id).undone:
            raise BadInput(f"{command}: {matching[0].file} was taken back just now")
        withdrawn = undo_label_file(connection, matching[0], who)
        void_queues(connection, matching[0].stage)
    after_change(ledger, review)
    return UndoneLabels(matching[0], len(withdrawn))


@dataclass(frozen=True)
class SourceList:
    """The sources of a review: the rows of each that count, what its searches reported, and every import."""

    rows: Mapping[str, int]
    reported: Mapping[str, int | None]
    imports: tuple[ImportedFile, ...]
    updates: tuple[ListedUpdate, ...] = ()
    missing: tuple[NoLongerIn, ...] = ()
    """The records that a source has no more."""
    named: Mapping[int, Sequence[str]] = field(default_factory=dict)
    """The sources of the rows that each import brought, by its number."""

    def as_json(self) -> dict[str, Any]:
        """Return what `sources --json` prints."""
        names = list(dict.fromkeys([*self.reported, *self.rows]))
        return {
            "sources": [
                {"name": name, "rows": self.rows.get(name, 0), "reported": self.reported.get(name)} for name in names
            ],
            "imports": [file.as_json() for file in self.imports],
            "updates": [update.as_json() for update in self.updates],
            "no_longer_in": [vars(row) for row in self.missing],
        }


def list_sources(ledger: Ledger, review: Review) -> SourceList:
    """Return the sources that the protocol lists or that rows came from, and every import."""
    with ledger.read() as connection:
        rows, imports, named = hits_by_source(connection), all_imports(connection), sources_by_import(connection)
        updates, missing = listed_updates(connection), no_longer_in(connection)
    reported = {source.name: source.total_reported for source in review.sources}
    return SourceList(rows, reported, tuple(imports), tuple(updates), tuple(missing), named)


def correct_source(ledger: Ledger, review: Review, old: str, new: str, who: str) -> RenamedSource:
    """Give a source another name, on everything that was imported under the old one."""
    renamed = rename_source(ledger, old, new, who)
    after_change(ledger, review)
    return renamed
