"""A new export of a search in the place of the earlier one, as `import --update` takes it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..core.errors import BadInput
from ..ledger import Ledger, SourceUpdate, preview_update, reads, update_source
from ..protocol import Review
from ..records import FileRead, read_file
from .changes import after_change


@dataclass(frozen=True)
class UpdateOptions:
    """Who updates, whether more than half of the rows may be gone, whether nothing is written, and the files' encoding."""

    who: str = "reviewer"
    many_missing: bool = False
    dry_run: bool = False
    encoding: str = ""


@dataclass(frozen=True)
class UpdateResult:
    """What an update did, or with a dry run would do; `records` is how many the review has now."""

    update: SourceUpdate
    files: tuple[FileRead, ...]
    records: int
    dry_run: bool

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
        return {"dry_run": self.dry_run, "update": self.update.as_json(), "files": files, "records": self.records}


def update_exports(
    review: Review,
    open_ledger: Callable[[], Ledger],
    files: Sequence[Path],
    source: str,
    options: UpdateOptions = UpdateOptions(),
) -> UpdateResult:
    """Put files, together the new export of a source's search, in the place of what was imported of it before.

    `open_ledger` is asked for the ledger once all files are read, with a dry run for one to read. Raises `BadInput` where
    one of the files cannot be read, since what is not read would count as gone; for an unknown source; and where more
    than half of the rows would be marked as gone, unless the options say that it is so.
    """
    read = tuple(_read(path, source, options.encoding) for path in files)
    if not any(file.hits for file in read):
        raise BadInput(f"import --update: there is no row in {', '.join(str(path) for path in files)}")
    ledger = open_ledger()
    if options.dry_run:
        update = preview_update(ledger, source, read)
    else:
        update = update_source(ledger, source, read, options.who, many_missing=options.many_missing)
        after_change(ledger, review)
    with ledger.read() as connection:
        return UpdateResult(update, read, reads.count_records(connection), options.dry_run)


def _read(path: Path, source: str, encoding: str) -> FileRead:
    try:
        return read_file(path, source=source, encoding=encoding)
    except BadInput as error:
        raise BadInput(f"import --update: {error}; nothing was changed") from None
