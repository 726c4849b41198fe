"""PDF files whose pages are no paper: a portfolio's cover sheet, and the notice of a form that only some programs draw.

A portfolio has a `Collection` in its catalogue (ISO 32000-1, 12.3.5), a dynamic form an `XFA` in its `AcroForm` (12.7.8).
"""

import contextlib
from collections.abc import Sequence
from pathlib import Path

from ..files import pypdf_file
from ..model import Document, FailureKind, Unreadable

_MOST_PAGES = 2
_MOST_CHARACTERS = 1_500
"""Text beyond which the pages are more than such a notice."""
_MOST_NAMED = 5
_LONGEST_NAME = 60
"""Files of a portfolio that are named, and characters of their names."""


def refuse_container(path: Path, passwords: Sequence[str], document: Document) -> None:
    """Raise `Unreadable` where what was read of a PDF is only the notice that the paper is to be opened otherwise."""
    if len(document.pages) > _MOST_PAGES or len(document.text) > _MOST_CHARACTERS:
        return
    problem = ""
    with contextlib.suppress(Unreadable):  # what pypdf cannot open, the reader could
        problem = _problem(path, passwords)
    if problem:
        raise Unreadable(FailureKind.EMPTY, f"{path.name} {problem}")


def _problem(path: Path, passwords: Sequence[str]) -> str:
    with pypdf_file(path, passwords) as file:
        catalogue = file.root_object
        if "/Collection" in catalogue:
            names = list(dict.fromkeys(" ".join(name.split())[:_LONGEST_NAME] for name in file.attachments))
            named = ", ".join(names[:_MOST_NAMED]) + ", …" * (len(names) > _MOST_NAMED)
            return (
                f"is a PDF portfolio, and its page is a cover sheet: save the files in it{f' ({named})' if named else ''}"
                " and attach these"
            )
        form = catalogue.get("/AcroForm")
        if form is not None and "/XFA" in form.get_object():
            return "is an XFA form, and its page only says so: open it in a program that shows such forms, print it to a PDF and attach that"
    return ""
