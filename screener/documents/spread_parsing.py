"""Files that are parsed by workers, which need not see the folder that they lie in: a task carries a file's bytes."""

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from pathlib import Path
from tempfile import TemporaryDirectory

from ..core.errors import BadInput
from ..core.in_order import in_order
from .files import has_pdfium
from .model import Document, Failure
from .ocr.recognition import switched_on
from .workers import ParserProcess

MOST_BYTES = 200_000_000
"""A file that is larger is parsed where it lies."""


def parse_spread(
    executor: Executor, paths: Sequence[Path], passwords: Sequence[str] = ()
) -> Iterator[Document | Failure]:
    """Yield what is in each file, or why nothing is, in the order given; see `Workers.parse_all`."""
    tasks = ((path.name, _content(path), tuple(passwords)) for path in paths)
    for path, parsed in zip(paths, in_order(executor, parsed_bytes, tasks), strict=True):
        yield _parsed(path, passwords) if parsed is None else parsed


def readers() -> tuple[str, ...]:
    """Return which libraries read PDFs here: of two machines that have the same, the one reads what the other does."""
    return (*(["pypdfium2"] if has_pdfium() else []), *(["rapidocr"] if switched_on() else []))


def check_readers(wanted: tuple[str, ...]) -> None:
    """Raise `BadInput` where this worker reads PDFs by other libraries than the program that asks."""
    if (found := readers()) != wanted:
        raise BadInput(
            f"it reads PDFs by {', '.join(found) or 'pypdf alone'}, and this program by {', '.join(wanted) or 'pypdf alone'}; "
            "install the same extras there"
        )


def parsed_bytes(name: str, content: bytes | None, passwords: tuple[str, ...]) -> Document | Failure | None:
    """Return, on a worker, what is in a file of that name and content; None without content."""
    if content is None:
        return None
    with TemporaryDirectory(prefix="screener-") as folder:
        copy = Path(folder, name)
        copy.write_bytes(content)
        return _parsed(copy, passwords)


def _parsed(path: Path, passwords: Sequence[str]) -> Document | Failure:
    process = ParserProcess()
    try:
        return process.parse(path, passwords)
    finally:
        process.rest()


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes() if path.stat().st_size <= MOST_BYTES else None
    except OSError:  # the parser says what is the matter
        return None
