"""Records: reading exports, recognising what is the same work, and the merged record."""

from .dedup import DuplicateMatch, Index, merge, name_of, titles_agree
from .model import Entry, Hit, KnownDate, Record, RecordType, Rejected
from .normalise import arxiv, doi, first_author, normalise_title, pmid
from .readers import FORMATS, READERS, Export, Reader, read_file
from .reading import FileRead, RowCollector, decode
from .ris import entry_of, looks_like_ris, parse_ris
from .spreadsheet import COLUMNS, FAULT, identifying, plain_entry
from .titles import same_title

__all__ = [
    "COLUMNS",
    "FAULT",
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
    "arxiv",
    "decode",
    "doi",
    "entry_of",
    "first_author",
    "identifying",
    "looks_like_ris",
    "merge",
    "name_of",
    "normalise_title",
    "parse_ris",
    "plain_entry",
    "pmid",
    "read_file",
    "same_title",
    "titles_agree",
]
