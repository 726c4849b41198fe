"""Finding the reader for an export by what is in it; file extensions lie."""

import hashlib
import json
import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate
from pathlib import Path
from textwrap import shorten

from ...core.errors import BadInput
from ...core.registry import Registry
from ..model import Integrity, Rejected
from . import (
    atom,
    bibtex,
    cochrane,
    delimited,
    embase,
    endnote_tagged,
    endnote_xml,
    euctr,
    json_documents,
    medline,
    pubmed_xml,
    ris,
    tables,
    trials,
    workbook,
    wos_tagged,
)
from .columns import Row
from .encoding import decode
from .refused import is_other_archive, named_like, other_format, what_it_is
from .rows import FileRead, RowCollector
from .xml_documents import other_xml

_OLE, _ZIP = b"\xd0\xcf\x11\xe0", b"PK\x03\x04"


@dataclass(frozen=True)
class Export:
    """A file that a reader is asked about. `remarks` collects what is to be said of it to the user."""

    path: Path
    raw: bytes
    remarks: list[str] = field(default_factory=list)
    encoding: str = ""
    """The name of the text's encoding where the user gives it."""
    sheets: list[tuple[str, int]] = field(default_factory=list)
    """The sheets of a workbook that are read, once its table was asked for, and how many rows each has."""

    @classmethod
    def of(cls, path: Path, encoding: str = "") -> "Export":
        """Read a file; `BadInput` where it cannot be read."""
        if path.is_dir():
            raise BadInput(f"{path}: a folder; name the files in it")
        try:
            return cls(path, path.read_bytes(), encoding=encoding)
        except FileNotFoundError:
            raise BadInput(f"{path}: no such file") from None
        except OSError as error:
            raise BadInput(f"{path}: cannot be read: {error.strerror}") from None

    @property
    def is_workbook(self) -> bool:
        """Return whether it is a spreadsheet, by its first bytes (or a ZIP of another kind)."""
        return self.raw.startswith((_OLE, _ZIP))

    @cached_property
    def text(self) -> str:
        """Return its text, or the empty string for a workbook."""
        return "" if self.is_workbook else decode(self.path, self.raw, self.remarks, self.encoding)

    @cached_property
    def table(self) -> tuple[list[str], Sequence[Row]]:
        """Return its column names and rows, as a table; `BadInput` for a text that is none and for a damaged workbook."""
        if self.is_workbook:
            return workbook.sheet_rows(self.path, self.remarks, self.sheets)
        return json_documents.plain_table(self.text) or delimited.text_rows(self.path, self.text, self.remarks)


@dataclass(frozen=True)
class Reader:
    """A format of exports.

    `format` is what `import` calls it, `readable` how messages list it. `recognises` says by its content whether a file
    is of this format; `read` adds its rows and returns remarks for the user, or raises `BadInput`. `source` is the
    database where the format belongs to one; else a row's source is what the user says, or the file's name.
    """

    format: str
    readable: str
    recognises: Callable[[Export], bool]
    read: Callable[[Export, RowCollector], Sequence[str]]
    source: str = ""


def read_file(path: Path, *, source: str | None = None, encoding: str = "") -> FileRead:
    """Read one export. `source` names the database, whatever the file says; without it the file does, or its stem.

    `encoding` is the name of a text's encoding, where it is not to be found from its bytes. Raises `BadInput` for a file that cannot be used at all; single bad rows are in `rejected`.
    """
    export = Export.of(path, encoding)
    if not export.raw.strip(b" \t\r\n\x00\xef\xbb\xbf"):
        raise BadInput(f"{path}: the file is empty")
    reader = next((reader for reader in READERS.values() if reader.recognises(export)), None)
    if reader is None:
        raise _unreadable(export)
    rows = RowCollector(source or reader.source or path.stem, given=source is not None)
    remarks = [
        *reader.read(export, rows),
        *rows.drop_shared_ids(),
        *_other_names(rows, rows.format_source or reader.source),
        *_marked(rows),
    ]
    return FileRead(
        str(path),
        rows.format or reader.format,
        rows.source,
        hashlib.sha256(export.raw).hexdigest(),
        tuple(rows.hits),
        tuple(_rejected(export, rows)),
        (*export.remarks, *remarks),
        encoding,
    )


def _other_names(rows: RowCollector, format_source: str) -> list[str]:
    """Say where rows, or the format, name another database than the user does."""
    others = rows.others
    if rows.given and format_source and not others and format_source.casefold() != rows.source.casefold():
        others[format_source] = len(rows.hits)
    named = ", ".join(f"{name} ({count:,} rows)" for name, count in others.most_common(5))
    return [f"the source is {rows.source}, as you say; the file names {named}"] if named else []


_MARKED = {
    Integrity.RETRACTED: "marked as retracted",
    Integrity.WITHDRAWN: "marked as withdrawn",
    Integrity.CONCERN: "marked with an expression of concern",
}


def _marked(rows: RowCollector) -> Iterator[str]:
    """Name the papers that a file marks as retracted, withdrawn, or with an expression of concern."""
    for mark, words in _MARKED.items():
        titles = dict.fromkeys(
            shorten(hit.entry.shown_title, 80, placeholder=" …") for hit in rows.hits if hit.entry.integrity is mark
        )
        if titles:
            yield f"{words}: " + "; ".join(f"“{title}”" for title in list(titles)[:5]) + " …" * (len(titles) > 5)


def _rejected(export: Export, rows: RowCollector) -> Iterator[Rejected]:
    """Yield the rejected rows; of a workbook of which several sheets were read with the sheet and its rows."""
    if len(export.sheets) < 2:
        yield from rows.rejected
        return
    ends = list(accumulate(count for _, count in export.sheets))
    for bad in rows.rejected:
        place = min(bisect_left(ends, bad.row), len(ends) - 1)
        name, count = export.sheets[place]
        where = f"in sheet {name} (rows {ends[place] - count + 1:,} to {ends[place]:,})"
        yield Rejected(row=bad.row, reason=f"{where}: {bad.reason}")


def _unreadable(export: Export) -> BadInput:
    """Say of a file that no reader recognises what it is, as far as that can be told, and what to do."""
    path, readable = export.path, f"can be read: {'; '.join(reader.readable for reader in READERS.values())}"
    known, text = what_it_is(export.raw, path.suffix), "" if export.is_workbook else export.text
    if known is None and not _binary(text):
        known = _page_of_excel(text, path.suffix) or other_format(text)
    if known is not None and known[0] != "XML":
        kind, remedy = known
        return BadInput(f"{path}: this is {kind}, which is not read; {remedy}; {readable}")
    if named := named_like(path.suffix):
        kind, remedy = named
        return BadInput(
            f"{path}: named like {kind}, but damaged or something else; get the file again; {remedy}; {readable}"
        )
    if _binary(text):
        return BadInput(f"{path}: binary data, not an export; {readable}")
    if xml := other_xml(text):
        return BadInput(f"{path}: this is {xml}; {readable}")
    return BadInput(f"{path}: the format was not recognised; {readable}")


def _page_of_excel(text: str, suffix: str) -> tuple[str, str] | None:
    """Return what a web page is that is called a spreadsheet: some databases export a table so, and Excel opens it."""
    known = other_format(text)
    is_page = known is not None and known[0] == "a web page" and suffix.lower().startswith(".xls")
    return ("a web page called a spreadsheet", "open it in Excel and save it as .xlsx or CSV") if is_page else None


def _is_text(export: Export) -> bool:
    return not export.is_workbook and not _binary(export.text)


def _text_is(looks: Callable[[str], bool]) -> Callable[[Export], bool]:
    return lambda export: _is_text(export) and looks(export.text)


def _in_text(read: Callable[[str, RowCollector], Sequence[str]]) -> Callable[[Export, RowCollector], Sequence[str]]:
    """Return a reader of exports made of one of texts: what that refuses is told with the file's name."""

    def reader(export: Export, rows: RowCollector) -> Sequence[str]:
        try:
            return read(export.text, rows)
        except BadInput as problem:
            raise BadInput(f"{export.path}: {problem}") from None

    return reader


def _is_table(export: Export) -> bool:
    """Return whether it is a workbook, or a text with columns that are known here; only then is its table read."""
    if export.is_workbook:
        return not is_other_archive(export.raw, export.path.suffix)
    return _is_text(export) and other_format(export.text) is None and tables.is_table(export.table[0])


def _may_be_trials(export: Export) -> bool:
    """Return whether the heading names a trial's number; of other texts no table is made for it."""
    if export.is_workbook:
        return _is_table(export)
    return bool(_is_text(export) and re.search("NCT Number|Trial_?ID", export.text[:4_000]))


def _rows_of(export: Export) -> Sequence[Row]:
    rows = export.table[1]
    if not rows:
        raise BadInput(f"{export.path}: the table has no rows")
    return rows


def _read_pubmed(export: Export, rows: RowCollector) -> Sequence[str]:
    tables.read_pubmed(_rows_of(export), rows)
    return ()


def _read_plain(export: Export, rows: RowCollector) -> Sequence[str]:
    columns, table = export.table[0], _rows_of(export)
    rows.format = tables.format_of(columns)
    return tables.read_plain(export.path, columns, table, rows)


def _read_embase_lines(export: Export, rows: RowCollector) -> Sequence[str]:
    columns, table = embase.field_by_line(export.text, export.remarks)
    return tables.read_plain(export.path, columns, table, rows)


def _read_jsonl(export: Export, rows: RowCollector) -> Sequence[str]:
    """Read JSON Lines, with our field names or those that tables use."""
    table: list[Row] = []
    # Not `splitlines`: a line separator (U+2028) may stand inside a JSON string.
    for line in filter(str.strip, export.text.split("\n")):
        try:
            value = json.loads(line)
        except (ValueError, RecursionError) as error:
            problem = _json_problem(error)
            if not table:
                readable = f"can be read: {'; '.join(reader.readable for reader in READERS.values())}"
                raise BadInput(f"{export.path}: not JSON Lines ({problem}); {readable}") from None
            table.append({delimited.FAULT: f"not JSON: {problem}"})
        else:
            table.append(value if isinstance(value, dict) else {delimited.FAULT: "not a JSON object"})
    columns = list(dict.fromkeys(name for row in table for name in row if name != delimited.FAULT))
    return tables.read_plain(export.path, columns, table, rows)


def _json_problem(error: ValueError | RecursionError) -> str:
    if isinstance(error, json.JSONDecodeError):
        return error.msg
    return "nested too deeply" if isinstance(error, RecursionError) else "a number of thousands of digits"


def _binary(text: str) -> bool:
    """Return whether a text is none: many characters of its beginning are neither printable nor white space."""
    head = text[:4_000]
    odd = sum(1 for c in head if (not c.isprintable() and c not in "\t\r\n") or c == "\ufffd")
    return odd > max(8, len(head) // 20)


_BUILT_IN = {
    "medline": Reader(
        "MEDLINE",
        "MEDLINE (.nbib of PubMed and ERIC)",
        _text_is(medline.looks_like_medline),
        _in_text(medline.read_medline),
    ),
    "wos-tagged": Reader(
        "Web of Science text",
        "Web of Science plain text and .ciw",
        _text_is(wos_tagged.looks_like_wos_tagged),
        _in_text(wos_tagged.read_wos_tagged),
        "Web of Science",
    ),
    "endnote-tagged": Reader(
        "EndNote tagged",
        "EndNote tagged (.enw)",
        _text_is(endnote_tagged.looks_like_endnote_tagged),
        _in_text(endnote_tagged.read_endnote_tagged),
    ),
    "cochrane": Reader(
        "Cochrane text",
        "Cochrane Library text",
        _text_is(cochrane.looks_like_cochrane),
        _in_text(cochrane.read_cochrane),
        "Cochrane Library",
    ),
    "ris": Reader(
        "RIS",
        "RIS",
        lambda export: _is_text(export) and ris.looks_like_ris(export.text),
        lambda export, rows: ris.read_ris(export.text, rows),
    ),
    "pubmed-xml": Reader(
        "PubMed XML",
        "PubMed XML",
        _text_is(pubmed_xml.looks_like_pubmed_xml),
        _in_text(pubmed_xml.read_pubmed_xml),
        "PubMed",
    ),
    "endnote-xml": Reader(
        "EndNote XML",
        "EndNote XML",
        _text_is(endnote_xml.looks_like_endnote_xml),
        _in_text(endnote_xml.read_endnote_xml),
    ),
    "bibtex": Reader(
        "BibTeX",
        "BibTeX",
        _text_is(bibtex.looks_like_bibtex),
        _in_text(bibtex.read_bibtex),
    ),
    "trials-xml": Reader(
        "registered trials (XML)",
        "ClinicalTrials.gov and ICTRP (.xml)",
        _text_is(trials.looks_like_trials_xml),
        _in_text(trials.read_trials_xml),
    ),
    "atom": Reader(
        "arXiv feed",
        "feeds of arXiv's API (Atom, .xml)",
        _text_is(atom.looks_like_atom),
        _in_text(atom.read_atom),
        "arXiv",
    ),
    "euctr": Reader(
        "EU Clinical Trials Register",
        "EU Clinical Trials Register (text)",
        _text_is(euctr.looks_like_euctr),
        _in_text(euctr.read_euctr),
        "EU Clinical Trials Register",
    ),
    "json": Reader(
        "JSON",
        "JSON of Crossref, OpenAlex, DBLP, Zenodo, Hugging Face, Europe PMC, Semantic Scholar and CSL",
        _text_is(json_documents.looks_like_json),
        lambda export, rows: json_documents.read_json(export.path, export.text, rows),
    ),
    "jsonl": Reader(
        "JSON Lines",
        "JSON Lines",
        _text_is(lambda text: text.lstrip().startswith("{") and other_format(text) is None),
        _read_jsonl,
    ),
    "pubmed": Reader(
        "PubMed summary",
        "PubMed summary (.csv)",
        lambda export: _is_table(export) and tables.is_pubmed(export.table[0]),
        _read_pubmed,
        "PubMed",
    ),
    "clinicaltrials": Reader(
        "ClinicalTrials.gov",
        "ClinicalTrials.gov (.csv)",
        lambda export: _may_be_trials(export) and trials.is_clinical_trials_table(export.table[0]),
        lambda export, rows: trials.read_trials_table(_rows_of(export), rows),
        "ClinicalTrials.gov",
    ),
    "ictrp": Reader(
        "ICTRP",
        "ICTRP (.csv, .xlsx)",
        lambda export: _may_be_trials(export) and trials.is_ictrp_table(export.table[0]),
        lambda export, rows: trials.read_trials_table(_rows_of(export), rows),
        "ICTRP",
    ),
    "embase_lines": Reader(
        "Embase (a field a line)",
        "Embase CSV with a field a line",
        lambda export: _is_text(export) and embase.is_field_by_line(export.text),
        _read_embase_lines,
        "Embase",
    ),
    "table": Reader(
        "table",
        "CSV, TSV or spreadsheet with a title column (Web of Science, Scopus, Embase, IEEE Xplore, Rayyan, Covidence, …)",
        _is_table,
        _read_plain,
    ),
}
FORMATS = tuple(reader.readable for reader in _BUILT_IN.values())
"""What can be read without any other package, as messages name it."""
READERS = Registry("screener.readers", Reader, _BUILT_IN)
"""The formats of exports, in the order in which they are tried."""
