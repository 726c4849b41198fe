"""The formats of exports, and what a format is given to write."""

import csv
import io
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from ..core.judgement import Stage
from ..core.registry import Registry
from ..ledger import Ledger
from ..protocol import Review
from .export import columns_of, rows
from .judgement_rows import SCREENING, as_lines, judgement_rows
from .other_tools import Only, ToolRecord, as_asreview, records_for_tools
from .writers import as_ris
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
        return rows(self.ledger, self.review, self.stage)

    @cached_property
    def records(self) -> Sequence[ToolRecord]:
        """Return the records with what every person decided and what is final."""
        return records_for_tools(self.ledger, self.review, self.stage, self.only)

    @cached_property
    def judgements(self) -> list[dict[str, Any]]:
        """Return a row a judgement of a person, and a row a tag, of the stage or of all screening stages."""
        stages = [stage for stage in SCREENING if stage in self.review.protocol.stages]
        return judgement_rows(self.ledger, stages if self.whole else [self.stage])


@dataclass(frozen=True)
class Exporter:
    """A format: `write` returns the bytes of the file.

    One that `holds` rows writes `rows` and `columns`, at every stage; one that holds records writes `records`, at the
    screening stages, all or one list of them; one that holds judgements writes `judgements`. What is `binary` is not
    printed.
    """

    write: Callable[[ExportData], bytes]
    about: str
    """What the file is, for people who choose a format."""
    holds: Literal["rows", "records", "judgements"] = "rows"
    binary: bool = False


def _csv(data: ExportData) -> bytes:
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, data.columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: defuse(cell(value)) for name, value in row.items()} for row in data.rows)
    return file.getvalue().encode()


def _jsonl(data: ExportData) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in data.rows).encode()


def _xlsx(data: ExportData) -> bytes:
    cells = [{name: cell(value) for name, value in row.items()} for row in data.rows]
    return workbook(cells, data.columns, "screener")


EXPORTERS = Registry(
    "screener.exporters",
    Exporter,
    {
        "csv": Exporter(_csv, "a table, comma-separated"),
        "jsonl": Exporter(_jsonl, "a JSON object a line"),
        "xlsx": Exporter(_xlsx, "an Excel workbook", binary=True),
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
    },
)
"""The formats by the name that `--format` takes."""
