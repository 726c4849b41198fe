"""Opening a PDF: which libraries there are, and what is said when a file does not open."""

import contextlib
import importlib
import importlib.util
import logging
import warnings
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from .model import FailureKind, Unreadable

if TYPE_CHECKING:  # either library is imported only where a PDF is read
    from pypdf import PdfReader
    from pypdfium2 import PdfDocument

_FORMAT, _PASSWORD = 3, 4
"""PDFium's codes of a file that it cannot parse, and of a password that does not open it."""


UNLOADABLE = "pypdfium2 does not load"
"""How a document's warning begins where it was read by pypdf since pypdfium2 is there and cannot be used."""


@cache
def _pdfium() -> tuple[bool, str]:
    """Return whether pypdfium2 can be used, and why not where it is installed: its binary may be one of another system."""
    try:
        if importlib.util.find_spec("pypdfium2") is None:
            return False, ""
        importlib.import_module("pypdfium2")
        importlib.import_module("pypdfium2.raw")
    except Exception as error:  # a library that cannot be loaded fails in many ways
        return False, f"{UNLOADABLE} ({type(error).__name__}: {' '.join(str(error).split())[:120]})"
    return True, ""


def has_pdfium() -> bool:
    """Return whether pypdfium2 is installed and can be loaded."""
    return _pdfium()[0]


def no_pdfium() -> str:
    """Return why pypdfium2 cannot be used although it is installed; empty where it can, or is not there."""
    return _pdfium()[1]


def library(name: str) -> str:
    """Return the name and version of an installed library."""
    return f"{name} {version(name)}"


def check(path: Path) -> None:
    """Raise `Unreadable` for what no reader needs to be asked about: no file, no bytes."""
    try:
        size = path.stat().st_size
    except OSError as error:
        raise Unreadable(
            FailureKind.MALFORMED, f"{path.name} cannot be read: {error.strerror}; check the path"
        ) from None
    if not path.is_file():
        raise Unreadable(FailureKind.MALFORMED, f"{path.name} is not a file; give the path of a PDF or text file")
    if size == 0:
        raise Unreadable(FailureKind.EMPTY, f"{path.name} is empty (0 bytes); fetch it again")


def encrypted(path: Path, tried: Sequence[str]) -> Unreadable:
    """Return the failure of a file that none of the passwords opens."""
    problem = ("no password was given", "the password given does not open it")[bool(tried)]
    if len(tried) > 1:
        problem = f"none of the {len(tried)} passwords given opens it"
    return Unreadable(
        FailureKind.ENCRYPTED,
        f"{path.name} is encrypted and {problem}; give its password or save an unprotected copy",
    )


def malformed(path: Path, cause: object = "") -> Unreadable:
    """Return the failure of a file that is damaged, cut short or no PDF at all. `cause` is what the library said."""
    with contextlib.suppress(OSError), path.open("rb") as file:
        if b"%PDF-" not in file.read(1024):
            return Unreadable(FailureKind.MALFORMED, f"{path.name} is not a PDF; fetch it again or save it as a PDF")
    details = " ".join(str(cause).split())[:120]
    return Unreadable(
        FailureKind.MALFORMED,
        f"{path.name} is damaged or cut short{f' ({details})' if details else ''}; fetch it again",
    )


def too_large(path: Path, problem: str) -> Unreadable:
    """Return the failure of a file that unpacks to more than can be held."""
    return Unreadable(FailureKind.TOO_LARGE, f"{path.name} {problem}; save a smaller copy or attach its text as .txt")


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """No warnings of pypdf on stderr: what is wrong with a file is said in one line of ours."""
    logger = logging.getLogger("pypdf")
    before = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(before)


@contextlib.contextmanager
def pdfium_file(path: Path, passwords: Sequence[str] = ()) -> Iterator["PdfDocument"]:
    """Yield the open file. The empty password is tried first. Raises `Unreadable`; needs pypdfium2."""
    import pypdfium2

    check(path)
    document: PdfDocument | None = None
    for password in ("", *passwords):
        try:
            document = pypdfium2.PdfDocument(path, password=password or None)
            break
        except pypdfium2.PdfiumError as error:
            if getattr(error, "err_code", None) != _PASSWORD:
                raise malformed(path) from None
    if document is None:
        raise encrypted(path, passwords)
    try:
        yield document
    finally:
        document.close()


@contextlib.contextmanager
def pypdf_file(path: Path, passwords: Sequence[str] = ()) -> Iterator["PdfReader"]:
    """Yield the open file. The empty password is tried first.

    Raises `Unreadable`, also for what the body of `with` meets.
    """
    from pypdf import PdfReader
    from pypdf.errors import DependencyError, LimitReachedError

    check(path)
    with quiet(), path.open("rb") as file:
        try:
            reader = PdfReader(file)
            if reader.is_encrypted and not any(reader.decrypt(password) for password in ("", *passwords)):
                raise encrypted(path, passwords)
            yield reader
        except Unreadable:
            raise
        except DependencyError:
            raise Unreadable(
                FailureKind.ENCRYPTED,
                f"{path.name} is encrypted in a way that needs pypdfium2; install screener[pdf]",
            ) from None
        except (LimitReachedError, MemoryError):
            raise too_large(path, "unpacks to more than can be held in memory") from None
        except RecursionError:
            raise malformed(path, "its objects are nested without end") from None
        except Exception as error:  # a damaged file makes pypdf fail in every way Python knows
            raise malformed(path, error) from None
