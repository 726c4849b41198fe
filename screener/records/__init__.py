"""Records: reading exports, recognising what is the same work, and the merged record."""

from .dedup import Index, Match, merge, name_of, titles_agree
from .model import Entry, Hit, KnownDate, Record, RecordType, Rejected
from .normalise import first_author, normalise_title
from .readers import FORMATS, READERS, Export, Reader, read_file
from .reading import FileRead, Rows

__all__ = [
    "FORMATS",
    "READERS",
    "Entry",
    "Export",
    "FileRead",
    "Hit",
    "Index",
    "KnownDate",
    "Match",
    "Reader",
    "Record",
    "RecordType",
    "Rejected",
    "Rows",
    "first_author",
    "merge",
    "name_of",
    "normalise_title",
    "read_file",
    "titles_agree",
]
