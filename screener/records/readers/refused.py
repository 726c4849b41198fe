"""What a file is that no reader recognises, and the way round."""

import io
import re
import zipfile
from collections.abc import Sequence

_ZOTERO = "open it in Zotero and export RIS"

# By the first bytes.
_MAGIC = (
    (b"%PDF", "a PDF", "export the records as RIS; full texts are read by `import --pdfs FOLDER`"),
    (b"SQLite format 3\x00", "an SQLite database, as reference managers keep them", "export RIS from the program it belongs to"),
    (b"\x1f\x8b", "a gzip archive", "unpack it (`gunzip`) and import the file in it"),
    (b"BZh", "a bzip2 archive", "unpack it and import the file in it"),
    (b"\xfd7zXZ", "an xz archive", "unpack it and import the file in it"),
    (b"7z\xbc\xaf", "a 7-Zip archive", "unpack it and import the files in it"),
    (b"Rar!", "a RAR archive", "unpack it and import the files in it"),
    (b"\x89PNG", "an image (PNG)", "export the records as RIS"),
    (b"\xff\xd8\xff", "an image (JPEG)", "export the records as RIS"),
    (b"GIF8", "an image (GIF)", "export the records as RIS"),
    (b"II*\x00", "an image (TIFF)", "export the records as RIS"),
    (b"MM\x00*", "an image (TIFF)", "export the records as RIS"),
)  # fmt: skip
# By what a text begins with.
_TEXTS = (
    ("RefWorks tagged text", r"(?:RT \w|<?RefWorks)", _ZOTERO),
    ("Ovid's text", r"(?:<1>\s*\n\s*(?:Unique Identifier|Accession Number|UI\b)|(?:<1>\s*)?UI  - \S|Database: .*\n(?:.*\n){0,12}?<1>\s*\n)", "in Ovid: Export, format RIS"),
    ("PubMed's text of abstracts or summaries", r"1[.:] [^\n]*(?:\n[^\n]*){0,40}?\n?[^\n]*\b(?:PMID: \d+|doi: 10\.)", "in PubMed: Save, format PubMed (.nbib)"),
    ("a web page", r"<!doctype html|<html|<head\b|<body\b", "it may say that you are to log in; download the export again, as RIS"),
    ("XML", r"<\?xml|<!doctype|<\w+", _ZOTERO),
    ("RTF (a document of a word processor)", r"\{\\rtf", "export the records as RIS"),
    ("LaTeX", r"\\(?:documentclass|begin|usepackage|section)\b", "import its BibTeX file"),
    ("an e-mail", r"(?:MIME-Version|Received|Return-Path|From|Message-ID): .*\n(?:[\w-]+: .*\n|\s.*\n)*", "save the attached export and import that"),
    ("a JSON document", r"\[", "export the records as RIS or CSV"),
)  # fmt: skip
# By the names of the files in a ZIP.
_ARCHIVES = (
    (r"word/", "a Word document", "copy its table into a spreadsheet, or export the records as RIS"),
    (r"ppt/", "a PowerPoint file", "export the records as RIS"),
    (r"Index/.*\.iwa|Index\.zip", "an Apple Numbers or Pages file", "in Numbers: File > Export To > CSV or Excel"),
    (r".*\.enl$|.*\.Data/|sdb/", "a compressed EndNote library", "in EndNote: File > Export, style RefMan (RIS)"),
    (r".*zotero\.sqlite$", "a backup of Zotero", "in Zotero: File > Export Library, RIS"),
    (
        r"project\.json$",
        "a project of ASReview",
        "import the dataset in it; `label` reads the decisions of the project",
    ),
    (r"audit\.json$|manifest\.json$|META-INF/", "an archive of another program", "export the records as RIS"),
)
_SHEETS = re.compile(r"xl/|mimetype$|content\.xml$")


def archive_names(raw: bytes) -> Sequence[str]:
    """Return the names of the files in a ZIP; none for what is no ZIP, or a damaged one."""
    if not raw.startswith(b"PK\x03\x04"):
        return ()
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            return archive.namelist()
    except (zipfile.BadZipFile, ValueError, OSError, RuntimeError):  # the last for a later version of ZIP
        return ()


def is_other_archive(raw: bytes) -> bool:
    """Return whether it is a ZIP, or an OLE file, that holds no spreadsheet. A damaged one may hold one."""
    if raw.startswith(b"\xd0\xcf\x11\xe0"):
        return _ole("WordDocument") in raw and _ole("Workbook") not in raw
    names = archive_names(raw)
    return bool(names) and not any(_SHEETS.match(name) for name in names)


def _ole(name: str) -> bytes:
    return name.encode("utf-16-le")


def what_it_is(raw: bytes, suffix: str) -> tuple[str, str] | None:
    """Return what a file is by its first bytes, and the way round; None where they do not tell."""
    if suffix.lower() in (".enl", ".enlx", ".enlp"):
        return "an EndNote library", "in EndNote: File > Export, style RefMan (RIS) or EndNote XML"
    if raw.startswith(b"\xd0\xcf\x11\xe0") and is_other_archive(raw):
        return "a Word document", "copy its table into a spreadsheet, or export the records as RIS"
    if names := archive_names(raw):
        for pattern, kind, remedy in _ARCHIVES:
            if any(re.match(pattern, name) for name in names):
                return kind, remedy
        inside = ", ".join(names[:3]) + " …" * (len(names) > 3)
        return "a ZIP archive", f"unzip it and import the files in it ({inside})"
    return next(((kind, remedy) for magic, kind, remedy in _MAGIC if raw.startswith(magic)), None)


def other_format(text: str) -> tuple[str, str] | None:
    """Return what a text is that is none of the formats that are read, and the way round; None where it is not known."""
    head = text.lstrip("\ufeff \t\r\n")[:3_000]
    return next(((name, remedy) for name, pattern, remedy in _TEXTS if re.match(pattern, head, re.IGNORECASE)), None)
