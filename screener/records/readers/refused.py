"""What a file is that no reader recognises, and the way round."""

import io
import re
import zipfile
import zlib
from collections.abc import Sequence

_ZOTERO = "open it in Zotero and export RIS"
_SAVE_AGAIN = "open it in Excel and save it as .xlsx or CSV"
_WORD = ("a Word document", "copy its table into a spreadsheet, or export the records as RIS")
_SLIDES = ("a PowerPoint file", "export the records as RIS")
_APPLE = ("an Apple Numbers or Pages file", "in Numbers: File > Export To > CSV or Excel")
_ENDNOTE = ("an EndNote library", "in EndNote: File > Export, style RefMan (RIS) or EndNote XML")
_TEXT_DOCUMENT = ("a text document (OpenDocument)", _WORD[1])
_EBOOK = ("an e-book", "export the records as RIS")
_EMAIL = ("an e-mail", "save the attached export and import that")
_UNPACK = "unpack it and import the files in it"
_ARCHIVE = ("an archive", _UNPACK)

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
    (b"PK\x05\x06", "an empty ZIP archive", "export the records as RIS"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive", "unpack it and import the file in it"),
    (b"PAR1", "a Parquet file", "save its table as CSV"),
    (b"RDX", "data of R", "in R: write.csv, and import the CSV"),
    (b"\x00\x01\x00\x00Standard", "an Access database", "save its table as CSV"),
)  # fmt: skip
# By what a text begins with.
_TEXTS = (
    ("RefWorks tagged text", r"(?:RT \w|<?RefWorks)", _ZOTERO),
    ("Ovid's text", r"(?:<1>\s*\n\s*(?:Unique Identifier|Accession Number|UI\b)|(?:<1>\s*)?UI  - \S|Database: .*\n(?:.*\n){0,12}?<1>\s*\n)", "in Ovid: Export, format RIS"),
    ("PubMed's text of abstracts or summaries", r"1[.:] [^\n]*(?:\n[^\n]*){0,40}?\n?[^\n]*\b(?:PMID: \d+|doi: 10\.)", "in PubMed: Save, format PubMed (.nbib)"),
    ("Scopus' plain text", r"Scopus\s*\nEXPORT DATE", "in Scopus: Export, CSV or RIS"),
    ("ProQuest's text", r"_{20,}\s*\n\s*Document 1 of", "in ProQuest: Save, RIS"),
    ("a list of numbers, as of PubMed", r"\d{1,8}[ ,;\t]*\r?(?:\n\d{1,8}[ ,;\t]*\r?)*\n*\Z", "search PubMed for them, and save in the format PubMed (.nbib)"),
    ("a web page", r"(?:<!--(?:(?!-->).)*+-->\s*)*+(?:<!doctype html|<html|<head\b|<body\b|<table\b|<div\b|<p>)", "it may say that you are to log in; download the export again, as RIS"),
    ("an Excel 2003 XML spreadsheet", r"(?:<\?xml[^>]*>\s*)?(?:<\?mso-application[^>]*>\s*)?<(?:ss:)?Workbook\b", _SAVE_AGAIN),
    ("XML", r"<\?xml|<!doctype|<\w+", _ZOTERO),
    ("RTF (a document of a word processor)", r"\{\\rtf", "export the records as RIS"),
    ("LaTeX", r"\\(?:documentclass|begin|usepackage|section)\b", "import its BibTeX file"),
    (_EMAIL[0], r"(?:MIME-Version|Received|Return-Path|From|Message-ID): .*\n(?:[\w-]+: .*\n|\s.*\n)*", _EMAIL[1]),
    ("CSL YAML", r"(?:---\s*\n)?references:\s*\n", "export CSL JSON, BibTeX or RIS"),
    ("a full text as Docling reads it", r"\{[\s\S]{0,2000}?\"DoclingDocument\"", "`import --pdfs FOLDER` attaches full texts"),
    ("a JSON document", r"\[", "export the records as RIS or CSV"),
)  # fmt: skip
# By the names of the files in a ZIP.
_ARCHIVES = (
    (r"word/", *_WORD),
    (r"ppt/", *_SLIDES),
    (r"Index/.*\.iwa|Index\.zip", *_APPLE),
    (r".*\.enl$|.*\.Data/|sdb/", "a compressed EndNote library", "in EndNote: File > Export, style RefMan (RIS)"),
    (r".*zotero\.sqlite$", "a backup of Zotero", "in Zotero: File > Export Library, RIS"),
    (
        r"project\.json$",
        "a project of ASReview",
        "import the dataset in it; `label` reads the decisions of the project",
    ),
    (r"audit\.json$|manifest\.json$|META-INF/", "an archive of another program", "export the records as RIS"),
)
# By the member `mimetype` of a ZIP, as OpenDocument and EPUB have it.
_OFFICE_KINDS = (("epub", _EBOOK), ("opendocument.presentation", _SLIDES), ("opendocument.text", _TEXT_DOCUMENT))
# By what is stored in an OLE file, the format of Office before 2007.
_STREAMS = (
    ("Workbook", None),
    ("Book", None),
    ("EncryptedPackage", ("a file with a password", "open it in the program that it belongs to, and save it without")),
    ("WordDocument", _WORD),
    ("PowerPoint Document", _SLIDES),
    ("__substg1.0_", _EMAIL),
)
# By the ending of the name, for a file whose content does not tell it: a damaged one, or one that is wrongly called so.
_ENDINGS = {
    **dict.fromkeys((".doc", ".docx", ".docm", ".dot", ".dotx"), _WORD),
    **dict.fromkeys((".ppt", ".pptx"), _SLIDES),
    **dict.fromkeys((".pages", ".numbers"), _APPLE),
    **dict.fromkeys((".enl", ".enlx", ".enlp"), _ENDNOTE),
    **dict.fromkeys((".xls", ".xlsx", ".xlsm", ".xlsb", ".ods"), ("a spreadsheet", "export it as CSV")),
    **dict.fromkeys((".zip", ".gz", ".tgz", ".tar", ".7z", ".rar", ".bz2", ".xz", ".zst"), _ARCHIVE),
    **dict.fromkeys((".htm", ".html", ".xhtml", ".mhtml"), ("a web page", "export the records as RIS")),
    **dict.fromkeys((".eml", ".msg"), _EMAIL),
    **dict.fromkeys((".mdb", ".accdb"), ("an Access database", "save its table as CSV")),
    **dict.fromkeys((".ctv5", ".ctv6"), ("a Citavi project", "in Citavi: File > Export, RIS")),
    ".odt": _TEXT_DOCUMENT,
    ".rtf": ("RTF (a document of a word processor)", "export the records as RIS"),
    ".pdf": ("a PDF", "export the records as RIS; full texts are read by `import --pdfs FOLDER`"),
    ".epub": _EBOOK,
}


def archive_names(raw: bytes) -> Sequence[str]:
    """Return the names of the files in a ZIP; none for what is no ZIP, or a damaged one."""
    if not raw.startswith(b"PK\x03\x04"):
        return ()
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            return archive.namelist()
    except (zipfile.BadZipFile, ValueError, OSError, RuntimeError):  # the last for a later version of ZIP
        return ()


def is_other_archive(raw: bytes, suffix: str = "") -> bool:
    """Return whether it is a ZIP, or an OLE file, that holds no spreadsheet.

    A damaged one may hold one, unless its name ends (`suffix`) as that of another kind of file.
    """
    if raw.startswith(b"\xd0\xcf\x11\xe0"):
        stored = next((kind for name, kind in _STREAMS if _stream(name) in raw), ())
        return bool(stored) if stored != () else _named_otherwise(suffix)
    names = archive_names(raw)
    return not _holds_sheets(raw, names, suffix) if names else _named_otherwise(suffix)


def _stream(name: str) -> bytes:
    """Return how an OLE file writes the name of a stream: filled up with NUL, which tells it from a word in a text."""
    return name.encode("utf-16-le") + (b"" if name.endswith("_") else b"\0\0")


def _holds_sheets(raw: bytes, names: Sequence[str], suffix: str) -> bool:
    if any(name.startswith("xl/") for name in names):
        return True
    kind = _office_kind(raw, names)
    return "spreadsheet" in kind if kind else "content.xml" in names and not _named_otherwise(suffix)


def _named_otherwise(suffix: str) -> bool:
    named = _ENDINGS.get(suffix.lower())
    return named is not None and named[0] != "a spreadsheet"


def _office_kind(raw: bytes, names: Sequence[str]) -> str:
    """Return what a ZIP of an office program or an e-book says of itself in its member `mimetype`; empty for nothing."""
    if "mimetype" not in names:
        return ""
    try:
        # No more of it than is used: a few bytes can unpack to more than the memory.
        with zipfile.ZipFile(io.BytesIO(raw)) as archive, archive.open("mimetype") as member:
            return member.read(200).decode("ascii", "replace")
    except (zipfile.BadZipFile, zlib.error, OSError, RuntimeError, ValueError):
        return ""


def what_it_is(raw: bytes, suffix: str) -> tuple[str, str] | None:
    """Return what a file is by its first bytes, and the way round; None where they do not tell."""
    if suffix.lower() in (".enl", ".enlx", ".enlp"):
        return _ENDNOTE
    if raw.startswith(b"\xd0\xcf\x11\xe0"):
        return next((kind for name, kind in _STREAMS if kind and _stream(name) in raw), None)
    if names := archive_names(raw):
        kind_of_office = _office_kind(raw, names)
        if found := next((kind for word, kind in _OFFICE_KINDS if word in kind_of_office), None):
            return found
        for pattern, kind, remedy in _ARCHIVES:
            if any(re.match(pattern, name) for name in names):
                return kind, remedy
        if _ENDINGS.get(suffix.lower(), _ARCHIVE) is not _ARCHIVE:
            return None
        inside = ", ".join(names[:3]) + " …" * (len(names) > 3)
        return "a ZIP archive", f"unzip it and import the files in it ({inside})"
    if raw[257:262] == b"ustar":
        return "a tar archive", _UNPACK
    return next(((kind, remedy) for magic, kind, remedy in _MAGIC if raw.startswith(magic)), None)


def named_like(suffix: str) -> tuple[str, str] | None:
    """Return what a file is called by the ending of its name, and the way round; None for endings of exports."""
    return _ENDINGS.get(suffix.lower())


def other_format(text: str) -> tuple[str, str] | None:
    """Return what a text is that is none of the formats that are read, and the way round; None where it is not known."""
    head = text.lstrip("\ufeff \t\r\n")[:3_000]
    return next(((name, remedy) for name, pattern, remedy in _TEXTS if re.match(pattern, head, re.IGNORECASE)), None)
