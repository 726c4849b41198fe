"""The files of a folder: which are documents, and what the others are."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..core.errors import BadInput
from ..documents import TEXT_SUFFIXES, no_document

SUFFIXES = (".pdf", *TEXT_SUFFIXES)
"""The endings of what is read."""


@dataclass(frozen=True)
class LeftOut:
    """A file of a folder that is no document, and what it is instead; `kind` is its ending where that tells."""

    path: Path
    reason: str
    kind: str = ""


def files_in(folder: Path) -> list[Path]:
    """Return the documents of a folder and of those in it, in order of their names. `BadInput` if there are none.

    What is hidden (`._paper.pdf`, `.screener/`) is not looked at; XML that is no article, and JSON that is not Docling's,
    is among `left_out`.
    """
    files = [path for path, reason in _looked_at(folder) if not reason]
    if not files:
        others = "; ".join(left_out_lines(left_out(folder), folder))
        raise BadInput(f"--pdfs: {folder} holds no {', '.join(SUFFIXES)}{f'; it has {others}' if others else ''}")
    return files


def left_out(folder: Path) -> list[LeftOut]:
    """Return the files of a folder that are no documents, in order of their names; hidden ones are not looked at."""
    return [
        LeftOut(path, reason, "" if path.suffix.lower() in SUFFIXES else path.suffix.lower() or "no ending")
        for path, reason in _looked_at(folder)
        if reason
    ]


def left_out_lines(files: Sequence[LeftOut], folder: Path) -> list[str]:
    """Return what is to be said of files that are no documents: a line for each that might be one, and one for all others."""
    lines = [f"{file.path.relative_to(folder)}: {file.reason}" for file in files if not file.kind]
    kinds = Counter(file.kind for file in files if file.kind)
    if kinds:
        counted = ", ".join(f"{count:,} {kind}" for kind, count in sorted(kinds.items()))
        lines.append(f"{counted}, which are no documents")
    return lines


def _looked_at(folder: Path) -> Iterator[tuple[Path, str]]:
    """Yield each file with what it is instead of a document, empty for one."""
    if not folder.is_dir():
        raise BadInput(f"--pdfs: {folder} is no folder; give the one that holds the PDFs")
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(folder).parts):
            known = path.suffix.lower() in SUFFIXES
            yield path, no_document(path) if known else f"{path.suffix or 'a file without an ending'} is not read"
