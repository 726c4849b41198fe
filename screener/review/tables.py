"""Tables for a synthesis: made from what was extracted, and written in the format that is asked for."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..core.errors import BadInput
from ..core.judgement import Stage
from ..exchange import CELL_LENGTH, ExportData, as_csv, as_jsonl, as_xlsx, cut_rows, write_file
from ..exchange.writers import as_ris
from ..forms import FormSpec
from ..ledger import Ledger
from ..ledger.link_checks import last_link_checks
from ..ledger.same_models import same_models
from ..protocol import Review
from ..reporting.drawing import svg
from ..reporting.tables import MOST_COLUMNS as MOST_COLUMNS
from ..reporting.tables import (
    STUDIES,
    Synthesis,
    bias_table,
    characteristics_table,
    extracted_studies,
    links_table,
    list_named,
    metafor_table,
    performance_table,
    present_links,
    reproducibility_table,
    revman_table,
    table_document,
    table_mistakes,
    table_page,
    units_table,
    wide_table,
)
from ..reporting.tables import SynthesisTable as SynthesisTable
from ..reporting.tables.studies import Seen
from ..stages import form_of

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class TableResult:
    """A table in a `format`, with `content` as the bytes of the file, whether or not it was written to `path`."""

    table: SynthesisTable
    format: str
    content: bytes
    path: Path | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the names of the columns, in order."""
        return self.table.columns

    @property
    def rows(self) -> Sequence[Mapping[str, Any]]:
        """Return the rows, a mapping by column; cells are text, numbers, None or lists of texts."""
        return list(self.table.values)

    def frame(self) -> "pd.DataFrame":
        """Return the rows as a DataFrame of shape (rows, columns)."""
        import pandas as pd

        return pd.DataFrame(list(self.rows), columns=list(self.columns))

    @property
    def remarks(self) -> tuple[str, ...]:
        """Return whose the values are, which studies have none, and what a workbook cuts."""
        cut = len(cut_rows(self.rows, self.columns)) if self.format == "xlsx" else 0
        told = f"{cut:,} rows have a text longer than the {CELL_LENGTH:,} characters of a cell, which is cut; csv has it whole"
        return (*self.table.remarks, *([told] if cut else []))

    def as_json(self) -> dict[str, Any]:
        """Return what `export --table NAME --json` prints."""
        table = self.table
        return {
            "table": table.name, "caption": table.caption, "columns": list(table.columns), "rows": list(self.rows),
            "cells": dict(vars(table.counts)), "notes": list(table.notes),
            "path": str(self.path) if self.path else None,
        }  # fmt: skip


Writer = Callable[[SynthesisTable, Review], bytes]
WRITERS: Mapping[str, Writer] = {
    "csv": lambda table, _: as_csv(table.values, table.columns),
    "jsonl": lambda table, _: as_jsonl(table.values),
    "xlsx": lambda table, _: as_xlsx(list(table.values), table.columns, about=table.remarks),
    "html": lambda table, review: table_page(table, review.protocol.title).encode(),
    "docx": lambda table, review: table_document(table, review.protocol.title),
    "svg": lambda table, _: _drawn(table),
}
"""How a table is written, by the name of the format."""


def export_table(ledger: Ledger, review: Review, name: str, format: str, output: Path | None) -> TableResult:
    """Return a table in a format, and write it to `output`, whole or not at all.

    Raises `BadInput` for an unknown table or format, and where the review extracts nothing.
    """
    if format not in WRITERS:
        raise BadInput(f"--format: a table is written as {', '.join(WRITERS)}; `{format}` is none of these")
    table = make_table(ledger, review, name)
    content = written(table, review, format)
    if output is not None:
        write_file([content], output)
    return TableResult(table, format, content, output)


def _drawn(table: SynthesisTable) -> bytes:
    if table.drawing is None:
        raise BadInput(f"--format svg: {table.name} has no drawing; `risk_of_bias` has one")
    return svg(table.drawing, table.name, fixed=True).encode()


def written(table: SynthesisTable, review: Review, format: str) -> bytes:
    """Return a table as a file of one of the `WRITERS`."""
    return WRITERS[format](table, review)


def references(ledger: Ledger, review: Review, table: SynthesisTable) -> bytes:
    """Return in RIS the reports of the studies that a table has rows of; all included ones where it names no reports."""
    records = ExportData(ledger, review, Stage.EXTRACTION).records
    if "reports" in table.columns:
        named = {name for row in table.rows for name in str(row["reports"].value).split("; ")}
        records = [item for item in records if item.record.id in named]
    return as_ris(records).encode()


def make_table(
    ledger: Ledger, review: Review, name: str, *, machine: bool = True, seen: Seen | None = None
) -> SynthesisTable:
    """Return a table by its name; without `machine` with people's values alone, and of the studies alone that `seen` gives.

    `BadInput` for an unknown name.
    """
    return _named(review, synthesis_of(ledger, review, machine=machine, seen=seen), name)


def synthesis_of(ledger: Ledger, review: Review, *, machine: bool = True, seen: Seen | None = None) -> Synthesis:
    """Return what tables are made from; the arguments are those of `make_table`."""
    studies, form = extracted_studies(ledger, review, machine=machine, seen=seen), form_of(review)
    with ledger.read() as connection:
        links, looks = same_models(connection), last_link_checks(connection)
    return Synthesis(form, studies, present_links(studies, links), looks)


def _named(review: Review, synthesis: Synthesis, name: str) -> SynthesisTable:
    form, studies = synthesis.form, synthesis.studies
    if (make := _mapped(review, form).get(name)) is not None:
        if mistakes := list(table_mistakes(review.protocol.tables, form)):
            raise BadInput(f"{review.prompts / 'review.yaml'}: {mistakes[0]}")
        return make(synthesis)
    if name == STUDIES:
        return wide_table(form, studies, "")
    if (list_path := list_named(form, name)) is not None:
        return wide_table(form, studies, list_path)
    known = ", ".join(table_names(review, form))
    if name in MAPPED:
        raise BadInput(f"--table {name}: review.yaml does not say which items it is made of (`tables`); known: {known}")
    raise BadInput(f"--table: `{name}` is none of {known}")


Maker = Callable[[Synthesis], SynthesisTable]
MAPPED = (
    "characteristics", "risk_of_bias", "effects", "revman", "reproducibility", "reproducibility_units", "performance", "links",
)  # fmt: skip
"""The tables for which a protocol names items, in order."""


def _mapped(review: Review, form: FormSpec) -> Mapping[str, Maker]:
    """Return how each table is made for which the protocol names items."""
    spec, makers = review.protocol.tables, dict[str, Maker]()
    if spec.characteristics:
        makers["characteristics"] = lambda s: characteristics_table(s.form, s.studies, spec.characteristics)
    if (bias := spec.risk_of_bias) is not None:
        makers["risk_of_bias"] = lambda s: bias_table(s.form, s.studies, bias)
    if spec.effects:
        makers["effects"] = lambda s: metafor_table(s.form, s.studies, spec.effects)
        makers["revman"] = lambda s: revman_table(s.form, s.studies, spec.effects)
    if spec.reproducibility:
        makers["reproducibility"] = lambda s: reproducibility_table(s, spec.reproducibility)
        makers["reproducibility_units"] = lambda s: units_table(s, spec.reproducibility)
    if (performance := spec.performance) is not None:
        makers["performance"] = lambda s: performance_table(s, performance)
    if any(field.kind == "url" for field in form.by_path.values()):
        makers["links"] = links_table
    return makers


def table_names(review: Review, form: FormSpec) -> list[str]:
    """Return the names of the tables that a review can have."""
    mapped = _mapped(review, form)
    return [STUDIES, *form.lists, *(name for name in MAPPED if name in mapped)]
