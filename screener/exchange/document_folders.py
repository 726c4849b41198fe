"""The files of a folder: which are documents, and what the others are."""

import stat
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..core.errors import BadInput
from ..documents import TEXT_SUFFIXES, no_document

SUFFIXES = (".pdf", *TEXT_SUFFIXES)
"""The endings of what is read."""
_HIDDEN = "hidden"
_OF_PROGRAMS = frozenset({".git", ".hg", ".svn", ".screener", ".venv", ".ipynb_checkpoints", ".Trash", ".Trashes"})
"""Hidden folders in which programs keep things: what is in them is told by nobody."""


@dataclass(frozen=True)
class LeftOut:
    """A file of a folder that is no document, and what it is instead; `kind` is its ending where that tells."""

    path: Path
    reason: str
    kind: str = ""


def files_in(folder: Path) -> list[Path]:
    """Return the documents of a folder and of those in it, in order of their names. `BadInput` if there are none.

    What is hidden (`._paper.pdf`, `.screener/`) is not looked at; it is among `left_out`, as are XML that is no article,
    JSON that is not Docling's, and what is no file.
    """
    files = [path for path, reason in _looked_at(folder) if not reason]
    if not files:
        others = "; ".join(left_out_lines(left_out(folder), folder))
        raise BadInput(f"--pdfs: {folder} holds no {', '.join(SUFFIXES)}{f'; it has {others}' if others else ''}")
    return files


def left_out(folder: Path) -> list[LeftOut]:
    """Return the files of a folder that are no documents, in order of their names, and what is hidden."""
    return [LeftOut(path, reason, _kind(path, reason)) for path, reason in _looked_at(folder) if reason]


def _kind(path: Path, reason: str) -> str:
    if reason == _HIDDEN:
        return reason
    return "" if path.suffix.lower() in SUFFIXES else path.suffix.lower() or "no ending"


def left_out_lines(files: Sequence[LeftOut], folder: Path) -> list[str]:
    """Return what is to be said of files that are no documents: a line for each that might be one, and one for all others."""
    lines = [f"{file.path.relative_to(folder)}: {file.reason}" for file in files if not file.kind]
    kinds = Counter(file.kind for file in files if file.kind not in ("", _HIDDEN))
    if kinds:
        counted = ", ".join(f"{count:,} {kind}" for kind, count in sorted(kinds.items()))
        lines.append(f"{counted}, which are no documents")
    hidden = [f"{file.path.relative_to(folder)}{'/' * file.path.is_dir()}" for file in files if file.kind == _HIDDEN]
    if hidden:
        named = ", ".join(hidden[:3]) + (f" and {len(hidden) - 3:,} more" if len(hidden) > 3 else "")
        lines.append(f"{named}: hidden by the dot of the name; rename what is a document or holds one")
    return lines


def _looked_at(folder: Path) -> Iterator[tuple[Path, str]]:
    """Yield each file with what it is instead of a document, empty for one.

    Of what is hidden these are files named as documents, and folders with such files.
    """
    if not folder.is_dir():
        raise BadInput(f"--pdfs: {folder} is no folder; give the one that holds the PDFs")
    hidden: dict[Path, None] = {}
    for path in sorted(folder.rglob("*")):
        known = path.suffix.lower() in SUFFIXES
        parts = path.relative_to(folder).parts
        if any(part.startswith(".") for part in parts):
            # Not what systems and programs leave: `._paper.pdf`, `.git/`.
            if known and path.is_file() and not path.name.startswith("._") and _OF_PROGRAMS.isdisjoint(parts):
                first = next(number for number, part in enumerate(parts, 1) if part.startswith("."))
                hidden[folder.joinpath(*parts[:first])] = None
        elif path.is_file():
            yield path, no_document(path) if known else f"{path.suffix or 'a file without an ending'} is not read"
        elif known and (reason := _no_file(path)):
            yield path, reason
    yield from ((path, _HIDDEN) for path in hidden)


def _no_file(path: Path) -> str:
    """Return what a thing is that is no file and is named as a document."""
    try:
        mode = path.stat().st_mode
    except OSError as error:
        return f"a link to nothing: {path.readlink()}" if path.is_symlink() else f"it cannot be read: {error.strerror}"
    if stat.S_ISDIR(mode):
        return "a folder, and no file; what is in it is read"
    return "a pipe, and no file" if stat.S_ISFIFO(mode) else "a device, and no file"
