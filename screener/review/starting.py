"""New review folders: made beside their place and moved into it, so that none is ever half there."""

import re
import shutil
import tempfile
import unicodedata
from collections.abc import Callable
from pathlib import Path

from ..core.errors import BadInput
from ..core.files import reason_of
from ..examples import FirstWords, as_line, copy_example, new_review
from ..gold import take_ready_sample
from ..protocol import Review, gold_spec, records_file
from .importing import first_records
from .own_ledger import ledger_to_write

LONGEST_NAME = 80
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?")
_FORBIDDEN = set('/\\:*?"<>|')


def start_review(parent: Path, name: str, words: FirstWords) -> Path:
    """Make a new review in a folder of that name within `parent`; return the folder.

    Raises `BadInput` for words that make no protocol, and for a folder that is there or cannot be made.
    """
    if not as_line(words.title):
        raise BadInput("Title: give the review a title.")
    if not words.questions or not all(map(as_line, words.questions)):
        raise BadInput("Questions: write at least one question that the review answers.")
    if not words.stages:
        raise BadInput("Stages: choose at least one stage.")
    return _made(parent, name, lambda folder: Review(_filled(folder, words)))


def _filled(folder: Path, words: FirstWords) -> Path:
    new_review(folder, words)
    return folder


def start_example(parent: Path, name: str, example: str, *, with_sample: bool = False) -> Path:
    """Copy a packaged review into a folder of that name within `parent`, with its records; return the folder.

    `with_sample` takes the gold sample that comes with it, so that people can label it at once.

    Raises `BadInput` for an example that there is not, and for a folder that is there or cannot be made.
    """
    folder = _made(parent, name, lambda beside: copy_example(example, beside))
    _import_first_records(folder)
    if with_sample:
        review = Review(folder)
        ledger = ledger_to_write(review)
        try:
            take_ready_sample(ledger, review)
        finally:
            ledger.close()
    return folder


def _import_first_records(folder: Path) -> None:
    """Read the records that come with a review's gold set into its ledger, where it has some."""
    review = Review(folder)
    if records_file(review) is not None and gold_spec(review) is not None:
        ledger = ledger_to_write(review)
        try:
            first_records(ledger, review)
        finally:
            ledger.close()


def folder_name(title: str) -> str:
    """Return a name for a folder, made of a title: lower-case letters, digits and hyphens; `review` where that leaves nothing."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40].strip("-") or "review"


def _checked(name: str) -> str:
    """Return the name of a folder within another one; `BadInput` for one that leads elsewhere, or that some system refuses."""
    name = name.strip()
    invisible = any(unicodedata.category(character)[0] == "C" for character in name)
    if (
        not name
        or name[0] in ".~"
        or name[-1] == "."
        or _FORBIDDEN & set(name)
        or invisible
        or _RESERVED.fullmatch(name)
    ):
        raise BadInput(
            f"Folder name: `{name[:40]}` cannot be one; use letters, digits, hyphens and blanks, and choose the place under “In”."
        )
    if len(name.encode()) > LONGEST_NAME:
        raise BadInput(f"Folder name: too long; {LONGEST_NAME} characters at most.")
    return name


def _made(parent: Path, name: str, fill: Callable[[Path], object]) -> Path:
    """Return the new folder, filled; nothing is left of one that cannot be."""
    if not parent.is_dir():
        raise BadInput(f"In: {_short(parent)}: no such folder.")
    target = parent.resolve() / _checked(name)
    if target.is_symlink() or (target.exists() and (not target.is_dir() or any(target.iterdir()))):
        raise BadInput(
            f"Folder name: `{target.name}` exists already in {_short(parent)}; choose another name, or open it."
        )
    try:
        beside = Path(tempfile.mkdtemp(prefix=".screener-new-", dir=parent))
    except OSError as error:
        raise BadInput(
            f"In: {_short(parent)}: no folder can be made here ({reason_of(error)}); choose another place."
        ) from None
    try:
        fill(beside / "review")
        (beside / "review").rename(target)
    except OSError as error:
        raise BadInput(f"{_short(target)}: cannot be made ({reason_of(error)}).") from None
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return target


def _short(path: Path) -> str:
    text = str(path)
    return text if len(text) <= 120 else f"…{text[-119:]}"
