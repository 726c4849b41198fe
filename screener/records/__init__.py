"""Records: reading exports, recognising what is the same work, and the merged record."""

from .dedup import Index, Match, merge, name_of, titles_agree
from .model import Entry, Hit, KnownDate, Record, RecordType, Rejected
from .normalise import first_author, normalise_title
from .readers import FORMATS, read_file
from .reading import FileRead

__all__ = [
    "FORMATS",
    "Entry",
    "FileRead",
    "Hit",
    "Index",
    "KnownDate",
    "Match",
    "Record",
    "RecordType",
    "Rejected",
    "first_author",
    "merge",
    "name_of",
    "normalise_title",
    "read_file",
    "titles_agree",
]
