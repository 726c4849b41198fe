"""A new export of a search in the place of the earlier one, as `import --update` takes it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ..core.errors import BadInput
from ..ledger import Ledger, SourceUpdate, gone_ids, preview_update, update_source
from ..protocol import Review
from ..records import FileRead, read_file
from .changes import after_change
from .importing import RecordsAfter, records_after


@dataclass(frozen=True)
class UpdateOptions:
    """Who updates, whether more than half of the rows may be gone, whether nothing is written, and the files' encoding."""

    who: str = "reviewer"
    many_missing: bool = False
    dry_run: bool = False
    encoding: str = ""


@dataclass(frozen=True)
class UpdateResult:
    """What an update did, or with a dry run would do, and the records of the review as they are now."""

    update: SourceUpdate
    files: tuple[FileRead, ...]
    after: RecordsAfter
    dry_run: bool

    @property
    def conflicts(self) -> tuple[str, ...]:
        """Return a line for each identifier that a new row shares with a record of another title; none with a dry run."""
        return tuple(line for file in self.update.files for line in file.conflicts)

    @property
    def rejected(self) -> int:
        """Return how many rows of the files could not be read."""
        return sum(len(file.rejected) for file in self.files)

    def as_json(self) -> dict[str, Any]:
        """Return what `import --update --json` prints."""
        files = [
            {
                "path": file.path,
                "format": file.format,
                "read": len(file.hits) + len(file.rejected),
                "rejected": [{"row": bad.row, "reason": bad.reason} for bad in file.rejected],
                "notes": list(file.notes),
            }
            for file in self.files
        ]
        return {
            "dry_run": self.dry_run,
            "update": self.update.as_json(),
            "files": files,
            "conflicts": list(self.conflicts),
            "records": self.after.records,
            "notices": self.after.notices,
            "marked": dict(self.after.marked),
            "judgements_back": self.after.back,
        }


def update_exports(
    review: Review,
    open_ledger: Callable[[], Ledger],
    files: Sequence[Path],
    source: str,
    options: UpdateOptions = UpdateOptions(),
    names: Mapping[Path, str] = MappingProxyType({}),
) -> UpdateResult:
    """Put files, together the new export of a source's search, in the place of what was imported of it before.

    `open_ledger` is asked for the ledger once all files are read, with a dry run for one to read. Raises `BadInput` where
    one of the files cannot be read, since what is not read would count as gone; for an unknown source; and where more
    than half of the rows would be marked as gone, unless the options say that it is so. `names` is as with an import.
    """
    read = tuple(replace(_read(path, source, options.encoding), path=names.get(path, str(path))) for path in files)
    if not any(file.hits for file in read):
        raise BadInput(f"import --update: there is no row in {', '.join(str(path) for path in files)}")
    ledger = open_ledger()
    with ledger.read() as connection:
        gone = gone_ids(connection)
    if options.dry_run:
        update = preview_update(ledger, source, read)
    else:
        update = update_source(ledger, source, read, options.who, many_missing=options.many_missing)
        after_change(ledger, review)
    return UpdateResult(update, read, records_after(ledger, gone), options.dry_run)


def _read(path: Path, source: str, encoding: str) -> FileRead:
    try:
        return read_file(path, source=source, encoding=encoding)
    except BadInput as error:
        raise BadInput(f"import --update: {error}; nothing was changed") from None
