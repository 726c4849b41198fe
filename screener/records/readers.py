"""Finding the reader for an export by what is in it; file extensions lie."""

import hashlib
import json
import re
from collections.abc import Sequence
from pathlib import Path

from ..core.errors import BadInput
from . import ris, spreadsheet
from .reading import FileRead, Rows, decode

FORMATS = (
    "Web of Science full record (.xls, .xlsx)",
    "PubMed summary (.csv)",
    "RIS",
    "CSV, TSV or spreadsheet with a title column",
    "JSON Lines",
)
"""What can be read, as messages name it."""

# What other exports begin with, so that the message can name them.
_OTHERS = {
    "BibTeX": r"@\w+\s*\{|%.*\n\s*@\w+\s*\{",
    "PubMed's MEDLINE format": r"PMID ?- ",
    "Web of Science tagged text": r"(?:FN|PT|VR) \S",
    "EndNote's tagged format": r"%0 ",
    "a web page": r"<!doctype html|<html",
    "XML": r"<\?xml|<\w+",
    "a JSON document": r"\[",
    "PDF": r"%PDF",
    "LaTeX or RTF": r"[\\{]\\\w+",
}
_OLE, _ZIP = b"\xd0\xcf\x11\xe0", b"PK\x03\x04"


def read_file(path: Path, *, source: str | None = None) -> FileRead:
    """Read one export. `source` names the database where the file does not say it; else the file's stem does.

    Raises `BadInput` for a file that cannot be used at all; single bad rows are in `rejected`.
    """
    if path.is_dir():
        raise BadInput(f"{path}: a folder; name the files in it")
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raise BadInput(f"{path}: no such file") from None
    except OSError as error:
        raise BadInput(f"{path}: cannot be read: {error.strerror}") from None
    if not raw.strip(b" \t\r\n\x00\xef\xbb\xbf"):
        raise BadInput(f"{path}: the file is empty")
    notes: list[str] = []
    rows = Rows(source or path.stem)
    name = _read(path, raw, rows, notes, named=source is not None)
    return FileRead(
        str(path),
        name,
        rows.source,
        hashlib.sha256(raw).hexdigest(),
        tuple(rows.hits),
        tuple(rows.rejected),
        tuple(notes),
    )


def _read(path: Path, raw: bytes, rows: Rows, notes: list[str], *, named: bool) -> str:
    if raw.startswith((_OLE, _ZIP)):
        return _read_table(path, *spreadsheet.sheet_rows(path), rows, notes, named=named)
    text = decode(path, raw, notes)
    if _binary(text):
        raise BadInput(f"{path}: binary data, not an export; {_can_read()}")
    if ris.looks_like_ris(text):
        notes += ris.read_ris(text, rows)
        return "RIS"
    if text.lstrip().startswith("{"):
        notes += _read_jsonl(path, text, rows)
        return "JSON Lines"
    head = text.lstrip()[:200]
    other = next((name for name, pattern in _OTHERS.items() if re.match(pattern, head, re.IGNORECASE)), None)
    if other:
        raise BadInput(f"{path}: this is {other}, which is not read; {_can_read()}")
    columns, table = spreadsheet.text_rows(path, text)
    if not spreadsheet.knows(columns):
        raise BadInput(f"{path}: the format was not recognised; {_can_read()}")
    return _read_table(path, columns, table, rows, notes, named=named)


def _read_table(
    path: Path, columns: list[str], table: Sequence[spreadsheet.Row], rows: Rows, notes: list[str], *, named: bool
) -> str:
    if not table:
        raise BadInput(f"{path}: the table has no rows")
    if spreadsheet.is_wos(columns):
        rows.source = rows.source if named else "Web of Science"
        spreadsheet.read_wos(table, rows)
        return "Web of Science"
    if spreadsheet.is_pubmed(columns):
        rows.source = rows.source if named else "PubMed"
        spreadsheet.read_pubmed(table, rows)
        return "PubMed summary"
    notes += spreadsheet.read_plain(path, columns, table, rows)
    return "table"


def _read_jsonl(path: Path, text: str, rows: Rows) -> list[str]:
    """JSON Lines, with our field names or those that tables use. Returns notes."""
    table: list[spreadsheet.Row] = []
    # Not `splitlines`: a line separator (U+2028) may stand inside a JSON string.
    for line in filter(str.strip, text.split("\n")):
        try:
            given = json.loads(line)
        except (json.JSONDecodeError, RecursionError) as error:
            said = error.msg if isinstance(error, json.JSONDecodeError) else "nested too deeply"
            if not table:
                raise BadInput(f"{path}: not JSON Lines ({said}); {_can_read()}") from None
            table.append({spreadsheet.FAULT: f"not JSON: {said}"})
        else:
            table.append(given if isinstance(given, dict) else {spreadsheet.FAULT: "not a JSON object"})
    columns = list(dict.fromkeys(name for row in table for name in row if name != spreadsheet.FAULT))
    return spreadsheet.read_plain(path, columns, table, rows)


def _binary(text: str) -> bool:
    """Whether a text is none: many characters of its beginning are neither printable nor white space."""
    head = text[:4_000]
    odd = sum(1 for c in head if (not c.isprintable() and c not in "\t\r\n") or c == "\ufffd")
    return odd > max(8, len(head) // 20)


def _can_read() -> str:
    return f"can be read: {'; '.join(FORMATS)}"
