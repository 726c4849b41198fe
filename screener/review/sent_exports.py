"""Exports that were sent through the browser: looked at when they come, and imported as a job."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import BoundedSemaphore, Event
from typing import TYPE_CHECKING, Any

from ..core.errors import BadInput
from ..core.job_work import ReportsProgress, StoppedEarly
from ..ledger import Imported, ManyMissingError
from ..protocol import Review
from ..records import EncodingUnclear, read_file
from .api import OpenReview
from .import_remarks import rejected_rows, remarks_on_file
from .importing import ImportOptions, ImportResult, NothingImported, import_exports
from .updating import UpdateOptions, UpdateResult, update_exports
from .uploads import Drop, SentFile, Uploads

if TYPE_CHECKING:
    from .jobs_of_review import JobReview

LOOKED_AT = 12_000_000
"""Bytes of the largest file that is read when it comes; what a larger one is, its import tells."""
_READ_AT_ONCE = BoundedSemaphore(2)
_LINES = 200
"""Lines kept of what is to be said of one file."""


@dataclass(frozen=True)
class LookedAt:
    """What a file that was sent is. `source` is the database that it names, or its name where `is_named` is false."""

    format: str = ""
    rows: int = 0
    source: str = ""
    is_named: bool = False
    others: tuple[str, ...] = ()
    """The databases of its rows where they name several."""
    problem: str = ""
    """Why it cannot be imported, in one line."""
    encoding: str = ""
    """The encoding that a person named, as the file does not tell it."""
    lacks_encoding: bool = False
    """Whether it can be imported once somebody names its encoding."""


def look_at(sent: SentFile, sources: Sequence[str] = (), encoding: str = "") -> LookedAt:
    """Read a file and tell what it is; where it names no database, that of the protocol's `sources` that its name has."""
    if sent.size > LOOKED_AT:
        return LookedAt(source=_by_name(sent.path.stem, sources))
    with _READ_AT_ONCE:
        try:
            read = read_file(sent.path, encoding=encoding)
        except EncodingUnclear as error:
            return LookedAt(problem=_without_path(str(error), sent.path), encoding=encoding, lacks_encoding=True)
        except BadInput as error:
            return LookedAt(problem=_without_path(str(error), sent.path))
    rows = len(read.hits) + len(read.rejected)
    named = Counter(hit.source for hit in read.hits if hit.source != sent.path.stem)
    if read.source != sent.path.stem or named.total() == len(read.hits) > 0:
        others = tuple(name for name, _ in named.most_common(5)) if len(named) > 1 else ()
        source = next(iter(named), read.source) if len(named) == 1 else read.source
        return LookedAt(read.format, rows, source, is_named=True, others=others, encoding=encoding)
    return LookedAt(read.format, rows, _by_name(sent.path.stem, sources), encoding=encoding)


def _by_name(stem: str, sources: Sequence[str]) -> str:
    """Return the source whose name is a part of a file's, the longest; else the file's."""
    words = f" {' '.join(_words(stem))} "
    fitting = [name for name in sources if f" {' '.join(_words(name))} " in words]
    return max(fitting, key=len, default=stem)


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.casefold())


def _without_path(text: str, path: Path) -> str:
    """Return why a file cannot be read, without where it lies."""
    return text.replace(f"{path}: ", "", 1).replace(str(path), path.name).partition("; can be read: ")[0]


def import_sent(job: "JobReview", progress: ReportsProgress, stop: Event) -> dict[str, Any]:
    """Import the files that were handed over, one after the other; what came of each, as the page shows it.

    The job's arguments are `drop`, the name under which they were handed over; `sources`, by number the database of those of which
    somebody says it; `encoding`; `encodings`, by number what was named for one file; `again`, which has the rows of a file count a second time under another source; and
    `update`, a source whose earlier export all files together replace, with `many_missing` where most of it may be gone.
    What came of a file is noted with it, so that the job may be done again where its end could not be written.
    """
    uploads = Uploads(Review(job.folder).hidden)
    drop, options = uploads.of_job(str(job.args["drop"])), _Options.of(job.args)
    for sent in drop.files():
        if "told" in sent.known:  # it ended before the file was removed
            drop.remove(sent.number, with_note=False)
        elif sent.known.get("problem"):
            drop.remove(sent.number)
    files = drop.files()
    with job.opened() as opened:
        if source := str(job.args.get("update", "")):
            return _update_once(job, opened, uploads, source)
        for place, sent in enumerate(files):
            if stop.is_set():
                raise StoppedEarly(_result(drop))
            progress(place, len(files), f"Reading {sent.name}")
            try:
                last = options.imported(opened, sent)
                told = [_told(file) for file in last.files]
                state = {"records": last.records, "notices": last.notices, "marked": dict(last.marked)}
            except NothingImported as error:
                told = [
                    {"name": sent.name, "problem": _without_path(failed.reason, Path(sent.name))}
                    for failed in error.result.failed
                ]
                state = {}
            drop.settle(sent.number, {"told": told, "state": state})
    return _result(drop)


@dataclass(frozen=True)
class _Options:
    """How files are imported: their sources by number, where somebody says them."""

    sources: Mapping[str, str]
    again: bool
    encoding: str
    encodings: Mapping[str, str]

    @classmethod
    def of(cls, args: Mapping[str, Any]) -> "_Options":
        return cls(
            args.get("sources", {}), bool(args.get("again")), str(args.get("encoding", "")), args.get("encodings", {})
        )

    def imported(self, opened: OpenReview, sent: SentFile) -> ImportResult:
        number = str(sent.number)
        options = ImportOptions(
            self.sources.get(number) or None,
            again=self.again,
            encoding=self.encodings.get(number) or self.encoding,
            names={sent.path: sent.name},
        )
        return import_exports(opened.review, lambda: opened.ledger, [sent.path], options)


_OF_ALL = 0
"""The number under which is noted what came of all files together."""


def _update_once(job: "JobReview", opened: OpenReview, uploads: Uploads, source: str) -> dict[str, Any]:
    """Put all files in the place of the earlier export of a source; a person has them again where that is refused."""
    name = str(job.args["drop"])
    drop = uploads.of_job(name)
    done: dict[str, Any] | None = drop.noted().get(_OF_ALL, {}).get("told")
    if done is None:
        try:
            done = _updated(job, opened, drop.files(), source)
        except BadInput:
            uploads.give_back(name)
            raise
        drop.note(_OF_ALL, {"told": done})
    for sent in drop.files():
        drop.remove(sent.number)
    return done


def _updated(job: "JobReview", opened: OpenReview, sent: Sequence[SentFile], source: str) -> dict[str, Any]:
    # All files of an update are parts of one export: what was named for one of them is that of all.
    encoding = next(iter(job.args.get("encodings", {}).values()), "") or str(job.args.get("encoding", ""))
    options = UpdateOptions(job.who, bool(job.args.get("many_missing")), encoding=encoding)
    try:
        paths, names = [file.path for file in sent], {file.path: file.name for file in sent}
        return _told_of_update(update_exports(opened.review, lambda: opened.ledger, paths, source, options, names))
    except ManyMissingError as error:
        update = error.update
        raise BadInput(
            f"{update.newly_missing:,} of the {update.before:,} rows of {source} are in none of these files; nothing was changed. "
            "The files are listed above again: add the other parts of the new export, or if it is whole, tick that more than half "
            "of the earlier one may be gone"
        ) from None
    except BadInput as error:
        told = str(error).removeprefix("import --update: ")
        raise BadInput(
            next((_without_path(told, file.path) for file in sent if str(file.path) in told), told)
        ) from None


def _told_of_update(done: UpdateResult) -> dict[str, Any]:
    update, after = done.update, done.after
    files = [
        {"name": read.path, "problem": "", "format": read.format, "source": read.source, "read": len(read.hits) + len(read.rejected),
         "new": 0, "duplicate": 0, "rejected": len(read.rejected), "reasons": _some(rejected_rows(read), "reasons"), "notes": list(read.notes)}
        for read in done.files
    ]  # fmt: skip
    changed = [f"{row.title}: {', '.join(row.fields)}" for row in update.changed]
    gone = [row.title for row in update.missing]
    told = {
        **update.counts,
        "source": update.source,
        "titles": _some(changed, "rows"),
        "gone_titles": _some(gone, "rows"),
    }
    return {
        "files": files, "left": 0, "replaced": told, "records": after.records, "notices": after.notices, "marked": dict(after.marked),
    }  # fmt: skip


def _told(file: Imported) -> dict[str, Any]:
    read = file.file
    sources = Counter(hit.source for hit in read.hits) or Counter([read.source])
    return {
        "name": read.path, "problem": "", "import": file.id, "format": read.format, "source": ", ".join(sources), "read": file.read, "new": file.new,
        "duplicate": file.duplicate, "rejected": len(read.rejected), "reasons": _some(rejected_rows(read), "reasons"),
        "notes": _some([*remarks_on_file(file), *file.conflicts], "remarks"),
    }  # fmt: skip


def _some(lines: Sequence[str], what: str) -> list[str]:
    more = [f"… and {len(lines) - _LINES:,} more {what}"] if len(lines) > _LINES else []
    return [*lines[:_LINES], *more]


def _result(drop: Drop) -> dict[str, Any]:
    """Return what came of the files so far."""
    noted = [known for known in drop.noted().values() if "told" in known]
    state: dict[str, Any] = next((known["state"] for known in reversed(noted) if known["state"]), {})
    told = [row for known in noted for row in known["told"]]
    return {"files": told, "left": len(drop.files()), "replaced": None, **state}
