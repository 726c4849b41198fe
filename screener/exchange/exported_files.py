"""Files that Zotero and its like export beside a list of references, which names the file of each item.

Zotero exports `files/12/paper.pdf` and names it in RIS as `L1`, in BibTeX as `file = {Full Text:files/12/paper.pdf:application/pdf}`,
with Better BibTeX in JSON as `attachments[].path`.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unicodedata import normalize
from urllib.parse import unquote

from ..core.errors import BadInput
from ..documents import Document, Role, Workers
from ..ledger import Ledger, Lookup
from ..ledger import documents as attachments
from ..protocol import Review
from ..records import Entry, bibtex_entry, parse_bibtex, plain_entry, read_file
from .attach_full_texts import MACHINE, FullText, attach_document, hash_of, role_of
from .document_folders import SUFFIXES

_LISTS = (".ris", ".bib", ".json")


def attach_named_files(ledger: Ledger, review: Review, folder: Path) -> list[FullText]:
    """Attach the files that the lists of references in a folder name for the items that are records of the review.

    The first file of an item is its main document, unless it is headed as a supplement; none takes the place of a document
    that is there. Items that are no record, and files outside the folder, are left out. Raises `BadInput` for no folder.
    """
    if not folder.is_dir():
        raise BadInput(f"--pdfs-from: {folder} is no folder; give the one that holds the export")
    lookup, attached = Lookup(ledger), list[FullText]()
    with Workers(1) as workers:
        for listing in sorted(path for path in folder.rglob("*") if path.suffix.lower() in _LISTS):
            for entry, names in _items(listing):
                record = lookup.find(entry) if names else None
                for path in _inside(folder, listing, names) if record else ():
                    parsed = workers.parse(path)
                    if isinstance(parsed, Document) and record:
                        attached += _attach(ledger, review, record, path, parsed, f"named in {listing.name}")
    return attached


def _attach(ledger: Ledger, review: Review, record: str, path: Path, parsed: Document, how: str) -> list[FullText]:
    digest = hash_of(path)
    with ledger.read() as connection:
        present = attachments.attached(connection, [record])[record]
        detached = attachments.detached_by(connection, record, digest) is not None
    role = role_of(path, parsed, "")
    second = role is Role.MAIN and any(document.role is Role.MAIN for document in present)
    if detached or second or any(document.sha256 == digest for document in present):
        return []
    file = attachments.AttachedFile(str(path), digest, role, how, MACHINE)
    return [attach_document(ledger, review, record, path, parsed, file).of(parsed)]


def _inside(folder: Path, listing: Path, names: list[str]) -> Iterator[Path]:
    """Yield the files that are meant, where they are documents in the folder."""
    for name in names:
        written = dict.fromkeys((name, name.replace("\\", "/"), unquote(name)))
        path = next(filter(None, (_existing(listing.parent / one) for one in written)), None)
        if path and path.is_relative_to(folder.resolve()) and path.suffix.lower() in SUFFIXES:
            yield path


def _existing(path: Path) -> Path | None:
    """Return a file, also where its name is written with other code points: a Mac's `ü` is `u` with a sign behind it."""
    name = normalize("NFC", path.name)
    try:
        if path.is_file():
            return path.resolve()
        alike = path.parent.iterdir() if path.parent.is_dir() else ()
        return next((file.resolve() for file in alike if file.is_file() and normalize("NFC", file.name) == name), None)
    except (OSError, ValueError):  # no name that a file can have
        return None


def _items(listing: Path) -> Iterator[tuple[Entry, list[str]]]:
    """Yield the items of a list of references with the files that it names for each."""
    try:
        text = listing.read_text("utf-8-sig", errors="replace")
        if listing.suffix.lower() == ".ris":
            blocks = [block for block in re.split(r"(?m)^ER {1,2}-.*$", text) if "TY  -" in block]
            for hit in read_file(listing, source="Zotero").hits:
                block = blocks[hit.row - 1] if hit.row <= len(blocks) else ""
                yield hit.entry, [name.strip() for name in re.findall(r"(?m)^L1 {1,2}- *(.+)$", block)]
        elif listing.suffix.lower() == ".bib":
            for fields in parse_bibtex(text):
                if not isinstance(fields, str):
                    yield bibtex_entry(fields), _bibtex_files(fields.get("file", ""))
        else:
            yield from _json_items(json.loads(text))
    except (BadInput, OSError, ValueError, RecursionError):
        return


def _bibtex_files(value: str) -> list[str]:
    """Return the paths in `Title:path:type;…`, where a backslash stands before a sign that means itself."""
    parts = [re.split(r"(?<!\\):", part) for part in re.split(r"(?<!\\);", value.strip("{}"))]
    return [
        re.sub(r"\\(.)", r"\1", part[1] if len(part) > 2 else part[0]) for part in parts if part[0] or len(part) > 2
    ]


def _json_items(document: Any) -> Iterator[tuple[Entry, list[str]]]:
    items = document.get("items") if isinstance(document, dict) else document
    for item in items if isinstance(items, list) else ():
        if isinstance(item, dict):
            files = [file for file in item.get("attachments") or () if isinstance(file, dict)]
            names = {"doi": item.get("DOI"), "title": item.get("title"), "url": item.get("url")}
            yield plain_entry(names), [path for file in files if isinstance(path := file.get("path"), str)]
