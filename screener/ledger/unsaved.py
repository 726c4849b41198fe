"""What a run received while its ledger could not be written: kept in a file, and taken in by the next run.

The file lies beside the ledger, or in the review's `.screener/` where the ledger is on a server. A run that pays for
answers makes it beforehand and fills it with zero bytes, so that there is room in it when the disk is full.
"""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Connection, select

from ..core.errors import BadInput
from ..core.judgement import Stage
from . import tables as t
from .calls import Call, add_call, has_call
from .errors import ErrorRow, add_errors, has_error
from .file_lock import lock_file
from .record_ids import current_ids_of
from .store import Ledger

_NAME = "unsaved-{}.jsonl"
_SMALLEST, _LARGEST = 1 << 16, 1 << 22
ANSWERED = ("ok", "refused", "unusable")
"""The states of calls that brought an answer."""


class UnsavedFile:
    """The file of one run. Nothing is in it, and it goes at the end, unless the ledger was lost."""

    def __init__(self, folder: Path, run_id: str, room: int) -> None:
        """Make the file, with room for so many bytes if the disk has them."""
        self.path = folder / _NAME.format(run_id)
        self.answers = self.dropped = 0
        """How many answers are in the file, and how many it could not take."""
        self._file: IO[bytes] | None = None
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._file = os.fdopen(os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb")
        except OSError:  # what is lost is told by the number of answers that were dropped
            return
        lock_file(self._file)
        self._reserve(min(_LARGEST, max(_SMALLEST, room)))

    def _reserve(self, size: int) -> None:
        assert self._file is not None
        while size >= _SMALLEST:
            try:
                self._file.write(bytes(size))
                self._file.flush()
                break
            except OSError:
                with suppress(OSError):
                    self._file.truncate(0)
                size //= 4
        self._file.seek(0)

    def keep(self, row: Mapping[str, Any]) -> None:
        """Write a row to the disk."""
        answer = row.get("call", {}).get("status") in ANSWERED
        line = json.dumps(row).encode("ascii") + b"\n"
        try:
            if self._file is None:
                raise OSError
            self._file.write(line)
            self._file.flush()
            os.fsync(self._file.fileno())
        except (OSError, ValueError):
            self.dropped += answer
        else:
            self.answers += answer

    def close(self) -> None:
        """Remove what was only kept free; without any row the file goes."""
        if self._file is None:
            return
        size = self._file.tell()
        with suppress(OSError):
            self._file.truncate(size)
        if not size:  # while it is locked, so that no other run takes it for one that was left
            self.path.unlink(missing_ok=True)
        self._file.close()


def unsaved_call(call: Call, text: str | None) -> dict[str, Any]:
    """Return a call and its answer as a row of the file."""
    return {"call": asdict(call), "text": text}


def unsaved_error(row: ErrorRow) -> dict[str, Any]:
    """Return an error as a row of the file."""
    return {"error": asdict(row)}


def take_in(ledger: Ledger) -> int:
    """Enter what earlier runs have kept in files, and remove the files; return how many answers were entered.

    What is in the ledger already is not entered again. Files of runs under way are left alone. `BadInput` for a file
    that somebody has changed, or that is of another review.
    """
    answers = 0
    for path in sorted(ledger.folder.glob(_NAME.format("*"))) if ledger.folder is not None else []:
        with path.open("rb") as file:
            if not _taken(file):
                continue
            rows = list(_rows(path, file.read()))
            if rows:
                with ledger.write() as connection:
                    _refuse_foreign(connection, path, rows)
                    answers += sum(_enter(connection, row) for row in rows)
            with suppress(OSError):
                path.unlink()
    return answers


def _taken(file: IO[bytes]) -> bool:
    """Return whether a file is this program's own now: its run is over, and no other program reads it."""
    # Another program may have taken it in before the lock was free.
    return lock_file(file) and os.fstat(file.fileno()).st_nlink > 0


def _rows(path: Path, content: bytes) -> Iterator[Call | ErrorRow | tuple[Call, str]]:
    """Yield the rows before the first zero byte; a last line that was cut off is none."""
    lines = content.partition(b"\x00")[0].split(b"\n")
    for number, line in enumerate(lines[:-1], 1):
        try:
            yield _row(json.loads(line, parse_constant=_refused))
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            why = str(error)
            if isinstance(error, ValidationError):
                first = error.errors(include_url=False)[0]
                why = f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
            raise BadInput(
                f"{path}: line {number} is not as a run has written it ({why}); correct it or move the file away"
            ) from None


def _row(row: dict[str, Any]) -> Call | ErrorRow | tuple[Call, str]:
    """Return what a line says; `ValueError`, `KeyError` or `TypeError` for what a run does not write."""
    if "error" in row:
        ErrorRow(**row["error"])  # refuses names that it has not
        failed = _ERROR.validate_json(json.dumps(row["error"]), strict=True)
        _in_range(failed.repeat)
        return failed
    Call(**row["call"])
    call, text = _CALL.validate_json(json.dumps(row["call"]), strict=True), row["text"]
    Stage(call.stage)
    _in_range(*(value for value in asdict(call).values() if isinstance(value, int | float)))
    if text is None:
        return call
    if not isinstance(text, str):
        raise TypeError("the answer is no text")
    return call, text


def _in_range(*numbers: float) -> None:
    if not all(0 <= number < _TOO_LARGE for number in numbers):
        raise ValueError("a number that cannot be")


def _refused(constant: str) -> float:
    raise ValueError(f"{constant} is no number")


_CALL, _ERROR = TypeAdapter(Call), TypeAdapter(ErrorRow)
_TOO_LARGE = 1 << 63


def _refuse_foreign(connection: Connection, path: Path, rows: Sequence[Call | ErrorRow | tuple[Call, str]]) -> None:
    """Refuse what a run that this ledger does not know says of records that it does not know: it is another review's."""
    for row in rows:
        head = row[0] if isinstance(row, tuple) else row
        run = connection.execute(select(t.runs.c.id).where(t.runs.c.id == head.run_id)).first()
        if run is None and not current_ids_of(connection, [head.record_id]):
            raise BadInput(
                f"{path}: is of another review: neither its run {head.run_id} nor its record {head.record_id} is in this "
                "ledger; move the file to the review that it is of"
            )


def _enter(connection: Connection, row: Call | ErrorRow | tuple[Call, str]) -> bool:
    """Enter a row unless the ledger has it; return whether it was an answer that it had not."""
    if isinstance(row, ErrorRow):
        if not has_error(connection, row):
            add_errors(connection, [row])
        return False
    call, text = row if isinstance(row, tuple) else (row, None)
    if has_call(connection, call):
        return False
    add_call(connection, call, text)
    return call.status in ANSWERED
