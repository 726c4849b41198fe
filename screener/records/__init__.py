"""Records: reading exports, recognising what is the same work, and the merged record."""

from .dedup import DuplicateMatch, Index, merge, name_of, titles_agree
from .model import Entry, Hit, KnownDate, Record, RecordType, Rejected
from .normalise import first_author, normalise_title
from .readers import FORMATS, READERS, Export, Reader, read_file
from .reading import FileRead, RowCollector

__all__ = [
    "FORMATS",
    "READERS",
    "DuplicateMatch",
    "Entry",
    "Export",
    "FileRead",
    "Hit",
    "Index",
    "KnownDate",
    "Reader",
    "Record",
    "RecordType",
    "Rejected",
    "RowCollector",
    "first_author",
    "merge",
    "name_of",
    "normalise_title",
    "read_file",
    "titles_agree",
]
