"""Places in real PDFs: where words stand in one extractor's text, to be found in the text of another.

The PDFs are not part of the project, nor is any of their text. `places.csv` has a place a line: file, page (from 1),
offset and length in characters in what Debian's `pdftotext -enc UTF-8 FILE -` writes for that page (its default mode,
reading order, version 22.12); a place may run on over the form feed into the next page. `check` is the start of the
SHA-256 of the letters and digits there, so that another version of the tool is noticed. `draw.py` made the file.
"""

import csv
import hashlib
import logging
import shutil
import subprocess
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path

PLACES = Path(__file__).with_name("places.csv")
PASSWORDS = {"docling_encrypted_2206.01062_pg3.pdf": "1234", "pdfplumber_password.pdf": "test"}
"""Files that open with a password (from the data's own manifest)."""
FILES = (
    "clef2017_tar_overview.pdf",
    "colrev_Wagner2022_AI_literature_reviews.pdf",
    "docling_2305.03393_pg9_table.pdf",
    "docling_encrypted_2206.01062_pg3.pdf",
    "grobid_arxiv_0807.3577.pdf",
    "grobid_ieee_1_05452615.pdf",
    "pdfplumber_password.pdf",
    "pypdf_multicolumn.pdf",
    "pypdf_vicksburg_ocr.pdf",
)
"""Every file that has text and opens. The others are a scan, an empty, a truncated and a malformed file."""


@dataclass(frozen=True)
class Drawn:
    """A place in the text of `pdftotext`."""

    file: str
    page: int
    offset: int
    length: int
    kind: str
    check: str

    @property
    def name(self) -> str:
        return f"{self.file}:{self.page}:{self.offset}"


def read_places() -> list[Drawn]:
    with PLACES.open(newline="", encoding="utf-8") as file:
        return [
            Drawn(row["file"], int(row["page"]), int(row["offset"]), int(row["length"]), row["kind"], row["check"])
            for row in csv.DictReader(file)
        ]


def letters(text: str) -> str:
    """The letters and digits of a text in lower case and nothing else: an equality that owes the locator nothing."""
    return "".join(each for each in unicodedata.normalize("NFKD", text).casefold() if each.isalnum())


def check_of(text: str) -> str:
    return hashlib.sha256(letters(text).encode()).hexdigest()[:8]


def has_pdftotext() -> bool:
    return shutil.which("pdftotext") is not None


@cache
def other_pages(path: Path) -> tuple[str, ...]:
    """The pages of a file as `pdftotext` reads them."""
    password = ["-upw", PASSWORDS[path.name]] if path.name in PASSWORDS else []
    command = ["pdftotext", "-enc", "UTF-8", *password, str(path), "-"]
    done = subprocess.run(command, capture_output=True, check=True)
    return tuple(done.stdout.decode().split("\f")[:-1])


@cache
def pdfium_pages(path: Path) -> tuple[str, ...]:
    """The pages as PDFium reads them, as they are: `\\r\\n` at line ends, U+FFFE for a hyphen there."""
    import pypdfium2

    with pypdfium2.PdfDocument(path, password=PASSWORDS.get(path.name)) as document:
        return tuple(page.get_textpage().get_text_range() for page in document)


@cache
def pypdf_pages(path: Path) -> tuple[str, ...]:
    """The pages as pypdf reads them: hyphens at line ends, ligatures, and some words run together."""
    import pypdf

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it speaks of every font for which it would like a library
    reader = pypdf.PdfReader(path, password=PASSWORDS.get(path.name))
    return tuple(page.extract_text() for page in reader.pages)


def quote_at(place: Drawn, folder: Path) -> str:
    """The words at a place, as `pdftotext` has them."""
    text = "\f".join(other_pages(folder / place.file)[place.page - 1 :])
    return text[place.offset : place.offset + place.length]
