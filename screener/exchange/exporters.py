"""The formats of exports, and what a format is given to write."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from ..core.judgement import Stage
from ..core.registry import Registry
from ..ledger import Ledger
from ..protocol import Review
from .export import columns_of, rows
from .judgement_rows import SCREENING, as_lines, judgement_rows
from .other_tools import Only, ToolRecord, as_asreview, included_for_tools, records_for_tools
from .writers import as_bibtex, as_eppi, as_nbib, as_ris
from .xlsx import cell, defuse, workbook


@dataclass(frozen=True)
class ExportData:
    """What stands at a stage, as rows of a table and as records; each is read when it is first asked for."""

    ledger: Ledger
    review: Review
    stage: Stage
    only: Only | None = None
    """Of the records, those that are kept, excluded or open; None for all."""
    whole: bool = False
    """Whether no stage was asked for: judgements are then those of all screening stages."""

    @cached_property
    def columns(self) -> list[str]:
        """Return the columns of the rows, in order."""
        return columns_of(self.stage, self.review.stage(self.stage))

    @cached_property
    def rows(self) -> list[dict[str, Any]]:
        """Return a row a record, at extraction a row an item; cells are text, numbers, None or lists of these."""
        return list(self.each_row())

    def each_row(self) -> Iterator[dict[str, Any]]:
        """Yield the rows one by one, so that not all are held at once."""
        return rows(self.ledger, self.review, self.stage)

    @cached_property
    def records(self) -> Sequence[ToolRecord]:
        """Return the records with what every person decided and what is final; at extraction the reports that are included."""
        if self.stage is Stage.EXTRACTION:
            return included_for_tools(self.ledger, self.review, self.only)
        return records_for_tools(self.ledger, self.review, self.stage, self.only)

    @cached_property
    def judgements(self) -> list[dict[str, Any]]:
        """Return a row a judgement of a person, and a row a tag, of the stage or of all screening stages."""
        stages = [stage for stage in SCREENING if stage in self.review.protocol.stages]
        return judgement_rows(self.ledger, stages if self.whole else [self.stage])


@dataclass(frozen=True)
class Exporter:
    """A format: `write` returns the bytes of the file.

    One that `holds` rows writes `rows` and `columns`, at every stage; one that holds records writes `records`, all or one
    list of them; one that holds judgements writes `judgements`, of the screening stages. What is `binary` is not printed.
    """

    write: Callable[[ExportData], bytes]
    about: str
    """What the file is, for people who choose a format."""
    holds: Literal["rows", "records", "judgements"] = "rows"
    binary: bool = False
    pieces: Callable[[Iterable[Mapping[str, Any]], Sequence[str]], Iterator[bytes]] | None = None
    """Of a format that holds rows: yields the same file in pieces, from rows that come one by one, and the columns."""


_PIECE = 1 << 16
"""Characters of a table that are written at once."""


def as_csv(rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> bytes:
    """Return the rows as comma-separated text with `columns` in the first line; no cell is a formula."""
    return b"".join(_csv_lines(rows, columns))


def _csv_lines(rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> Iterator[bytes]:
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        values = (row.get(name) for name in columns)
        # Most cells are empty.
        writer.writerow([defuse(cell(value)) if value not in (None, "") else value for value in values])
        if file.tell() >= _PIECE:
            yield file.getvalue().encode()
            file.seek(0)
            file.truncate()
    yield file.getvalue().encode()


def as_jsonl(rows: Iterable[Mapping[str, Any]]) -> bytes:
    """Return a JSON object a line for each row."""
    return b"".join(_json_lines(rows))


def _json_lines(rows: Iterable[Mapping[str, Any]], _: Sequence[str] = ()) -> Iterator[bytes]:
    return (f"{json.dumps(row, ensure_ascii=False)}\n".encode() for row in rows)


def as_xlsx(rows: Sequence[Mapping[str, Any]], columns: Sequence[str], about: Sequence[str] = ()) -> bytes:
    """Return the rows as a workbook with `columns` in the first line; what is said `about` them is on a second sheet."""
    cells = [{name: cell(value) for name, value in row.items() if value not in (None, "")} for row in rows]
    return workbook(cells, columns, "screener", about)


EXPORTERS = Registry(
    "screener.exporters",
    Exporter,
    {
        "csv": Exporter(lambda data: as_csv(data.rows, data.columns), "a table, comma-separated", pieces=_csv_lines),
        "jsonl": Exporter(lambda data: as_jsonl(data.rows), "a JSON object a line", pieces=_json_lines),
        "xlsx": Exporter(lambda data: as_xlsx(data.rows, data.columns), "an Excel workbook", binary=True),
        "ris": Exporter(
            lambda data: as_ris(data.records).encode(),
            "RIS for Rayyan, ASReview, Covidence and reference managers, with decisions in notes",
            holds="records",
        ),
        "judgements": Exporter(
            lambda data: as_lines(data.judgements),
            "every judgement of every person, with reasons, criteria, adjudications and tags, for another review of "
            "screener: a JSON object a line",
            holds="judgements",
        ),
        "asreview": Exporter(
            lambda data: as_asreview(data.records).encode(),
            "ASReview's table with a column `included`",
            holds="records",
        ),
        "bibtex": Exporter(
            lambda data: as_bibtex(data.records).encode(),
            "BibTeX for LaTeX, JabRef and Zotero, with what stands in a field `screening`",
            holds="records",
        ),
        "nbib": Exporter(
            lambda data: as_nbib(data.records).encode(),
            "MEDLINE's lines with tags, as PubMed writes them, for reference managers",
            holds="records",
        ),
        "eppi": Exporter(
            lambda data: as_eppi(data.records).encode(),
            "EPPI-Reviewer's JSON: references with what stands as a code of a code set",
            holds="records",
        ),
    },
)
"""The formats by the name that `--format` takes."""
