"""Standing decisions and extracted items for other programs."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from ..core.errors import BadInput
from ..core.judgement import Stage
from ..exchange import CELL_LENGTH, EXPORTERS, ExportData, Exporter, Only, cut_rows, write_file
from ..ledger import Ledger
from ..ledger.synthetic import read_synthetic
from ..protocol import Review

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class ExportResult:
    """What was exported: `count` records, or at extraction items, in a `format`.

    `content` are the bytes of the file, whether or not it was written to `path`. `rows` are what a table has, a mapping
    by column; RIS and ASReview's table, which hold records for other tools, have none. Of a table that was written to
    a file both are read when they are asked for: it may be longer than fits into memory.
    """

    stage: Stage
    format: str
    count: int
    columns: tuple[str, ...]
    data: ExportData = field(repr=False)
    written: bytes | None = field(repr=False)
    path: Path | None = None
    counted: str = ""

    @cached_property
    def rows(self) -> Sequence[Mapping[str, Any]]:
        """Return the rows of a table."""
        if not self.columns:
            return ()
        return self.data.judgements if self.counted else self.data.rows

    @property
    def content(self) -> bytes:
        """Return the bytes of the file."""
        return self.path.read_bytes() if self.written is None and self.path else self.written or b""

    @property
    def what(self) -> str:
        """Return what `count` counts: records, items, or judgements with tags."""
        return self.counted or ("items" if self.stage is Stage.EXTRACTION and self.columns else "records")

    @property
    def remarks(self) -> tuple[str, ...]:
        """Return what is to be known of the file: the records whose texts a workbook cuts, and rows of test servers."""
        with self.data.ledger.read() as connection:
            synthetic = read_synthetic(connection).sentence
        return (*self._cut(), *([synthetic] if synthetic else []))

    def _cut(self) -> tuple[str, ...]:
        """Return a line that names the records whose texts a workbook cuts, where there are any."""
        cut = cut_rows(self.rows, self.columns) if self.format == "xlsx" else []
        ids = list(dict.fromkeys(str(row.get("id", "")) for row in cut))
        if not ids:
            return ()
        records, named = "record has" if len(ids) == 1 else "records have", ", ".join(ids[:5]) + " …" * (len(ids) > 5)
        return (
            f"{len(ids):,} {records} a text longer than the {CELL_LENGTH:,} characters of a cell, which is cut ({named}); "
            "`--format csv` or `jsonl` has it whole",
        )

    def frame(self) -> "pd.DataFrame":
        """Return the rows as a DataFrame of shape (rows, columns)."""
        import pandas as pd

        return pd.DataFrame([dict(row) for row in self.rows], columns=list(self.columns))

    def as_json(self) -> list[dict[str, Any]] | dict[str, Any]:
        """Return what `export --json` prints: the rows; of a format that holds records, its text or where that is."""
        if self.columns:
            return [dict(row) for row in self.rows]
        path, content = (str(self.path), None) if self.path else (None, self.content.decode())
        return {"format": self.format, "records": self.count, "path": path, "content": content}


def export_stage(
    ledger: Ledger, review: Review, stage: Stage | None, format: str, only: str | None, output: Path | None
) -> ExportResult:
    """Return what stands at a stage in a format, and write it to `output`, whole or not at all.

    Without `stage` it is the first, or of a format that holds judgements all that screen. `only` (kept, excluded or open)
    is for the formats that hold records; at extraction these hold the reports of the included studies. Raises `BadInput` for
    an unknown format, for `only` with another format, and for extracted items in a format that holds judgements.
    """
    exporter, first = exporter_named(format), stage or next(iter(review.protocol.stages))
    if exporter.holds == "judgements" and first is Stage.EXTRACTION:
        raise BadInput(f"--format {format}: holds decisions on records; extracted items go to csv, jsonl or xlsx")
    if exporter.holds != "records" and only is not None:
        lists = ", ".join(name for name in EXPORTERS.names if EXPORTERS[name].holds == "records")
        raise BadInput(f"--only: goes with --format {lists}; a table has the column `status`")
    if only not in (None, "kept", "excluded", "open"):
        raise BadInput(f"--only: `{only}` is none of kept, excluded, open")
    data = ExportData(ledger, review, first, cast(Only | None, only), whole=stage is None)
    if output is not None and exporter.pieces is not None:
        counted = _Counted(data.each_row())
        write_file(exporter.pieces(counted, data.columns), output)
        return ExportResult(first, format, counted.count, tuple(data.columns), data, None, output)
    content = exporter.write(data)
    if output is not None:
        write_file([content], output)
    if exporter.holds == "records":
        return ExportResult(first, format, len(data.records), (), data, content, output)
    if exporter.holds == "judgements":
        columns = tuple(dict.fromkeys(name for row in data.judgements for name in row))
        return ExportResult(first, format, len(data.judgements), columns, data, content, output, "judgements")
    return ExportResult(first, format, len(data.rows), tuple(data.columns), data, content, output)


class _Counted:
    """Rows that are counted as they are taken."""

    def __init__(self, rows: Iterable[Mapping[str, Any]]) -> None:
        self._rows, self.count = rows, 0

    def __iter__(self) -> Iterator[Mapping[str, Any]]:
        for row in self._rows:
            self.count += 1
            yield row


def exporter_named(format: str) -> Exporter:
    """Return the format of that name; `BadInput` with the ones that there are."""
    if format not in EXPORTERS:
        raise BadInput(f"--format: `{format}` is none of {', '.join(EXPORTERS.names)}")
    return EXPORTERS[format]
